"""Cursor pages: a page costs the same however deep it lies, and nothing is counted."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from woop.api.fields import QueryMoment

DEFAULT_SIZE, MAX_SIZE = 50, 200
BIGGEST = 2**63 - 1
NO_CURSOR = _("This is no cursor of this list.")

Row = TypeVar("Row", bound=Model)
Keys = tuple[str, ...]  # as in order_by; all in one direction, the last one unique


class PageQuery(serializers.Serializer[Any]):
    """What every list understands."""

    cursor = serializers.CharField(required=False, help_text="Where the page before ended.")
    page_size = serializers.IntegerField(
        required=False, default=DEFAULT_SIZE, min_value=1, help_text="At most 200."
    )

    def to_internal_value(self, data: Any) -> Any:
        """An empty parameter is none."""
        return super().to_internal_value({name: data[name] for name in data if data[name] != ""})

    def validate_page_size(self, value: int) -> int:
        return min(value, MAX_SIZE)


class SincePageQuery(PageQuery):
    modified_since = QueryMoment(required=False, help_text="Only what has changed since then, oldest first.")


def page_of(rows: QuerySet[Row], keys: Keys, query: dict[str, Any]) -> tuple[list[Row], str | None]:
    """Return one page in the order of the keys, and the cursor of the next, None after the last."""
    if cursor := query.get("cursor"):
        rows = rows.filter(_after(keys, _read(cursor, keys)))
    size = query["page_size"]
    found = list(rows.order_by(*keys)[: size + 1])
    if len(found) <= size:
        return found, None
    return found[:size], write_cursor(keys, [getattr(found[size - 1], key.lstrip("-")) for key in keys])


def _after(keys: Keys, values: Sequence[Any]) -> Q:
    """Return the condition of all rows after the one with these values, in a form that indexes serve."""
    way = "lt" if keys[0].startswith("-") else "gt"
    names = [key.lstrip("-") for key in keys]
    condition = Q(**{f"{names[-1]}__{way}": values[-1]})
    for name, value in reversed(list(zip(names[:-1], values[:-1], strict=True))):
        condition = Q(**{f"{name}__{way}": value}) | Q(**{name: value}) & condition
        condition &= Q(**{f"{name}__{way}e": value})
    return condition


def write_cursor(keys: Keys, values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    text = json.dumps([",".join(keys), *plain], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, keys: Keys) -> list[Any]:
    values = read_cursor(cursor, keys)
    return [
        _moment(value) if key.endswith("_at") else _number(value)
        for key, value in zip(keys, values, strict=True)
    ]


def read_cursor(cursor: str, keys: Keys) -> list[Any]:
    """Return the values of a cursor that was written for the same keys; anything else is refused."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        listed = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise no_cursor() from None
    if not isinstance(listed, list) or len(listed) != len(keys) + 1 or listed[0] != ",".join(keys):
        raise no_cursor()
    return listed[1:]


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise no_cursor() from None
    if moment.tzinfo is None:
        raise no_cursor()
    return moment


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= BIGGEST:
        raise no_cursor()
    return value


def no_cursor() -> serializers.ValidationError:
    return serializers.ValidationError({"cursor": [NO_CURSOR]})
