"""What one request does: `request` answers the new state, what moved, what was left and why.

A request moves one row, runs down (parents that moved pass on), follows the links between deliveries,
collects, acceptance and the order, and at the end rolls up what lies above every changed child.
"""

from dataclasses import dataclass

from tests.reference import links
from tests.reference import statuses as s
from tests.reference.handover import divide, split_off
from tests.reference.rules import is_open, objections, uncancellable
from tests.reference.state import Collect, Delivery, Kept, Move, Result, roll_up_order, roll_up_package


@dataclass(frozen=True)
class Ask:
    kind: str
    id: int
    to: object
    source: str = "BO"
    field: str = "status"
    override: bool = False
    reason: str = ""
    may_override: bool = True
    now: float | None = None
    package_to: int | None = None  # what the carrier's own table says about the package
    handed: tuple = ()  # D11: ((line, quantity), …)

    def present(self, state):
        return getattr(state.get(self.kind, self.id), self.field)


def request(state, kind, id, to, **how):
    """Answer what the door must do with this request; the given state stays as it is."""
    ask = Ask(kind, id, to, **how)
    refused = objections(state, ask)
    if refused or ask.present(state) == to:
        return Result(state, refused=refused)
    return Run(state.copy(), ask).whole()


def split(state, line_id, quantity, package="same", source="BO"):
    """Answer the state with one line as two (D6); the package that got a row follows its lines."""
    run = Run(state.copy(), Ask("line", line_id, None, source))
    row = divide(run.state, line_id, quantity, package)
    run.roll_up_package(row.package)
    run.roll_up_order()
    return Result(run.state, run.moved, run.kept)


def deliver(state, packages, carrier, source="BO"):
    """Answer the state with one more delivery, which takes its packages over from earlier ones (D7)."""
    run = Run(state.copy(), Ask("order", state.order.id, None, source))
    pk = max(run.state.deliveries, default=0) + 1
    for earlier in run.state.deliveries.values():
        taken = [package for package in earlier.packages if package in packages]
        earlier.packages = [package for package in earlier.packages if package not in taken]
        earlier.earlier += taken
        earlier.replaced = earlier.replaced or bool(taken and not earlier.packages)
    confirms = carrier in links.OWN_TABLE
    run.state.deliveries[pk] = Delivery(pk, list(packages), carrier=carrier, confirms_cancel=confirms)
    word = links.link_delivery_status(run.state.deliveries.values(), run.state.order.status)
    if word != run.state.order.delivery_status and _may_follow(run.state.order.delivery_status, word):
        run.move("order", state.order.id, "delivery_status", word, "delivery", None)
    return Result(run.state, run.moved, run.kept)


def ask_for_collect(state, packages):
    """Answer the state with one more collect."""
    state = state.copy()
    pk = max(state.collects, default=0) + 1
    state.collects[pk] = Collect(pk, list(packages))
    return state


class Run:
    def __init__(self, state, ask):
        self.state, self.ask = state, ask
        self.moved, self.kept = [], []

    def whole(self):
        ask = self.ask
        out_of_error = ask.kind in s.FULFILMENT and ask.present(self.state) == s.ERROR
        index = self.move(ask.kind, ask.id, ask.field, ask.to, ask.source, None)
        self.follow(index)
        self.roll_up(self.moved[index] if out_of_error else None)
        self.link_delivery_status()
        return Result(self.state, self.moved, self.kept)

    # ── one move and what follows it ──────────────────────────────────────────────────────────────────
    def move(self, kind, id, field, to, source, cause):
        row = self.state.get(kind, id)
        self.moved.append(Move(kind, id, field, getattr(row, field), to, source, cause))
        if kind == "collect":
            interrupted = row.interrupted or row.status
            row.interrupted = interrupted if to in s.INTERRUPTIONS else ""
        setattr(row, field, to)
        if kind in s.FULFILMENT and field == "status" and to < s.ERROR:
            row.floor = max(row.floor, to)
        if kind == "delivery" and to in s.PICKED_UP:
            row.picked_up = True
        if (kind, to) == ("delivery", s.DELIVERY_CANCELLED) and source not in links.CARRIERS:
            row.cancel_requested = True
        return len(self.moved) - 1

    def follow(self, index):
        move = self.moved[index]
        if (move.kind, move.field) == ("order", "acceptance"):
            self.after_acceptance(index)
        elif (move.kind, move.field) == ("order", "status"):
            self.after_order(index)
        elif move.kind == "package":
            self.after_package(index)
        elif move.kind == "delivery":
            self.after_delivery(index)
        elif move.kind == "collect":
            self.after_collect(index)

    def after_acceptance(self, index):
        target = links.ACCEPTANCE_TO_ORDER.get(self.moved[index].new)
        if target and self.state.order.status != target:
            self.after_order(
                self.move("order", self.state.order.id, "status", target, self.ask.source, index)
            )

    def after_order(self, index):
        targets = links.ORDER_TO_PACKAGE.get(self.moved[index].new, {})
        for package in list(self.state.packages.values()):
            if targets:
                self.lower("package", package, targets[package.type], "cascade", index)
        if self.moved[index].new == s.CANCELLED:
            self.after_cancelling(index)

    def after_package(self, index):
        move = self.moved[index]
        targets = links.PACKAGE_TO_LINE.get(move.new, {})
        package = self.state.packages[move.id]
        for line in self.state.lines_of(move.id):
            if targets:
                self.lower("line", line, targets[package.type], "cascade", index)

    def after_delivery(self, index):
        delivery = self.state.deliveries[self.moved[index].id]
        self.say_about_packages(delivery, self.said(delivery), index)

    def said(self, delivery):
        """Answer what this request says about a delivery's packages: the carrier's table, else the link."""
        if self.ask.source in links.OWN_TABLE:
            return self.ask.package_to
        return links.DELIVERY_TO_PACKAGE.get(delivery.status)

    def say_about_packages(self, delivery, target, cause):
        is_ours = delivery.cancel_requested and s.DELIVERY_CANCELLED in (delivery.status, self.ask.to)
        if target is None or is_ours or (delivery.cancel_requested and target == s.CANCELLED):
            return
        source = self.ask.source if self.ask.source in links.OWN_TABLE else "delivery"
        for pk in delivery.packages:
            self.lower("package", self.state.packages[pk], target, source, cause)
        self.kept += [Kept("package", pk, "earlier_attempt") for pk in delivery.earlier]

    def after_collect(self, index):
        collect = self.state.collects[self.moved[index].id]
        target = links.COLLECT_TO_PACKAGE.get(collect.status)
        if collect.status == "COLLECT_PICK_UP_PARTIALLY":
            split_off(self.state, collect, dict(self.ask.handed))
        for pk in collect.packages if target is not None else ():
            self.lower("package", self.state.packages[pk], target, "collect", index)

    # ── a child follows, or is left and reported ──────────────────────────────────────────────────────
    def lower(self, kind, row, target, source, cause):
        code = self.why_left(kind, row, target, cause)
        if code:
            self.kept.append(Kept(kind, row.id, code))
            return
        index = self.move(kind, row.id, "status", target, source, cause)
        if kind == "package":
            self.after_package(index)

    def why_left(self, kind, row, target, cause):
        if row.status == target:
            return "already"
        if row.status == s.CANCELLED:
            return "final"
        if row.status == s.ERROR and target != s.CANCELLED:
            return "error"
        if row.status > target:
            return "higher"
        if kind == "package" and target == s.CANCELLED and row.status in s.LEFT:
            return "" if row.status == 3 and self.ask.source in links.CARRIERS else "left"
        stays = kind == "line" and row.status in s.WAITING
        return "not_available" if stays and self.came_from_no_person(cause) else ""

    def came_from_no_person(self, cause):
        """Answer whether a carrier, a delivery or a collect stands anywhere in this chain of causes."""
        while cause is not None:
            move = self.moved[cause]
            if move.source in links.NOT_PERSONS:
                return True
            cause = move.cause
        return False

    # ── an order that is cancelled takes its deliveries, collects and words along ─────────────────────
    def after_cancelling(self, index):
        state = self.state
        if state.order.acceptance == "pending":
            late = self.ask.now is not None and self.ask.now >= state.order.deadline
            word, source = ("time_expired", "timer") if late else ("cancelled_manually", self.ask.source)
            self.move("order", state.order.id, "acceptance", word, source, index)
        stuck = uncancellable(state)
        for delivery in state.deliveries.values():
            if ("delivery", delivery.id) in stuck:
                self.kept.append(Kept("delivery", delivery.id, "picked_up"))
            elif is_open(delivery):
                self.cancel_delivery(delivery, index)
        for collect in state.collects.values():
            if ("collect", collect.id) in stuck:
                self.kept.append(Kept("collect", collect.id, "served"))
            elif collect.status not in s.ENDED_COLLECT:
                self.move("collect", collect.id, "status", "COLLECT_CANCELLED", "cascade", index)

    def cancel_delivery(self, delivery, index):
        delivery.cancel_requested = True
        if delivery.confirms_cancel:
            self.kept.append(Kept("delivery", delivery.id, "asked"))
        else:
            self.move("delivery", delivery.id, "status", s.DELIVERY_CANCELLED, "cascade", index)

    # ── up ────────────────────────────────────────────────────────────────────────────────────────────
    def roll_up(self, freed):
        """Let every package follow its changed lines, then the order whatever changed below it."""
        changed = [m for m in self.moved if m.kind == "line" or (m is freed and m.kind == "package")]
        for pk in dict.fromkeys(self.package_of(m) for m in changed):
            self.roll_up_package(pk)
        if any(m.kind in ("line", "package") for m in self.moved) or (freed and freed.kind == "order"):
            self.roll_up_order()

    def roll_up_package(self, pk):
        package = self.state.packages[pk]
        target = roll_up_package(package, self.state.lines_of(pk))
        if target == s.CANCELLED and package.status in s.LEFT and not self.ask.override:
            self.kept.append(Kept("package", pk, "left"))
        elif target != package.status:
            cause = self.last(lambda m: m.kind in ("line", "package") and self.package_of(m) == pk)
            self.move("package", pk, "status", target, "rollup", cause)

    def package_of(self, move):
        return move.id if move.kind == "package" else self.state.lines[move.id].package

    def roll_up_order(self):
        order = self.state.order
        target = roll_up_order(self.state)
        if target == order.status:
            return
        index = self.move("order", order.id, "status", target, "rollup", self.last(lambda m: True))
        if target == s.CANCELLED:
            self.after_cancelling(index)

    def last(self, fits):
        return max((i for i, move in enumerate(self.moved) if fits(move)), default=None)

    def link_delivery_status(self):
        """Let the order's word follow: cancelled at once, else what its deliveries say (D7)."""
        order = self.state.order
        touched = [i for i, m in enumerate(self.moved) if m.kind == "delivery"]
        cancelled = [i for i, m in enumerate(self.moved) if m.kind == "order" and m.new == s.CANCELLED]
        if not order.delivery_status or not (touched or cancelled):
            return
        word = links.link_delivery_status(self.state.deliveries.values(), order.status)
        if word is None or word == order.delivery_status or not _may_follow(order.delivery_status, word):
            return
        source, cause = ("cascade", cancelled[-1]) if cancelled else ("delivery", touched[-1])
        if not cancelled and order.status == s.CANCELLED:
            source = "delivery"
        self.move("order", order.id, "delivery_status", word, source, cause)


def _may_follow(present, word):
    """An old delivery's end does not pull an order back that is being orchestrated anew."""
    return not (present in s.BEFORE_DELIVERY and word == s.UNCOMPLETED)
