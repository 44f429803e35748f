"""Fulfilment statuses of orders, packages and lines, who may set them, and acceptance.

The numbers are those of the book retailer's back office (seed 002): the number is the rank, and a
status is never set below the existing one. Delivery words of the order are the delivery platform's
(seed 000), acceptance the marketplace's (seed 004).
"""

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from woop.machines import OVERRIDE, Condition, Move
from woop.sources import DECIDING, Source


class OrderStatus(IntegerChoices):
    CONFIRMED = 5, _("Confirmed")  # bought; nothing has begun
    PROCESSING = 7, _("Processing")  # somebody works on it
    PROCESSED = 8, _("Processed")  # everything is packed
    DONE = 10, _("Done")  # sent or received, as the shop counts (D2)
    ERROR = 98, _("Error")  # not on the scale: a person must look (D1)
    CANCELLED = 99, _("Cancelled")  # final


class PackageStatus(IntegerChoices):
    CONFIRMED = 0, _("Confirmed")
    PROCESSING = 1, _("Processing")
    PROCESSED = 2, _("Processed")  # packed, waits for its carrier or its customer
    SENT = 3, _("Sent to customer")
    RECEIVED = 4, _("Received by customer")  # also: waits at a pick-up point
    UNKNOWN = 5, _("Unknown")  # went back to its sender
    ERROR = 98, _("Error")
    CANCELLED = 99, _("Cancelled")


class LineStatus(IntegerChoices):
    CONFIRMED = 0, _("Confirmed")
    PROCESSING = 10, _("Processing")
    SUPPLIER_ORDER = 14, _("Supplier order")  # ordered at the supplier
    PARTIALLY_RECEIVED = 16, _("Partially received")  # the supplier sent a part
    NOT_AVAILABLE = 18, _("Not available")  # the supplier has none
    READY_TO_SHIP = 20, _("Ready to ship")
    READY_TO_COLLECT = 22, _("Ready to collect")
    SHIPPED = 30, _("Shipped")
    RECEIVED = 40, _("Received by customer")
    UNKNOWN = 50, _("Unknown")
    ERROR = 98, _("Error")
    CANCELLED = 99, _("Cancelled")


class DeliveryStatusOfOrder(TextChoices):
    CREATED = "ORDER_CREATED", _("Recorded")
    UPDATED = "ORDER_UPDATED", _("Changed")
    TO_BE_COMPLETED = "ORDER_TO_BE_COMPLETED", _("Data missing")
    TO_BE_QUOTED = "ORDER_TO_BE_QUOTED", _("Quotes requested")
    QUOTED = "ORDER_QUOTED", _("Quotes compared")
    QUOTE_TO_BE_CONFIRMED = "ORDER_QUOTE_TO_BE_CONFIRMED", _("Quote waits for confirmation")
    TO_BE_SENT_TO_CARRIER = "ORDER_TO_BE_SENT_TO_CARRIER", _("Sent to the carrier")
    WITH_NO_CARRIER_ELIGIBLE = "ORDER_WITH_NO_CARRIER_ELIGIBLE", _("No carrier fits")
    WITH_NO_QUOTE = "ORDER_WITH_NO_QUOTE", _("No carrier answered")
    WITH_NO_CARRIER_AVAILABLE = "ORDER_WITH_NO_CARRIER_AVAILABLE", _("No carrier available")
    REFUSED_DELIVERY = "ORDER_REFUSED_DELIVERY", _("Refused by the carrier")
    TO_DELIVER = "ORDER_TO_DELIVER", _("To deliver")
    BEING_DELIVERED = "ORDER_BEING_DELIVERED", _("Being delivered")
    DELIVERED = "ORDER_DELIVERED", _("Delivered")
    DELIVERY_UNCOMPLETED = "ORDER_DELIVERY_UNCOMPLETED", _("Not delivered")
    CANCELLED = "ORDER_CANCELLED", _("Cancelled")


class Acceptance(TextChoices):
    NOT_REQUIRED = "not_required", _("Not required")
    PENDING = "pending", _("Waits for acceptance")
    ACCEPTED = "accepted", _("Accepted")
    CANCELLED_MANUALLY = "cancelled_manually", _("Rejected")
    TIME_EXPIRED = "time_expired", _("Time expired")


class PackageType(TextChoices):
    HOMEDELIVERY = "homedelivery", _("Home delivery")
    COLLECT = "collect", _("Click & collect")
    DIGITAL = "digital", _("Digital")


class Logistics(TextChoices):
    NONE = "", _("—")
    FLEX = "flex", _("Own couriers (Flex)")
    DROPOFF = "dropoff", _("Logistics company (Dropoff)")


ERROR, CANCELLED = 98, 99

# Lines that wait for a supplier: they hold their package at Processing, and transport never moves them.
HELD_LINES = frozenset({LineStatus.SUPPLIER_ORDER, LineStatus.PARTIALLY_RECEIVED, LineStatus.NOT_AVAILABLE})

# Packages that left the house (D4).
LEFT_PACKAGES = frozenset({PackageStatus.SENT, PackageStatus.RECEIVED, PackageStatus.UNKNOWN})

FINAL_ORDERS = frozenset({OrderStatus.DONE, OrderStatus.CANCELLED})


# --- legal moves -----------------------------------------------------------------------------------


# While acceptance is pending nothing may begin.
IS_NOT_WAITING = Condition(
    "acceptance_pending",
    _("The order waits for its acceptance."),
    lambda order: bool(order.acceptance != Acceptance.PENDING),
)


def reaches_floor(target: int) -> Condition:
    """Return the condition that a row in error had come no further than the target (D1)."""
    detail = _("It had already come further before the error.")
    return Condition("below_floor", detail, lambda row: bool(row.floor <= target))


def scale(statuses: type[IntEnum], *, gate: tuple[Condition, ...] = ()) -> tuple[Move, ...]:
    """Return the moves of a fulfilment scale: upwards only, 98 from anywhere, 99 final, D1 out of 98."""
    regular = sorted(status for status in statuses if status < ERROR)
    moves = [Move(target, tuple(s for s in regular if s < target), gate) for target in regular[1:]]
    error, cancelled = statuses(ERROR), statuses(CANCELLED)
    moves += [Move(error, tuple(regular)), Move(cancelled, (*regular, error))]
    moves.append(Move(regular[0], (error,), (reaches_floor(regular[0]),), OVERRIDE))
    moves += [Move(target, (error,), (reaches_floor(target), *gate), OVERRIDE) for target in regular[1:]]
    return tuple(moves)


ORDER_MOVES = scale(OrderStatus, gate=(IS_NOT_WAITING,))
PACKAGE_MOVES = scale(PackageStatus)
LINE_MOVES = scale(LineStatus)

ACCEPTANCE_MOVES = (
    Move(Acceptance.ACCEPTED, (Acceptance.PENDING,)),
    Move(Acceptance.CANCELLED_MANUALLY, (Acceptance.PENDING,)),
    Move(Acceptance.TIME_EXPIRED, (Acceptance.PENDING,)),
)

D = DeliveryStatusOfOrder
FAILURES = (D.WITH_NO_CARRIER_ELIGIBLE, D.WITH_NO_QUOTE, D.WITH_NO_CARRIER_AVAILABLE, D.REFUSED_DELIVERY)
DERIVED = (D.TO_DELIVER, D.BEING_DELIVERED, D.DELIVERED, D.DELIVERY_UNCOMPLETED)
BEFORE_DELIVERY = tuple(status for status in D if status not in (*DERIVED, D.CANCELLED))

_FROM = {
    D.CREATED: (D.UPDATED, D.TO_BE_QUOTED, D.TO_BE_COMPLETED, D.WITH_NO_CARRIER_ELIGIBLE),
    D.UPDATED: (D.TO_BE_QUOTED, D.WITH_NO_CARRIER_ELIGIBLE),
    D.TO_BE_COMPLETED: (D.TO_BE_QUOTED, D.UPDATED, D.WITH_NO_CARRIER_ELIGIBLE),
    D.TO_BE_QUOTED: (
        D.QUOTED,
        D.UPDATED,
        D.WITH_NO_CARRIER_ELIGIBLE,
        D.WITH_NO_QUOTE,
        D.WITH_NO_CARRIER_AVAILABLE,
    ),
    D.QUOTED: (D.QUOTE_TO_BE_CONFIRMED, D.TO_BE_SENT_TO_CARRIER, D.WITH_NO_CARRIER_AVAILABLE, D.UPDATED),
    D.QUOTE_TO_BE_CONFIRMED: (D.TO_BE_SENT_TO_CARRIER, D.TO_BE_QUOTED, D.UPDATED),
    D.TO_BE_SENT_TO_CARRIER: (D.REFUSED_DELIVERY,),
    **dict.fromkeys(FAILURES, (D.TO_BE_QUOTED, D.UPDATED)),
    D.DELIVERY_UNCOMPLETED: (D.TO_BE_QUOTED, D.UPDATED),
}


def _delivery_status_moves() -> tuple[Move, ...]:
    """Turn the table around, then add what is derived from deliveries (D7) and cancellation."""
    moves = [
        Move(target, tuple(source for source, to in _FROM.items() if target in to))
        for target in BEFORE_DELIVERY
        if target is not D.CREATED
    ]
    moves.append(Move(D.TO_DELIVER, (*BEFORE_DELIVERY, *DERIVED[1:])))
    moves += [Move(t, tuple(s for s in DERIVED if s is not t)) for t in DERIVED if t is not D.TO_DELIVER]
    moves.append(Move(D.CANCELLED, (*BEFORE_DELIVERY, *DERIVED)))
    return tuple(moves)


DELIVERY_STATUS_MOVES = _delivery_status_moves()


# --- who may set what (the source matrix of seed 002) ----------------------------------------------

OS, PS, LS, S = OrderStatus, PackageStatus, LineStatus, Source
ASKED_FOR = frozenset({D.UPDATED, D.TO_BE_QUOTED, D.TO_BE_SENT_TO_CARRIER, D.CANCELLED})
DECISIONS = frozenset({Acceptance.ACCEPTED, Acceptance.CANCELLED_MANUALLY})
ANYTHING: Callable[[Iterable[Any]], frozenset[Any]] = frozenset

MAY_SET: dict[tuple[str, str], dict[Source, frozenset[Any]]] = {
    ("order", "status"): {
        S.BO: ANYTHING(OS),
        S.API: ANYTHING(OS),
        S.ML: frozenset({OS.CANCELLED}),
        S.ROLLUP: ANYTHING(OS) - {OS.ERROR},
        S.MARKETPLACE: frozenset({OS.CANCELLED}),
        S.TIMER: frozenset({OS.CANCELLED}),
    },
    ("package", "status"): {
        S.BO: ANYTHING(PS),
        S.API: ANYTHING(PS),
        S.ML: frozenset({PS.CANCELLED}),
        S.CB: frozenset({PS.PROCESSING, PS.SENT, PS.ERROR}),
        S.VELOYD: frozenset({PS.PROCESSED, PS.SENT, PS.RECEIVED, PS.UNKNOWN, PS.ERROR, PS.CANCELLED}),
        S.SENDCLOUD: frozenset({PS.PROCESSED, PS.SENT, PS.RECEIVED, PS.UNKNOWN, PS.ERROR, PS.CANCELLED}),
        S.DELIVERY: frozenset({PS.SENT, PS.RECEIVED, PS.UNKNOWN}),
        S.COLLECT: frozenset({PS.PROCESSING, PS.PROCESSED, PS.RECEIVED, PS.CANCELLED}),
        S.CASCADE: ANYTHING(PS) - {PS.ERROR},
        S.ROLLUP: ANYTHING(PS) - {PS.ERROR},
    },
    ("line", "status"): {
        S.BO: ANYTHING(LS),
        S.API: ANYTHING(LS),
        S.ML: HELD_LINES | {LS.CANCELLED},
        S.CB: frozenset({LS.SHIPPED, LS.ERROR}),
        S.EBOOKS: frozenset({LS.PROCESSING, LS.RECEIVED, LS.ERROR}),
        S.CASCADE: ANYTHING(LS) - {LS.ERROR},
    },
    ("order", "acceptance"): {
        **dict.fromkeys((*DECIDING, S.MARKETPLACE), DECISIONS),
        S.TIMER: frozenset({Acceptance.TIME_EXPIRED}),
    },
    # A person may ask for a new choice or say that data changed; the rest is worked out.
    ("order", "delivery_status"): {
        **dict.fromkeys(DECIDING, ASKED_FOR),
        S.DELIVERY: ANYTHING(D) - {D.CANCELLED},
        S.CASCADE: frozenset({D.CANCELLED}),
    },
}
