"""Click & collect statuses and their legal moves (seed 001)."""

from types import MappingProxyType
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from orders.statuses import PackageStatus
from woop.machines import Condition, Move
from woop.sources import DECIDING, Source


class CollectStatus(TextChoices):
    INIT = "COLLECT_INIT", _("Request received")
    STOCK_OK = "COLLECT_STOCK_OK", _("Stock verified")
    STARTED = "COLLECT_STARTED", _("Time slot confirmed")
    READY = "COLLECT_READY", _("Order ready")
    AWAITING = "COLLECT_AWAITING", _("Customer has arrived")
    IN_PROGRESS = "COLLECT_IN_PROGRESS", _("Being served")
    PICK_UP_OK = "COLLECT_PICK_UP_OK", _("Handed over")
    PICK_UP_FAILED = "COLLECT_PICK_UP_FAILED", _("Not handed over")
    PICK_UP_PARTIALLY = "COLLECT_PICK_UP_PARTIALLY", _("Partly handed over")
    CANCELLED = "COLLECT_CANCELLED", _("Cancelled")
    BLOCKED = "COLLECT_BLOCKED", _("Blocked")
    DELAYED = "COLLECT_DELAYED", _("Delayed")
    REPLANNED = "COLLECT_REPLANNED", _("Slot changed by the customer")


S = CollectStatus

STARTS = (S.INIT, S.STARTED, S.REPLANNED)
INTERRUPTED = (S.DELAYED, S.BLOCKED)
ENDED = frozenset({S.PICK_UP_OK, S.PICK_UP_PARTIALLY, S.CANCELLED})

# From → to.
NEXT = MappingProxyType(
    {
        S.INIT: (S.STOCK_OK, S.CANCELLED, S.BLOCKED, S.DELAYED),
        S.STOCK_OK: (S.STARTED, S.CANCELLED, S.BLOCKED, S.DELAYED),
        S.STARTED: (S.READY, S.DELAYED, S.BLOCKED, S.CANCELLED, S.REPLANNED),
        S.READY: (
            S.AWAITING,
            S.IN_PROGRESS,  # served at once
            S.PICK_UP_FAILED,  # never came
            S.DELAYED,
            S.BLOCKED,
            S.CANCELLED,
            S.REPLANNED,
        ),
        S.AWAITING: (S.IN_PROGRESS, S.DELAYED, S.BLOCKED),
        S.IN_PROGRESS: (S.PICK_UP_OK, S.PICK_UP_PARTIALLY, S.PICK_UP_FAILED, S.DELAYED, S.BLOCKED),
        S.PICK_UP_FAILED: (S.REPLANNED, S.CANCELLED),
        S.REPLANNED: (S.STARTED, S.READY, S.CANCELLED, S.DELAYED, S.BLOCKED),
    }
)


def resumes(target: CollectStatus) -> Condition:
    """Return the condition that an interrupted collect may go on with the target."""

    def test(collect: Any) -> bool:
        before = collect.interrupted_status
        return bool(before) and (target == before or target in NEXT[S(before)])

    detail = _("What was interrupted cannot go on with this.")
    return Condition("not_resumable", detail, test)


def _moves() -> tuple[Move, ...]:
    moves = []
    for target in S:
        moves.append(Move(target, tuple(source for source in NEXT if target in NEXT[source])))
        interrupted = tuple(s for s in INTERRUPTED if s is not target)
        moves.append(Move(target, interrupted, (resumes(target),)))
    return tuple(move for move in moves if move.sources)


COLLECT_MOVES = _moves()

# Collect.status → Package.status; the lines follow their package.
PACKAGE_STATUS = MappingProxyType(
    {
        S.STOCK_OK: PackageStatus.PROCESSING,
        S.READY: PackageStatus.PROCESSED,
        S.PICK_UP_OK: PackageStatus.RECEIVED,
        S.CANCELLED: PackageStatus.CANCELLED,
    }
)

MAY_SET: dict[tuple[str, str], dict[Source, frozenset[CollectStatus]]] = {
    ("collect", "status"): {
        **dict.fromkeys(DECIDING, frozenset(S)),
        Source.CUSTOMER: frozenset({S.STARTED, S.AWAITING, S.REPLANNED}),
        Source.TIMER: frozenset({S.PICK_UP_FAILED}),
        Source.CASCADE: frozenset({S.CANCELLED}),
    }
}
