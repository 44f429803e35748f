"""Click & collect: what happens at the counters of the stores."""

from datetime import timedelta

from woop.management.demo.floor import Floor
from woop.management.demo.past import Story, hours, minutes

# The days of a collect; it stays where its list ends.
VISITS = (
    "",
    "STOCK_OK",
    "STOCK_OK STARTED",
    "STOCK_OK STARTED READY",
    "STOCK_OK STARTED READY AWAITING",
    "STOCK_OK STARTED READY AWAITING IN_PROGRESS",
    "STOCK_OK STARTED READY IN_PROGRESS PICK_UP_OK",
    "STOCK_OK STARTED READY AWAITING IN_PROGRESS PICK_UP_OK",
    "STOCK_OK STARTED READY PICK_UP_FAILED",
    "STOCK_OK STARTED REPLANNED",
    "STOCK_OK STARTED READY REPLANNED READY IN_PROGRESS PICK_UP_OK",
    "STOCK_OK DELAYED",
    "STOCK_OK DELAYED STARTED READY",
    "STOCK_OK STARTED BLOCKED",
    "STOCK_OK CANCELLED",
)
REASONS = {
    "DELAYED": "The morning's lorry is late",
    "BLOCKED": "The store room is being counted",
    "CANCELLED": "The last copy was damaged",
    "PICK_UP_FAILED": "Not collected within seven days",
    "REPLANNED": "The customer comes another day",
}
BY_CUSTOMER = frozenset({"AWAITING", "REPLANNED"})


def visit(floor: Floor, statuses: str) -> Story:
    order = floor.order(collect=True)
    collect = floor.collect_of(order)
    for status in statuses.split():
        yield _pause(floor, status)
        by = floor.customer if status in BY_CUSTOMER else floor.counter(collect)
        if status == "PICK_UP_FAILED":
            by = floor.timer
        floor.hand_over(collect, status, by=by, reason=REASONS.get(status, ""))


def _pause(floor: Floor, status: str) -> timedelta:
    """At the counter things go quickly, before it they take their time."""
    at_counter = status in {"IN_PROGRESS", "PICK_UP_OK", "AWAITING"}
    return minutes(floor.dice.uniform(2, 6) if at_counter else floor.dice.uniform(20, 110))


def partly(floor: Floor, follow_up: str = "") -> Story:
    """A customer takes a part and comes back for the rest, or has not yet."""
    order = floor.order([*floor.basket(2), (floor.articles[-1], 3)], collect=True)
    collect = floor.collect_of(order)
    for status in ("STOCK_OK", "STARTED", "READY", "IN_PROGRESS"):
        yield minutes(30)
        floor.hand_over(collect, status)
    yield minutes(5)
    lines = floor.lines(order)
    handed = [{"id": lines[0].pk, "quantity": lines[0].quantity}, {"id": lines[-1].pk, "quantity": 1}]
    floor.hand_over(
        collect, "PICK_UP_PARTIALLY", details={"lines": handed}, reason="Two were at the other store"
    )
    rest = floor.collect_of(order)
    for status in follow_up.split():
        yield hours(floor.dice.uniform(1, 5))
        floor.hand_over(rest, status)


def reordered(floor: Floor) -> Story:
    """Half of a store order waits for its supplier: on order, partly received, not to be had."""
    order = floor.order(floor.basket(4), collect=True)
    collect = floor.collect_of(order)
    yield minutes(40)
    floor.hand_over(collect, "STOCK_OK")
    first, second, third, last = floor.lines(order)[:4]
    yield hours(1)
    for line, status in ((first, 14), (second, 14), (third, 14)):
        floor.move(line, status, floor.medialog, reason="Purchase order 4471")
    yield hours(5)
    floor.move(second, 16, floor.medialog, reason="One of the boxes has come")
    yield hours(3)
    floor.move(third, 18, floor.medialog, reason="Out of print")
    floor.move(last, 22, floor.agent)


def given_up(floor: Floor) -> Story:
    """A line that nobody can supply is cancelled by Medialog; the rest goes over the counter."""
    order = floor.order(floor.basket(3), collect=True)
    collect = floor.collect_of(order)
    yield minutes(35)
    floor.hand_over(collect, "STOCK_OK")
    missing = floor.lines(order)[0]
    for number in (14, 18, 99):
        yield hours(4)
        floor.move(missing, number, floor.medialog, reason="Medialog: no supplier")
    for status in ("STARTED", "READY", "IN_PROGRESS", "PICK_UP_OK"):
        yield hours(1)
        floor.hand_over(collect, status)


def served_and_cancelled(floor: Floor) -> Story:
    """A supervisor cancels while the customer stands at the counter: what cannot be undone stays."""
    order = floor.order(collect=True)
    collect = floor.collect_of(order)
    for status in ("STOCK_OK", "STARTED", "READY", "AWAITING"):
        yield minutes(30)
        floor.hand_over(collect, status)
    yield minutes(4)
    reason = "Paid twice; the customer was refunded at the counter."
    floor.move(order, 99, floor.supervisor, override=True, reason=reason)
