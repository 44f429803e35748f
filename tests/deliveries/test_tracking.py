"""What carriers say, brought to its delivery: in time, late, twice, forbidden, unknown (D8, D9)."""

from datetime import timedelta
from itertools import permutations

import pytest

from carriers import inbox
from carriers.adapters.base import Hint, ParcelStatus
from carriers.models import CarrierMessage
from carriers.services import Effect, create_account, save_mapping
from carriers.statuses import Channel, State
from deliveries import tracking
from deliveries.models import Delivery
from tests.deliveries.acting import alerts, by_hand, carried_by, everything, fresh, say, status
from tests.deliveries.conftest import NOON
from tests.orders.building import history_is_whole, must_move
from woop.models import Alert, Job, StatusEvent


@pytest.fixture
def parcel(shop):
    """A parcel that Veloyd carries."""
    return carried_by(shop, "veloyd")


@pytest.fixture
def box(shop):
    """A parcel that Sendcloud has carried."""
    return carried_by(shop, "sendcloud")


def tell(delivery, *told):
    """Say (raw, minutes after noon) in turn and answer the verdicts."""
    return [say(delivery, raw, NOON, minutes).state for raw, minutes in told]


# --- in time ---------------------------------------------------------------------------------------


def test_message_moves_delivery_package_line_and_order(parcel):
    message = say(parcel, "4", NOON, raw_text="in transit", tracking_number="3S1", tracking_url="https://t/1")
    assert (message.state, message.order_id, message.delivery_id) == (
        State.APPLIED,
        parcel.order_id,
        parcel.pk,
    )
    assert everything(parcel.order) == (10, [3], [30], "ORDER_BEING_DELIVERED", ["DELIVERY_IN_TRANSIT"])
    events = parcel.order.events.filter(message_id=message.pk).order_by("sequence")
    assert list(events.values_list("object_type", "to_status", "source")) == [
        ("delivery", "DELIVERY_IN_TRANSIT", "veloyd"),
        ("package", "3", "veloyd"),
        ("line", "30", "cascade"),
        ("order", "10", "rollup"),
        ("order", "ORDER_BEING_DELIVERED", "delivery"),
    ]
    assert {event.occurred_at for event in events} == {NOON}
    assert {event.reason for event in events} == {"in transit"}
    assert {event.actor for event in events} == {f"account:{parcel.account_id}"}
    row = fresh(parcel)
    assert (row.carrier_clock, row.picked_up_at) == (NOON, NOON)
    assert (row.tracking_number, row.tracking_url) == ("3S1", "https://t/1")


def test_pick_up_is_noted_once(parcel):
    tell(parcel, ("3", 1), ("4", 2), ("7", 3))
    assert fresh(parcel).picked_up_at == NOON + timedelta(minutes=1)


def test_message_without_a_time_happened_when_it_came(parcel):
    message = say(parcel, "4")
    assert fresh(parcel).carrier_clock == message.received_at


def test_what_is_so_already_is_no_change_but_still_moves_the_packages(parcel):
    must_move(parcel, "DELIVERY_OK")
    package = parcel.order.packages.get()
    assert (package.status, status(parcel)) == (4, "DELIVERY_OK")
    before = StatusEvent.objects.count()
    assert tell(parcel, ("7", 5)) == [State.NO_CHANGE]
    assert fresh(parcel).carrier_clock == CarrierMessage.objects.get().occurred_at
    assert StatusEvent.objects.count() == before


def test_no_change_moves_a_package_that_hung_back(box):
    """Sendcloud's 1001 says nothing about the package, its 1000 does; to the delivery both are the same."""
    assert tell(box, ("1001", 0), ("1000", 1)) == [State.NO_CHANGE, State.NO_CHANGE]
    assert everything(box.order) == (8, [2], [20], "ORDER_TO_DELIVER", ["DELIVERY_INIT"])


def test_code_that_sets_nothing_only_shows(parcel):
    assert tell(parcel, ("4", 1), ("10", 2)) == [State.APPLIED, State.NO_CHANGE]
    assert status(parcel) == "DELIVERY_IN_TRANSIT"
    assert alerts(parcel.order) == ["carrier_alert"]
    assert fresh(parcel).carrier_clock == CarrierMessage.objects.get(raw_status="4").occurred_at


# --- late, repeated, forbidden (D8) ----------------------------------------------------------------


def test_late_message_stays_on_the_timeline(parcel):
    assert tell(parcel, ("7", 5)) == [State.APPLIED]
    before = everything(parcel.order), StatusEvent.objects.count()
    message = say(parcel, "4", NOON, 3)
    assert (message.state, message.detail) == (State.LATE, "It happened before what is known already.")
    assert (everything(parcel.order), StatusEvent.objects.count()) == before
    assert fresh(parcel).carrier_clock == CarrierMessage.objects.get(raw_status="7").occurred_at


def test_late_message_still_says_where_the_goods_have_been(box):
    """62991 says nothing about the package; that it was picked up before came too late."""
    must_move(box, "DELIVERY_TEAM_ASSIGNED")
    assert tell(box, ("62991", 5), ("22", 1)) == [State.APPLIED, State.LATE]
    assert everything(box.order) == (10, [3], [30], "ORDER_DELIVERY_UNCOMPLETED", ["DELIVERY_REFUSED"])


def test_late_error_says_nothing_about_the_present(parcel):
    assert tell(parcel, ("4", 5), ("5", 1)) == [State.APPLIED, State.LATE]
    assert everything(parcel.order)[1] == [3]


def test_equal_times_are_applied_if_legal(parcel):
    assert tell(parcel, ("4", 0), ("7", 0), ("3", 0)) == [State.APPLIED, State.APPLIED, State.FORBIDDEN]
    assert status(parcel) == "DELIVERY_OK"


def test_repeat_changes_nothing(box):
    item = ParcelStatus(box.carrier_ref, "22", occurred_at=NOON)
    (message,) = inbox.receive(box.account, Channel.HOOK, [item], body=b"22")
    inbox.apply(message)
    before = everything(box.order), StatusEvent.objects.count(), fresh(box).carrier_clock
    assert inbox.receive(box.account, Channel.HOOK, [item], body=b"22") == []
    assert inbox.run_due() == 0
    assert (everything(box.order), StatusEvent.objects.count(), fresh(box).carrier_clock) == before
    assert fresh(message).repeats == 1


def test_applied_message_that_is_replayed_changes_nothing(box):
    message = say(box, "22", NOON)
    before = everything(box.order), StatusEvent.objects.count()
    inbox.replay([message])
    inbox.run_due()
    assert fresh(message).state == State.NO_CHANGE
    assert (everything(box.order), StatusEvent.objects.count()) == before


def test_forbidden_message_says_why_and_moves_nothing(parcel):
    tell(parcel, ("7", 1))
    message = say(parcel, "4", NOON, 2)
    assert (message.state, message.detail) == (
        State.FORBIDDEN,
        "This is not possible from the present status.",
    )
    assert everything(parcel.order) == (10, [4], [40], "ORDER_DELIVERED", ["DELIVERY_OK"])
    assert fresh(parcel).carrier_clock < message.occurred_at


LIVES = {
    "veloyd": [("2", 1), ("4", 2), ("6", 3), ("7", 4)],
    "sendcloud": [("22", 1), ("8", 2), ("92", 3), ("11", 4)],
}


@pytest.mark.parametrize("carrier", LIVES)
def test_every_order_of_arrival_ends_alike(shop, carrier):
    """All 24, with repeats: legal in the order of their times, so the last one wins."""
    create_account(shop, carrier)
    ends = set()
    for told in permutations(LIVES[carrier]):
        delivery = carried_by(shop, carrier)
        tell(delivery, *told, *told[::2])
        row = fresh(delivery)
        ends.add((*map(str, everything(row.order)), (row.carrier_clock - NOON).total_seconds() / 60))
        assert history_is_whole(row.order)
    assert ends == {("10", "[4]", "[40]", "ORDER_DELIVERED", "['DELIVERY_OK']", 4.0)}


def test_every_order_of_arrival_of_a_return(shop):
    """The order may count as done before the parcel comes back, or not; all below it ends alike."""
    create_account(shop, "sendcloud")
    ends = set()
    for told in permutations([("22", 1), ("92", 2), ("62991", 3), ("62992", 4)]):
        delivery = carried_by(shop, "sendcloud")
        tell(delivery, *told)
        ends.add(tuple(map(str, everything(delivery.order)[1:])))
    assert ends == {("[5]", "[50]", "ORDER_DELIVERY_UNCOMPLETED", "['DELIVERY_RETURNED_TO_SENDER']")}


# --- times in the future ---------------------------------------------------------------------------


def test_time_in_the_future_becomes_the_time_of_receipt(parcel, at):
    at(0)
    message = say(parcel, "4", NOON, minutes=60)
    assert message.state == State.APPLIED
    assert fresh(parcel).carrier_clock == NOON
    assert alerts(parcel.order) == ["time_in_future"]
    at(60)
    assert say(parcel, "7", NOON, minutes=1).state == State.APPLIED


@pytest.mark.parametrize(("seconds", "raised"), [(60, []), (60.001, ["time_in_future"])])
def test_clock_that_is_not_quite_right_is_no_matter(parcel, at, seconds, raised):
    at(0)
    say(parcel, "4", NOON, minutes=seconds / 60)
    assert alerts(parcel.order) == raised
    assert fresh(parcel).carrier_clock == NOON


# --- unknown codes (D9) ----------------------------------------------------------------------------


def test_unknown_code_is_quarantined_mapped_and_applied(parcel):
    message = say(parcel, "42", NOON)
    assert (message.state, message.detail) == (State.UNKNOWN, "Nobody has said yet what “42” means.")
    assert everything(parcel.order) == (5, [0], [0], "ORDER_TO_DELIVER", ["DELIVERY_INIT"])
    assert alerts(parcel.order) == ["unknown_status"]
    save_mapping(parcel.account, Effect("42", "DELIVERY_IN_TRANSIT", 3))
    inbox.run_due()
    assert fresh(message).state == State.APPLIED
    assert everything(parcel.order) == (10, [3], [30], "ORDER_BEING_DELIVERED", ["DELIVERY_IN_TRANSIT"])
    alert = Alert.objects.get()
    assert (alert.resolved_at is not None, alert.resolved_by) == (True, f"account:{parcel.account_id}")


def test_unknown_code_that_is_old_by_now_comes_late(parcel):
    message = say(parcel, "42", NOON)
    tell(parcel, ("7", 1))
    save_mapping(parcel.account, Effect("42", "DELIVERY_BLOCKED"))
    inbox.run_due()
    assert fresh(message).state == State.LATE
    assert status(parcel) == "DELIVERY_OK"


def test_account_has_its_own_table(parcel):
    save_mapping(parcel.account, Effect("4", "DELIVERY_DELAYED", None, note="slow"))
    tell(parcel, ("4", 0))
    assert everything(parcel.order) == (5, [0], [0], "ORDER_BEING_DELIVERED", ["DELIVERY_DELAYED"])


def test_mapping_without_a_delivery_status_moves_packages_alone(parcel):
    save_mapping(parcel.account, Effect("4", "", 3))
    assert tell(parcel, ("4", 0)) == [State.APPLIED]
    assert everything(parcel.order) == (10, [3], [30], "ORDER_TO_DELIVER", ["DELIVERY_INIT"])


# --- whose message is it? --------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["carrier_ref", "external_reference", "tracking_number"])
def test_delivery_is_found_by_any_of_its_keys(parcel, key):
    Delivery.objects.filter(pk=parcel.pk).update(tracking_number="3S1")
    values = {"carrier_ref": "", "external_reference": "", "tracking_number": ""}
    values[key] = getattr(fresh(parcel), key)
    item = ParcelStatus(raw_status="4", occurred_at=NOON, **values)
    (message,) = inbox.receive(parcel.account, Channel.HOOK, [item])
    assert inbox.apply(message).delivery_id == parcel.pk
    assert status(parcel) == "DELIVERY_IN_TRANSIT"


def test_parcel_of_another_account_is_none_of_ours(shop, parcel):
    other = create_account(shop, "veloyd", code="other")
    item = ParcelStatus(parcel.carrier_ref, "4", occurred_at=NOON)
    (message,) = inbox.receive(other, Channel.HOOK, [item])
    assert inbox.apply(message).state == State.IGNORED
    assert status(parcel) == "DELIVERY_INIT"


def test_message_that_overtakes_the_answer_to_the_booking_waits(shop, parcel, at):
    at(0)
    booking = Job.objects.create(
        shop=shop,
        kind="book_delivery",
        key="book:early",
        payload={"account": parcel.account_id},
        next_try_at=NOON,
        created_at=NOON,
    )
    item = ParcelStatus("not yet known", "1", occurred_at=NOON)
    (message,) = inbox.receive(parcel.account, Channel.HOOK, [item])
    assert inbox.run_due() == 1
    message = fresh(message)
    assert (message.state, message.attempts) == (State.RECEIVED, 0)
    Delivery.objects.filter(pk=parcel.pk).update(carrier_ref="not yet known")
    booking.delete()
    at(2)
    assert inbox.run_due() == 1
    assert fresh(message).delivery_id == parcel.pk


def test_hint_has_the_parcel_read_and_moves_nothing(parcel, at):
    at(0)
    (message,) = inbox.receive(parcel.account, Channel.HOOK, [Hint(parcel.carrier_ref, "7")])
    assert inbox.apply(message).delivery_id == parcel.pk
    assert (status(parcel), fresh(parcel).next_poll_at) == ("DELIVERY_INIT", NOON)
    assert parcel.order.events.filter(object_type="delivery").count() == 0


def test_other_tracking_number_is_for_a_person(parcel):
    say(parcel, "3", NOON, tracking_number="3S1", tracking_url="https://t/1")
    say(parcel, "4", NOON, 1, tracking_number="3S2", tracking_url="https://t/2")
    row = fresh(parcel)
    assert (row.tracking_number, row.tracking_url) == ("3S1", "https://t/1")
    assert alerts(parcel.order) == ["tracking_number_differs"]


# --- several attempts ------------------------------------------------------------------------------


def test_old_attempt_never_touches_its_package(parcel):
    must_move(parcel, "DELIVERY_FAILED")
    anew = by_hand(parcel.order)
    assert fresh(parcel).replaced_by == anew
    assert tell(parcel, ("8", 5)) == [State.APPLIED]
    assert everything(parcel.order) == (
        5,
        [0],
        [0],
        "ORDER_TO_DELIVER",
        ["DELIVERY_RETURNED_TO_SENDER", "DELIVERY_INIT"],
    )


# --- cancelled by the carrier ----------------------------------------------------------------------


@pytest.mark.parametrize("status_before", ["6", "3"])
def test_carrier_cancels_up_to_sent_and_no_further(parcel, status_before):
    tell(parcel, (status_before, 1))
    message = say(parcel, "9", NOON, 2)
    arrived = status_before == "6"
    assert message.state == (State.FORBIDDEN if arrived else State.APPLIED)
    assert everything(parcel.order)[1] == [4 if arrived else 99]
    assert alerts(parcel.order) == (["cancelled_after_arrival"] if arrived else [])
    assert status(parcel) == ("DELIVERY_AVAILABLE" if arrived else "DELIVERY_CANCELLED")


# --- a dry run -------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", ["4", "42", "2"])
def test_preview_of_a_message_writes_nothing(parcel, raw):
    tell(parcel, ("3", 5))
    item = ParcelStatus(parcel.carrier_ref, raw, occurred_at=NOON)
    (message,) = inbox.receive(parcel.account, Channel.HOOK, [item], body=raw.encode())

    def rows():
        return [list(m.objects.values()) for m in (Delivery, StatusEvent, Alert, CarrierMessage)]

    before = rows()
    preview = tracking.apply_message(message, dry_run=True)
    assert rows() == before
    assert preview.state == inbox.apply(message).state
