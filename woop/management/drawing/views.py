"""How each machine is drawn: the boxes and parts that make it readable."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from collect.models import Collect
from collect.statuses import CollectStatus as C
from deliveries.models import Delivery
from deliveries.statuses import DISTURBED, MAIN_WAY, STEPS
from deliveries.statuses import DeliveryStatus as S
from orders.models import Order, OrderlineToPackage, Package
from orders.statuses import DERIVED, FAILURES, Acceptance, LineStatus, OrderStatus, PackageStatus
from orders.statuses import DeliveryStatusOfOrder as D
from woop.management.drawing.diagrams import Group, View


@dataclass(frozen=True)
class Machine:
    title: str
    model: type[models.Model]
    field: str
    text: str
    views: tuple[View, ...]
    start: Any


def scale(statuses: Any, direction: str = "LR") -> tuple[View, ...]:
    regular = tuple(status for status in statuses if status < 98)
    box = Group("scale", "the scale: any later status may be set directly", regular)
    return (View("", chain=regular, groups=(box,), direction=direction),)


TROUBLE = Group(
    "trouble",
    "trouble",
    (S.FAILED_WITH_RETRY, S.FAILED, S.FAILED_WITH_RETURN, S.REFUSED, *DISTURBED, S.CANCELLED, S.CLOSED),
)
WAY = Group("way", "on its way", STEPS)
STUCK = Group(
    "stuck", "given up or stuck", (S.FAILED_WITH_RETURN, S.REFUSED, S.BLOCKED, S.CANCELLED, S.CLOSED)
)
FAILING = Group("failing", "failed or delayed", (S.FAILED, S.DELAYED))
LATER = Group("later", "on its way again", MAIN_WAY[2:8])
DONE = Group("done", "arrived", (S.OK, S.WITH_CLAIM))
OTHERS = tuple(status for status in S if status not in DISTURBED)
ANYTHING = Group("anything", "every other status", OTHERS, is_folded=True)
BEFORE = (D.CREATED, D.UPDATED, D.TO_BE_COMPLETED, D.TO_BE_QUOTED, D.QUOTED, D.QUOTE_TO_BE_CONFIRMED)
INTERRUPTIONS = Group("interrupted", "interrupted", (C.DELAYED, C.BLOCKED))
GOING_ON = tuple(status for status in C if status not in INTERRUPTIONS.members)

MACHINES = (
    Machine(
        "Order.status",
        Order,
        "status",
        "Fulfilment. The number is the rank: a status is never set below the present one. 98 lies beside"
        " the scale, and only an override leads back to it, not below where the order had been.",
        scale(OrderStatus),
        OrderStatus.CONFIRMED,
    ),
    Machine(
        "Package.status",
        Package,
        "status",
        "The same rules, one floor down.",
        scale(PackageStatus),
        PackageStatus.CONFIRMED,
    ),
    Machine(
        "OrderlineToPackage.status",
        OrderlineToPackage,
        "status",
        "A quantity of one order line in one package; the API calls it a line. 14, 16 and 18 wait for a"
        " supplier.",
        scale(LineStatus, "TB"),
        LineStatus.CONFIRMED,
    ),
    Machine(
        "Order.acceptance",
        Order,
        "acceptance",
        "The gate of orders that a store must accept within five minutes. Orders that need nobody's"
        " acceptance are `not_required` from the start and for ever.",
        (View(""),),
        Acceptance.PENDING,
    ),
    Machine(
        "Order.delivery_status",
        Order,
        "delivery_status",
        "How an order with a home delivery finds its carrier, and what its deliveries come to.",
        (
            View(
                "Until a delivery exists",
                "Every one of these may also be left for `ORDER_TO_DELIVER`, by making the delivery by hand.",
                sources=tuple(s for s in D if s not in (*DERIVED, D.CANCELLED)),
                groups=(
                    Group("search", "looking for a carrier", BEFORE),
                    Group("failures", "no carrier", FAILURES),
                ),
            ),
            View(
                "Derived from the deliveries",
                sources=DERIVED,
                groups=(Group("derived", "follows from the deliveries", DERIVED),),
            ),
        ),
        D.CREATED,
    ),
    Machine(
        "Delivery.status",
        Delivery,
        "status",
        "One transport. Carriers report only some of the steps, so any later one is legal. The arrows are"
        " drawn in parts; the table below has them all.",
        (
            View(
                "The main way, and what leads off it",
                sources=(*STEPS, S.OK),
                chain=MAIN_WAY,
                groups=(WAY, TROUBLE),
                direction="TB",
            ),
            View(
                "A pick-up point, another try, another day",
                sources=(S.AVAILABLE, S.FAILED_WITH_RETRY, S.REPLANNED),
                groups=(LATER, DONE, STUCK, FAILING),
            ),
            View(
                "Endings",
                sources=(
                    S.FAILED,
                    S.FAILED_WITH_RETURN,
                    S.REFUSED,
                    S.NOT_COLLECTED,
                    S.RETURNED_TO_SENDER,
                    S.CANCELLED,
                ),
            ),
            View(
                "Delayed and blocked",
                sources=DISTURBED,
                groups=(Group("disturbed", "disturbed", DISTURBED), ANYTHING),
            ),
        ),
        S.INIT,
    ),
    Machine(
        "Collect.status",
        Collect,
        "status",
        "Click & collect. A collect starts at INIT, at STARTED (a slot was booked with the order) or, after"
        " a partial hand-over, at REPLANNED.",
        (
            View("The visit", sources=GOING_ON, groups=(INTERRUPTIONS,)),
            View(
                "After an interruption",
                "What was interrupted is remembered: it goes on there, or with whatever may follow it.",
                sources=INTERRUPTIONS.members,
                groups=(INTERRUPTIONS, Group("going_on", "every other status", GOING_ON, is_folded=True)),
            ),
        ),
        C.INIT,
    ),
)
