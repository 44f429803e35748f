"""Dividing a line by quantity (D6): both halves keep the status, and the sum never changes."""

import pytest
from django.db import transaction

from orders.models import Order, OrderlineToPackage, Package
from orders.services import split_line
from tests.factories import agent, make_order, make_shop
from tests.orders.building import history_is_whole, must_move, order_of, state
from woop.actors import Actor
from woop.errors import InvalidInput, RuleError
from woop.models import StatusEvent
from woop.sources import Source


@pytest.fixture
def order(shop):
    return order_of(
        shop, ("homedelivery", {"A": 5, "B": 1}), ("homedelivery", {"A": 2}), ("collect", {"A": 1})
    )


@pytest.fixture
def line(order):
    return order.package_lines.order_by("id").first()


def split(line, quantity, **how):
    return split_line(line.pk, quantity, **{"actor": agent(line.shop)} | how)


def rows(order):
    """Answer (position of the package, article, quantity, status) of each row."""
    return [
        (row.package.position, row.orderline.sku, row.quantity, row.status)
        for row in order.package_lines.select_related("package", "orderline").order_by("package", "id")
    ]


def pieces(order):
    return {line.sku: sum(row.quantity for row in line.rows.all()) for line in order.lines.all()}


def test_within_the_package(order, line):
    first, half = split(line, 2)
    assert (first.pk, first.quantity, half.quantity, half.package) == (line.pk, 3, 2, line.package)
    assert rows(order) == [(1, "A", 3, 0), (1, "B", 1, 0), (1, "A", 2, 0), (2, "A", 2, 0), (3, "A", 1, 0)]
    assert pieces(order) == {"A": 8, "B": 1}


def test_into_another_package_of_the_same_type(order, line):
    other = order.packages.get(position=2)
    _first, half = split(line, 2, package=other.pk)
    assert half.package == other
    assert rows(order) == [(1, "A", 3, 0), (1, "B", 1, 0), (2, "A", 2, 0), (2, "A", 2, 0), (3, "A", 1, 0)]


def test_into_a_new_package(order, line):
    must_move(line.package, 2)
    _first, half = split(line, 4, package="new")
    new = order.packages.get(position=4)
    assert (half.package, new.type, new.status, new.floor) == (new, "homedelivery", 2, 2)
    assert (half.status, half.floor) == (20, 20)
    assert state(order) == (7, [2, 0, 0, 2], [20, 20, 0, 0, 20])
    assert pieces(order) == {"A": 8, "B": 1}


@pytest.mark.parametrize("status", [0, 10, 14, 16, 18, 20, 22, 30, 40, 50, 98, 99])
def test_both_halves_keep_the_status(order, line, status):
    if status:
        must_move(line, status, reason="so it is")
    before = state(order)
    first, half = split(line, 1)
    assert (first.status, half.status, half.floor) == (status, status, first.floor)
    assert state(order)[:2] == before[:2]


def test_events_carry_the_quantities(order, line):
    _first, half = split(line, 2, package="new", actor=agent(order.shop, Source.API))
    events = order.events.filter(sequence__gt=order.version).order_by("sequence")
    new = order.packages.get(position=4)
    assert [
        (e.object_type, e.object_id, e.from_status, e.to_status, e.source, e.quantities) for e in events
    ] == [
        ("package", new.pk, None, "0", "api", {"split_from": line.package_id}),
        ("line", half.pk, None, "0", "api", {"quantity": 2, "split_from": line.pk, "left": 3}),
    ]
    assert Order.objects.get(pk=order.pk).version == order.version + 2
    assert history_is_whole(order)


def test_halves_go_their_own_ways(order, line):
    _first, half = split(line, 2)
    must_move(half, 98, reason="torn")
    line.refresh_from_db()
    assert (line.status, half.pk != line.pk) == (0, True)
    must_move(line, 30)
    assert state(order)[2][0] == 30


def test_split_again_and_again(order, line):
    for _time in range(4):
        line, _half = split(line, 1)
    assert [quantity for _position, sku, quantity, _status in rows(order) if sku == "A"] == [1] * 5 + [2, 1]
    assert pieces(order) == {"A": 8, "B": 1}
    with pytest.raises(InvalidInput), transaction.atomic():
        split(line, 1)


def test_package_that_half_of_its_last_line_left_follows_the_rest(shop):
    """What is split off into a new package no longer holds the first one up, nor the other way round."""
    order = order_of(shop, ("homedelivery", {"A": 2}))
    line = order.package_lines.get()
    _first, half = split(line, 1, package="new")
    must_move(line, 30)
    assert state(order) == (7, [3, 0], [30, 0])
    must_move(half, 30)
    assert state(order) == (10, [3, 3], [30, 30])


def test_line_that_joins_a_package_holds_it_where_it_is(shop):
    order = order_of(shop, ("homedelivery", {"A": 2}), ("homedelivery", {"B": 1}))
    one, other = order.packages.all()
    must_move(other, 2)
    split(one.lines.get(), 1, package=other.pk)
    assert state(order) == (7, [0, 2], [0, 20, 0])
    must_move(other, 3)
    assert state(order)[1] == [0, 3]


# --- refused ---------------------------------------------------------------------------------------


def assert_untouched(order, before):
    assert rows(order) == before
    assert Package.objects.filter(order=order).count() == 3
    assert order.events.count() == order.version


@pytest.mark.parametrize("quantity", [-1, 0, 5, 6])
def test_quantity_that_leaves_nothing(order, line, quantity):
    before = rows(order)
    with pytest.raises(InvalidInput) as caught, transaction.atomic():
        split(line, quantity, package="new")
    assert caught.value.errors.keys() == {"quantity"}
    assert_untouched(order, before)


@pytest.mark.parametrize("target", ["another order's", "another type's", "none"])
def test_package_that_cannot_be(order, line, target):
    foreign = make_order(order.shop).packages.get()
    collect = order.packages.get(position=3)
    before = rows(order)
    package = {"another order's": foreign.pk, "another type's": collect.pk, "none": 0}[target]
    with pytest.raises(InvalidInput) as caught, transaction.atomic():
        split(line, 1, package=package)
    assert caught.value.errors.keys() == {"package"}
    assert_untouched(order, before)


def test_line_that_is_not_there(order, line):
    stranger = agent(make_shop())
    events = StatusEvent.objects.count()
    with pytest.raises(OrderlineToPackage.DoesNotExist), transaction.atomic():
        split(line, 1, actor=stranger)
    with pytest.raises(OrderlineToPackage.DoesNotExist), transaction.atomic():
        split_line(0, 1, actor=agent(order.shop))
    assert StatusEvent.objects.count() == events


def test_version_that_was_seen(order, line):
    before = rows(order)
    with pytest.raises(RuleError) as caught, transaction.atomic():
        split(line, 1, version=order.version - 1)
    assert caught.value.refusal.code == "version_conflict"
    assert_untouched(order, before)
    split(line, 1, version=order.version)


def test_who_may_only_look_does_not_split(order, line):
    before = rows(order)
    reader = Actor(Source.BO, "user:1", order.shop_id, may_change=False)
    with pytest.raises(RuleError) as caught, transaction.atomic():
        split(line, 1, actor=reader)
    assert caught.value.refusal.code == "not_permitted"
    assert_untouched(order, before)
