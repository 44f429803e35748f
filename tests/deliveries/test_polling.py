"""Asking carriers: what is due, by one poller, within the rate, and nothing that has ended."""

from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carriers import calls, inbox, throttle
from carriers.calls import Listing
from carriers.models import CarrierAccount, CarrierMessage
from carriers.services import create_account
from carriers.statuses import State
from deliveries import polling
from deliveries.models import Delivery
from deliveries.tasks import apply_inbox, poll_carriers
from tests.deliveries.acting import booked, everything, fresh, status
from tests.deliveries.conftest import NOON
from tests.factories import make_order
from tests.orders.building import must_move
from woop.clock import now
from woop.models import Heartbeat


@pytest.fixture(autouse=True)
def _own_rates():
    """What other tests have counted is no matter here."""
    throttle._limiter.cache_clear()


@pytest.fixture
def read(monkeypatch):
    """The parcels that were asked for, call by call."""
    asked, real = [], calls.read_parcels

    def note(account, refs, **how):
        asked.append(list(refs))
        return real(account, refs, **how)

    monkeypatch.setattr(calls, "read_parcels", note)
    return asked


@pytest.fixture
def listed(monkeypatch):
    """What was listed from when on, and what is answered in turn."""

    class Listings(list):
        answers = ()

    asked = Listings()

    def answer(account, since, *, cursor=""):
        asked.append((since, cursor))
        return asked.answers[len(asked) - 1] if len(asked) <= len(asked.answers) else Listing(())

    monkeypatch.setattr(calls, "list_changes", answer)
    return asked


def parcels_of(shop, account, number):
    """Answer deliveries that are booked and due, oldest first."""
    made = [delivery for _order in range(number) for delivery in booked(make_order(shop), account)]
    for place, delivery in enumerate(made):
        due = now() - timedelta(minutes=number - place)
        Delivery.objects.filter(pk=delivery.pk).update(next_poll_at=due)
    return [fresh(delivery) for delivery in made]


# --- parcel by parcel ------------------------------------------------------------------------------


def test_what_is_due_is_read_and_applied(shop, veloyd, simulator):
    (delivery,) = parcels_of(shop, veloyd, 1)
    simulator.set_status(delivery.carrier_ref, "4")
    assert polling.poll_due() == 1
    assert inbox.run_due() == 1
    assert everything(delivery.order) == (10, [3], [30], "ORDER_BEING_DELIVERED", ["DELIVERY_IN_TRANSIT"])
    assert CarrierMessage.objects.get(raw_status="4").channel == "poll"
    account = fresh(veloyd)
    assert (account.poll_lease_until, account.last_poll_error) == (None, "")
    assert account.last_poll_ok_at is not None


def test_nothing_new_is_nothing_stored(shop, veloyd):
    parcels_of(shop, veloyd, 2)
    before = CarrierMessage.objects.count()
    assert polling.poll_due() == 1
    assert CarrierMessage.objects.count() == before


def test_read_again_after_the_interval(shop, veloyd, read, at):
    (delivery,) = parcels_of(shop, veloyd, 1)
    at(0)
    Delivery.objects.update(next_poll_at=NOON + timedelta(milliseconds=1))
    assert polling.poll_due() == 0
    at(0.001)
    assert polling.poll_due() == 1
    assert fresh(delivery).next_poll_at == NOON + timedelta(seconds=veloyd.poll_interval_s, milliseconds=1)
    at(59)
    assert polling.poll_due() == 0
    at(61)
    assert polling.poll_due() == 1
    assert read == [[delivery.carrier_ref]] * 2


def test_ended_parcels_are_asked_about_once_more_and_never_again(shop, veloyd, read):
    ended, open_one = parcels_of(shop, veloyd, 2)
    must_move(ended, "DELIVERY_OK")
    polling.poll_due()
    assert read == [[ended.carrier_ref, open_one.carrier_ref]]
    assert fresh(ended).next_poll_at is None
    assert fresh(open_one).next_poll_at > now()


def test_oldest_come_first_and_not_too_many(shop, veloyd, read, monkeypatch):
    monkeypatch.setattr(polling, "BATCH", 2)
    parcels = parcels_of(shop, veloyd, 5)
    for _poll in range(3):
        polling.poll_due()
    refs = [parcel.carrier_ref for parcel in parcels]
    assert read == [refs[:2], refs[2:4], refs[4:]]


def test_rate_of_the_account(shop, veloyd, read):
    parcels = parcels_of(shop, veloyd, 5)
    CarrierAccount.objects.update(rate_per_minute=3)
    assert polling.poll_due() == 1
    assert polling.poll_due() == 1
    assert read == [[parcel.carrier_ref for parcel in parcels[:3]]]
    assert Delivery.objects.filter(next_poll_at__lte=now()).count() == 2  # they stay due


def test_disabled_account_goes_on_being_asked(shop, veloyd, read):
    parcels_of(shop, veloyd, 1)
    CarrierAccount.objects.update(is_enabled=False)
    assert polling.poll_due() == 1
    assert len(read) == 1


def test_error_of_one_parcel_is_noted_and_the_others_are_read(shop, veloyd, simulator):
    one, other = parcels_of(shop, veloyd, 2)
    Delivery.objects.filter(pk=one.pk).update(carrier_ref="404404")
    simulator.set_status(other.carrier_ref, "4")
    polling.poll_due()
    inbox.run_due()
    assert status(other) == "DELIVERY_IN_TRANSIT"
    assert "unknown_parcel" in fresh(veloyd).last_poll_error
    assert fresh(one).next_poll_at > now()


def test_carrier_that_is_down_is_asked_later(shop, veloyd, simulator):
    (delivery,) = parcels_of(shop, veloyd, 1)
    simulator.fault("500", on="read")
    assert polling.poll_due() == 1
    account = fresh(veloyd)
    assert (account.last_poll_ok_at, account.poll_lease_until) == (None, None)
    assert "unavailable" in account.last_poll_error
    assert (status(delivery), fresh(delivery).next_poll_at > now()) == ("DELIVERY_INIT", True)


# --- the lease -------------------------------------------------------------------------------------


def test_account_that_is_being_polled_is_left_alone(shop, veloyd, read):
    parcels_of(shop, veloyd, 1)
    assert polling.take_lease(veloyd)
    assert polling.poll_due() == 0
    polling.drop_lease(veloyd)
    assert polling.poll_due() == 1
    assert len(read) == 1


def test_lease_of_a_poller_that_died_runs_out(shop, veloyd, read, at):
    parcels_of(shop, veloyd, 1)
    at(0)
    Delivery.objects.update(next_poll_at=NOON)
    assert polling.take_lease(veloyd)
    at(polling.LEASE.total_seconds())
    assert polling.poll_due() == 0
    at(polling.LEASE.total_seconds() + 0.001)
    assert polling.poll_due() == 1


def test_account_in_trouble_does_not_keep_the_others_waiting(shop, veloyd, sendcloud, read, at):
    """Its credentials, say, cannot be opened any more."""
    parcels_of(shop, veloyd, 1)
    at(0)
    Delivery.objects.update(next_poll_at=NOON)
    broken = CarrierAccount.objects.filter(pk=sendcloud.pk)
    broken.update(next_poll_at=NOON - timedelta(hours=1), sealed_credentials="rust")
    assert polling.poll_due() == 2
    assert len(read) == 1
    account = fresh(sendcloud)
    assert account.last_poll_error.startswith("VaultError: ")
    assert (account.poll_lease_until, account.last_poll_ok_at) == (None, None)
    assert account.next_poll_at == NOON + timedelta(seconds=60)


def test_parcels_of_an_account_in_trouble_are_tried_again_later(shop, veloyd, monkeypatch, at):
    (delivery,) = parcels_of(shop, veloyd, 1)
    at(0)
    Delivery.objects.update(next_poll_at=NOON)
    monkeypatch.setattr(calls, "read_parcels", None)
    assert polling.poll_due() == 1
    assert polling.poll_due() == 0
    assert fresh(delivery).next_poll_at == NOON + timedelta(seconds=60)
    assert fresh(veloyd).next_poll_at is None


def test_accounts_are_polled_apart(shop, veloyd, read):
    other = create_account(
        shop, "veloyd", code="other", credentials={"api_key": "other"}, base_url=veloyd.base_url
    )
    one, two = *parcels_of(shop, veloyd, 1), *parcels_of(shop, other, 1)
    assert polling.poll_due() == 2
    assert sorted(read) == sorted([[one.carrier_ref], [two.carrier_ref]])


def test_account_is_not_begun_when_the_time_is_over(shop, veloyd, read):
    """A worker has its limit: the next tick goes on, with those who have waited longest."""
    parcels_of(shop, veloyd, 1)
    assert polling.poll_due(seconds=0) == 0
    assert (read, fresh(veloyd).poll_lease_until) == ([], None)
    assert polling.poll_due() == 1


def test_worker_that_is_stopped_blames_no_account(shop, veloyd, monkeypatch):
    def stop(*arguments):
        raise SoftTimeLimitExceeded

    (delivery,) = parcels_of(shop, veloyd, 1)
    monkeypatch.setattr(calls, "read_parcels", stop)
    with pytest.raises(SoftTimeLimitExceeded):
        polling.poll_due()
    assert (fresh(veloyd).poll_lease_until, fresh(veloyd).last_poll_error) == (None, "")
    assert fresh(delivery).next_poll_at == delivery.next_poll_at


# --- as a list -------------------------------------------------------------------------------------


def test_changes_are_listed_and_applied(shop, sendcloud, simulator):
    (delivery,) = booked(make_order(shop), sendcloud)
    simulator.set_status(delivery.carrier_ref, "91")
    assert polling.poll_due() == 1
    inbox.run_due()
    assert status(delivery) == "DELIVERY_IN_TRANSIT"
    account = fresh(sendcloud)
    assert (account.poll_cursor, account.last_poll_error) == ("", "")
    assert account.next_poll_at > now()
    assert polling.poll_due() == 0


def test_first_list_looks_back_a_day_and_the_next_one_to_the_last_good_poll(sendcloud, listed, at):
    at(0)
    CarrierAccount.objects.filter(pk=sendcloud.pk).update(next_poll_at=NOON)
    assert polling.poll_due() == 1
    assert fresh(sendcloud).next_poll_at == NOON + timedelta(seconds=60)
    at(59)
    assert polling.poll_due() == 0
    at(60)
    polling.poll_due()
    assert listed == [(NOON - timedelta(days=1), ""), (NOON, "")]


def test_listing_goes_on_at_its_cursor(sendcloud, listed, at):
    """The moment from which on is listed stays where it is until all pages were read."""
    listed.answers = (Listing((), "page 2"), Listing((), ""), Listing((), ""))
    at(0)
    CarrierAccount.objects.filter(pk=sendcloud.pk).update(
        next_poll_at=NOON, last_poll_ok_at=NOON - timedelta(hours=1)
    )
    polling.poll_due()
    assert (fresh(sendcloud).poll_cursor, fresh(sendcloud).next_poll_at) == ("page 2", NOON)
    at(1)
    polling.poll_due()
    assert fresh(sendcloud).poll_cursor == ""
    at(61)
    polling.poll_due()
    hour_ago = NOON - timedelta(hours=1)
    assert listed == [(hour_ago, ""), (hour_ago, "page 2"), (NOON + timedelta(seconds=1), "")]


def test_error_in_the_middle_keeps_the_cursor(sendcloud, listed, at):
    listed.answers = (Listing((), "page 3", calls.CarrierError("unavailable", "down")),)
    at(0)
    CarrierAccount.objects.filter(pk=sendcloud.pk).update(next_poll_at=NOON)
    polling.poll_due()
    account = fresh(sendcloud)
    assert (account.poll_cursor, account.last_poll_ok_at) == ("page 3", None)
    assert account.last_poll_error == "unavailable: down"
    assert account.next_poll_at == NOON + timedelta(seconds=60)


def test_cursor_that_the_carrier_takes_no_longer_is_thrown_away(sendcloud, listed, at):
    """Else the account would be refused for ever; what is read twice changes nothing."""
    refused = calls.CarrierError("refused", "Invalid cursor.", permanent=True)
    listed.answers = (Listing((), "page 3", refused), Listing(()))
    at(0)
    hour_ago = NOON - timedelta(hours=1)
    mine = CarrierAccount.objects.filter(pk=sendcloud.pk)
    mine.update(next_poll_at=NOON, poll_cursor="page 3", last_poll_ok_at=hour_ago)
    polling.poll_due()
    at(60)
    polling.poll_due()
    assert listed == [(hour_ago, "page 3"), (hour_ago, "")]
    assert fresh(sendcloud).last_poll_ok_at == NOON + timedelta(seconds=60)


def test_list_waits_for_the_rate(sendcloud, listed):
    CarrierAccount.objects.filter(pk=sendcloud.pk).update(rate_per_minute=1)
    for _poll in range(2):
        CarrierAccount.objects.filter(pk=sendcloud.pk).update(next_poll_at=now())
        polling.poll_due()
    assert len(listed) == 1


# --- clockwork -------------------------------------------------------------------------------------


def test_tasks_leave_their_beat(shop, veloyd, simulator):
    (delivery,) = parcels_of(shop, veloyd, 1)
    simulator.set_status(delivery.carrier_ref, "7")
    poll_carriers()
    apply_inbox()
    assert status(delivery) == "DELIVERY_OK"
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"poll", "inbox"}
    assert not CarrierMessage.objects.filter(state=State.RECEIVED).exists()


def test_due_parcels_are_found_by_index(veloyd):
    due = Delivery.objects.filter(account=veloyd, next_poll_at__lte=NOON).order_by("next_poll_at")
    with CaptureQueriesContext(connection) as sent:
        list(due[:10])
    (query,) = [row["sql"] for row in sent]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
        assert "delivery_poll_due" in str(cursor.fetchall())
