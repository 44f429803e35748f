"""Error (D1): off the scale, and out of it only by an override, not below where it had come."""

import pytest

from orders.models import OrderlineToPackage, Package
from tests.factories import agent
from tests.orders.building import codes, left, move, must_move, order_of, state, story
from woop.sources import Source


@pytest.fixture
def order(shop):
    return order_of(shop, ("homedelivery", {"A": 1, "B": 1}), ("homedelivery", {"C": 1}))


def release(row, to):
    return move(row, to, override=True, reason="looked at")


def floor(row):
    return type(row).objects.values_list("floor", flat=True).get(pk=row.pk)


def test_order_in_error_leaves_its_packages_alone(order):
    must_move(order, 8)
    outcome = must_move(order, 98, reason="fraud?")
    assert story(outcome) == [("order", 8, 98, "BO")]
    assert (state(order), floor(order)) == ((98, [2, 2], [20] * 3), 8)


def test_package_in_error_leaves_lines_and_order_alone(order):
    must_move(order, 8)
    package = order.packages.first()
    assert story(must_move(package, 98, reason="wet")) == [("package", 2, 98, "BO")]
    assert (state(order), floor(package)) == ((8, [98, 2], [20] * 3), 2)


@pytest.mark.parametrize("to", [5, 7, 8, 10])
def test_nothing_automatic_and_no_agent_gets_it_out(order, to):
    must_move(order, 7)
    must_move(order, 98, reason="fraud?")
    assert codes(move(order, to, reason="fine")) == ["override_needed" if to >= 7 else "below_floor"]
    must_move(order.packages.first(), 2)
    must_move(order.packages.last(), 3)
    assert state(order)[0] == 98


@pytest.mark.parametrize(("to", "code"), [(5, "below_floor"), (7, "below_floor"), (8, None), (10, None)])
def test_override_gets_it_out_at_its_floor_or_above(order, to, code):
    must_move(order, 8)
    must_move(order, 98, reason="fraud?")
    assert codes(release(order, to)) == [code]
    assert state(order)[0] == (98 if code else to)


def test_floor_survives_any_number_of_errors(order):
    package = order.packages.first()
    must_move(package, 3)
    for _time in range(3):
        must_move(package, 98, reason="again")
        assert floor(package) == 3
        assert codes(release(package, 2)) == ["below_floor"]
        assert codes(release(package, 3)) == [None]


def test_cancelled_out_of_error_by_anybody_who_may_cancel(order):
    must_move(order, 98, reason="fraud!")
    assert codes(move(order, 99)) == [None]
    assert state(order) == (99, [99, 99], [99] * 3)


def test_cascade_passes_over_children_in_error(order):
    package = order.packages.first()
    line = order.package_lines.last()
    must_move(package, 98, reason="wet")
    must_move(line, 98, reason="torn")
    outcome = must_move(order, 8)
    assert left(outcome) == [("package", 98, "error"), ("line", 98, "error")]
    assert state(order) == (8, [98, 2], [0, 0, 98])


def test_cascade_cancels_children_in_error(order):
    must_move(order.packages.first(), 98, reason="wet")
    must_move(order.package_lines.last(), 98, reason="torn")
    assert left(must_move(order, 99)) == []
    assert state(order) == (99, [99, 99], [99] * 3)


# --- rolled up again -------------------------------------------------------------------------------


def test_released_order_catches_up_with_its_packages(order):
    must_move(order, 98, reason="fraud?")
    for package in order.packages.all():
        must_move(package, 3)
    outcome = release(order, 7)
    assert story(outcome)[-1] == ("order", 7, 10, "rollup")
    assert outcome.moved[-1].cause == outcome.moved[0].sequence
    assert state(order) == (10, [3, 3], [30] * 3)


def test_released_package_catches_up_with_its_lines(order):
    package = order.packages.first()
    must_move(package, 98, reason="wet")
    for line in package.lines.all():
        must_move(line, 30)
    assert state(order) == (5, [98, 0], [30, 30, 0])
    outcome = release(package, 1)
    assert [kind for kind, *_rest in story(outcome)] == ["package", "package", "order"]
    assert state(order) == (7, [3, 0], [30, 30, 0])


def test_released_order_does_not_push_its_packages_twice(order):
    must_move(order, 8)
    must_move(order, 98, reason="fraud?")
    assert left(release(order, 8)) == [("package", 2, "already")] * 2
    assert state(order) == (8, [2, 2], [20] * 3)


# --- what does not count ---------------------------------------------------------------------------


def test_line_in_error_does_not_hold_its_package_up(order):
    one, other = order.packages.first().lines.all()
    must_move(one, 98, reason="never delivered")
    must_move(other, 30)
    assert state(order)[1] == [3, 0]


def test_error_anywhere_below_keeps_the_order_from_being_done(order):
    line = order.package_lines.first()
    must_move(line, 98, reason="never delivered")
    for package in order.packages.all():
        must_move(package, 3)
    assert state(order) == (8, [3, 3], [98, 30, 30])
    must_move(line, 99)
    assert state(order) == (10, [3, 3], [99, 30, 30])


def test_back_office_still_can_call_it_done(order):
    must_move(order.package_lines.first(), 98, reason="never delivered")
    for package in order.packages.all():
        must_move(package, 3)
    must_move(order, 10, by=agent(order.shop))
    assert state(order)[0] == 10


def test_nothing_counts_and_not_all_are_cancelled(order):
    first, second = order.packages.all()
    must_move(first, 98, reason="wet")
    must_move(second, 99)
    assert state(order)[0] == 5
    must_move(first, 99)
    assert state(order)[0] == 99


@pytest.mark.parametrize("source", [Source.VELOYD, Source.SENDCLOUD, Source.CB])
@pytest.mark.parametrize("model", [Package, OrderlineToPackage])
def test_carriers_need_no_reason_for_an_error(order, source, model):
    outcome = move(model.objects.first(), 98, by=agent(order.shop, source))
    refused = model is OrderlineToPackage and source != Source.CB
    assert codes(outcome) == ["source_not_allowed" if refused else None]
