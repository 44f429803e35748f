"""Delivery statuses, their legal moves, and what they mean for the order and the packages.

Names are the flat ones of the delivery platform (seed 000); the newer pair form and the words of its
older interface are translated at the door (D10).
"""

from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from orders.statuses import DeliveryStatusOfOrder as D
from orders.statuses import PackageStatus
from woop.machines import Condition, Move
from woop.sources import CARRIERS, DECIDING, Source


class DeliveryStatus(TextChoices):
    INIT = "DELIVERY_INIT", _("Created at the carrier")
    TEAM_ASSIGNED = "DELIVERY_TEAM_ASSIGNED", _("Team assigned")
    PICK_UP_STARTED = "DELIVERY_PICK_UP_STARTED", _("On the way to pick up")
    PICK_UP_REACHED = "DELIVERY_PICK_UP_REACHED", _("At the pick-up location")
    PICK_UP_OK = "DELIVERY_PICK_UP_OK", _("Picked up")
    IN_TRANSIT = "DELIVERY_IN_TRANSIT", _("In transit")
    IN_PROGRESS = "DELIVERY_IN_PROGRESS", _("On the way to the customer")
    AT_DROP_OFF_LOCATION = "DELIVERY_AT_DROP_OFF_LOCATION", _("At the drop-off location")
    OK = "DELIVERY_OK", _("Delivered")
    WITH_CLAIM = "DELIVERY_WITH_CLAIM", _("Delivered with a claim")
    AVAILABLE = "DELIVERY_AVAILABLE", _("Waits at a pick-up point")
    REPLANNED = "DELIVERY_REPLANNED", _("Replanned")
    DELAYED = "DELIVERY_DELAYED", _("Delayed")
    BLOCKED = "DELIVERY_BLOCKED", _("Blocked")
    FAILED_WITH_RETRY = "DELIVERY_FAILED_WITH_RETRY", _("Failed, will be tried again")
    FAILED = "DELIVERY_FAILED", _("Failed")
    FAILED_WITH_RETURN = "DELIVERY_FAILED_WITH_RETURN", _("Failed, comes back")
    REFUSED = "DELIVERY_REFUSED", _("Refused by the customer")
    NOT_COLLECTED = "DELIVERY_NOT_COLLECTED", _("Not collected at the pick-up point")
    RETURNED_TO_SENDER = "DELIVERY_RETURNED_TO_SENDER", _("Returned to the sender")
    CANCELLED = "DELIVERY_CANCELLED", _("Cancelled")
    CLOSED = "DELIVERY_CLOSED", _("Closed")


S = DeliveryStatus

MAIN_WAY = (
    S.INIT,
    S.TEAM_ASSIGNED,
    S.PICK_UP_STARTED,
    S.PICK_UP_REACHED,
    S.PICK_UP_OK,
    S.IN_TRANSIT,
    S.IN_PROGRESS,
    S.AT_DROP_OFF_LOCATION,
    S.OK,
    S.WITH_CLAIM,
)
STEPS = MAIN_WAY[:8]  # INIT … AT_DROP_OFF_LOCATION
DISTURBED = (S.DELAYED, S.BLOCKED)
ENDED_BEFORE_TIME = (S.CANCELLED, S.CLOSED)

# The first status from which on the goods have left: it sets `picked_up_at`, once (D12).
PICKED_UP = frozenset(
    {S.PICK_UP_OK, S.IN_TRANSIT, S.IN_PROGRESS, S.AT_DROP_OFF_LOCATION, S.OK, S.WITH_CLAIM, S.AVAILABLE}
    | {S.NOT_COLLECTED, S.RETURNED_TO_SENDER}
)

# Nothing more is expected of these; all others are open.
ENDED = frozenset(
    {S.OK, S.WITH_CLAIM, S.CANCELLED, S.CLOSED, S.FAILED, S.FAILED_WITH_RETURN, S.REFUSED}
    | {S.NOT_COLLECTED, S.RETURNED_TO_SENDER}
)
OPEN = frozenset(S) - ENDED

# From → to, besides later steps of the main way.
_LEAVES = {
    STEPS: (
        *DISTURBED,
        *ENDED_BEFORE_TIME,
        S.FAILED_WITH_RETRY,
        S.FAILED,
        S.FAILED_WITH_RETURN,
        S.REFUSED,
    ),
    STEPS[:4]: (S.REPLANNED,),
    (*STEPS[:5], S.REPLANNED): (S.AVAILABLE, S.RETURNED_TO_SENDER),  # polls see only some of the steps
    STEPS[4:]: (S.AVAILABLE, S.RETURNED_TO_SENDER),
    (S.AVAILABLE,): (
        S.OK,
        S.WITH_CLAIM,
        S.NOT_COLLECTED,
        S.REFUSED,
        S.FAILED_WITH_RETURN,
        S.BLOCKED,
        *ENDED_BEFORE_TIME,
        S.REPLANNED,
        S.RETURNED_TO_SENDER,
    ),
    (S.FAILED_WITH_RETRY,): (
        *MAIN_WAY[2:8],
        S.AVAILABLE,
        S.OK,
        S.WITH_CLAIM,
        S.REPLANNED,
        S.FAILED,
        S.FAILED_WITH_RETURN,
        S.REFUSED,
        S.RETURNED_TO_SENDER,
        *DISTURBED,
        *ENDED_BEFORE_TIME,
    ),
    (S.REPLANNED,): (
        *MAIN_WAY,
        S.FAILED_WITH_RETRY,
        S.FAILED,
        S.FAILED_WITH_RETURN,
        S.REFUSED,
        *DISTURBED,
        *ENDED_BEFORE_TIME,
    ),
    DISTURBED: tuple(S),
    (S.FAILED_WITH_RETURN, S.REFUSED, S.NOT_COLLECTED, S.FAILED): (S.RETURNED_TO_SENDER, S.CLOSED),
    (S.RETURNED_TO_SENDER,): (S.CLOSED,),
    (S.OK,): (S.WITH_CLAIM,),
}


HAS_SEVERAL_DROPOFFS = Condition(
    "single_dropoff",
    _("This delivery has one drop-off only."),
    lambda delivery: bool(delivery.dropoff_count > 1),
)


def _moves() -> tuple[Move, ...]:
    sources: dict[DeliveryStatus, set[DeliveryStatus]] = {target: set() for target in S}
    for index, step in enumerate(MAIN_WAY):
        for later in MAIN_WAY[index + 1 :]:
            sources[later].add(step)
    for froms, targets in _LEAVES.items():
        for target in targets:
            sources[target] |= set(froms) - {target}
    moves = [Move(target, tuple(s for s in S if s in sources[target])) for target in S]
    moves.append(Move(S.IN_PROGRESS, (S.AT_DROP_OFF_LOCATION,), (HAS_SEVERAL_DROPOFFS,)))
    moves += [Move(target, (S.CANCELLED,), needs_reason=True) for target in DISTURBED]
    return tuple(move for move in moves if move.sources)


DELIVERY_MOVES = _moves()

# Order.delivery_status ← Delivery.status (seed 000).
ORDER_STATUS = MappingProxyType(
    {
        **dict.fromkeys((S.INIT, S.REPLANNED), D.TO_DELIVER),
        **dict.fromkeys(
            (
                S.TEAM_ASSIGNED,
                S.PICK_UP_STARTED,
                S.PICK_UP_REACHED,
                S.PICK_UP_OK,
                S.IN_TRANSIT,
                S.IN_PROGRESS,
                S.AT_DROP_OFF_LOCATION,
                S.AVAILABLE,
                S.FAILED_WITH_RETRY,
                S.DELAYED,
                S.BLOCKED,
            ),
            D.BEING_DELIVERED,
        ),
        **dict.fromkeys((S.OK, S.WITH_CLAIM), D.DELIVERED),
        **dict.fromkeys(
            (
                S.RETURNED_TO_SENDER,
                S.CANCELLED,
                S.CLOSED,
                S.FAILED,
                S.FAILED_WITH_RETURN,
                S.REFUSED,
                S.NOT_COLLECTED,
            ),
            D.DELIVERY_UNCOMPLETED,
        ),
    }
)

# Delivery.status → Package.status, for carriers without a table of their own.
PACKAGE_STATUS = MappingProxyType(
    {
        S.PICK_UP_OK: PackageStatus.SENT,
        S.IN_TRANSIT: PackageStatus.SENT,
        S.IN_PROGRESS: PackageStatus.SENT,
        S.AT_DROP_OFF_LOCATION: PackageStatus.SENT,
        S.AVAILABLE: PackageStatus.RECEIVED,
        S.OK: PackageStatus.RECEIVED,
        S.WITH_CLAIM: PackageStatus.RECEIVED,
        S.RETURNED_TO_SENDER: PackageStatus.UNKNOWN,
    }
)

# Deliveries move by what people, clients and carriers say, and with a cancelled order (D12).
MAY_SET: dict[tuple[str, str], dict[Source, frozenset[DeliveryStatus]]] = {
    ("delivery", "status"): {
        **dict.fromkeys((*DECIDING, *sorted(CARRIERS)), frozenset(S)),
        Source.CASCADE: frozenset({S.CANCELLED}),
    }
}

# The flat word for each pair of the newer form; all other words stand alone (D10).
PAIRS = MappingProxyType(
    {
        ("DELIVERY_OK", "WITH_CLAIM"): S.WITH_CLAIM,
        ("DELIVERY_KO", "FAILED_WITH_RETRY"): S.FAILED_WITH_RETRY,
        ("DELIVERY_KO", "FAILED_WITH_RETURN"): S.FAILED_WITH_RETURN,
        ("DELIVERY_KO", "REFUSED"): S.REFUSED,
        ("DELIVERY_KO", "NOT_COLLECTED"): S.NOT_COLLECTED,
        ("DELIVERY_PICK_UP_KO", "FAILED"): S.FAILED,
        ("DELIVERY_PICK_UP_KO", "FAILED_WITH_RETRY"): S.FAILED_WITH_RETRY,
        ("DELIVERY_CANCELLED", "CLOSED"): S.CLOSED,
    }
)

# Older words → (our word, what a person should know about it).
LEGACY = MappingProxyType(
    {
        "DELIVERY_STARTED": (S.PICK_UP_STARTED, ""),
        "DELIVERY_DELIVERED_OK": (S.OK, ""),
        "DELIVERY_DELIVERED_WITH_CLAIM": (S.WITH_CLAIM, ""),
        "DELIVERY_DELIVERED_PARTIALLY": (S.WITH_CLAIM, "delivered_partially"),
        "DELIVERY_PICK_UP_FAILED": (S.FAILED, ""),
        "DELIVERY_PICK_UP_PARTIALLY": (S.PICK_UP_OK, "picked_up_partially"),
        "DELIVERY_CANCELLED_WITH_RETURN": (S.FAILED_WITH_RETURN, ""),
        "DELIVERY_RETURNED_TO_PICK_UP": (S.RETURNED_TO_SENDER, ""),
        "DELIVERY_AT_DROP_OF_LOCATION": (S.AT_DROP_OFF_LOCATION, ""),
        "DELIVERY_KO": (S.FAILED_WITH_RETRY, "reason_missing"),
        "DELIVERY_PICK_UP_KO": (S.FAILED_WITH_RETRY, "reason_missing"),
    }
)

_PAIR_OF = {flat: pair for pair, flat in PAIRS.items() if pair[0] != "DELIVERY_PICK_UP_KO"}


def pair_of(status: str) -> tuple[str, str | None]:
    """Return the pair form of a flat word: (status, sub-status or None)."""
    flat = S(status)
    if flat is S.FAILED:
        return ("DELIVERY_PICK_UP_KO", "FAILED")
    return _PAIR_OF.get(flat, (flat.value, None))


def read_status(status: str, sub_status: str = "") -> tuple[DeliveryStatus, str] | None:
    """Read any accepted spelling: (our word, alert code or ""), None when it is not known (D10)."""
    word, sub = status.strip().upper(), sub_status.strip().upper()
    if sub:
        flat = PAIRS.get((word, sub)) or (S(word) if word in S and pair_of(word) == (word, sub) else None)
        return (flat, "") if flat else None
    if word in S:
        return S(word), ""
    return LEGACY.get(word)


def derive_order_status(statuses: list[DeliveryStatus]) -> D | None:
    """Return Order.delivery_status for the deliveries that were not replaced, None without any (D7)."""
    counting = [s for s in statuses if s not in ENDED_BEFORE_TIME] or statuses
    words = {ORDER_STATUS[status] for status in counting}
    if not words:
        return None
    for winner in (D.BEING_DELIVERED, D.TO_DELIVER):
        if winner in words:
            return winner
    return D.DELIVERED if words == {D.DELIVERED} else D.DELIVERY_UNCOMPLETED
