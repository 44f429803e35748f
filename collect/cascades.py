"""How collects move their packages, what a cancelled order does to them, and the partial hand-over."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from collect.handover import hand_over_in_part, read_quantities
from collect.models import Collect, CollectPackage
from collect.nodes import CollectNode
from collect.statuses import MAY_SET, PACKAGE_STATUS, CollectStatus
from orders.cascades import lead
from orders.models import Order
from orders.statuses import CANCELLED, Acceptance
from woop import machines, rules
from woop.models import Store
from woop.outcomes import Event, Note, Refusal
from woop.plans import Plan
from woop.sources import DECIDING, Source

S = CollectStatus


# --- collect → packages ----------------------------------------------------------------------------


@rules.after("collect")
def move_packages(plan: Plan, event: Event) -> None:
    target = PACKAGE_STATUS.get(event.to_status)
    if target is None or event.source == Source.CASCADE:
        return
    for package in event.node.packages:
        lead(plan, package, target, Source.COLLECT, event.sequence)


@rules.after("collect")
def split_what_was_handed_over(plan: Plan, event: Event) -> None:
    if event.to_status == S.PICK_UP_PARTIALLY:
        hand_over_in_part(plan, event)


@rules.guard("collect")
def want_quantities(plan: Plan, node: Any, to: Any) -> Refusal | None:
    return read_quantities(plan, node) if to == S.PICK_UP_PARTIALLY else None


@rules.guard("collect")
def wait_for_acceptance(plan: Plan, node: Any, to: Any) -> Refusal | None:
    if plan.order.acceptance != Acceptance.PENDING or to == S.CANCELLED:
        return None
    return Refusal("acceptance_pending", _("The order waits for its acceptance."))


# --- order → collects ------------------------------------------------------------------------------


@rules.after("order")
def cancel_collects(plan: Plan, event: Event) -> None:
    """A cancelled order has no open collects left (D12)."""
    if event.to_status != CANCELLED:
        return
    for collect in open_collects(plan):
        if why := why_not_cancellable(collect):
            plan.keep(collect, why.code, why.detail)
        else:
            plan.follow(plan.move(collect, S.CANCELLED, Source.CASCADE, event.sequence))


@rules.guard("order")
def spare_served_customers(plan: Plan, node: Any, to: Any) -> Refusal | None:
    if to != CANCELLED or plan.override:
        return None
    blocking = [note for collect in open_collects(plan) if (note := why_not_cancellable(collect))]
    if not blocking:
        return None
    detail = _("The customer is being served. A supervisor may cancel the rest, with a reason.")
    return Refusal("customer_being_served", detail, blocking)


def why_not_cancellable(collect: CollectNode) -> Note | None:
    move = machines.find(Collect, "status", collect.status, S.CANCELLED)
    if move and machines.holds(move, collect):
        return None
    return Note("customer_being_served", _("The customer is being served."), collect)


def open_collects(plan: Plan) -> list[CollectNode]:
    return [collect for collect in plan.order.others.get("collect", ()) if collect.is_open]


@rules.after("order")
def mention_open_collects(plan: Plan, event: Event) -> None:
    if event.to_status == CANCELLED or event.source not in DECIDING:
        return
    for collect in open_collects(plan):
        plan.warn("collect_open", _("This collect is open and stays as it is."), collect)


# --- with a new order ------------------------------------------------------------------------------


@rules.on_made("order")
def start_collect(plan: Plan, event: Event) -> None:
    """An order that asks for a store pick-up gets its collect at once."""
    store: Store | None = plan.details.get("collect_store")
    if store is not None:
        order: Order = plan.details["order"]
        packages = [package for package in plan.order.packages if package.type == "collect"]
        rows = plan.details["package_rows"]
        add_collect(plan, order, store, packages, [rows[p] for p in packages], event.sequence)


def add_collect(
    plan: Plan,
    order: Order,
    store: Store,
    packages: list[Any],
    rows: list[Any],
    cause: int | None = None,
    **fields: Any,
) -> tuple[Collect, Event]:
    """Plan a new collect for packages; `rows` are the packages' own rows, in the same order."""
    now = plan.context.recorded_at
    collect = Collect(
        shop_id=plan.order.shop_id, order=order, store=store, created_at=now, modified_at=now, **fields
    )
    node = CollectNode(0, plan.order, collect.status, "", store.pk)
    node.packages = list(packages)
    plan.order.others.setdefault("collect", []).append(node)
    plan.add(collect, node)
    for row in rows:
        plan.add(CollectPackage(shop_id=plan.order.shop_id, collect=collect, package=row))
    return collect, plan.made(node, plan.by.source if cause is None else Source.COLLECT, cause)


rules.may_set |= MAY_SET
