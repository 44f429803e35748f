"""What partners put and staff apply by hand: both spellings, legacy words, and the table (D8, D10)."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction

from carriers import inbox
from carriers.adapters.base import ParcelStatus
from carriers.models import CarrierMessage
from carriers.statuses import Channel, State
from deliveries import tracking
from deliveries.statuses import LEGACY, PAIRS, DeliveryStatus
from deliveries.tracking import UnknownStatus, put_status
from orders.models import Order
from tests.deliveries.acting import alerts, by_hand, carried_by, everything, fresh, say, status
from tests.deliveries.conftest import NOON
from tests.factories import agent, make_order, supervisor
from tests.orders.building import history_is_whole, move, must_move
from woop.errors import RuleError
from woop.models import StatusEvent


@pytest.fixture
def delivery(shop):
    """A delivery by a partner without integration."""
    return by_hand(make_order(shop))


def put(delivery, word, minutes=None, sub="", **more):
    at = None if minutes is None else NOON + timedelta(minutes=minutes)
    return fresh(put_status(fresh(delivery), status=word, sub_status=sub, occurred_at=at, **more))


# --- one status in many spellings ------------------------------------------------------------------


def test_flat_word(delivery):
    message = put(delivery, "DELIVERY_IN_TRANSIT", 1, comment="left Brest")
    assert (message.state, message.channel, message.raw_status) == (
        State.APPLIED,
        Channel.PUT,
        "DELIVERY_IN_TRANSIT",
    )
    assert everything(delivery.order) == (10, [3], [30], "ORDER_BEING_DELIVERED", ["DELIVERY_IN_TRANSIT"])
    told = delivery.order.events.filter(message_id=message.pk).order_by("sequence")
    assert list(told.values_list("object_type", "source", "reason"))[:2] == [
        ("delivery", "manual", "left Brest"),
        ("package", "delivery", "left Brest"),
    ]


@pytest.mark.parametrize(("pair", "flat"), PAIRS.items(), ids=map("/".join, PAIRS))
def test_pair(shop, pair, flat):
    delivery = by_hand(make_order(shop))
    must_move(delivery, "DELIVERY_BLOCKED")  # from where every status is legal
    message = put(delivery, pair[0], 1, sub=pair[1])
    assert (message.state, message.raw_status) == (State.APPLIED, "/".join(pair))
    assert status(delivery) == flat
    assert alerts(delivery.order) == []


@pytest.mark.parametrize(("word", "meaning"), LEGACY.items())
def test_legacy_word(shop, word, meaning):
    flat, alert = meaning
    delivery = by_hand(make_order(shop))
    must_move(delivery, "DELIVERY_BLOCKED")
    assert put(delivery, word, 1).state == State.APPLIED
    assert status(delivery) == flat
    assert alerts(delivery.order) == ([alert] if alert else [])


def test_spelling_in_small_letters_with_space_around_it(delivery):
    assert put(delivery, " delivery_ko ", 1, sub=" refused ").state == State.APPLIED
    assert status(delivery) == DeliveryStatus.REFUSED


@pytest.mark.parametrize(
    ("word", "sub"),
    [
        ("", ""),
        ("DELIVERY_NONSENSE", ""),
        ("ORDER_DELIVERED", ""),
        ("COLLECT_READY", ""),
        ("DELIVERY_OK", "REFUSED"),
        ("DELIVERY_KO", "NONSENSE"),
        ("", "REFUSED"),
    ],
)
def test_word_that_is_no_status(delivery, word, sub):
    with pytest.raises(UnknownStatus):
        put(delivery, word, 1, sub=sub)
    assert not CarrierMessage.objects.exists()
    assert status(delivery) == "DELIVERY_INIT"


# --- again, late, in any order ---------------------------------------------------------------------


def test_repeat_answers_the_first_message(delivery):
    first = put(delivery, "DELIVERY_IN_TRANSIT", 1)
    put(delivery, "DELIVERY_OK", 2)
    before = StatusEvent.objects.count()
    again = put(delivery, "DELIVERY_IN_TRANSIT", 1)
    assert (again.pk, again.state, again.repeats) == (first.pk, State.APPLIED, 1)
    assert StatusEvent.objects.count() == before
    assert status(delivery) == "DELIVERY_OK"


def test_put_without_a_date_is_said_now(delivery):
    first, second = put(delivery, "DELIVERY_IN_TRANSIT"), put(delivery, "DELIVERY_IN_TRANSIT")
    assert (first.state, second.state) == (State.APPLIED, State.NO_CHANGE)
    assert first.pk != second.pk


def test_late_and_forbidden(delivery):
    put(delivery, "DELIVERY_OK", 5)
    assert put(delivery, "DELIVERY_IN_TRANSIT", 3).state == State.LATE
    assert put(delivery, "DELIVERY_IN_TRANSIT", 7).state == State.FORBIDDEN
    assert everything(delivery.order) == (10, [4], [40], "ORDER_DELIVERED", ["DELIVERY_OK"])


def test_forbidden_message_is_tried_again_when_it_has_become_legal(delivery):
    put(delivery, "DELIVERY_IN_TRANSIT", 1)
    early = put(delivery, "DELIVERY_NOT_COLLECTED", 5)
    earlier = put(delivery, "DELIVERY_NOT_COLLECTED", 2)
    assert (early.state, earlier.state) == (State.FORBIDDEN, State.FORBIDDEN)
    assert put(delivery, "DELIVERY_AVAILABLE", 3).state == State.APPLIED
    assert fresh(early).state == State.APPLIED
    assert fresh(earlier).state == State.FORBIDDEN  # it is older than what is known
    assert status(delivery) == "DELIVERY_NOT_COLLECTED"
    assert fresh(delivery).carrier_clock == NOON + timedelta(minutes=5)
    event = delivery.order.events.get(to_status="DELIVERY_NOT_COLLECTED")
    assert (event.message_id, event.occurred_at) == (early.pk, NOON + timedelta(minutes=5))
    assert history_is_whole(delivery.order)


def test_forbidden_messages_are_tried_oldest_first_until_nothing_moves(delivery):
    """One opens the way to the next: all that waited is applied at once, in the order of its times."""
    put(delivery, "DELIVERY_OK", 1)
    must_move(delivery, "DELIVERY_WITH_CLAIM")
    told = [("DELIVERY_AVAILABLE", 6), ("DELIVERY_IN_PROGRESS", 4), ("DELIVERY_NOT_COLLECTED", 8)]
    waiting = [put(delivery, word, minutes) for word, minutes in told]
    assert [message.state for message in waiting] == [State.FORBIDDEN] * 3
    move(delivery, "DELIVERY_BLOCKED", override=True, reason="another parcel")
    put(delivery, "DELIVERY_IN_TRANSIT", 3)
    assert [fresh(message).state for message in waiting] == [State.APPLIED] * 3
    applied = delivery.order.events.filter(object_type="delivery", source="manual").order_by("sequence")
    assert list(applied.values_list("to_status", flat=True))[1:] == [
        "DELIVERY_IN_TRANSIT",
        "DELIVERY_IN_PROGRESS",
        "DELIVERY_AVAILABLE",
        "DELIVERY_NOT_COLLECTED",
    ]
    assert history_is_whole(delivery.order)


STORY = [
    ("DELIVERY_AVAILABLE", 1),
    ("DELIVERY_NOT_COLLECTED", 2),
    ("DELIVERY_RETURNED_TO_SENDER", 3),
    ("DELIVERY_CLOSED", 4),
]


def test_every_order_of_arrival_ends_alike(shop):
    """All 24, and each ends with the last message, though many begin with forbidden ones."""
    ends = set()
    for told in permutations(STORY):
        delivery = by_hand(make_order(shop))
        for word, minutes in told:
            put(delivery, word, minutes)
        row = fresh(delivery)
        minutes = (row.carrier_clock - NOON).total_seconds() / 60
        ends.add((*map(str, everything(row.order)[1:]), minutes))
        assert history_is_whole(row.order)
    assert ends == {("[5]", "[50]", "ORDER_DELIVERY_UNCOMPLETED", "['DELIVERY_CLOSED']", 4.0)}


# --- carriers with a table of their own ------------------------------------------------------------


def test_put_for_an_integrated_carrier_follows_the_general_table(shop):
    """What is put is our own vocabulary: the carrier's codes have nothing to say about it."""
    parcel = carried_by(shop, "veloyd")
    put(parcel, "DELIVERY_OK", 1)
    assert everything(parcel.order) == (10, [4], [40], "ORDER_DELIVERED", ["DELIVERY_OK"])
    event = parcel.order.events.get(object_type="package", to_status="4")
    assert event.source == "delivery"


def test_put_waits_for_acceptance(shop):
    order = make_order(shop)
    delivery = by_hand(order)
    Order.objects.filter(pk=order.pk).update(
        acceptance="pending", acceptance_deadline=NOON + timedelta(days=9999)
    )
    message = put(delivery, "DELIVERY_IN_TRANSIT", 1)
    assert (message.state, message.detail) == (State.FORBIDDEN, "The order waits for its acceptance.")
    assert put(delivery, "DELIVERY_CLOSED", 2).state == State.APPLIED


# --- by hand ---------------------------------------------------------------------------------------


@pytest.fixture
def parcel(shop):
    """A parcel that Veloyd has delivered."""
    parcel = carried_by(shop, "veloyd")
    say(parcel, "7", NOON, 5)
    return fresh(parcel)


def apply(message, reason="the customer called", actor=None):
    with transaction.atomic():
        return tracking.apply_by_hand(message, actor=actor or supervisor(message.shop), reason=reason)


def test_late_message_is_applied_by_hand(parcel):
    message = say(parcel, "8", NOON, 1)
    assert message.state == State.LATE
    apply(message)
    message = fresh(message)
    assert (message.state, message.detail) == (State.APPLIED, "Applied by hand.")
    assert everything(parcel.order)[1:] == (
        [5],
        [50],
        "ORDER_DELIVERY_UNCOMPLETED",
        ["DELIVERY_RETURNED_TO_SENDER"],
    )
    event = parcel.order.events.get(object_type="delivery", to_status="DELIVERY_RETURNED_TO_SENDER")
    assert (event.source, event.reason, event.message_id) == ("BO", "the customer called", message.pk)
    assert (event.occurred_at, fresh(parcel).carrier_clock) == (message.occurred_at, parcel.carrier_clock)


def test_clock_follows_what_was_applied_by_hand(parcel):
    message = say(parcel, "8", NOON, 9)
    assert message.state == State.FORBIDDEN
    apply(message)
    assert fresh(parcel).carrier_clock == message.occurred_at


def refusal(message, **how):
    before = everything(Order.objects.get(pk=message.order_id)), StatusEvent.objects.count()
    with pytest.raises(RuleError) as caught:
        apply(message, **how)
    assert (everything(Order.objects.get(pk=message.order_id)), StatusEvent.objects.count()) == before
    assert fresh(message).state == message.state
    return caught.value.refusal.code


def test_by_hand_wants_the_right_and_a_reason(parcel):
    message = say(parcel, "8", NOON, 1)
    assert refusal(message, actor=agent(parcel.shop)) == "override_not_permitted"
    assert refusal(message, reason=" ") == "reason_required"


def test_by_hand_never_out_of_closed(parcel):
    message = say(parcel, "8", NOON, 1)
    assert move(parcel, "DELIVERY_CLOSED", override=True, reason="done with it").refusal is None
    assert refusal(message) == "final"


@pytest.mark.parametrize("raw", ["10", "42"])
def test_by_hand_wants_something_to_apply(parcel, raw):
    assert refusal(say(parcel, raw, NOON, 1)) == "nothing_to_apply"


def test_message_of_no_parcel_of_ours(shop, parcel):
    item = ParcelStatus("nobody", "7", occurred_at=NOON)
    (message,) = inbox.receive(parcel.account, Channel.HOOK, [item])
    with pytest.raises(RuleError) as caught:
        apply(message)
    assert caught.value.refusal.code == "nothing_to_apply"
