"""Booking while workers die and orders go another way: nothing is sent twice, nothing is lost."""

import pytest

from carriers import calls
from deliveries import booking
from deliveries.models import Delivery
from deliveries.services import request_delivery
from tests.deliveries.acting import alerts, by_hand, everything, work
from tests.factories import agent, make_order
from tests.orders.building import history_is_whole, must_move
from woop import jobs
from woop.models import Job, JobState


@pytest.fixture(params=["veloyd", "sendcloud"])
def account(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def order(shop):
    return make_order(shop)


def job():
    return Job.objects.get(kind="book_delivery")


def request(order, account):
    return request_delivery(order, actor=agent(order.shop), account_code=account.code)


# --- a worker dies ---------------------------------------------------------------------------------


class Killed(BaseException):
    pass


def die(*arguments, **how):
    raise Killed


def run_until_killed():
    with pytest.raises(Killed):
        work()
    Job.objects.filter(state=JobState.RUNNING).update(lease_until="2020-01-01T00:00Z")


def test_killed_before_the_call(order, sendcloud, simulator, monkeypatch):
    monkeypatch.setattr(booking, "_note_call", die)
    run_until_killed()
    assert simulator.calls("create") == []
    monkeypatch.undo()
    work()
    assert len(simulator.parcels()) == 1
    assert Delivery.objects.count() == 1


def test_killed_between_the_call_and_its_record(order, sendcloud, simulator, monkeypatch):
    monkeypatch.setattr(booking, "record_booking", die)
    run_until_killed()
    assert len(simulator.parcels()) == 1
    assert not Delivery.objects.exists()
    monkeypatch.undo()
    jobs.run_due()
    assert len(simulator.calls("create")) == 1
    assert Delivery.objects.get().carrier_ref == str(simulator.parcel(order.number)["id"])


def test_killed_after_the_record(order, account, simulator, monkeypatch):
    monkeypatch.setattr(jobs, "_settle", die)
    request_jobs = Job.objects.filter(kind="choose_carrier")
    jobs.handlers["choose_carrier"](request_jobs.get())
    request_jobs.delete()
    run_until_killed()
    assert Delivery.objects.count() == 1
    monkeypatch.undo()
    jobs.run_due()
    assert len(simulator.calls("create")) == 1
    assert Delivery.objects.count() == 1
    assert job().state == JobState.DONE
    assert history_is_whole(order)


def test_booking_that_runs_twice(order, account, simulator):
    request(order, account)
    before = order.events.count()
    booking.book_delivery(job())
    assert len(simulator.calls("create")) == 1
    assert (Delivery.objects.count(), order.events.count()) == (1, before)


def test_killed_where_the_carrier_cannot_be_searched(order, veloyd, simulator, monkeypatch):
    """Only a person can see whether Veloyd took the parcel on: it is not sent again."""
    monkeypatch.setattr(booking, "record_booking", die)
    run_until_killed()
    monkeypatch.undo()
    assert jobs.run_due() == 1
    assert len(simulator.calls("create")) == 1
    assert job().state == JobState.PARKED
    assert alerts(order) == ["booking_unknown", "job_parked"]
    assert everything(order)[3:] == ("ORDER_TO_BE_SENT_TO_CARRIER", [])


# --- the order goes another way meanwhile ----------------------------------------------------------


def choose_only(order):
    waiting = Job.objects.get(kind="choose_carrier")
    jobs.run(jobs.claim(1)[0])
    assert Job.objects.get(pk=waiting.pk).state == JobState.DONE


@pytest.mark.parametrize("cancelled", ["order", "package"])
def test_cancelled_before_the_booking(shop, account, simulator, cancelled):
    order = make_order(shop, packages=2)
    choose_only(order)
    must_move(order if cancelled == "order" else order.packages.first(), 99)
    work()
    assert len(simulator.calls("create")) == (0 if cancelled == "order" else 1)


def while_calling(monkeypatch, happens):
    """Let something happen after the carrier has taken the parcel on, and before we write it down."""
    real = calls.book

    def book(*arguments, **how):
        answer = real(*arguments, **how)
        happens()
        return answer

    monkeypatch.setattr(calls, "book", book)


def test_order_cancelled_while_it_is_booked(order, veloyd, simulator, monkeypatch):
    choose_only(order)
    while_calling(monkeypatch, lambda: must_move(order, 99))
    work()
    assert everything(order) == (99, [99], [99], "ORDER_CANCELLED", ["DELIVERY_CANCELLED"])
    assert alerts(order) == ["booked_in_vain"]
    assert simulator.parcels() == []
    delivery = Delivery.objects.get()
    assert list(delivery.packages.all()) == []
    assert delivery.cancel_requested_at is not None
    assert history_is_whole(order)


def test_delivery_by_hand_while_it_is_booked(order, veloyd, simulator, monkeypatch):
    choose_only(order)
    while_calling(monkeypatch, lambda: by_hand(order))
    work()
    hand, vain = Delivery.objects.order_by("pk")
    assert (hand.status, vain.status) == ("DELIVERY_INIT", "DELIVERY_CANCELLED")
    assert (vain.replaced_by, list(vain.packages.all())) == (hand, [])
    assert everything(order)[:4] == (5, [0], [0], "ORDER_TO_DELIVER")
    assert alerts(order) == ["booked_in_vain"]
    assert simulator.parcels() == []
