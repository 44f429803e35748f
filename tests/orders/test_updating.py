"""Changing customer, address and weights: as long as nothing was picked up."""

import pytest
from django.db import transaction

from orders.models import Order
from orders.services import accept_order, update_order
from tests.factories import ADDRESS, add_deliveries, agent, make_order, make_shop
from tests.orders.building import history_is_whole, must_move
from woop import clock
from woop.actors import Actor
from woop.errors import InvalidInput, RuleError
from woop.models import Job
from woop.sources import Source


@pytest.fixture
def order(shop):
    order = make_order(shop, packages=2)
    Job.objects.all().delete()
    return order


def update(order, weights=None, *, actor=None, version=None, **data):
    return update_order(order, data, weights, actor=actor or agent(order.shop), version=version)


def events(order):
    new = order.events.filter(sequence__gt=order.version).order_by("sequence")
    return [(e.object_type, e.field, e.from_status, e.to_status, e.source, e.cause) for e in new]


def test_change_is_an_event_that_names_fields_and_no_values(order, at):
    later = clock.now()
    at(later, 5000)
    updated = update(order, street="Elsewhere 5", customer_name="Bea", city=ADDRESS["city"])
    assert (updated.street, updated.customer_name, updated.modified_at) == ("Elsewhere 5", "Bea", clock.now())
    number = order.version
    assert events(order) == [
        ("order", "data", None, "changed", "BO", None),
        ("order", "delivery_status", "ORDER_CREATED", "ORDER_UPDATED", "BO", number + 1),
    ]
    assert order.events.get(field="data").quantities == {"changed": ["customer_name", "street"]}
    assert "Elsewhere" not in str(list(order.events.values()))
    assert history_is_whole(order)


def test_weights(order):
    one, other = order.packages.all()
    update(order, {one.pk: 1200, other.pk: 900})
    assert list(order.packages.values_list("weight_g", flat=True)) == [1200, 900]
    assert order.events.get(field="data").quantities == {"changed": ["weight_g"]}


@pytest.mark.parametrize("data", [{}, {"street": ADDRESS["street"]}])
def test_nothing_changed_is_no_change(order, data):
    before = Order.objects.filter(pk=order.pk).values().get()
    update(order, {}, **data)
    assert Order.objects.filter(pk=order.pk).values().get() == before
    assert events(order) == []
    assert not Job.objects.exists()


def test_change_starts_a_new_choice(order):
    update(order, street="Elsewhere 5")
    job = Job.objects.get()
    assert (job.kind, job.order, job.payload) == ("choose_carrier", order, {"cause": order.version + 2})
    update(order, street="Elsewhere 6")
    assert Job.objects.count() == 1  # it reads the order when it runs


def test_what_was_missing_starts_the_choice(shop):
    order = make_order(shop, data=ADDRESS | {"city": "", "country": ""})
    update(order, city="Brest")
    assert Order.objects.get(pk=order.pk).delivery_status == "ORDER_TO_BE_COMPLETED"
    assert not Job.objects.exists()
    updated = update(order, country="FR")
    assert updated.delivery_status == "ORDER_UPDATED"
    assert Job.objects.get().kind == "choose_carrier"


def test_waiting_order_is_changed_and_does_not_start(shop):
    order = make_order(shop, requires_acceptance=True)
    assert update(order, street="Elsewhere 5").delivery_status == "ORDER_UPDATED"
    assert not Job.objects.exists()
    accept_order(order.pk, actor=agent(shop))
    assert Job.objects.get().kind == "choose_carrier"


def test_change_of_a_delivered_order_does_not_look_for_a_carrier(shop):
    order = make_order(shop, types=("digital",))
    update(order, customer_email="bea@example.org")
    assert events(order) == [("order", "data", None, "changed", "BO", None)]
    assert not Job.objects.exists()


def test_nothing_is_changed_after_the_pick_up(order):
    delivery = add_deliveries([order])[0]
    must_move(delivery, "DELIVERY_TEAM_ASSIGNED")
    update(order, street="Elsewhere 5")
    must_move(delivery, "DELIVERY_PICK_UP_OK")
    before = Order.objects.filter(pk=order.pk).values().get()
    with pytest.raises(RuleError) as caught, transaction.atomic():
        update(order, street="Elsewhere 6")
    assert caught.value.refusal.code == "picked_up"
    assert Order.objects.filter(pk=order.pk).values().get() == before


def test_package_of_another_order(order):
    foreign = make_order(order.shop).packages.get()
    with pytest.raises(InvalidInput) as caught, transaction.atomic():
        update(order, {foreign.pk: 500}, street="Elsewhere 5")
    assert caught.value.errors.keys() == {"packages"}
    foreign.refresh_from_db()
    assert foreign.weight_g is None
    assert Order.objects.get(pk=order.pk).street == ADDRESS["street"]
    assert events(order) == []


def test_version_that_was_seen(order):
    with pytest.raises(RuleError) as caught, transaction.atomic():
        update(order, version=order.version - 1, street="Elsewhere 5")
    assert caught.value.refusal.code == "version_conflict"
    assert update(order, version=order.version, street="Elsewhere 5").street == "Elsewhere 5"


def test_another_shops_order_is_not_there(order):
    with pytest.raises(Order.DoesNotExist), transaction.atomic():
        update(order, actor=agent(make_shop()), street="Elsewhere 5")


def test_who_may_only_look_changes_nothing(order):
    reader = Actor(Source.BO, "user:1", order.shop_id, may_change=False)
    with pytest.raises(RuleError) as caught, transaction.atomic():
        update(order, actor=reader, street="Elsewhere 5")
    assert caught.value.refusal.code == "not_permitted"
    assert Order.objects.get(pk=order.pk).street == ADDRESS["street"]
