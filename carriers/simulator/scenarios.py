"""How a parcel's life goes. A marker decides; without one it is delivered without trouble.

The marker is a word in the order number, the reference or the comment, set off by anything that is no
letter ("1042-late"), or the last two letters of the postal code. Seconds count from the status before,
at speed 1: an untroubled parcel arrives after about two minutes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    after_s: float
    status: str


@dataclass(frozen=True, slots=True)
class Scenario:
    meaning: str
    veloyd: tuple[Step, ...]
    sendcloud: tuple[Step, ...]


def _steps(life: str) -> tuple[Step, ...]:
    """Read a life written as `seconds:status seconds:status …`."""
    return tuple(Step(float(after), status) for after, status in (step.split(":") for step in life.split()))


def _scenario(meaning: str, veloyd: str, sendcloud: str) -> Scenario:
    return Scenario(meaning, _steps(veloyd), _steps(sendcloud))


# Veloyd's own application prints the label here; Woop does not ask for it yet.
V_START = "0:1 8:2 15:3"
S_START = "0:1000 5:1 15:22 10:3"
S_SORTED = f"{S_START} 10:7 10:5"

DEFAULT = "ok"
SCENARIOS: dict[str, Scenario] = {
    "ok": _scenario("delivered", f"{V_START} 20:4 60:7", f"{S_SORTED} 15:91 15:92 25:11"),
    "late": _scenario("late, then delivered", f"{V_START} 20:4 180:7", f"{S_SORTED} 20:4 120:91 20:92 25:11"),
    "manco": _scenario("missing; never seen again", f"{V_START} 20:4 20:5", f"{S_START} 15:62996 60:80"),
    "found": _scenario("missing, then delivered", f"{V_START} 20:5 60:7", f"{S_START} 15:62996 60:92 20:11"),
    "unknown": _scenario(
        "asks to look elsewhere, then delivered",
        f"{V_START} 20:4 15:10 90:7",
        f"{S_SORTED} 15:1337 90:11",
    ),
    "alien": _scenario(
        "a code that nobody knows, then delivered",
        f"{V_START} 20:4 15:42 90:7",
        f"{S_SORTED} 15:70042 90:11",
    ),
    "returned": _scenario(
        "refused and returned", f"{V_START} 20:4 45:8", f"{S_SORTED} 15:92 20:62991 40:62992"
    ),
    "pickup": _scenario(
        "collected at a pick-up point", f"{V_START} 20:4 20:6 60:7", f"{S_SORTED} 15:12 60:93"
    ),
    "uncollected": _scenario(
        "waits at a pick-up point, then returned", f"{V_START} 20:4 20:6 60:8", f"{S_SORTED} 15:12 60:62992"
    ),
    "retry": _scenario(
        "delivered at the second attempt",
        f"{V_START} 20:4 30:10 15:4 45:7",
        f"{S_SORTED} 15:92 20:8 40:92 25:11",
    ),
    "lost": _scenario("cannot be delivered", f"{V_START} 20:4 30:5", f"{S_SORTED} 15:92 20:80"),
    "customs": _scenario("held at customs", f"{V_START} 20:4 60:7", f"{S_START} 15:62989 60:91 15:92 25:11"),
    "dropped": _scenario("cancelled by the carrier", "0:1 8:2 20:9", "0:1000 5:1 20:1998"),
    "unannounced": _scenario("the announcement fails", "0:1", "0:1002"),
    "stuck": _scenario("never moves again", "0:1 8:2 15:3", S_START),
    "flood": _scenario("tells everything at once", "0:1 0:2 0:3 0:4 0:7", "0:1000 0:1 0:22 0:3 0:92 0:11"),
}

POSTAL_MARKERS: dict[str, str] = {
    "LT": "late",
    "MC": "manco",
    "FD": "found",
    "UK": "unknown",
    "AL": "alien",
    "RT": "returned",
    "PU": "pickup",
    "UC": "uncollected",
    "RY": "retry",
    "LS": "lost",
    "CU": "customs",
    "DR": "dropped",
    "UA": "unannounced",
    "ST": "stuck",
}


def choose(texts: Iterable[str], postal_code: str) -> str:
    """Return the name of the scenario that the marker asks for."""
    for text in texts:
        for word in re.split(r"[^a-z]+", text.lower()):
            if word in SCENARIOS:
                return word
    return POSTAL_MARKERS.get(postal_code.strip().upper()[-2:], DEFAULT)
