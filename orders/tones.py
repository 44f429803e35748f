"""The colours of the statuses of orders, packages and lines."""

from orders.statuses import FAILURES, HELD_LINES, Acceptance, LineStatus, OrderStatus, PackageStatus
from orders.statuses import DeliveryStatusOfOrder as D
from woop.kinds import colour

OS, PS, LS = OrderStatus, PackageStatus, LineStatus

colour(
    "order",
    "status",
    {
        OS.CONFIRMED: "idle",
        OS.PROCESSING: "busy",
        OS.PROCESSED: "ready",
        OS.DONE: "good",
        OS.ERROR: "bad",
        OS.CANCELLED: "off",
    },
)
colour(
    "package",
    "status",
    {
        PS.CONFIRMED: "idle",
        PS.PROCESSING: "busy",
        PS.PROCESSED: "ready",
        PS.SENT: "moving",
        PS.RECEIVED: "good",
        PS.UNKNOWN: "warn",
        PS.ERROR: "bad",
        PS.CANCELLED: "off",
    },
)
colour(
    "line",
    "status",
    {
        LS.CONFIRMED: "idle",
        LS.PROCESSING: "busy",
        **dict.fromkeys(HELD_LINES, "warn"),
        LS.READY_TO_SHIP: "ready",
        LS.READY_TO_COLLECT: "ready",
        LS.SHIPPED: "moving",
        LS.RECEIVED: "good",
        LS.UNKNOWN: "warn",
        LS.ERROR: "bad",
        LS.CANCELLED: "off",
    },
)
colour(
    "order",
    "delivery_status",
    {
        D.TO_BE_COMPLETED: "warn",
        D.TO_BE_QUOTED: "busy",
        D.QUOTED: "busy",
        D.QUOTE_TO_BE_CONFIRMED: "warn",
        D.TO_BE_SENT_TO_CARRIER: "busy",
        **dict.fromkeys(FAILURES, "bad"),
        D.TO_DELIVER: "ready",
        D.BEING_DELIVERED: "moving",
        D.DELIVERED: "good",
        D.DELIVERY_UNCOMPLETED: "bad",
        D.CANCELLED: "off",
    },
)
colour(
    "order",
    "acceptance",
    {
        Acceptance.PENDING: "warn",
        Acceptance.ACCEPTED: "good",
        Acceptance.CANCELLED_MANUALLY: "off",
        Acceptance.TIME_EXPIRED: "off",
    },
)
