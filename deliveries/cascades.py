"""How deliveries move their order and packages, and what a cancelled order does to its deliveries."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from deliveries.nodes import CANCEL_REQUESTED, PICKED_UP, DeliveryNode
from deliveries.statuses import (
    ENDED_BEFORE_TIME,
    MAY_SET,
    PACKAGE_STATUS,
    DeliveryStatus,
    derive_order_status,
)
from deliveries.statuses import PICKED_UP as PICKED_UP_STATUSES
from orders.cascades import lead
from orders.nodes import OrderNode
from orders.services import missing_fields
from orders.statuses import (
    BEFORE_DELIVERY,
    CANCELLED,
    DERIVED,
    Acceptance,
    DeliveryStatusOfOrder,
    OrderStatus,
)
from woop import machines, rules
from woop.nodes import Node
from woop.outcomes import Event, Note, Refusal
from woop.plans import DATA, Plan
from woop.sources import DECIDING, Source

D = DeliveryStatusOfOrder
OURS = DECIDING | {Source.CASCADE}


# --- delivery → itself, packages, order ------------------------------------------------------------


@rules.after("delivery")
def note_first_pick_up(plan: Plan, event: Event) -> None:
    if event.to_status in PICKED_UP_STATUSES:
        note_pick_up(plan, event.node)


def note_pick_up(plan: Plan, delivery: DeliveryNode) -> None:
    """Note once that the goods have left; from then on the order is cancelled by an override only."""
    if not delivery.is_picked_up:
        delivery.picked_up_at = plan.context.occurred_at
        delivery.flags |= PICKED_UP
        plan.changed.setdefault("delivery", {})[delivery] = None


@rules.after("delivery")
def note_own_cancellation(plan: Plan, event: Event) -> None:
    """What we cancelled ourselves never touches the packages, whenever its carrier confirms it (D13)."""
    delivery: DeliveryNode = event.node
    if event.to_status == DeliveryStatus.CANCELLED and event.source in OURS:
        delivery.cancel_requested_at = event.context.recorded_at
        delivery.flags |= CANCEL_REQUESTED


@rules.after("delivery")
def move_packages(plan: Plan, event: Event) -> None:
    """A carrier's own table says what its message means for the packages, else the general one does."""
    if event.source == Source.CASCADE:
        return
    delivery: DeliveryNode = event.node
    if "package_status" in plan.details:
        target, source = plan.details["package_status"], delivery.source
    else:
        target, source = PACKAGE_STATUS.get(event.to_status), Source.DELIVERY
    if target is not None:
        tell_packages(plan, delivery, target, source, event.sequence)


def tell_packages(plan: Plan, delivery: DeliveryNode, target: int, source: Source, cause: int | None) -> None:
    """Move the packages of this attempt; those that went on with another attempt are left and reported."""
    if delivery.is_cancel_requested and (target == CANCELLED or delivery.status == DeliveryStatus.CANCELLED):
        return  # our own cancellation ends the delivery and nothing else (D13)
    for package in delivery.packages:
        lead(plan, package, target, source, cause)
    for package in delivery.earlier_packages:
        plan.keep(package, "earlier_attempt", _("It goes with another delivery by now."))


@rules.after("delivery")
def derive_delivery_status(plan: Plan, event: Event) -> None:
    order: OrderNode = plan.order
    counting = [d.status for d in order.others.get("delivery", ()) if not d.is_replaced]
    target = D.CANCELLED if order.status == CANCELLED else derive_order_status(counting)
    if target == D.DELIVERY_UNCOMPLETED and order.delivery_status in BEFORE_DELIVERY:
        return  # an earlier attempt ends while the order looks for another carrier already
    if target is not None and target != order.delivery_status:
        plan.move(order, target, Source.DELIVERY, event.sequence, field="delivery_status")


# --- order → deliveries ----------------------------------------------------------------------------


@rules.after("order")
def cancel_deliveries(plan: Plan, event: Event) -> None:
    """A cancelled order has no open deliveries left that were not picked up (D12)."""
    order: OrderNode = event.node
    if event.to_status != CANCELLED:
        return
    if order.delivery_status and order.delivery_status != D.CANCELLED:
        plan.move(order, D.CANCELLED, Source.CASCADE, event.sequence, field="delivery_status")
    for delivery in order.others.get("delivery", ()):
        if delivery.is_open:
            cancel_delivery(plan, delivery, event)


def cancel_delivery(plan: Plan, delivery: DeliveryNode, event: Event) -> None:
    """Cancel one delivery, or ask its carrier to: the carrier's confirmation then ends it."""
    if why := why_not_cancellable(delivery):
        plan.keep(delivery, why.code, why.detail)
    elif delivery.can_be_cancelled_by_call:
        if not delivery.is_cancel_requested:
            ask_carrier_to_cancel(plan, delivery)
        plan.keep(delivery, "cancel_requested", _("Its carrier was asked to cancel it."))
    else:
        if delivery.is_booked and delivery.source != Source.MANUAL:
            plan.alert("cancel_by_hand", _("Please cancel this delivery at the carrier."), delivery)
        plan.follow(plan.move(delivery, DeliveryStatus.CANCELLED, Source.CASCADE, event.sequence))


def ask_carrier_to_cancel(plan: Plan, delivery: DeliveryNode) -> None:
    delivery.cancel_requested_at = plan.context.recorded_at
    delivery.flags |= CANCEL_REQUESTED
    plan.changed.setdefault("delivery", {})[delivery] = None
    key = f"cancel_delivery:{delivery.id}:{plan.order.version}"
    plan.enqueue("cancel_delivery", key, delivery=delivery.id)


def why_not_cancellable(delivery: DeliveryNode) -> Note | None:
    if delivery.is_picked_up:
        return Note("picked_up", _("It has been picked up already."), delivery)
    sources = machines.automatic_sources(delivery.model, "status", DeliveryStatus.CANCELLED)
    if delivery.status not in sources:
        return Note("not_cancellable", _("It cannot be cancelled any more."), delivery)
    return None


@rules.guard("order")
def spare_picked_up(plan: Plan, node: Node, to: Any) -> Refusal | None:
    if to != CANCELLED or plan.override:
        return None
    deliveries = [d for d in plan.order.others.get("delivery", ()) if d.is_open]
    blocking = [note for delivery in deliveries if (note := why_not_cancellable(delivery))]
    if not blocking:
        return None
    detail = _("A delivery is under way already. A supervisor may cancel the rest, with a reason.")
    return Refusal("delivery_under_way", detail, blocking)


@rules.after("order")
def mention_open_deliveries(plan: Plan, event: Event) -> None:
    if event.to_status == CANCELLED or event.source not in DECIDING:
        return
    for delivery in plan.order.others.get("delivery", ()):
        if delivery.is_open:
            plan.warn("delivery_open", _("This delivery is open and stays as it is."), delivery)


# --- the gate and the choice of a carrier ----------------------------------------------------------


@rules.after("order", "acceptance")
def start_choice_after_acceptance(plan: Plan, event: Event) -> None:
    if event.to_status == Acceptance.ACCEPTED and plan.order.delivery_status in {D.CREATED, D.UPDATED}:
        enqueue_choice(plan, event)


@rules.after("order", "delivery_status")
def choose_again(plan: Plan, event: Event) -> None:
    """A person who asks for quotes again starts a new choice."""
    if event.to_status == D.TO_BE_QUOTED and event.source in DECIDING:
        enqueue_choice(plan, event)


def enqueue_choice(plan: Plan, event: Event) -> None:
    """Leave the choice of a carrier as work; the version in the key makes every new choice its own."""
    order = plan.order
    key = f"choose_carrier:{order.shop_id}:{order.number}:{order.version}"
    plan.enqueue("choose_carrier", key, cause=event.sequence)


@rules.on_made("order")
def begin_orchestration(plan: Plan, event: Event) -> None:
    """A new order with a home delivery looks for its carrier, or waits for what is missing."""
    order: OrderNode = event.node
    if not order.delivery_status:
        return
    if missing_fields(plan.details["order"]):
        plan.move(order, D.TO_BE_COMPLETED, Source.DELIVERY, event.sequence, field="delivery_status")
    elif order.acceptance != Acceptance.PENDING:
        enqueue_choice(plan, event)


@rules.after("order", DATA)
def go_on_with_changed_data(plan: Plan, event: Event) -> None:
    """Changed data starts a new choice as long as no delivery exists and nothing is missing."""
    order: OrderNode = event.node
    may_update = machines.find(order.model, "delivery_status", order.delivery_status, D.UPDATED)
    if may_update is None or missing_fields(plan.details["order"]):
        return  # the choice itself never sends incomplete data
    updated = plan.move(order, D.UPDATED, event.source, event.sequence, field="delivery_status")
    if order.acceptance != Acceptance.PENDING:
        enqueue_choice(plan, updated)


@rules.guard("order", "delivery_status")
def leave_derived(plan: Plan, node: Any, to: Any) -> Refusal | None:
    """What follows from deliveries is changed there."""
    if to == D.CANCELLED and node.delivery_status in DERIVED:
        return Refusal("derived", _("This follows from the deliveries: change them."))
    return None


@rules.guard("delivery")
def wait_for_acceptance(plan: Plan, node: Any, to: Any) -> Refusal | None:
    if plan.order.acceptance != Acceptance.PENDING or to in ENDED_BEFORE_TIME:
        return None
    return Refusal("acceptance_pending", _("The order waits for its acceptance."))


@rules.guard("order", "delivery_status")
def choose_for_living_orders(plan: Plan, node: Any, to: Any) -> Refusal | None:
    if node.status == OrderStatus.CANCELLED:
        return Refusal("final", _("The order is cancelled."))
    if node.acceptance == Acceptance.PENDING:
        return Refusal("acceptance_pending", _("The order waits for its acceptance."))
    return None


rules.may_set |= MAY_SET
