"""An agent and a carrier at one order at once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from carriers import inbox
from carriers.adapters.base import ParcelStatus
from carriers.models import CarrierMessage
from carriers.services import create_account
from carriers.statuses import Channel, State
from deliveries.models import Delivery
from deliveries.tracking import apply_and_resolve
from orders.models import Order
from tests.factories import add_deliveries, make_order
from tests.orders.building import history_is_whole, move, state
from tests.races.racing import at_once, race
from woop.clock import now
from woop.models import Job, StatusEvent


@pytest.fixture(autouse=True)
def _applier(monkeypatch):
    monkeypatch.setattr(inbox.work, "_applier", apply_and_resolve)


@pytest.fixture
def order(shop):
    """An order whose parcel Veloyd carries."""
    order = make_order(shop)
    add_deliveries([order])
    account = create_account(shop, "veloyd")
    order.deliveries.update(account=account, carrier_ref="1", external_reference="R1")
    return order


def says(order, raw, minutes=0):
    """Answer the work of a runner that applies a message of the carrier."""
    delivery = order.deliveries.select_related("account").get()
    at = now() - timedelta(hours=1) + timedelta(minutes=minutes)
    item = ParcelStatus("1", raw, occurred_at=at)
    (message,) = inbox.receive(delivery.account, Channel.HOOK, [item], body=f"{raw} {minutes}".encode())
    return lambda: inbox.apply(message)


def delivery_status(order):
    return Order.objects.get(pk=order.pk).delivery_status, order.deliveries.get().status


def test_agent_cancels_before_the_carrier_has_collected(order, planned):
    agent, carrier = race(planned, lambda: move(order, 99), says(order, "3"))
    assert agent.result().refusal is None
    assert carrier.result().state == State.APPLIED
    assert state(order) == (99, [99], [99])
    assert delivery_status(order) == ("ORDER_CANCELLED", "DELIVERY_PICK_UP_OK")
    assert Job.objects.filter(kind="cancel_delivery").count() == 1
    assert history_is_whole(order)


def test_carrier_has_collected_before_the_agent_cancels(order, planned):
    carrier, agent = race(planned, says(order, "3"), lambda: move(order, 99))
    assert carrier.result().state == State.APPLIED
    assert agent.result().refusal.code == "package_left"
    assert state(order) == (10, [3], [30])
    assert delivery_status(order) == ("ORDER_BEING_DELIVERED", "DELIVERY_PICK_UP_OK")
    assert Job.objects.filter(kind="cancel_delivery").count() == 0
    assert history_is_whole(order)


def test_two_messages_of_one_delivery(order, planned):
    later, earlier = race(planned, says(order, "7", 5), says(order, "4"))
    assert (later.result().state, earlier.result().state) == (State.APPLIED, State.LATE)
    assert state(order) == (10, [4], [40])
    assert delivery_status(order) == ("ORDER_DELIVERED", "DELIVERY_OK")
    assert history_is_whole(order)


def test_without_the_lock_agent_and_carrier_collide(order, planned, without_lock):
    runners = race(planned, lambda: move(order, 8), says(order, "4"))
    assert [type(runner.error) for runner in runners].count(IntegrityError) == 1


def test_workers_apply_each_message_once(order):
    """Whatever the order they come to it, the messages of one delivery end in the same state."""
    codes = ["1", "2", "3", "4", "10", "6", "7"]
    for minutes, raw in enumerate(codes):
        says(order, raw, minutes)
    workers = at_once(*[lambda: inbox.run_due(limit=1)] * 4)
    assert sum(worker.result() for worker in workers) == len(codes)
    assert set(CarrierMessage.objects.values_list("attempts", flat=True)) == {1}
    assert state(order) == (10, [4], [40])
    assert delivery_status(order) == ("ORDER_DELIVERED", "DELIVERY_OK")
    assert Delivery.objects.get().carrier_clock == CarrierMessage.objects.get(raw_status="7").occurred_at
    applied = StatusEvent.objects.filter(object_type="delivery").values_list("to_status", flat=True)
    assert len(applied) == len(set(applied))
    assert history_is_whole(order)
