"""The colours of what became of a carrier's message."""

from carriers.statuses import State
from woop.kinds import colour

colour(
    "message",
    "state",
    {
        State.APPLIED: "good",
        State.NO_CHANGE: "idle",
        State.DUPLICATE: "off",
        State.LATE: "warn",
        State.FORBIDDEN: "warn",
        State.UNKNOWN: "bad",
        State.FAILED: "bad",
        State.IGNORED: "off",
    },
)
