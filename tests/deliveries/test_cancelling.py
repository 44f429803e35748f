"""Cancelling at a carrier: a yes ends the delivery, a no is for a person, and packages stay (D12, D13)."""

import pytest

from carriers.adapters.base import Capability
from carriers.adapters.veloyd.adapter import VeloydAdapter
from deliveries import booking
from deliveries.models import Delivery
from tests.deliveries.acting import alerts, booked, by_hand, everything, fresh, say, status, work
from tests.factories import make_order
from tests.orders.building import history_is_whole, left, must_move, story
from woop import jobs
from woop.models import Job, JobState


@pytest.fixture
def order(shop):
    return make_order(shop)


def cancel_job():
    return Job.objects.get(kind="cancel_delivery")


# --- asked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("carrier", ["veloyd", "sendcloud"])
def test_carrier_is_asked_and_the_delivery_waits_for_its_answer(order, carrier, request):
    (delivery,) = booked(order, request.getfixturevalue(carrier))
    outcome = must_move(order, 99)
    assert left(outcome) == [("delivery", "DELIVERY_INIT", "cancel_requested")]
    delivery = fresh(delivery)
    assert (delivery.status, delivery.cancel_requested_at is not None) == ("DELIVERY_INIT", True)
    assert (cancel_job().payload, cancel_job().order) == ({"delivery": delivery.pk}, order)
    assert everything(order)[:4] == (99, [99], [99], "ORDER_CANCELLED")


def test_asked_once_however_often_the_order_is_cancelled(shop, veloyd):
    order = make_order(shop, packages=2)
    booked(order, veloyd)
    must_move(order, 99)
    assert Job.objects.filter(kind="cancel_delivery").count() == 2
    must_move(order, 99)
    assert Job.objects.filter(kind="cancel_delivery").count() == 2


# --- yes -------------------------------------------------------------------------------------------


def test_confirmed_at_once(order, veloyd, simulator):
    (delivery,) = booked(order, veloyd)
    must_move(order, 99)
    work()
    assert simulator.parcels() == []
    assert everything(order) == (99, [99], [99], "ORDER_CANCELLED", ["DELIVERY_CANCELLED"])
    event = order.events.get(object_type="delivery", to_status="DELIVERY_CANCELLED")
    assert (event.source, event.actor) == ("veloyd", f"account:{veloyd.pk}")
    assert alerts(order) == []
    assert history_is_whole(order)


def test_confirmed_later(order, sendcloud, simulator):
    (delivery,) = booked(order, sendcloud)
    must_move(order, 99)
    work()
    assert simulator.parcel(order.number)["status"] == "1999"
    assert cancel_job().state == JobState.DONE
    assert status(delivery) == "DELIVERY_INIT"
    say(delivery, "1999")
    assert status(delivery) == "DELIVERY_INIT"
    say(delivery, "2000")
    assert everything(order) == (99, [99], [99], "ORDER_CANCELLED", ["DELIVERY_CANCELLED"])
    assert alerts(order) == []


def test_carrier_is_asked_again_until_it_answers(order, veloyd, simulator):
    (delivery,) = booked(order, veloyd)
    simulator.fault("500", on="read", times=2)
    must_move(order, 99)
    jobs.run_due()
    assert (cancel_job().state, status(delivery)) == (JobState.WAITING, "DELIVERY_INIT")
    work()
    assert (cancel_job().attempts, status(delivery)) == (3, "DELIVERY_CANCELLED")


@pytest.mark.parametrize("carrier", ["veloyd", "sendcloud"])
def test_cancellation_whose_answer_was_lost(order, carrier, request, simulator):
    """The second time the parcel is gone, or on its way out: that is the yes we missed."""
    (delivery,) = booked(order, request.getfixturevalue(carrier))
    if carrier == "sendcloud":
        simulator.set_status(delivery.carrier_ref, "1")
    simulator.fault("garbage", on="cancel")
    must_move(order, 99)
    work()
    assert status(delivery) == "DELIVERY_CANCELLED"
    assert alerts(order) == []


def test_cancellation_that_runs_twice(order, veloyd):
    (delivery,) = booked(order, veloyd)
    must_move(order, 99)
    work()
    events = order.events.count()
    job = cancel_job()
    job.attempts = 2
    booking.cancel_delivery(job)
    assert order.events.count() == events
    assert alerts(order) == []


# --- no --------------------------------------------------------------------------------------------


def test_refused_at_once(order, veloyd, simulator):
    (delivery,) = booked(order, veloyd)
    simulator.set_status(delivery.carrier_ref, "2")  # the label is printed
    must_move(order, 99)
    work()
    assert alerts(order) == ["cancel_refused"]
    delivery = fresh(delivery)
    assert (delivery.status, delivery.cancel_requested_at) == ("DELIVERY_INIT", None)
    assert everything(order)[:4] == (99, [99], [99], "ORDER_CANCELLED")


def test_refused_later(order, sendcloud):
    (delivery,) = booked(order, sendcloud)
    must_move(order, 99)
    work()
    say(delivery, "94")
    assert fresh(delivery).cancel_requested_at is None
    assert sorted(alerts(order)) == ["cancel_refused", "carrier_alert"]


def test_delivery_goes_on_after_the_refusal(order, veloyd, simulator):
    """Goods that the carrier brings all the same do not call a cancelled order back to life."""
    (delivery,) = booked(order, veloyd)
    simulator.set_status(delivery.carrier_ref, "2")
    must_move(order, 99)
    work()
    say(delivery, "7")
    assert everything(order) == (99, [99], [99], "ORDER_CANCELLED", ["DELIVERY_OK"])


def test_carrier_that_knows_no_such_parcel(order, veloyd, simulator):
    (delivery,) = booked(order, veloyd)
    simulator.control("POST", "reset")
    must_move(order, 99)
    work()
    assert alerts(order) == ["cancel_refused"]
    assert status(delivery) == "DELIVERY_INIT"


def test_credentials_that_are_wrong_by_now(order, veloyd):
    (delivery,) = booked(order, veloyd)
    veloyd.credentials = {"api_key": "wrong"}
    veloyd.save()
    must_move(order, 99)
    work()
    assert alerts(order) == ["cancel_refused"]
    assert fresh(delivery).cancel_requested_at is None


def test_carrier_that_cannot_cancel_is_called_by_a_person(order, veloyd, monkeypatch):
    (delivery,) = booked(order, veloyd)
    monkeypatch.setattr(VeloydAdapter, "capabilities", VeloydAdapter.capabilities - {Capability.CANCEL})
    must_move(order, 99)
    assert status(delivery) == "DELIVERY_CANCELLED"
    assert alerts(order) == ["cancel_by_hand"]
    assert not Job.objects.filter(kind="cancel_delivery").exists()


def test_delivery_that_no_carrier_knows(order):
    delivery = by_hand(order)
    must_move(order, 99)
    assert status(delivery) == "DELIVERY_CANCELLED"
    assert alerts(order) == []


# --- our own cancellation never touches the packages (D13) -----------------------------------------


@pytest.mark.parametrize("carrier", ["veloyd", "sendcloud"])
def test_delivery_cancelled_by_staff_leaves_its_packages(order, carrier, request):
    (delivery,) = booked(order, request.getfixturevalue(carrier))
    outcome = must_move(delivery, "DELIVERY_CANCELLED")
    assert story(outcome) == [
        ("delivery", "DELIVERY_INIT", "DELIVERY_CANCELLED", "BO"),
        ("order", "ORDER_TO_DELIVER", "ORDER_DELIVERY_UNCOMPLETED", "delivery"),
    ]
    say(delivery, {"veloyd": "9", "sendcloud": "2000"}[carrier])
    assert everything(order) == (8, [2], [20], "ORDER_DELIVERY_UNCOMPLETED", ["DELIVERY_CANCELLED"])


def test_package_gets_a_new_delivery_after_our_cancellation(order, veloyd):
    (delivery,) = booked(order, veloyd)
    must_move(delivery, "DELIVERY_CANCELLED")
    anew = by_hand(order)
    assert everything(order)[3] == "ORDER_TO_DELIVER"
    delivery = fresh(delivery)
    assert (delivery.replaced_by, list(anew.packages.all())) == (anew, [order.packages.get()])
    say(delivery, "9")
    assert everything(order)[:4] == (8, [2], [20], "ORDER_TO_DELIVER")


@pytest.mark.parametrize(("carrier", "raw"), [("veloyd", "9"), ("sendcloud", "1998")])
def test_carriers_own_cancellation_takes_the_package_along(order, carrier, raw, request):
    (delivery,) = booked(order, request.getfixturevalue(carrier))
    say(delivery, raw)
    assert everything(order) == (99, [99], [99], "ORDER_CANCELLED", ["DELIVERY_CANCELLED"])
    assert Delivery.objects.get().cancel_requested_at is None
