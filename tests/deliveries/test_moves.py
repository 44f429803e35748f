"""Moves of deliveries that want more than a target, and what orders do not let be set by hand."""

import pytest

from deliveries.models import Delivery
from deliveries.selectors import deliveries_for
from deliveries.statuses import DeliveryStatus
from tests.deliveries.acting import by_hand, everything, status
from tests.factories import agent, make_order, make_shop, supervisor
from tests.orders.building import codes, move, must_move
from woop.sources import Source

S = DeliveryStatus


@pytest.fixture
def delivery(shop):
    return by_hand(make_order(shop))


def test_on_to_the_next_stop_only_where_there_is_one(delivery):
    must_move(delivery, S.AT_DROP_OFF_LOCATION)
    outcome = move(delivery, S.IN_PROGRESS)
    assert codes(outcome) == ["single_dropoff"]
    assert S.IN_PROGRESS not in outcome.refusal.allowed
    Delivery.objects.filter(pk=delivery.pk).update(dropoff_count=2)
    must_move(delivery, S.IN_PROGRESS)
    must_move(delivery, S.AT_DROP_OFF_LOCATION)


@pytest.mark.parametrize("to", [S.DELAYED, S.BLOCKED])
def test_cancelled_delivery_comes_back_with_a_reason_only(delivery, to):
    must_move(delivery, S.CANCELLED)
    assert codes(move(delivery, to)) == ["reason_required"]
    must_move(delivery, to, reason="it was on the van all the same")
    assert status(delivery) == to


def test_override_goes_past_the_table(delivery):
    must_move(delivery, S.OK)
    assert codes(move(delivery, S.IN_TRANSIT)) == ["not_possible"]
    assert codes(move(delivery, S.IN_TRANSIT, override=True)) == ["reason_required"]
    must_move(delivery, S.IN_TRANSIT, override=True, reason="wrong parcel")
    assert everything(delivery.order)[1:] == ([4], [40], "ORDER_BEING_DELIVERED", [S.IN_TRANSIT])


@pytest.mark.parametrize("to", [status for status in S if status != S.CLOSED])
def test_nothing_leaves_closed(delivery, to):
    must_move(delivery, S.CLOSED)
    assert codes(move(delivery, to, override=True, reason="once more")) == ["final"]


def test_override_goes_past_the_single_drop_off(delivery):
    must_move(delivery, S.AT_DROP_OFF_LOCATION)
    must_move(delivery, S.IN_PROGRESS, override=True, reason="wrong door")


@pytest.mark.parametrize(
    "source", [Source.TIMER, Source.CUSTOMER, Source.ML, Source.DELIVERY, Source.COLLECT]
)
def test_who_sets_no_delivery(delivery, source):
    assert codes(move(delivery, S.OK, by=agent(delivery.shop, source))) == ["source_not_allowed"]


def test_deliveries_of_another_shop_are_invisible(delivery):
    assert list(deliveries_for(supervisor(delivery.shop))) == [delivery]
    assert list(deliveries_for(agent(make_shop()))) == []
    assert move(delivery, S.OK, by=agent(make_shop())).missing == [delivery.pk]


# --- Order.delivery_status -------------------------------------------------------------------------


def ask(order, to):
    return codes(move(order, to, field="delivery_status"))


def test_what_follows_from_deliveries_is_not_set(delivery):
    assert ask(delivery.order, "ORDER_CANCELLED") == ["derived"]
    assert ask(delivery.order, "ORDER_TO_BE_QUOTED") == ["not_possible"]


def test_orchestration_of_a_living_order_only(shop):
    order = make_order(shop, requires_acceptance=True)
    assert ask(order, "ORDER_TO_BE_QUOTED") == ["acceptance_pending"]
    must_move(order, 99)
    assert ask(order, "ORDER_TO_BE_QUOTED") == ["final"]


def test_orchestration_is_cancelled_without_the_order(shop):
    order = make_order(shop)
    assert ask(order, "ORDER_CANCELLED") == [None]
    assert everything(order) == (5, [0], [0], "ORDER_CANCELLED", [])
