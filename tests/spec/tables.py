"""Every cell of every table as data: what is there, who asks for what, and what must speak against it.

A case is one row of a table: `families` is empty where the move is legal (or nothing happens), else it
holds every reason that may be given; the product has to name one of them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.reference import links
from tests.reference import statuses as s
from tests.reference.model import Ask
from tests.reference.rules import objections
from tests.reference.state import Collect, Delivery, Line, Order, Package, State


@dataclass(frozen=True)
class Case:
    kind: str
    field: str
    present: object
    to: object
    source: str
    families: frozenset
    override: bool = False
    reason: str = ""
    interrupted: str = ""
    several_drop_offs: bool = False
    is_late: bool = False

    @property
    def row(self):
        """What the row is like that this case is about."""
        return self.kind, self.field, self.present, self.interrupted, self.several_drop_offs, self.is_late

    def __str__(self):
        extra = "+override" if self.override else ""
        inner = f"({self.interrupted})" if self.interrupted else ""
        return f"{self.kind}.{self.field} {self.present}{inner} -> {self.to} by {self.source}{extra}"


HOUR = timedelta(hours=1)


def alone(kind, field, present, interrupted="", several_drop_offs=False, is_late=False):
    """Build the smallest order in which one row has this status and nothing else gets in the way."""
    state = State(order=Order(delivery_status="ORDER_CREATED"))
    state.packages[1], state.lines[1] = Package(1), Line(1, 1, 2)
    if kind == "delivery":
        state.deliveries[1] = Delivery(1, [1], several_drop_offs=several_drop_offs)
    if kind == "collect":
        state.packages[1].type = "collect"
        state.collects[1] = Collect(1, [1], interrupted=interrupted)
    if field == "acceptance":
        state.order.deadline = datetime.now(UTC) + (-HOUR if is_late else HOUR)
    row = state.get(kind, 1)
    setattr(row, field, present)
    if kind in s.FULFILMENT and field == "status":
        row.floor = present if present < s.ERROR else s.CONFIRMED[kind]
    return state


def _case(kind, field, present, to, source, **more):
    how = {key: more[key] for key in ("override", "reason") if key in more}
    world = {key: more[key] for key in ("interrupted", "several_drop_offs", "is_late") if key in more}
    ask = Ask(kind, 1, to, source, field, now=datetime.now(UTC), handed=((1, 1),), **how)
    families = objections(alone(kind, field, present, **world), ask)
    return Case(kind, field, present, to, source, families, **how, **world)


def fulfilment(kind):
    """Every status x every target x every source; people also with the override, and 98 without a reason."""
    cases = []
    for present in s.FULFILMENT[kind]:
        for to in s.FULFILMENT[kind]:
            cases += [_case(kind, "status", present, to, source, reason="r") for source in links.SOURCES]
            cases += [
                _case(kind, "status", present, to, source, reason="r", override=True)
                for source in (*links.PEOPLE, "veloyd", "ML")
            ]
            cases += [_case(kind, "status", present, to, source) for source in links.PEOPLE]
            cases += [_case(kind, "status", present, to, source, override=True) for source in links.PEOPLE]
    return cases


def delivery():
    cases = []
    for present in s.DELIVERY:
        for to in s.DELIVERY:
            for source in (*links.PEOPLE, "veloyd", "sendcloud", "manual", "ML", "timer", "customer"):
                cases.append(_case("delivery", "status", present, to, source, reason="r"))
            cases.append(_case("delivery", "status", present, to, "BO"))
            cases.append(_case("delivery", "status", present, to, "BO", reason="r", override=True))
            cases.append(
                _case("delivery", "status", present, to, "manual", reason="r", several_drop_offs=True)
            )
    return cases


def collect():
    cases = []
    for present in s.COLLECT:
        for interrupted in sorted(interruptible()) if present in s.INTERRUPTIONS else ("",):
            for to in s.COLLECT:
                cases += [
                    _case("collect", "status", present, to, source, interrupted=interrupted)
                    for source in (*links.PEOPLE, "customer", "timer", "ML", "veloyd", "marketplace")
                ]
    return cases


def interruptible():
    return {present for present, targets in s.COLLECT_MOVES.items() if targets & s.INTERRUPTIONS}


def delivery_status():
    return [
        _case("order", "delivery_status", present, to, source)
        for present in s.DELIVERY_STATUS
        for to in s.DELIVERY_STATUS
        for source in (*links.PEOPLE, "delivery", "ML", "customer")
    ]


def acceptance():
    return [
        _case("order", "acceptance", present, to, source, is_late=is_late)
        for is_late in (False, True)
        for present in s.ACCEPTANCE
        for to in s.ACCEPTANCE
        for source in ("BO", "api", "marketplace", "timer", "ML", "veloyd")
    ]
