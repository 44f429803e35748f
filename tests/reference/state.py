"""One order and everything below it, as plain rows."""

import copy
from dataclasses import dataclass, field

from tests.reference import statuses as s
from tests.reference.links import CAP, LINE_WORTH, PACKAGE_WORTH


@dataclass
class Line:
    id: int
    package: int
    quantity: int = 1
    status: int = 0
    floor: int = 0
    orderline: int = 1


@dataclass
class Package:
    id: int
    type: str = "homedelivery"
    status: int = 0
    floor: int = 0


@dataclass
class Delivery:
    id: int
    packages: list
    status: str = s.INIT
    carrier: str = "manual"
    several_drop_offs: bool = False
    picked_up: bool = False
    replaced: bool = False
    earlier: list = field(default_factory=list)  # packages that went on with another delivery
    cancel_requested: bool = False  # we asked the carrier to cancel (D12, D13)
    confirms_cancel: bool = False  # its carrier answers a cancellation later
    clock: float | None = None  # time of the last applied carrier event
    seen: set = field(default_factory=set)
    waiting: list = field(default_factory=list)  # forbidden messages, kept to be tried again


@dataclass
class Collect:
    id: int
    packages: list
    status: str = "COLLECT_INIT"
    interrupted: str = ""
    follows: int | None = None


@dataclass
class Order:
    status: int = 5
    floor: int = 5
    delivery_status: str = ""
    acceptance: str = "not_required"
    deadline: float | None = None
    id: int = 1


@dataclass
class State:
    order: Order = field(default_factory=Order)
    packages: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    deliveries: dict = field(default_factory=dict)
    collects: dict = field(default_factory=dict)
    done_when: str = "sent"

    def copy(self):
        return copy.deepcopy(self)

    def get(self, kind, pk):
        if kind == "order":
            return self.order
        table = {
            "package": self.packages,
            "line": self.lines,
            "delivery": self.deliveries,
            "collect": self.collects,
        }
        return table[kind][pk]

    def lines_of(self, package):
        return [line for line in self.lines.values() if line.package == package]

    def quantities(self):
        """Answer the sum of each order line over its rows; no move and no split may ever change it (D6)."""
        total = {}
        for line in self.lines.values():
            total[line.orderline] = total.get(line.orderline, 0) + line.quantity
        return total


@dataclass(frozen=True)
class Move:
    kind: str
    id: int
    field: str
    old: object
    new: object
    source: str
    cause: int | None  # index of the move that caused this one


@dataclass(frozen=True)
class Kept:
    kind: str
    id: int
    code: str


@dataclass
class Result:
    """What one request did: `refused` holds every family of reasons that speaks against it."""

    state: State
    moved: list = field(default_factory=list)
    kept: list = field(default_factory=list)
    refused: frozenset = frozenset()

    def events(self):
        """Answer the moves without their order: what happened, and to which move each one answers."""
        return {
            (m.kind, m.id, m.field, m.old, m.new, m.source, None if m.cause is None else self._about(m.cause))
            for m in self.moved
        }

    def _about(self, index):
        move = self.moved[index]
        return (move.kind, move.id, move.field)


def roll_up_package(package, lines):
    """Answer the status that a package's lines give it; its present one where they give none."""
    if lines and all(line.status == s.CANCELLED for line in lines):
        return s.CANCELLED
    worth = [LINE_WORTH[line.status] for line in lines if line.status not in (s.ERROR, s.CANCELLED)]
    if not worth or package.status in (s.ERROR, s.CANCELLED):
        return package.status
    begun = 1 if any(worth) else 0
    return max(package.status, begun, min(worth))


def roll_up_order(state):
    """Answer the status that the packages give the order; its present one where they give none."""
    order, packages = state.order, list(state.packages.values())
    if packages and all(p.status == s.CANCELLED for p in packages):
        return s.CANCELLED
    counting = [p.status for p in packages if p.status not in (5, s.ERROR, s.CANCELLED)]
    if not counting or order.status in (s.ERROR, s.CANCELLED):
        return order.status
    worth = [PACKAGE_WORTH[state.done_when][status] for status in counting]
    target = max(7 if any(counting) else 5, min(worth))
    capped = any(p.status in (5, s.ERROR) for p in packages)
    capped = capped or any(line.status == s.ERROR for line in state.lines.values())
    return max(order.status, min(target, CAP) if capped else target)
