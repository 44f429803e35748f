"""Parcels: what Veloyd and Sendcloud carry, and what the shop's own couriers do."""

from typing import Any

from carriers.adapters.base import CarrierError
from deliveries.models import Delivery
from woop.management.demo.catalogue import HEAVY
from woop.management.demo.floor import Floor
from woop.management.demo.past import Story, hours, minutes


def carried(floor: Floor, scenario: str = "ok", country: str = "", *, is_old: bool = False) -> Story:
    """An order that its carrier takes all the way, as the simulator's scenario says."""
    order = floor.order(country=country)
    yield minutes(floor.dice.uniform(0.1, 2))
    floor.carriers.scenarios[order.number] = scenario
    floor.work(order)
    yield from floor.carriers.live(order.number, is_sparse=is_old)


def arriving(floor: Floor, country: str = "", suffix: str = "", postal_code: str = "") -> Story:
    """An order that has just come in: the worker will find its jobs, the simulator its marker."""
    marker: dict[str, Any] = {"postal_code": postal_code} if postal_code else {}
    floor.order(country=country, suffix=suffix, **marker)
    yield minutes(0)


def in_two_parcels(floor: Floor) -> Story:
    """Two parcels of one order, each with a delivery of its own."""
    order = floor.order([(floor.articles[4], 2), (floor.articles[7], 1)])
    floor.split(floor.lines(order)[0], 1, package="new")
    yield minutes(20)
    floor.work(order)
    yield from floor.carriers.live(order.number)


def echoing(floor: Floor) -> Story:
    """A delivered parcel whose carrier repeats itself, tells old news, and babbles."""
    order = floor.order(country="FR")
    yield minutes(1)
    floor.work(order)
    yield from floor.carriers.live(order.number)
    delivery = Delivery.objects.get(order=order)
    parcel = floor.carriers.store.parcels[int(delivery.carrier_ref)]
    yield minutes(3)
    floor.carriers.tell(parcel)  # the same once more
    yield minutes(9)
    old = round(parcel.history[1][0] * 1000) + 1
    floor.carriers.tell(parcel, timestamp=old)
    yield hours(1)
    account = floor.carriers.accounts[parcel.id]
    floor.carriers.push(account, {"action": "parcel_status_changed", "parcel": {"id": parcel.id}})
    floor.carriers.push(account, {"action": "parcel_status_changed"}, key="somebody else's key")
    yield minutes(2)
    floor.carriers.push(account, {"action": "integration_connected"})


def cancelled_while_booked(floor: Floor) -> Story:
    """The customer changes their mind; the carrier forgets the parcel."""
    order = floor.order()
    yield minutes(1)
    floor.work(order)
    yield minutes(25)
    floor.move(order, 99, floor.agent, reason="The customer called: ordered twice.")
    floor.work(order)


# --- the choice of a carrier ------------------------------------------------------------------------


def too_heavy(floor: Floor, *then: str) -> Story:
    """No carrier fits; what other services did afterwards is told in `then`."""
    order = floor.order([(HEAVY, 1)])
    yield minutes(1)
    floor.work(order)
    for status in then:
        yield minutes(floor.dice.uniform(1, 4))
        floor.route(order, f"ORDER_{status}", reason="Freight carriers asked by the quoting service.")


def refused(floor: Floor, again: bool = False) -> Story:
    """The carrier refuses the booking; with `again`, an agent has it tried once more."""
    order = floor.order()
    yield minutes(1)
    sentence = "This postal code is not served this week."
    floor.carriers.refusals[order.number] = CarrierError("refused", sentence, permanent=True, status=422)
    floor.work(order)
    if again:
        yield minutes(50)
        del floor.carriers.refusals[order.number]
        floor.move(order, "ORDER_TO_BE_QUOTED", floor.agent, field="delivery_status")
        floor.work(order)
        yield from floor.carriers.live(order.number)


def answer_lost(floor: Floor) -> Story:
    """A booking that was not answered, at a carrier that cannot be asked: a person must look."""
    order = floor.order(country="NL")
    yield minutes(1)
    lost = CarrierError("timeout", "no answer within 12 s", permanent=True, unknown=True)
    floor.carriers.refusals[order.number] = lost
    floor.work(order)


def to_be_completed(floor: Floor, completed: bool = False) -> Story:
    """The address came without its street."""
    order = floor.order(street="", city="" if not completed else "Lyon")
    yield hours(2)
    if completed:
        floor.correct(order, street="14 rue des Tilleuls")
        floor.work(order)
        yield from floor.carriers.live(order.number)


# --- own couriers -----------------------------------------------------------------------------------

# What a courier's life may look like; an order stays where its list ends.
ROUNDS = (
    "INIT",
    "TEAM_ASSIGNED",
    "TEAM_ASSIGNED PICK_UP_STARTED",
    "TEAM_ASSIGNED PICK_UP_STARTED PICK_UP_REACHED",
    "PICK_UP_STARTED PICK_UP_OK",
    "TEAM_ASSIGNED PICK_UP_OK IN_TRANSIT",
    "PICK_UP_OK IN_PROGRESS",
    "PICK_UP_OK IN_PROGRESS AT_DROP_OFF_LOCATION",
    "TEAM_ASSIGNED PICK_UP_STARTED PICK_UP_REACHED PICK_UP_OK IN_PROGRESS OK",
    "PICK_UP_OK IN_PROGRESS WITH_CLAIM",
    "PICK_UP_OK IN_TRANSIT AVAILABLE",
    "PICK_UP_OK IN_TRANSIT AVAILABLE NOT_COLLECTED",
    "PICK_UP_OK IN_TRANSIT AVAILABLE NOT_COLLECTED RETURNED_TO_SENDER",
    "TEAM_ASSIGNED REPLANNED",
    "PICK_UP_OK IN_TRANSIT DELAYED",
    "PICK_UP_OK IN_TRANSIT BLOCKED",
    "PICK_UP_STARTED FAILED",
    "PICK_UP_OK IN_PROGRESS FAILED_WITH_RETRY",
    "PICK_UP_OK IN_PROGRESS FAILED_WITH_RETRY IN_PROGRESS OK",
    "PICK_UP_OK IN_PROGRESS FAILED_WITH_RETURN",
    "PICK_UP_OK IN_PROGRESS REFUSED",
    "PICK_UP_OK IN_PROGRESS REFUSED RETURNED_TO_SENDER CLOSED",
    "TEAM_ASSIGNED CANCELLED",
)
COMMENTS = {
    "DELAYED": "Traffic on the ring road",
    "BLOCKED": "The van has broken down",
    "FAILED": "The shop was closed",
    "FAILED_WITH_RETRY": "Nobody at home, the neighbours neither",
    "FAILED_WITH_RETURN": "Nobody at this address",
    "REFUSED": "The recipient did not want it any more",
    "WITH_CLAIM": "One bowl is chipped",
    "NOT_COLLECTED": "Fourteen days at the counter",
    "REPLANNED": "Tomorrow morning, as the customer asked",
}


def round_of(floor: Floor, statuses: str) -> Story:
    """An order that the shop's own couriers take."""
    order = floor.order()
    yield minutes(4)
    delivery = floor.by_hand(order)
    for status in statuses.split():
        if status != "INIT":
            yield minutes(floor.dice.uniform(9, 40))
            floor.put(delivery, status, COMMENTS.get(status, ""))


def contradicted(floor: Floor) -> Story:
    """A courier's phone that tells, after the hand-over, that the parcel is still on its way."""
    order = floor.order()
    yield minutes(4)
    delivery = floor.by_hand(order)
    for status in ("PICK_UP_OK", "IN_PROGRESS", "OK", "IN_TRANSIT"):
        yield minutes(14)
        floor.put(delivery, status)


def set_right(floor: Floor) -> Story:
    """A supervisor corrects a delivery past the table of moves, with a reason."""
    order = floor.order()
    yield minutes(4)
    delivery = floor.by_hand(order)
    for status in ("PICK_UP_OK", "IN_PROGRESS", "REFUSED"):
        yield minutes(20)
        floor.put(delivery, status, COMMENTS.get(status, ""))
    yield hours(1)
    reason = "The recipient called: the neighbour took it in after all."
    floor.move(delivery, "DELIVERY_OK", floor.supervisor, override=True, reason=reason)
