"""Cancelling (D4, D12): what left stays, what is under way is in the way, the rest goes."""

import pytest

from deliveries.services import request_delivery
from tests.factories import add_collects, add_deliveries, agent, make_order
from tests.orders.building import codes, history_is_whole, left, move, must_move, order_of, state, story
from woop.models import Alert, Job
from woop.sources import Source


@pytest.fixture
def order(shop):
    return order_of(shop, ("homedelivery", {"A": 1}), ("homedelivery", {"B": 1}))


def override(row, to=99):
    return move(row, to, override=True, reason="customer insists")


def blocking(refusal):
    return refusal.code, [note.node.id for note in refusal.blocking]


# --- packages that left (D4) -----------------------------------------------------------------------


@pytest.mark.parametrize("status", [3, 4, 5])
def test_order_whose_package_left_is_not_cancelled(order, status):
    package = order.packages.first()
    must_move(package, status)
    refusal = move(order, 99).refusal
    assert blocking(refusal) == ("package_left", [package.pk])
    assert state(order)[1] == [status, 0]


@pytest.mark.parametrize("status", [3, 4, 5])
def test_override_cancels_the_rest_and_reports_what_left(order, status):
    must_move(order.packages.first(), status)
    outcome = override(order)
    assert left(outcome) == [("package", status, "left")]
    line = {3: 30, 4: 40, 5: 50}[status]
    assert state(order) == (99, [status, 99], [line, 99])
    assert history_is_whole(order)


def test_override_needs_the_right_and_a_reason(order):
    must_move(order.packages.first(), 3)
    assert codes(move(order, 99, override=True)) == ["reason_required"]
    refused = move(order, 99, by=agent(order.shop), override=True, reason="please")
    assert codes(refused) == ["override_not_permitted"]
    assert codes(move(order, 99, reason="please")) == ["package_left"]


@pytest.mark.parametrize("status", [3, 4, 5])
def test_package_that_left_is_cancelled_by_an_override_only(order, status):
    package = order.packages.first()
    must_move(package, status)
    assert codes(move(package, 99)) == ["package_left"]
    assert codes(override(package)) == [None]
    assert state(order)[1] == [99, 0]


@pytest.mark.parametrize("source", [Source.VELOYD, Source.SENDCLOUD])
@pytest.mark.parametrize(("status", "code"), [(2, None), (3, None), (4, "package_left"), (5, "package_left")])
def test_carrier_may_cancel_a_package_up_to_sent(order, source, status, code):
    package = order.packages.first()
    must_move(package, status)
    assert codes(move(package, 99, by=agent(order.shop, source))) == [code]


def test_cancelled_lines_do_not_call_back_a_package_that_left(shop):
    order = order_of(shop, ("homedelivery", {"A": 1, "B": 1}))
    must_move(order.packages.get(), 3)
    one, other = order.package_lines.all()
    must_move(one, 99)
    outcome = must_move(other, 99)
    assert left(outcome) == [("package", 3, "left")]
    assert state(order) == (10, [3], [99, 99])


def test_package_in_error_has_left_nothing_behind_it(order):
    package = order.packages.first()
    must_move(package, 98, reason="lost")
    assert codes(move(order, 99)) == [None]
    assert state(order) == (99, [99, 99], [99, 99])


def test_last_package_takes_the_order_along(order):
    first, second = order.packages.all()
    must_move(first, 99)
    assert state(order) == (5, [99, 0], [99, 0])
    outcome = must_move(second, 99)
    assert story(outcome) == [
        ("package", 0, 99, "BO"),
        ("line", 0, 99, "cascade"),
        ("order", 5, 99, "rollup"),
        ("order", "ORDER_CREATED", "ORDER_CANCELLED", "cascade"),
    ]


def test_cancelled_package_does_not_hold_the_others_up(order):
    first, second = order.packages.all()
    must_move(first, 99)
    must_move(second, 3)
    assert state(order) == (10, [99, 3], [99, 30])


@pytest.mark.parametrize("source", [Source.ML, Source.MARKETPLACE, Source.TIMER, Source.API])
def test_who_else_may_cancel_an_order(order, source):
    assert codes(move(order, 99, by=agent(order.shop, source))) == [None]


# --- deliveries and collects (D12) -----------------------------------------------------------------


def test_open_deliveries_by_hand_are_cancelled(order):
    deliveries = add_deliveries([order])
    outcome = must_move(order, 99)
    assert [(kind, to) for kind, _from, to, _source in story(outcome) if kind == "delivery"] == [
        ("delivery", "DELIVERY_CANCELLED")
    ] * 2
    for delivery in deliveries:
        delivery.refresh_from_db()
        assert (delivery.status, delivery.cancel_requested_at is not None) == ("DELIVERY_CANCELLED", True)
    assert not Alert.objects.exists()
    assert not Job.objects.filter(kind="cancel_delivery").exists()
    order.refresh_from_db()
    assert order.delivery_status == "ORDER_CANCELLED"


def test_delivery_that_was_picked_up_is_in_the_way(order):
    delivery, _other = add_deliveries([order])
    must_move(delivery, "DELIVERY_DELAYED")
    type(delivery).objects.filter(pk=delivery.pk).update(picked_up_at=order.created_at)
    refusal = move(order, 99).refusal
    assert (refusal.code, [note.node.id for note in refusal.blocking]) == (
        "delivery_under_way",
        [delivery.pk],
    )
    outcome = override(order)
    assert left(outcome) == [("delivery", "DELIVERY_DELAYED", "picked_up")]
    delivery.refresh_from_db()
    assert delivery.status == "DELIVERY_DELAYED"
    assert state(order) == (99, [99, 99], [99, 99])


def test_ended_deliveries_are_left_alone(order):
    failed, closed = add_deliveries([order])
    must_move(failed, "DELIVERY_FAILED")
    must_move(closed, "DELIVERY_CLOSED")
    outcome = must_move(order, 99)
    assert [kind for kind, *_rest in story(outcome) if kind == "delivery"] == []
    assert left(outcome) == []


def test_open_collect_is_cancelled(shop):
    order = make_order(shop, types=("collect",))
    (collect,) = add_collects([order])
    outcome = must_move(order, 99)
    assert ("collect", "COLLECT_INIT", "COLLECT_CANCELLED", "cascade") in story(outcome)
    collect.refresh_from_db()
    assert collect.status == "COLLECT_CANCELLED"
    assert state(order) == (99, [99], [99])


@pytest.mark.parametrize("status", ["COLLECT_AWAITING", "COLLECT_IN_PROGRESS"])
@pytest.mark.parametrize("interruption", [None, "COLLECT_DELAYED", "COLLECT_BLOCKED"])
def test_customer_who_is_being_served_is_in_the_way(shop, status, interruption):
    order = make_order(shop, types=("collect",))
    (collect,) = add_collects([order])
    way = ["COLLECT_STOCK_OK", "COLLECT_STARTED", "COLLECT_READY", status, interruption]
    for step in filter(None, way):
        must_move(collect, step)
    refusal = move(order, 99).refusal
    assert (refusal.code, [note.node.id for note in refusal.blocking]) == (
        "customer_being_served",
        [collect.pk],
    )
    assert left(override(order)) == [("collect", interruption or status, "customer_being_served")]
    assert state(order) == (99, [99], [99])


def test_other_changes_mention_what_is_open_and_leave_it(shop):
    order = make_order(shop, packages=2, types=("homedelivery", "collect"))
    add_deliveries([order])
    add_collects([order])
    outcome = must_move(order, 8)
    assert sorted(note.code for note in outcome.warnings) == ["collect_open", "delivery_open"]
    assert {kind for kind, *_rest in story(outcome)} == {"order", "package", "line"}


def test_nothing_is_delivered_for_a_cancelled_order(order):
    delivery = request_delivery(order, actor=agent(order.shop), account_code="manual")
    must_move(order, 99)
    delivery.refresh_from_db()
    assert delivery.status == "DELIVERY_CANCELLED"
    assert state(order) == (99, [99, 99], [99, 99])
