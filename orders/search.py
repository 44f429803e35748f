"""Finding orders by what people have at hand: a number, a name, an e-mail, a phone, a tracking number.

Every question is the beginning of something indexed (see migration 0002), so that it costs the same
with a hundred orders and with millions. `also` takes further ways from apps that know more.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import phonenumbers
from django.db.models import CharField, Func, Lookup, QuerySet

from orders.models import Order
from orders.selectors import orders_for
from woop.actors import Actor
from woop.models import Shop

MOST = 500  # orders that one question can find
LAST = "\U0010ffff"  # sorts after every letter
REGIONS = ("FR", "BE", "NL", "DE", "LU", "CH", "ES", "IT", "GB")

Way = Callable[[Actor, str, list[int]], QuerySet[Any]]
also: list[Way] = []


class BeginsWith(Lookup):
    """The beginning of a text, in either case, in the form that the indexes of migration 0002 serve."""

    lookup_name = "begins"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, parameters = self.process_lhs(compiler, connection)
        condition = f"(UPPER({lhs}) >= UPPER(%s) AND UPPER({lhs}) < UPPER(%s))"
        return condition, (*parameters, self.rhs, *parameters, f"{self.rhs}{LAST}")

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        lhs, parameters = self.process_lhs(compiler, connection)
        pattern = connection.ops.prep_for_like_query(self.rhs) + "%"
        return f"UPPER({lhs}) LIKE UPPER(%s)", (*parameters, pattern)


CharField.register_lookup(BeginsWith)


class ShownName(Func):
    """The customer's name, else the recipient's. Written without parameters, or no index would match."""

    output_field = CharField()

    def __init__(self) -> None:
        super().__init__("customer_name", "recipient_name")

    def as_sql(self, compiler: Any, connection: Any, *_parts: Any, **extra: Any) -> Any:
        name, other = (compiler.compile(column)[0] for column in self.source_expressions)
        return f"CASE WHEN {name} = '' THEN {other} ELSE {name} END", []


class RestOfName(ShownName):
    """The name without its first word: people look for the family name."""

    def as_sql(self, compiler: Any, connection: Any, *_parts: Any, **extra: Any) -> Any:
        name, _parameters = super().as_sql(compiler, connection, **extra)
        find = "STRPOS" if connection.vendor == "postgresql" else "INSTR"
        return f"SUBSTR({name}, {find}({name}, ' ') + 1)", []


def find_orders(actor: Actor, term: str) -> list[int]:
    """Return the keys of the orders that a term means, the best ways first."""
    term = " ".join(term.split())
    if not term:
        return []
    shops = [actor.shop_id] if actor.shop_id is not None else list(Shop.objects.values_list("pk", flat=True))
    keys = (key for way in _ways(actor, term, shops) for key in way[:MOST])
    return list(islice(dict.fromkeys(keys), MOST))


def _ways(actor: Actor, term: str, shops: list[int]) -> Iterator[QuerySet[Any]]:
    mine = orders_for(actor).filter(shop_id__in=shops).order_by()
    if "@" in term:
        yield _keys(mine.filter(customer_email__begins=term))
        return
    yield _keys(mine.filter(number__begins=term))
    for way in also:
        yield way(actor, term, shops)
    if phones := phone_forms(term):
        yield _keys(mine.filter(customer_phone__in=phones))
    elif not term[0].isdigit():
        yield _keys(mine.alias(shown=ShownName()).filter(shown__begins=term))
        yield _keys(mine.alias(rest=RestOfName()).filter(rest__begins=term))


def _keys(orders: QuerySet[Order]) -> QuerySet[Any]:
    return orders.values_list("pk", flat=True)


def phone_forms(term: str) -> list[str]:
    """Return how a phone number may be stored: as typed, bare, and international from several countries."""
    bare = "".join(sign for sign in term if sign not in " .-/()")
    if len(bare) < 6 or not bare.removeprefix("+").isdecimal():
        return []
    forms = [term, bare]
    for region in REGIONS:
        try:
            number = phonenumbers.parse(bare, region)
        except phonenumbers.NumberParseException:
            continue
        forms.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return list(dict.fromkeys(forms))
