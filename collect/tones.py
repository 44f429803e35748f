"""The colours of collect statuses."""

from collect.statuses import INTERRUPTED
from collect.statuses import CollectStatus as S
from woop.kinds import colour

colour(
    "collect",
    "status",
    {
        S.INIT: "idle",
        S.STOCK_OK: "busy",
        S.STARTED: "busy",
        S.READY: "ready",
        S.AWAITING: "warn",
        S.IN_PROGRESS: "moving",
        S.PICK_UP_OK: "good",
        S.PICK_UP_FAILED: "bad",
        S.PICK_UP_PARTIALLY: "good",
        S.CANCELLED: "off",
        **dict.fromkeys(INTERRUPTED, "warn"),
        S.REPLANNED: "busy",
    },
)
