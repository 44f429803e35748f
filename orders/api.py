"""Orders, packages and lines over HTTP."""

from dataclasses import replace
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from orders import examples
from orders.bodies import (
    BulkBody,
    NewOrderBody,
    OrderChangeBody,
    OrderQuery,
    ReasonBody,
    SplitBody,
    columns_of,
    draft_of,
    normalise_phone,
)
from orders.cascades import time_is_over
from orders.drafts import OrderDraft
from orders.models import Order, OrderlineToPackage, Package
from orders.search import find_orders
from orders.selectors import lines_for, orders_for, packages_for
from orders.serializers import line_detail_json, order_json, package_detail_json, whole_orders
from orders.services import accept_order, create_order, reject_order, split_line, update_order
from orders.shapes import (
    BulkAnswerShape,
    DecidedOrderShape,
    LineDetailShape,
    OrderPageShape,
    OrderShape,
    PackageDetailShape,
    SplitAnswerShape,
)
from orders.statuses import Acceptance
from woop.actors import Actor
from woop.api.answers import answer, note_json
from woop.api.objects import EventsView, ObjectView, TransitionsView, answer_outcome, field_of
from woop.api.pages import page_of
from woop.api.views import ApiView
from woop.errors import RuleError
from woop.identifiers import decode
from woop.models import Store
from woop.outcomes import Outcome, Refusal
from woop.transitions import change_status


def present_json(actor: Actor, pk: int) -> dict[str, Any]:
    """Return an order as it is now, for the answer to a write."""
    return order_json(whole_orders(actor).get(pk=pk))


# --- orders ----------------------------------------------------------------------------------------


class OrdersView(ApiView):
    read_scope: ClassVar = "orders:read"
    write_scope: ClassVar = "orders:write"

    @extend_schema(operation_id="orders_list", parameters=[OrderQuery], responses=OrderPageShape)
    def get(self, request: Request) -> HttpResponse:
        """The orders of the shop, newest first; with `modified_since` in the order of their changes."""
        query = self.query(OrderQuery)
        keys = ("modified_at", "id") if "modified_since" in query else ("-created_at", "-id")
        found, cursor = page_of(filtered(whole_orders(self.actor), self.actor, query), keys, query)
        return answer({"results": [order_json(order) for order in found], "cursor": cursor})

    @extend_schema(
        operation_id="orders_create",
        request=NewOrderBody,
        responses={201: OrderShape},
        examples=examples.NEW_ORDERS,
    )
    def post(self, request: Request) -> HttpResponse:
        """Record an order, with its lines and packages; all that follows from it begins."""
        draft = within_stores(self.actor, draft_of(self.read(NewOrderBody)))
        order = create_order(self.key.shop, draft, actor=self.actor)
        location = reverse("api:order", args=[order.number])
        data = present_json(self.actor, order.pk)
        return answer(data, status=201, version=data["version"], location=location)


def filtered(orders: QuerySet[Order], actor: Actor, query: dict[str, Any]) -> QuerySet[Order]:
    for name in ("status", "delivery_status", "acceptance", "channel"):
        if name in query:
            orders = orders.filter(**{name: query[name]})
    if "store" in query:
        orders = orders.filter(store__code=query["store"])
    if "modified_since" in query:
        orders = orders.filter(modified_at__gte=query["modified_since"])
    if "q" in query:
        orders = orders.filter(pk__in=find_orders(actor, query["q"]))
    return orders


def within_stores(actor: Actor, draft: OrderDraft) -> OrderDraft:
    """Hold a key for some stores to them: an order for another store it could not even read."""
    if actor.store_ids is None:
        return draft
    codes = sorted(Store.objects.filter(pk__in=actor.store_ids).values_list("code", flat=True))
    for field, code in (("collect", draft.collect_store), ("store", draft.store)):
        if code and code not in codes:
            raise serializers.ValidationError({field: [_("This key does not work for this store.")]})
    if draft.collect_store or draft.store:
        return draft
    if len(codes) > 1:
        raise serializers.ValidationError({"store": [_("This key works for several stores: name one.")]})
    return replace(draft, store=codes[0])


class OneOrder:
    kind: ClassVar = "order"
    read_scope: ClassVar = "orders:read"
    write_scope: ClassVar = "orders:write"
    actor: Actor

    def rows(self) -> QuerySet[Order]:
        return orders_for(self.actor)


class OrderView(OneOrder, ObjectView):
    @extend_schema(operation_id="orders_read", responses=OrderShape)
    def get(self, request: Request, number: str) -> HttpResponse:
        """The whole order."""
        order = self.find()
        return answer(order_json(order), version=order.version)

    def rows(self) -> QuerySet[Order]:
        return whole_orders(self.actor) if self.request.method in {"GET", "HEAD"} else super().rows()

    @extend_schema(
        operation_id="orders_change",
        request=OrderChangeBody,
        responses=OrderShape,
        examples=[examples.CHANGE],
    )
    def patch(self, request: Request, number: str) -> HttpResponse:
        """Change customer, address and weights, as long as nothing was picked up."""
        order = self.find()
        version = self.seen_version()
        body = self.read(OrderChangeBody)
        normalise_phone(
            body.get("customer", {}), body.get("shipping_address", {}).get("country") or order.country
        )
        weights = weights_of(body.get("packages", []))
        update_order(order, columns_of(body), weights, actor=self.actor, version=version)
        data = present_json(self.actor, order.pk)
        return answer(data, version=data["version"])


def weights_of(packages: list[dict[str, Any]]) -> dict[int, int]:
    """Return the weights by the keys of packages; 0 is the key of none."""
    return {decode("package", package["id"]) or 0: package["weight_g"] for package in packages}


class OrderTransitions(OneOrder, TransitionsView):
    pass


class OrderEvents(OneOrder, EventsView):
    pass


class BulkTransitions(ApiView):
    read_scope: ClassVar = "orders:read"
    write_scope: ClassVar = "orders:write"

    @extend_schema(
        operation_id="orders_bulk_transitions",
        request=BulkBody,
        responses=BulkAnswerShape,
        examples=[examples.BULK],
    )
    def post(self, request: Request) -> HttpResponse:
        """Change the status of many orders, each on its own: the answer has a verdict for each."""
        body = self.read(BulkBody)
        field = field_of("order", body["to"])
        rows = orders_for(self.actor).filter(number__in=set(body["orders"]))
        keys = dict(rows.values_list("number", "pk"))
        outcome = change_status(
            "order",
            keys.values(),
            body["to"],
            by=self.actor,
            field=field,
            reason=body["reason"],
            dry_run=body["dry_run"],
        )
        verdicts = verdicts_of(outcome)
        unknown = {"verdict": "unknown"}
        results = [
            {"order": number} | verdicts.get(keys.get(number, 0), unknown)
            for number in dict.fromkeys(body["orders"])
        ]
        return answer({"applied": outcome.applied, "results": results})


def verdicts_of(outcome: Outcome) -> dict[int, dict[str, Any]]:
    return {
        verdict.order.id: {
            "verdict": verdict.result,
            "version": outcome.versions[verdict.order.id],
            **(_refusal_json(verdict.refusal) if verdict.refusal else {}),
        }
        for verdict in outcome.verdicts
    }


def _refusal_json(refusal: Refusal) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "detail": str(refusal.detail),
        "blocking": [note_json(note) for note in refusal.blocking],
        "allowed": refusal.allowed,
    }


def is_time_expired(outcome: Outcome) -> bool:
    order: Any = outcome.verdicts[0].order
    return bool(order.acceptance == Acceptance.TIME_EXPIRED)


class DecisionView(OneOrder, ObjectView):
    """Accepting and rejecting answer the order, together with what moved."""

    def decide(self, outcome: Outcome) -> HttpResponse:
        refusal = outcome.refusal
        if refusal and refusal.code == "final" and is_time_expired(outcome):
            raise RuleError(time_is_over())  # the sweep was here before
        whole = present_json(self.actor, self.order.pk) if outcome.applied and not outcome.refusal else {}
        return answer_outcome(outcome, self.order, **whole)


class AcceptView(DecisionView):
    @extend_schema(operation_id="orders_accept", request=ReasonBody, responses=DecidedOrderShape)
    def post(self, request: Request, number: str) -> HttpResponse:
        """Accept the order. From the deadline on this is refused with `acceptance_expired`."""
        order = self.find()
        version, body = self.seen_version(), self.read(ReasonBody)
        return self.decide(accept_order(order.pk, actor=self.actor, reason=body["reason"], version=version))


class RejectView(DecisionView):
    @extend_schema(operation_id="orders_reject", request=ReasonBody, responses=DecidedOrderShape)
    def post(self, request: Request, number: str) -> HttpResponse:
        """Reject the order: it is cancelled, with all that belongs to it."""
        order = self.find()
        version, body = self.seen_version(), self.read(ReasonBody)
        return self.decide(reject_order(order.pk, actor=self.actor, reason=body["reason"], version=version))


# --- packages and lines ----------------------------------------------------------------------------


class OnePackage(OneOrder):
    kind: ClassVar = "package"

    def rows(self) -> QuerySet[Any]:
        lines = Prefetch("lines", OrderlineToPackage.objects.select_related("orderline"))
        return packages_for(self.actor).select_related("order").prefetch_related(lines)


class PackageView(OnePackage, ObjectView):
    @extend_schema(operation_id="packages_read", responses=PackageDetailShape)
    def get(self, request: Request, id: str) -> HttpResponse:
        """One package with its lines."""
        package: Package = self.find()
        return answer(package_detail_json(package), version=package.order.version)


class PackageTransitions(OnePackage, TransitionsView):
    pass


class PackageEvents(OnePackage, EventsView):
    pass


class OneLine(OneOrder):
    kind: ClassVar = "line"

    def rows(self) -> QuerySet[Any]:
        return lines_for(self.actor).select_related("order", "orderline")


class LineView(OneLine, ObjectView):
    @extend_schema(operation_id="lines_read", responses=LineDetailShape)
    def get(self, request: Request, id: str) -> HttpResponse:
        """A quantity of one article in one package."""
        line: OrderlineToPackage = self.find()
        return answer(line_detail_json(line), version=line.order.version)


class LineTransitions(OneLine, TransitionsView):
    pass


class LineEvents(OneLine, EventsView):
    pass


class SplitView(OneLine, ObjectView):
    @extend_schema(
        operation_id="lines_split",
        request=SplitBody,
        responses=SplitAnswerShape,
        examples=[examples.SPLIT],
    )
    def post(self, request: Request, id: str) -> HttpResponse:
        """Divide a line by quantity: both halves keep the status, and the sum stays what was ordered."""
        line = self.find()
        version, body = self.seen_version(), self.read(SplitBody)
        halves = split_line(
            line.pk, body["quantity"], actor=self.actor, package=package_of(body["package"]), version=version
        )
        by_key = self.rows().in_bulk([half.pk for half in halves])
        rows = [by_key[half.pk] for half in halves]
        present = rows[0].order.version
        lines = [line_detail_json(row) for row in rows]
        return answer({"lines": lines, "version": present}, version=present)


def package_of(text: str | None) -> int | str | None:
    """Return the key of a package that a split names; one that cannot be is none of the order's."""
    if text is None or text == "new":
        return text
    return decode("package", text) or 0
