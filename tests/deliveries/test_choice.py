"""Which carrier takes an order: the first enabled account whose limits fit."""

from datetime import timedelta

import pytest
from django.db import transaction

from carriers.services import create_account
from deliveries.booking import book_delivery
from deliveries.choice import GRACE, choose_carrier, first_fitting
from deliveries.models import Delivery
from deliveries.services import request_delivery
from orders.models import Order, Package
from orders.services import accept_order, update_order
from tests.factories import ADDRESS, agent, make_order, make_shop
from tests.orders.building import history_is_whole, move, must_move, order_of
from woop.jobs import TryAgain
from woop.models import Job
from woop.sources import Source

HOME = "homedelivery"


def account(shop, carrier="veloyd", **columns):
    return create_account(shop, carrier, code=f"{carrier}-{columns.pop('code', 1)}", **columns)


def choose(order, waited=GRACE):
    """Run the choices that wait for this order."""
    for job in Job.objects.filter(order=order, kind="choose_carrier", state="waiting").order_by("id"):
        job.created_at -= waited
        choose_carrier(job)
        Job.objects.filter(pk=job.pk).update(state="done")


def status(order):
    return Order.objects.get(pk=order.pk).delivery_status


def bookings(order):
    return list(Job.objects.filter(order=order, kind="book_delivery").order_by("id"))


def chosen(order):
    """Answer the accounts of the bookings that a choice left, one for each package."""
    choose(order)
    return [job.payload["account"] for job in bookings(order)]


@pytest.mark.django_db
def test_shop_without_integrations_has_a_moment_to_deliver_by_hand():
    shop = make_shop()
    order = make_order(shop)
    with pytest.raises(TryAgain), transaction.atomic():
        choose(order, timedelta(0))
    assert status(order) == "ORDER_CREATED"
    request_delivery(order, actor=agent(shop), account_code="manual")
    choose(order)
    assert status(order) == "ORDER_TO_DELIVER"


# --- limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "measures", "fits"),
    [
        ({}, (30_000, 2000, 1000, 900), True),
        ({"max_weight_g": 1000}, (1000,), True),
        ({"max_weight_g": 1000}, (1001,), False),
        ({"max_length_mm": 500}, (None, 500), True),
        ({"max_length_mm": 500}, (None, 501), False),
        ({"max_width_mm": 300}, (None, None, 301), False),
        ({"max_height_mm": 100}, (None, None, None, 101), False),
        ({"max_weight_g": 1000, "max_height_mm": 100}, (), True),  # what is not known does not count
        ({"countries": ["FR", "BE"]}, (), True),
        ({"countries": ["NL"]}, (), False),
    ],
)
def test_limits(shop, limits, measures, fits):
    candidate = account(shop, **limits)
    order = order_of(shop, (HOME, {"A": 1}, *measures))
    assert first_fitting(list(Package.objects.filter(order=order))) == (candidate if fits else None)


def test_every_package_must_fit(shop):
    account(shop, max_weight_g=1000, priority=1)
    strong = account(shop, "sendcloud", max_weight_g=5000, priority=2)
    order = order_of(shop, (HOME, {"A": 1}, 500), (HOME, {"B": 1}, 1500))
    assert chosen(order) == [strong.pk] * 2


def test_lowest_priority_number_comes_first_then_the_older_account(shop):
    account(shop, priority=20)
    second = account(shop, code=2, priority=10)
    account(shop, code=3, priority=10)
    assert chosen(make_order(shop)) == [second.pk]


def test_disabled_account_is_not_chosen(shop):
    account(shop, priority=1, is_enabled=False)
    second = account(shop, code=2, priority=2)
    assert chosen(make_order(shop)) == [second.pk]


def test_account_of_another_shop_is_not_chosen(shop):
    account(make_shop())
    order = make_order(shop)
    assert chosen(order) == []
    assert status(order) == "ORDER_WITH_NO_CARRIER_ELIGIBLE"


def test_account_without_integration_is_never_chosen(shop):
    shop.carrier_accounts.update(priority=1)
    assert shop.carrier_accounts.get().is_manual
    order = make_order(shop)
    assert chosen(order) == []
    assert status(order) == "ORDER_WITH_NO_CARRIER_ELIGIBLE"


# --- the way through the statuses ------------------------------------------------------------------


def steps(order):
    events = order.events.filter(field="delivery_status").order_by("sequence")
    return [(event.to_status, event.source, event.cause) for event in events]


def test_chosen_order_passes_through_its_statuses(shop):
    account(shop)
    order = make_order(shop)
    choose(order)
    number = order.version
    assert steps(order) == [
        ("ORDER_CREATED", "BO", 1),
        ("ORDER_TO_BE_QUOTED", "delivery", 1),
        ("ORDER_QUOTED", "delivery", number + 1),
        ("ORDER_TO_BE_SENT_TO_CARRIER", "delivery", number + 2),
    ]
    assert history_is_whole(order)


def test_order_that_no_carrier_fits(shop):
    order = make_order(shop)
    choose(order)
    assert steps(order)[1:] == [("ORDER_WITH_NO_CARRIER_ELIGIBLE", "delivery", 1)]
    assert bookings(order) == []


def test_choice_again_after_an_account_was_added(shop):
    order = make_order(shop)
    choose(order)
    found = account(shop)
    must_move(order, "ORDER_TO_BE_QUOTED", field="delivery_status", by=agent(shop, Source.API))
    assert chosen(order) == [found.pk]
    assert status(order) == "ORDER_TO_BE_SENT_TO_CARRIER"


def test_choice_again_that_fails_again(shop):
    order = make_order(shop)
    choose(order)
    must_move(order, "ORDER_TO_BE_QUOTED", field="delivery_status")
    choose(order)
    assert [to for to, _source, _cause in steps(order)[1:]] == [
        "ORDER_WITH_NO_CARRIER_ELIGIBLE",
        "ORDER_TO_BE_QUOTED",
        "ORDER_WITH_NO_CARRIER_ELIGIBLE",
    ]


def test_changed_data_starts_a_choice_from_there(shop):
    account(shop, countries=["NL"])
    order = make_order(shop)
    choose(order)
    update_order(order, {"country": "NL"}, actor=agent(shop))
    choose(order)
    assert status(order) == "ORDER_TO_BE_SENT_TO_CARRIER"


def test_booking_for_each_package(shop):
    found = account(shop)
    order = make_order(shop, packages=3)
    choose(order)
    one, two, three = order.packages.order_by("position")
    payloads = [job.payload for job in bookings(order)]
    assert [payload["package"] for payload in payloads] == [one.pk, two.pk, three.pk]
    references = [payload["reference"] for payload in payloads]
    assert len(set(references)) == 3
    assert all(reference.startswith(f"{order.number}-") for reference in references)
    assert {payload["cause"] for payload in payloads} == {Order.objects.get(pk=order.pk).version}
    assert {job.key for job in bookings(order)} == {f"book:{found.pk}:{r}" for r in references}


def test_only_packages_that_wait_are_booked(shop):
    account(shop)
    order = make_order(shop, packages=4, types=(HOME, "collect", HOME, HOME))
    _first, _collect, cancelled, sent = order.packages.order_by("position")
    must_move(cancelled, 99)
    must_move(sent, 3)
    choose(order)
    assert [job.payload["package"] for job in bookings(order)] == [order.packages.get(position=1).pk]


def test_nothing_left_to_send(shop):
    account(shop)
    order = make_order(shop)
    must_move(order.packages.get(), 3)
    choose(order)
    assert (status(order), bookings(order)) == ("ORDER_CREATED", [])


# --- a choice that is not wanted (any more) --------------------------------------------------------


def assert_choice_does_nothing(order):
    before = order.events.count()
    choose(order)
    assert order.events.count() == before
    assert bookings(order) == []


def test_choice_that_runs_twice(shop):
    account(shop)
    order = make_order(shop)
    job = Job.objects.get(order=order)
    choose_carrier(job)
    before = order.events.count(), Job.objects.count()
    choose_carrier(job)
    assert (order.events.count(), Job.objects.count()) == before


def test_delivery_by_hand_ends_the_choice(shop):
    account(shop)
    order = make_order(shop)
    delivery = request_delivery(order, actor=agent(shop), account_code="manual")
    assert status(order) == "ORDER_TO_DELIVER"
    assert_choice_does_nothing(order)
    assert list(Delivery.objects.filter(order=order)) == [delivery]


def test_delivery_by_hand_while_the_booking_waits(shop, simulator, veloyd):
    order = make_order(shop)
    choose(order)
    request_delivery(order, actor=agent(shop), account_code="manual")
    book_delivery(bookings(order)[0])
    assert simulator.calls("create") == []
    assert Delivery.objects.filter(order=order).count() == 1
    assert status(order) == "ORDER_TO_DELIVER"


def test_cancelled_order(shop):
    account(shop)
    order = make_order(shop)
    must_move(order, 99)
    assert_choice_does_nothing(order)


def test_order_that_waits_for_its_acceptance(shop):
    account(shop)
    order = make_order(shop, requires_acceptance=True)
    Job.objects.create(
        shop=shop,
        order=order,
        kind="choose_carrier",
        key="early",
        next_try_at=order.created_at,
        created_at=order.created_at,
    )
    assert_choice_does_nothing(order)
    accept_order(order.pk, actor=agent(shop))
    choose(order)
    assert status(order) == "ORDER_TO_BE_SENT_TO_CARRIER"


def test_address_that_was_emptied_meanwhile(shop):
    account(shop)
    order = make_order(shop)
    Order.objects.filter(pk=order.pk).update(street="")
    assert_choice_does_nothing(order)


# --- who may ask -----------------------------------------------------------------------------------


def test_person_asks_for_the_choice(shop):
    found = account(shop)
    order = make_order(shop)
    Job.objects.all().delete()
    assert request_delivery(order, actor=agent(shop)) is None
    assert chosen(order) == [found.pk]


@pytest.mark.parametrize("to", ["ORDER_TO_DELIVER", "ORDER_DELIVERED", "ORDER_QUOTED", "ORDER_WITH_NO_QUOTE"])
def test_what_is_worked_out_is_set_by_nobody(shop, to):
    order = make_order(shop)
    assert move(order, to, field="delivery_status").refusal.code == "source_not_allowed"


def test_missing_data_is_completed_before_the_choice(shop):
    account(shop)
    order = make_order(shop, data=ADDRESS | {"city": ""})
    assert status(order) == "ORDER_TO_BE_COMPLETED"
    assert_choice_does_nothing(order)
    update_order(order, {"city": "Brest"}, actor=agent(shop))
    choose(order)
    assert status(order) == "ORDER_TO_BE_SENT_TO_CARRIER"
