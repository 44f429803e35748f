"""The colours of delivery statuses."""

from deliveries.statuses import DISTURBED, ENDED_BEFORE_TIME, MAIN_WAY
from deliveries.statuses import DeliveryStatus as S
from woop.kinds import colour

colour(
    "delivery",
    "status",
    {
        S.INIT: "idle",
        **dict.fromkeys(MAIN_WAY[1:4], "busy"),
        **dict.fromkeys(MAIN_WAY[4:8], "moving"),
        S.OK: "good",
        S.WITH_CLAIM: "warn",
        S.AVAILABLE: "ready",
        S.REPLANNED: "busy",
        **dict.fromkeys(DISTURBED, "warn"),
        S.FAILED_WITH_RETRY: "warn",
        **dict.fromkeys((S.FAILED, S.FAILED_WITH_RETURN, S.REFUSED, S.NOT_COLLECTED), "bad"),
        S.RETURNED_TO_SENDER: "bad",
        **dict.fromkeys(ENDED_BEFORE_TIME, "off"),
    },
)
