"""Marketplace orders, which a store accepts within five minutes or loses."""

from orders.models import Order
from orders.services import expire_acceptances
from woop.management.demo.floor import Floor
from woop.management.demo.past import Story, minutes, seconds

FLEX = "IN_PROGRESS FAILED_WITH_RETRY IN_PROGRESS OK"
DROPOFF = "PICK_UP_STARTED PICK_UP_REACHED IN_PROGRESS AT_DROP_OFF_LOCATION OK"


def accepted(floor: Floor, logistics: str, statuses: str) -> Story:
    """Accepted in time, and driven by own couriers (flex) or a logistics company (dropoff)."""
    order = _asked(floor, logistics)
    yield seconds(floor.dice.uniform(20, 240))
    by = floor.marketplace if floor.dice.random() < 0.2 else floor.agent
    floor.move(order, "accepted", by, field="acceptance")
    yield minutes(3)
    delivery = floor.by_hand(order)
    for status in statuses.split():
        yield minutes(floor.dice.uniform(6, 22))
        floor.put(delivery, status)


def accepted_for_carrier(floor: Floor) -> Story:
    order = _asked(floor, "")
    yield seconds(90)
    floor.move(order, "accepted", floor.agent, field="acceptance")
    floor.work(order)
    yield from floor.carriers.live(order.number)


def rejected(floor: Floor, reason: str) -> Story:
    order = _asked(floor, "flex")
    yield seconds(140)
    floor.move(order, "cancelled_manually", floor.agent, field="acceptance", reason=reason)


def forgotten(floor: Floor) -> Story:
    order = _asked(floor, "dropoff")
    yield seconds(301)
    expire_acceptances()
    order.refresh_from_db()
    assert order.acceptance == "time_expired"


def pending(floor: Floor, changed: bool = False) -> Story:
    """Waits for somebody who accepts; with `changed`, the marketplace has corrected the address."""
    order = _asked(floor, floor.dice.choice(("flex", "dropoff")))
    yield seconds(20)
    if changed:
        floor.correct(order, street="3 quai de la Loire")


def _asked(floor: Floor, logistics: str) -> Order:
    return floor.order(channel="marketplace", logistics=logistics, requires_acceptance=True)
