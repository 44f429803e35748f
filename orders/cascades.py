"""How a change spreads through an order: down to packages and lines, up again, and the gate.

The tables are those of the specification; the functions below them apply them to the rows in memory.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders.nodes import LineNode, OrderNode, PackageNode
from orders.statuses import (
    CANCELLED,
    ERROR,
    HELD_LINES,
    LEFT_PACKAGES,
    MAY_SET,
    Acceptance,
    LineStatus,
    OrderStatus,
    PackageStatus,
    PackageType,
)
from woop import rules
from woop.models import DoneWhen
from woop.nodes import Node
from woop.outcomes import Event, Note, Refusal
from woop.plans import Plan, reason_required
from woop.sources import CARRIERS, DECIDING, TRANSPORT, Source

OS, PS, LS, T = OrderStatus, PackageStatus, LineStatus, PackageType


def of_every_type(status: Any) -> dict[str, Any]:
    return dict.fromkeys(PackageType, status)


# When the order reaches … its packages go to … by type.
ORDER_TO_PACKAGE: Mapping[Any, dict[str, Any]] = MappingProxyType(
    {
        OS.PROCESSING: of_every_type(PS.PROCESSING),
        OS.PROCESSED: of_every_type(PS.PROCESSED),
        OS.DONE: {T.HOMEDELIVERY: PS.SENT, T.COLLECT: PS.RECEIVED, T.DIGITAL: PS.RECEIVED},
        OS.CANCELLED: of_every_type(PS.CANCELLED),
    }
)

# When a package reaches … its lines go to … by the package's type.
PACKAGE_TO_LINE = MappingProxyType(
    {
        PS.PROCESSING: of_every_type(LS.PROCESSING),
        PS.PROCESSED: {**of_every_type(LS.READY_TO_SHIP), T.COLLECT: LS.READY_TO_COLLECT},
        PS.SENT: of_every_type(LS.SHIPPED),
        PS.RECEIVED: of_every_type(LS.RECEIVED),
        PS.UNKNOWN: of_every_type(LS.UNKNOWN),
        PS.CANCELLED: of_every_type(LS.CANCELLED),
    }
)

# How far a package has come when all its lines have reached …
LINE_TO_PACKAGE = MappingProxyType(
    {
        LS.CONFIRMED: PS.CONFIRMED,
        LS.PROCESSING: PS.PROCESSING,
        **dict.fromkeys(HELD_LINES, PS.PROCESSING),
        LS.READY_TO_SHIP: PS.PROCESSED,
        LS.READY_TO_COLLECT: PS.PROCESSED,
        LS.SHIPPED: PS.SENT,
        LS.RECEIVED: PS.RECEIVED,
        LS.UNKNOWN: PS.UNKNOWN,
    }
)

# How far an order has come when all its packages have reached … (D2 decides about 10).
PACKAGE_TO_ORDER = MappingProxyType(
    {
        DoneWhen.SENT: {
            PS.CONFIRMED: OS.CONFIRMED,
            PS.PROCESSING: OS.PROCESSING,
            PS.PROCESSED: OS.PROCESSED,
            PS.SENT: OS.DONE,
            PS.RECEIVED: OS.DONE,
        },
        DoneWhen.RECEIVED: {
            PS.CONFIRMED: OS.CONFIRMED,
            PS.PROCESSING: OS.PROCESSING,
            PS.PROCESSED: OS.PROCESSED,
            PS.SENT: OS.PROCESSED,
            PS.RECEIVED: OS.DONE,
        },
    }
)

NOT_COUNTING_LINES = frozenset({ERROR, CANCELLED})
NOT_COUNTING_PACKAGES = frozenset({PS.UNKNOWN, ERROR, CANCELLED})

# Why a child stays where it is.
KEPT = MappingProxyType(
    {
        "already": _("It is there already."),
        "higher": _("It has come further already."),
        "error": _("It is in error and needs an override."),
        "final": _("It is cancelled."),
        "held": _("It waits for its supplier: what is not there was not shipped."),
        "left": _("It has left already."),
    }
)


# --- down ------------------------------------------------------------------------------------------


@rules.after("order")
def move_packages(plan: Plan, event: Event) -> None:
    targets = ORDER_TO_PACKAGE.get(event.to_status)
    if targets is None or event.source == Source.ROLLUP:
        return
    order: OrderNode = event.node
    for package in order.packages:
        lead(plan, package, targets[package.type], Source.CASCADE, event.sequence)


@rules.after("package")
def move_lines(plan: Plan, event: Event) -> None:
    targets = PACKAGE_TO_LINE.get(event.to_status)
    if targets is None or event.source == Source.ROLLUP:
        return
    package: PackageNode = event.node
    target = targets[package.type]
    is_transport = event.source in TRANSPORT or plan.by.source in TRANSPORT
    held = HELD_LINES if is_transport else frozenset()
    for line in package.lines:
        if code := why_kept(line.status, target) or ("held" if line.status in held else ""):
            plan.keep(line, code, KEPT[code])
        else:
            plan.move(line, target, Source.CASCADE, event.sequence)
    if not held:
        warn_of_waiting_lines(plan, event)


def lead(plan: Plan, package: PackageNode, target: int, source: Source, cause: int | None) -> Event | None:
    """Move a package because of something else, or report why it stays."""
    code = why_kept(package.status, target)
    if (
        not code
        and target == CANCELLED
        and package.status in LEFT_PACKAGES
        and not (source in CARRIERS and package.status == PS.SENT)
    ):
        code = "left"
    if code:
        plan.keep(package, code, KEPT[code])
        return None
    event = plan.move(package, target, source, cause)
    plan.follow(event)
    return event


def why_kept(status: int, target: int) -> str:
    """Return why a cascade leaves a child alone, "" when it moves."""
    if status == target:
        return "already"
    if status == CANCELLED:
        return "final"
    if status == ERROR:
        return "" if target == CANCELLED else "error"
    return "higher" if status > target else ""


def warn_of_waiting_lines(plan: Plan, event: Event) -> None:
    """Name the lines that were not there and are moved all the same (D5)."""
    if event.to_status == CANCELLED:
        return
    for moved in reversed(plan.events):
        if moved.cause != event.sequence:
            break
        if moved.from_status in HELD_LINES and isinstance(moved.node, LineNode):
            plan.warn("line_not_available", _("A line that waits for its supplier is moved too."), moved.node)


# --- up --------------------------------------------------------------------------------------------


@rules.after("line")
def roll_up_line(plan: Plan, event: Event) -> None:
    package: PackageNode = event.node.package
    if not roll_up_package(plan, package, event):
        roll_up_order(plan, package.order, event)


@rules.after("package")
def roll_up_moved_package(plan: Plan, event: Event) -> None:
    if event.source == Source.CASCADE:
        return
    if event.from_status == ERROR and event.source != Source.ROLLUP:
        roll_up_package(plan, event.node, event)
    roll_up_order(plan, event.node.order, event)


@rules.after("order")
def roll_up_released_order(plan: Plan, event: Event) -> None:
    """What an override took out of error goes at once where its packages are."""
    if event.from_status == ERROR and event.source != Source.ROLLUP:
        roll_up_order(plan, event.node, event)


def roll_up_package(plan: Plan, package: PackageNode, event: Event) -> Event | None:
    target = package_status_of([line.status for line in package.lines])
    if target == CANCELLED and package.status in LEFT_PACKAGES and not plan.override:
        plan.keep(package, "left", KEPT["left"])
        return None
    return _raise(plan, package, target, event)


def roll_up_order(plan: Plan, order: OrderNode, event: Event) -> Event | None:
    packages = [package.status for package in order.packages]
    target = order_status_of(packages, order.done_when)
    if target == OS.DONE and (PS.UNKNOWN in packages or has_error_below(order)):
        target = OS.PROCESSED  # somebody must look before it counts as done
    return _raise(plan, order, target, event)


def _raise(plan: Plan, node: Any, target: int | None, event: Event) -> Event | None:
    """Move a parent up to where its children are; never down, never out of error but to cancelled."""
    if target is None or target <= node.status or (node.status == ERROR and target != CANCELLED):
        return None
    risen = plan.move(node, target, Source.ROLLUP, event.sequence)
    plan.follow(risen)
    return risen


def package_status_of(lines: Iterable[int]) -> int | None:
    """Return where its lines take a package, None when they say nothing."""
    lines = list(lines)
    reached = [LINE_TO_PACKAGE[LineStatus(status)] for status in lines if status not in NOT_COUNTING_LINES]
    if not reached:
        return PS.CANCELLED if lines and set(lines) == {CANCELLED} else None
    begun = PS.PROCESSING if max(reached) > PS.CONFIRMED else PS.CONFIRMED
    return max(min(reached), begun)


def order_status_of(packages: Iterable[int], done_when: str) -> int | None:
    """Return where its packages take an order, None when they say nothing."""
    packages = list(packages)
    counting = [status for status in packages if status not in NOT_COUNTING_PACKAGES]
    if not counting:
        return OS.CANCELLED if packages and set(packages) == {CANCELLED} else None
    begun = OS.PROCESSING if max(counting) > PS.CONFIRMED else OS.CONFIRMED
    return max(PACKAGE_TO_ORDER[DoneWhen(done_when)][PackageStatus(min(counting))], begun)


def has_error_below(order: OrderNode) -> bool:
    return any(
        package.status == ERROR or any(line.status == ERROR for line in package.lines)
        for package in order.packages
    )


# --- the gate --------------------------------------------------------------------------------------

ORDER_CANCELLING = frozenset({Acceptance.CANCELLED_MANUALLY, Acceptance.TIME_EXPIRED})


@rules.after("order", "acceptance")
def cancel_rejected_order(plan: Plan, event: Event) -> None:
    order: OrderNode = event.node
    if event.to_status in ORDER_CANCELLING and order.status != CANCELLED:
        plan.follow(plan.move(order, OS.CANCELLED, event.source, event.sequence))


@rules.after("order")
def reject_cancelled_order(plan: Plan, event: Event) -> None:
    """Cancelling an order that waits for its acceptance is the same as rejecting it."""
    order: OrderNode = event.node
    if event.to_status == CANCELLED and order.acceptance == Acceptance.PENDING:
        is_late = order.acceptance_deadline <= plan.context.recorded_at
        to = Acceptance.TIME_EXPIRED if is_late else Acceptance.CANCELLED_MANUALLY
        source = Source.TIMER if is_late else plan.by.source
        plan.move(order, to, source, event.sequence, field="acceptance")


# --- what refuses ----------------------------------------------------------------------------------


@rules.guard("order")
@rules.guard("package")
@rules.guard("line")
def want_reason_for_error(plan: Plan, node: Node, to: Any) -> Refusal | None:
    if to == ERROR and plan.by.source in DECIDING and not plan.context.reason:
        return reason_required()
    return None


@rules.guard("package")
@rules.guard("line")
def wait_for_acceptance(plan: Plan, node: Any, to: Any) -> Refusal | None:
    """Nothing gets above Confirmed before the order is accepted (the order's own moves know it, too)."""
    is_waiting = plan.order.acceptance == Acceptance.PENDING
    if not is_waiting or to in {PS.CONFIRMED, LS.CONFIRMED, ERROR, CANCELLED}:
        return None
    return Refusal("acceptance_pending", _("The order waits for its acceptance."))


@rules.guard("order")
def spare_what_left(plan: Plan, node: Any, to: Any) -> Refusal | None:
    """An order whose goods left is cancelled by an override only (D4)."""
    if to != CANCELLED or plan.override:
        return None
    left = [package for package in node.packages if package.status in LEFT_PACKAGES]
    if not left:
        return None
    detail = _("A package has left already. A supervisor may cancel the rest, with a reason.")
    return Refusal("package_left", detail, [Note("package_left", KEPT["left"], p) for p in left])


@rules.guard("package")
def spare_left_package(plan: Plan, node: Any, to: Any) -> Refusal | None:
    """A package that left is cancelled by an override only; a carrier may up to Sent (D4)."""
    if to != CANCELLED or plan.override or node.status not in LEFT_PACKAGES:
        return None
    if plan.by.source in CARRIERS and node.status == PS.SENT:
        return None
    detail = _("This package has left already. A supervisor may cancel it, with a reason.")
    return Refusal("package_left", detail, [Note("package_left", KEPT["left"], node)])


@rules.guard("order")
def reject_in_time(plan: Plan, node: Any, to: Any) -> Refusal | None:
    """Cancelling a waiting order is rejecting it: from the deadline on the timer does that."""
    if to != CANCELLED or node.acceptance != Acceptance.PENDING:
        return None
    return keep_the_deadline(plan, node, Acceptance.CANCELLED_MANUALLY)


@rules.guard("order", "acceptance")
def keep_the_deadline(plan: Plan, node: Any, to: Any) -> Refusal | None:
    """Before the deadline only people decide, from the deadline on only the timer."""
    is_late = node.acceptance_deadline <= plan.context.recorded_at
    if to == Acceptance.TIME_EXPIRED:
        if is_late:
            return None
        return Refusal("acceptance_not_expired", _("There is still time to accept this order."))
    if not is_late:
        return None
    return time_is_over()


def time_is_over() -> Refusal:
    return Refusal("acceptance_expired", _("The time to accept this order is over."))


rules.may_set |= MAY_SET
