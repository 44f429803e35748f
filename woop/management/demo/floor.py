"""One shop and everybody who works on its orders: the verbs that the stories are told in.

Every verb goes through the services and the door that people, clients and carriers use, and stops the
demo when it was refused: a story that no longer fits the rules must not go unnoticed.
"""

from collections.abc import Iterable
from random import Random
from typing import Any

from collect.models import Collect
from deliveries import tracking
from deliveries.models import Delivery
from deliveries.services import request_delivery
from orders import services
from orders.drafts import LineDraft, OrderDraft, PackageDraft
from orders.models import LineKind, Order, OrderlineToPackage
from orders.statuses import PackageType
from woop import jobs
from woop.actors import Actor
from woop.management.demo.catalogue import Article
from woop.management.demo.people import Person, invent
from woop.management.demo.pretend import Pretend
from woop.models import ApiKey, Job, JobState, Membership, Role, Shop, Store
from woop.permissions import actor_for_key, actor_for_user
from woop.sources import Source
from woop.transitions import change_status


class Refused(Exception):
    """A story asked for what the rules do not allow."""


class Floor:
    def __init__(
        self,
        shop: Shop,
        articles: tuple[Article, ...],
        pretend: Pretend,
        dice: Random,
        *,
        prefix: str,
        country: str,
    ) -> None:
        self.shop, self.articles, self.carriers, self.dice = shop, articles, pretend, dice
        self.prefix, self.country = prefix, country
        self.stores = list(Store.objects.filter(shop=shop).order_by("pk"))
        self.client = actor_for_key(ApiKey.objects.get(shop=shop, revoked_at=None))
        self.supervisor = self._user(Role.SUPERVISOR)
        self.agent = self._user(Role.AGENT) or self.supervisor
        self.staff = self._user(Role.STORE_STAFF)
        self.medialog = self._machine(Source.ML, "medialog")
        self.warehouse = self._machine(Source.CB, "warehouse")
        self.ebooks = self._machine(Source.EBOOKS, "ebooks")
        self.marketplace = self._machine(Source.MARKETPLACE, "marketplace")
        self.customer = self._machine(Source.CUSTOMER, "customer")
        self.timer = self._machine(Source.TIMER, "timer")
        self.choice = self._machine(Source.DELIVERY, "delivery")
        self._numbers = 20_417

    def _machine(self, source: Source, reference: str) -> Actor:
        return Actor(source, reference, self.shop.pk)

    def _user(self, role: str) -> Any:
        found = Membership.objects.filter(shop=self.shop, role=role).select_related("user").first()
        return actor_for_user(found.user) if found else None

    # --- orders ---
    def order(
        self,
        articles: Iterable[tuple[Article, int]] | None = None,
        *,
        country: str = "",
        suffix: str = "",
        collect: bool = False,
        channel: str = "web",
        packages: tuple[PackageDraft, ...] | None = None,
        **more: Any,
    ) -> Order:
        """Take an order in; `more` are columns of the order or `requires_acceptance`."""
        self._numbers += self.dice.randint(1, 9)
        basket = list(articles) if articles else self.basket()
        buyer = invent(self.dice, country or self.country, self._numbers)
        store = self.stores[0] if self.dice.random() < 0.7 else self.stores[1]
        needs = more.pop("requires_acceptance", False)
        draft = OrderDraft(
            lines=tuple(LineDraft(a.sku, n, a.price, a.title, a.kind) for a, n in basket),
            number=f"{self.prefix}-{self._numbers}{suffix}",
            packages=_packed(basket, collect) if packages is None else packages,
            collect_store=store.code if collect else "",
            store=store.code,
            requires_acceptance=needs,
            data=_columns(buyer, collect) | {"channel": channel} | more,
        )
        return services.create_order(self.shop, draft, actor=self.client)

    def basket(self, lines: int = 0) -> list[tuple[Article, int]]:
        count = lines or self.dice.choice((1, 1, 2, 2, 3, 4))
        chosen = self.dice.sample(self.articles, count)
        return [(article, self.dice.choice((1, 1, 1, 2, 3))) for article in chosen]

    def work(self, order: Order) -> None:
        """Do the jobs of an order, and the jobs that come of them."""
        waiting = Job.objects.filter(order=order, state=JobState.WAITING, attempts=0).order_by("pk")
        while job := waiting.first():
            if jobs.claim_one(job):
                jobs.run(job)

    # --- the door ---
    def move(self, row: Any, to: Any, by: Actor, **options: Any) -> None:
        outcome = change_status(_kind(row), [row.pk], to, by=by, **options)
        if outcome.missing or outcome.refusal:
            raise Refused(f"{row}: {to}: {outcome.refusal and outcome.refusal.detail}")

    def route(self, order: Order, *statuses: str, reason: str = "") -> None:
        """Take an order through steps of the choice of a carrier that other services will do."""
        for status in statuses:
            self.move(order, status, self.choice, field="delivery_status", reason=reason)

    def split(self, line: OrderlineToPackage, quantity: int, **options: Any) -> OrderlineToPackage:
        return services.split_line(line.pk, quantity, actor=self.agent, **options)[1]

    def correct(self, order: Order, **columns: object) -> None:
        services.update_order(order, columns, actor=self.agent)

    def lines(self, order: Order) -> list[OrderlineToPackage]:
        return list(OrderlineToPackage.objects.filter(order=order).order_by("pk"))

    # --- transport and hand-over ---
    def by_hand(self, order: Order) -> Delivery:
        """Give the order to own couriers, and let the choice that was under way find it taken."""
        delivery = request_delivery(order, actor=self.agent, account_code="manual")
        self.work(order)
        assert delivery is not None
        return delivery

    def put(self, delivery: Delivery, status: str, comment: str = "") -> str:
        """Have a partner put a status; return what became of the message."""
        word = f"DELIVERY_{status}"
        return tracking.put_status(delivery, status=word, comment=comment).state

    def collect_of(self, order: Order) -> Collect:
        return Collect.objects.filter(order=order).latest("pk")

    def hand_over(self, collect: Collect, status: str, **options: Any) -> None:
        self.move(collect, f"COLLECT_{status}", options.pop("by", self.counter(collect)), **options)

    def counter(self, collect: Collect) -> Actor:
        """Return who serves in a store."""
        is_theirs = self.staff is not None and collect.store_id in (self.staff.store_ids or ())
        return self.staff if is_theirs else self.agent


def _kind(row: Any) -> str:
    return "line" if isinstance(row, OrderlineToPackage) else type(row).__name__.lower()


def _columns(buyer: Person, collect: bool) -> dict[str, object]:
    customer: dict[str, object] = {
        "customer_name": buyer.name,
        "customer_email": buyer.email,
        "customer_phone": buyer.phone,
        "customer_language": buyer.language,
    }
    if collect:
        return customer
    return customer | {
        "recipient_name": buyer.name,
        "street": buyer.street,
        "postal_code": buyer.postal_code,
        "city": buyer.city,
        "country": buyer.country,
    }


def _packed(basket: list[tuple[Article, int]], collect: bool) -> tuple[PackageDraft, ...]:
    """Weigh what is sent; eBooks weigh nothing and travel alone."""
    physical = PackageType.COLLECT if collect else PackageType.HOMEDELIVERY
    packages = []
    for kind, type_ in ((LineKind.PHYSICAL, physical), (LineKind.EBOOK, PackageType.DIGITAL)):
        held = [(article, count) for article, count in basket if article.kind == kind]
        if held:
            weight = sum(article.weight_g * count for article, count in held)
            lines = tuple((article.sku, count) for article, count in held)
            packages.append(PackageDraft(type_, lines, weight_g=weight + 120 if weight else None))
    return tuple(packages)
