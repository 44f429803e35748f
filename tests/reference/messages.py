"""D8 and D13: what carriers say, late, twice, in any order.

`receive` answers the new state and the word that the message gets: applied, no_change, duplicate, late
or forbidden. A late message does not move the delivery, but what it says about the packages counts (only
99 and 98 do not), and that they were picked up: so any order of the same messages ends alike.
"""

from dataclasses import dataclass

from tests.reference import links
from tests.reference import statuses as s
from tests.reference.model import Ask, Run, request


@dataclass(frozen=True)
class Message:
    key: str
    status: str | None
    at: float
    package_to: int | None = None
    reason: str = ""


def receive(state, delivery_id, message, now=None):
    state = state.copy()
    delivery = state.deliveries[delivery_id]
    if message.key in delivery.seen:
        return state, "duplicate"
    delivery.seen.add(message.key)
    if now is not None and message.at > now:
        message = Message(message.key, message.status, now, message.package_to, message.reason)
    state, word = _apply(state, delivery_id, message)
    if word == "forbidden":
        state.deliveries[delivery_id].waiting.append(message)
    if word == "applied":
        state = _try_again(state, delivery_id)
    return state, word


def _apply(state, delivery_id, message):
    delivery = state.deliveries[delivery_id]
    if delivery.clock is not None and message.at < delivery.clock:
        delivery.picked_up = delivery.picked_up or message.status in s.PICKED_UP
        return _packages_only(state, delivery, message, late=True), "late"
    if message.status is None:
        return _packages_only(state, delivery, message, late=False), "no_change"
    if _comes_after_arrival(state, delivery, message):
        return state, "forbidden"
    if message.status == delivery.status:
        delivery.clock = message.at
        return _packages_only(state, delivery, message, late=False), "no_change"
    result = request(state, "delivery", delivery_id, message.status, **_how(delivery, message))
    if result.refused:
        return state, "forbidden"
    result.state.deliveries[delivery_id].clock = message.at
    return result.state, "applied"


def _comes_after_arrival(state, delivery, message):
    """D4: from 4 on the carrier's cancellation is not applied, even where the delivery says so already."""
    if message.package_to != s.CANCELLED or delivery.cancel_requested:
        return False
    return any(state.packages[pk].status in (4, 5) for pk in delivery.packages)


def _how(delivery, message):
    return {"source": delivery.carrier, "reason": message.reason, "package_to": message.package_to}


def _try_again(state, delivery_id):
    """Apply what was forbidden and is not older than the clock, oldest first, as long as something moves."""
    while True:
        delivery = state.deliveries[delivery_id]
        for message in sorted(delivery.waiting, key=lambda m: m.at):
            if message.at < delivery.clock:
                continue
            after, word = _apply(state.copy(), delivery_id, message)
            if word != "forbidden":
                state = after
                state.deliveries[delivery_id].waiting.remove(message)
                break
        else:
            return state


def _packages_only(state, delivery, message, late):
    if late and message.status in s.PICKED_UP:
        delivery.picked_up = True  # a fact about the goods, whenever it is told
    target = message.package_to
    if delivery.carrier not in links.OWN_TABLE:
        target = links.DELIVERY_TO_PACKAGE.get(message.status)
    if target is None or (late and target in (s.ERROR, s.CANCELLED)):
        return state
    if delivery.status == s.DELIVERY_CANCELLED and delivery.cancel_requested:
        return state
    ask = Ask("delivery", delivery.id, message.status, **_how(delivery, message))
    run = Run(state, ask)
    run.say_about_packages(delivery, target, None)
    run.roll_up(None)
    run.link_delivery_status()
    return run.state
