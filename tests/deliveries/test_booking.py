"""Booking at a carrier: once for each package, whatever happens on the way."""

import pytest
from django.db import transaction

from carriers.models import CarrierMessage
from deliveries.booking import parcel_of
from deliveries.models import Delivery
from deliveries.services import request_delivery
from orders.models import Order, Package
from tests.deliveries.acting import alerts, booked, by_hand, everything, work
from tests.factories import ADDRESS, agent, make_order, make_shop
from tests.orders.building import history_is_whole, must_move, order_of
from woop.errors import InvalidInput, RuleError
from woop.models import Job, JobState


@pytest.fixture(params=["veloyd", "sendcloud"])
def account(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def order(shop):
    return make_order(shop)


@pytest.fixture
def impatient(account):
    account.settings = {"timeout_s": 1}
    account.save()
    return account


def job():
    return Job.objects.get(kind="book_delivery")


def request(order, account):
    return request_delivery(order, actor=agent(order.shop), account_code=account.code)


# --- yes -------------------------------------------------------------------------------------------


def test_booked_at_once(order, account, simulator):
    delivery = request(order, account)
    parcel = simulator.parcel(order.number)
    assert (delivery.carrier_ref, delivery.status) == (str(parcel["id"]), "DELIVERY_INIT")
    assert delivery.external_reference == job().payload["reference"]
    assert list(delivery.packages.all()) == [order.packages.get()]
    assert job().state == JobState.DONE
    work()
    assert everything(order) == (8, [2], [20], "ORDER_TO_DELIVER", ["DELIVERY_INIT"])
    answer = CarrierMessage.objects.get()
    assert (answer.channel, answer.state, answer.delivery_id) == ("answer", "no_change", delivery.pk)


def test_booked_by_the_choice_with_its_causes(order, account):
    work()
    delivery = Delivery.objects.get()
    events = list(order.events.order_by("sequence"))
    sent = next(event for event in events if event.to_status == "ORDER_TO_BE_SENT_TO_CARRIER")
    made = next(event for event in events if event.object_type == "delivery")
    told = next(event for event in events if event.to_status == "ORDER_TO_DELIVER")
    assert (made.object_id, made.cause, told.cause) == (delivery.pk, sent.sequence, made.sequence)
    assert {event.source for event in (sent, made, told)} == {"delivery"}
    assert everything(order) == (8, [2], [20], "ORDER_TO_DELIVER", ["DELIVERY_INIT"])
    assert history_is_whole(order)


def test_parcel_carrier_gets_one_delivery_for_each_package(shop, account, simulator):
    order = make_order(shop, packages=3)
    deliveries = booked(order, account)
    assert len(simulator.calls("create")) == 3
    assert [list(delivery.packages.all()) for delivery in deliveries] == [[p] for p in order.packages.all()]
    assert len({delivery.external_reference for delivery in deliveries}) == 3
    assert everything(order)[0::3] == (8, "ORDER_TO_DELIVER")


def test_polled_one_by_one_or_as_a_list(order, account):
    delivery = request(order, account)
    assert (delivery.next_poll_at is None) == (account.carrier == "sendcloud")


def test_what_the_carrier_is_told(shop, veloyd):
    order = order_of(shop, ("homedelivery", {"A": 1}, 750, 300, 200, 100), ("homedelivery", {"B": 1}))
    weighed, unknown = order.packages.order_by("position")
    parcel = parcel_of(weighed, veloyd, "R-1")
    assert (parcel.external_reference, parcel.order_number) == ("R-1", order.number)
    assert (parcel.weight_g, parcel.length_mm, parcel.width_mm, parcel.height_mm) == (750, 300, 200, 100)
    assert (parcel.address.name, parcel.address.street) == (ADDRESS["recipient_name"], ADDRESS["street"])
    assert parcel_of(unknown, veloyd, "R-2").weight_g == 1000
    veloyd.settings = {"default_weight_g": "400"}
    assert parcel_of(unknown, veloyd, "R-2").weight_g == 400


def test_carrier_that_was_asked_for_by_name_is_awaited(order, account, sendcloud, veloyd, simulator):
    """The choice that waits since the order came must not book another parcel meanwhile."""
    simulator.fault("429", on="create")
    assert request(order, account) is None
    steps = (
        order.events.filter(field="delivery_status").order_by("sequence").values_list("to_status", flat=True)
    )
    assert list(steps)[1:] == ["ORDER_TO_BE_QUOTED", "ORDER_QUOTED", "ORDER_TO_BE_SENT_TO_CARRIER"]
    work()
    assert Delivery.objects.get().account == account
    assert len(simulator.parcels()) == 1


# --- no --------------------------------------------------------------------------------------------


def test_refused_by_the_carrier(order, account):
    account.credentials = dict.fromkeys(account.credentials, "wrong")
    account.save()
    work()
    assert everything(order) == (5, [0], [0], "ORDER_REFUSED_DELIVERY", [])
    assert alerts(order) == ["booking_refused"]
    assert job().state == JobState.DONE


def test_refused_by_the_carrier_that_was_named(order, account):
    account.credentials = dict.fromkeys(account.credentials, "wrong")
    account.save()
    assert request(order, account) is None
    assert everything(order) == (5, [0], [0], "ORDER_REFUSED_DELIVERY", [])
    assert alerts(order) == ["booking_refused"]


def test_chosen_again_after_the_refusal(order, account):
    secrets = account.credentials
    account.credentials = dict.fromkeys(secrets, "wrong")
    account.save()
    work()
    account.credentials = secrets
    account.save()
    must_move(order, "ORDER_TO_BE_QUOTED", field="delivery_status")
    work()
    assert everything(order) == (8, [2], [20], "ORDER_TO_DELIVER", ["DELIVERY_INIT"])


def test_refused_although_the_parcel_is_there(shop, sendcloud, simulator):
    """Sendcloud's announcement fails: the parcel exists, and so must its delivery."""
    order = make_order(shop, number="1-unannounced")
    (delivery,) = booked(order, sendcloud)
    assert delivery.carrier_ref == str(simulator.parcel("1-unannounced")["id"])
    assert everything(order) == (5, [98], [0], "ORDER_DELIVERY_UNCOMPLETED", ["DELIVERY_FAILED"])


# --- not now ---------------------------------------------------------------------------------------


def test_carrier_that_has_had_enough_is_asked_again(order, account, simulator):
    simulator.fault("429", on="create")
    assert request(order, account) is None
    waiting = job()
    assert (waiting.state, waiting.attempts, waiting.payload["may_exist"]) == (JobState.WAITING, 1, False)
    work()
    assert [call["status"] for call in simulator.calls("create")] == [429, 200]
    assert len(simulator.parcels()) == 1
    assert everything(order)[4] == ["DELIVERY_INIT"]


def test_carrier_that_is_not_there_is_asked_again(order, account):
    address = account.base_url
    account.base_url = "http://127.0.0.1:9/"
    account.save()
    assert request(order, account) is None
    assert job().payload["may_exist"] is False
    account.base_url = address
    account.save()
    work()
    assert everything(order)[4] == ["DELIVERY_INIT"]


# --- unknown ---------------------------------------------------------------------------------------


def test_sendcloud_finds_the_parcel_whose_answer_was_lost(order, sendcloud, simulator):
    simulator.fault("garbage", on="create")
    simulator.fault("500", on="list")
    assert request(order, sendcloud) is None
    assert (job().state, job().payload["may_exist"]) == (JobState.WAITING, True)
    work()
    assert len(simulator.calls("create")) == 1
    assert Delivery.objects.get().carrier_ref == str(simulator.parcel(order.number)["id"])
    assert everything(order)[4] == ["DELIVERY_INIT"]


def test_sendcloud_creates_what_is_certainly_not_there(order, sendcloud, simulator):
    simulator.fault("drop", on="create")
    simulator.fault("500", on="list")
    assert request(order, sendcloud) is None
    work()
    assert len(simulator.parcels()) == 1
    assert everything(order)[4] == ["DELIVERY_INIT"]


@pytest.mark.parametrize("account", ["veloyd"], indirect=True)
@pytest.mark.parametrize("kind", ["timeout", "garbage", "500"])
def test_veloyd_is_never_asked_twice(order, impatient, simulator, kind):
    """It cannot be searched: a person must look."""
    simulator.fault(kind, on="create")
    assert request(order, impatient) is None
    work()
    assert simulator.calls("create")[1:] == []
    assert len(simulator.parcels()) == (0 if kind == "500" else 1)
    assert job().state == JobState.PARKED
    assert alerts(order) == ["booking_unknown", "job_parked"]
    assert everything(order) == (5, [0], [0], "ORDER_TO_BE_SENT_TO_CARRIER", [])


@pytest.mark.parametrize("account", ["sendcloud"], indirect=True)
def test_sendcloud_looks_itself_after_a_timeout(order, impatient, simulator):
    simulator.fault("timeout", on="create")
    assert request(order, impatient).carrier_ref == str(simulator.parcel(order.number)["id"])
    assert len(simulator.parcels()) == 1


# --- what is refused -------------------------------------------------------------------------------


def refused(order, **how):
    with pytest.raises((RuleError, InvalidInput)) as caught, transaction.atomic():
        request_delivery(order, **{"actor": agent(order.shop), "account_code": "manual"} | how)
    error = caught.value
    return error.refusal.code if isinstance(error, RuleError) else list(error.errors)


def test_requests_that_are_refused(shop, order):
    foreign = make_order(shop).packages.get()
    collect = make_order(shop, types=("collect",))
    assert refused(order, account_code="nobody") == ["carrier_account"]
    assert refused(order, package_ids=[]) == ["packages"]
    assert refused(order, package_ids=[foreign.pk]) == ["packages"]
    assert refused(order, version=order.version - 1) == "version_conflict"
    assert refused(collect) == "no_package"
    assert refused(collect, package_ids=[collect.packages.get().pk]) == ["packages"]
    assert refused(collect, account_code="") == "final"
    assert refused(make_order(shop, requires_acceptance=True)) == "acceptance_pending"
    by_hand(order)
    assert refused(order) == "no_package"
    assert refused(order, package_ids=[order.packages.get().pk]) == "package_not_waiting"
    must_move(order, 99)
    assert refused(order) == "final"
    assert Delivery.objects.count() == 1


def test_account_of_another_shop_is_none(order):
    make_shop().carrier_accounts.update(code="elsewhere")
    assert refused(order, account_code="elsewhere") == ["carrier_account"]


def test_package_that_left_waits_for_nothing(order):
    package = order.packages.get()
    Package.objects.filter(pk=package.pk).update(status=3, floor=3)
    assert refused(order, package_ids=[package.pk]) == "package_not_waiting"


def test_stranger_has_no_such_order(order):
    with pytest.raises(Order.DoesNotExist), transaction.atomic():
        request_delivery(order, actor=agent(make_shop()), account_code="manual")


def test_some_of_the_packages(shop):
    order = make_order(shop, packages=3)
    first, _second, third = order.packages.order_by("position")
    delivery = by_hand(order, package_ids=[third.pk, first.pk, third.pk])
    assert set(delivery.packages.all()) == {first, third}
    rest = by_hand(order)
    assert list(rest.packages.all()) == [order.packages.get(position=2)]
