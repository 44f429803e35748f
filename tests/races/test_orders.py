"""Two changes of one order at once: the second one sees what the first one left."""

import pytest
from django.db import IntegrityError

from orders.models import Order
from orders.services import split_line
from tests.factories import agent, make_order
from tests.orders.building import history_is_whole, move, order_of, state
from tests.races.racing import race
from woop.models import StatusEvent
from woop.transitions import change_status


@pytest.fixture
def order(shop):
    return order_of(shop, ("homedelivery", {"A": 2, "B": 2}), ("homedelivery", {"A": 2, "B": 2}))


def moving(row, to, **how):
    """Answer the work of one runner."""
    return lambda: move(row, to, **how)


# --- two agents ------------------------------------------------------------------------------------


def test_second_agent_goes_on_from_where_the_first_one_left(order, planned):
    first, second = race(planned, moving(order, 7), moving(order, 8))
    assert [event.from_status for event in first.result().moved if event.node.kind == "order"] == [5]
    assert [event.from_status for event in second.result().moved if event.node.kind == "order"] == [7]
    assert state(order) == (8, [2, 2], [20] * 4)
    assert history_is_whole(order)


def test_two_agents_with_the_same_wish_have_one_winner(order, planned):
    first, second = race(planned, moving(order, 8), moving(order, 8))
    assert [verdict.result for verdict in first.result().verdicts] == ["moved"]
    assert [verdict.result for verdict in second.result().verdicts] == ["already"]
    assert second.result().moved == []
    assert order.events.filter(object_type="order", field="status", to_status="8").count() == 1
    assert history_is_whole(order)


def test_second_agent_is_told_what_is_in_the_way(order, planned):
    first, second = race(planned, moving(order, 99), moving(order, 8))
    assert first.result().refusal is None
    assert second.result().refusal.code == "final"
    assert second.result().versions == first.result().versions
    assert state(order) == (99, [99, 99], [99] * 4)


def test_second_agent_who_has_seen_the_old_version_is_told_so(order, planned):
    seen = {order.pk: order.version}
    first, second = race(planned, moving(order, 7, versions=seen), moving(order, 8, versions=seen))
    assert first.result().refusal is None
    assert second.result().refusal.code == "version_conflict"
    assert state(order) == (7, [1, 1], [10] * 4)


def test_without_the_lock_two_agents_collide(order, planned, without_lock):
    first, second = race(planned, moving(order, 7), moving(order, 8))
    assert [type(runner.error) for runner in (first, second)].count(IntegrityError) == 1


# --- parent and child ------------------------------------------------------------------------------


@pytest.mark.parametrize("child_first", [False, True])
def test_order_and_one_of_its_packages(order, planned, child_first):
    parent, child = moving(order, 8), moving(order.packages.first(), 3)
    for runner in race(planned, *((child, parent) if child_first else (parent, child))):
        assert runner.result().refusal is None
    assert state(order) == (8, [3, 2], [30, 30, 20, 20])
    assert history_is_whole(order)


@pytest.mark.parametrize("child_first", [False, True])
def test_order_and_its_only_package(shop, planned, child_first):
    order = make_order(shop)
    parent, child = moving(order, 8), moving(order.packages.get(), 3)
    runners = race(planned, *((child, parent) if child_first else (parent, child)))
    refusals = [runner.result().refusal for runner in runners]
    assert [refusal and refusal.code for refusal in refusals] == [
        None,
        "status_below" if child_first else None,
    ]
    assert state(order) == (10, [3], [30])


@pytest.mark.parametrize("child_first", [False, True])
def test_cancelled_order_and_a_package_that_leaves(order, planned, child_first):
    parent, child = moving(order, 99), moving(order.packages.first(), 3)
    runners = race(planned, *((child, parent) if child_first else (parent, child)))
    refusals = [runner.result().refusal for runner in runners]
    assert refusals[0] is None
    assert refusals[1].code == ("package_left" if child_first else "final")
    expected = (7, [3, 0], [30, 30, 0, 0]) if child_first else (99, [99, 99], [99] * 4)
    assert state(order) == expected


def test_last_two_packages_take_the_order_along(order, planned):
    one, other = order.packages.all()
    for runner in race(planned, moving(one, 3), moving(other, 3)):
        assert runner.result().refusal is None
    assert state(order) == (10, [3, 3], [30] * 4)


def test_last_two_lines_take_package_and_order_along(shop, planned):
    order = make_order(shop, lines=2)
    one, other = order.package_lines.order_by("id")
    for runner in race(planned, moving(one, 30), moving(other, 30)):
        assert runner.result().refusal is None
    assert state(order) == (10, [3], [30, 30])


def test_children_read_before_the_lock_lose_the_roll_up(order, planned, children_before_lock):
    one, other = order.packages.all()
    for runner in race(planned, moving(one, 3), moving(other, 3)):
        runner.result()
    assert state(order) == (7, [3, 3], [30] * 4)


def test_without_the_lock_parent_and_child_collide(order, planned, without_lock):
    first, second = race(planned, moving(order, 8), moving(order.packages.first(), 3))
    assert [type(runner.error) for runner in (first, second)].count(IntegrityError) == 1


# --- a row that is added meanwhile -----------------------------------------------------------------


def split_into_a_new_package(order):
    line = order.package_lines.order_by("id").first()
    return lambda: split_line(line.pk, 1, actor=agent(order.shop), package="new")


def test_row_that_was_added_while_the_order_waited_moves_along(order, planned):
    first, second = race(planned, split_into_a_new_package(order), moving(order, 8))
    first.result()
    assert len([event for event in second.result().moved if event.node.kind == "line"]) == 5
    assert state(order) == (8, [2, 2, 2], [20] * 5)
    assert history_is_whole(order)


def test_split_that_waited_for_the_order_keeps_its_new_status(order, planned):
    first, second = race(planned, moving(order, 8), split_into_a_new_package(order))
    first.result(), second.result()
    assert state(order) == (8, [2, 2, 2], [20] * 5)


def test_row_that_was_added_is_missed_when_children_are_read_before_the_lock(
    order, planned, children_before_lock
):
    first, second = race(planned, split_into_a_new_package(order), moving(order, 8))
    first.result(), second.result()
    assert state(order) == (8, [2, 2, 0], [20] * 4 + [0])


# --- many orders -----------------------------------------------------------------------------------


def test_two_bulk_changes_of_the_same_orders_wait_for_each_other(shop, planned):
    one, other = make_order(shop), make_order(shop)
    packages = [other.packages.get().pk, one.packages.get().pk]
    actor = agent(shop)
    first, second = race(
        planned,
        lambda: change_status("order", [one.pk, other.pk], 8, by=actor),
        lambda: change_status("package", packages, 3, by=actor),
    )
    assert len(first.result().of("moved")) == len(second.result().of("moved")) == 2
    assert [state(one), state(other)] == [(10, [3], [30])] * 2
    assert StatusEvent.objects.filter(order=one).count() == Order.objects.get(pk=one.pk).version
