"""The gate: accepted before the deadline, and not a millisecond later."""

from datetime import timedelta

import pytest

from orders import tasks
from orders.models import Order
from orders.services import accept_order, expire_acceptances, reject_order
from tests.factories import agent, make_order
from tests.orders.building import codes, history_is_whole, move, must_move, state, story
from woop.actors import Actor
from woop.models import Job, StatusEvent
from woop.sources import Source
from woop.transitions import change_status


@pytest.fixture
def order(shop):
    return make_order(shop, requires_acceptance=True)


def accept(order, **how):
    return accept_order(order.pk, actor=agent(order.shop), **how)


def acceptance(order):
    return Order.objects.get(pk=order.pk).acceptance


def assert_nothing_happened(order):
    assert Order.objects.get(pk=order.pk).version == order.version
    assert order.events.count() == order.version


# --- the deadline ----------------------------------------------------------------------------------


def test_accepted_one_millisecond_before(order, at):
    at(order.acceptance_deadline, -1)
    assert expire_acceptances() == 0
    assert story(accept(order)) == [("order", "pending", "accepted", "BO")]
    assert acceptance(order) == "accepted"


@pytest.mark.parametrize("late", [0, 1, 600_000])
@pytest.mark.parametrize("decide", [accept_order, reject_order])
def test_too_late_from_the_deadline_on(order, at, late, decide):
    at(order.acceptance_deadline, late)
    outcome = decide(order.pk, actor=agent(order.shop))
    assert outcome.refusal.code == "acceptance_expired"
    assert acceptance(order) == "pending"
    assert_nothing_happened(order)


@pytest.mark.parametrize("late", [0, 1, 600_000])
def test_sweep_expires_from_the_deadline_on(order, at, late):
    at(order.acceptance_deadline, late)
    assert expire_acceptances() == 1
    assert acceptance(order) == "time_expired"
    assert state(order) == (99, [99], [99])
    assert expire_acceptances() == 0


def test_sweep_that_comes_ten_minutes_late_spares_what_was_accepted_in_time(shop, order, at):
    other = make_order(shop, requires_acceptance=True)
    at(order.acceptance_deadline, -1)
    accept(order)
    at(order.acceptance_deadline, 600_000)
    assert expire_acceptances() == 1
    assert (acceptance(order), acceptance(other)) == ("accepted", "time_expired")
    assert (state(order), state(other)) == ((5, [0], [0]), (99, [99], [99]))


def test_timer_is_refused_before_the_deadline(order, at):
    at(order.acceptance_deadline, -1)
    outcome = change_status(
        "order", [order.pk], "time_expired", by=Actor.system(Source.TIMER), field="acceptance"
    )
    assert outcome.refusal.code == "acceptance_not_expired"
    assert_nothing_happened(order)


@pytest.mark.parametrize("to", ["accepted", "cancelled_manually"])
def test_timer_never_decides(order, to):
    outcome = change_status("order", [order.pk], to, by=Actor.system(Source.TIMER), field="acceptance")
    assert outcome.refusal.code == "source_not_allowed"


def test_people_never_let_it_expire(order, at):
    at(order.acceptance_deadline, 1)
    outcome = change_status("order", [order.pk], "time_expired", by=agent(order.shop), field="acceptance")
    assert outcome.refusal.code == "source_not_allowed"


def test_sweep_takes_the_oldest_first(shop, at):
    orders = [make_order(shop, requires_acceptance=True) for _order in range(4)]
    for minutes, order in enumerate(reversed(orders)):
        Order.objects.filter(pk=order.pk).update(
            acceptance_deadline=order.acceptance_deadline + timedelta(minutes=minutes)
        )
    at(orders[0].acceptance_deadline + timedelta(hours=1))
    assert expire_acceptances(limit=3) == 3
    assert [acceptance(order) for order in orders] == ["pending"] + ["time_expired"] * 3
    assert expire_acceptances(limit=3) == 1


def test_task_sweeps(order, at):
    at(order.acceptance_deadline)
    tasks.expire_acceptances()
    assert acceptance(order) == "time_expired"


# --- what follows ----------------------------------------------------------------------------------


def test_accepted_order_may_begin_and_looks_for_its_carrier(order):
    assert not Job.objects.exists()
    accept(order, reason="in stock")
    assert list(Job.objects.values_list("kind", "order")) == [("choose_carrier", order.pk)]
    must_move(order, 7)
    event = order.events.get(field="acceptance", to_status="accepted")
    assert (event.from_status, event.source, event.reason) == ("pending", "BO", "in stock")


def test_rejected_order_is_cancelled(order):
    outcome = reject_order(order.pk, actor=agent(order.shop, Source.API), reason="sold out")
    assert story(outcome) == [
        ("order", "pending", "cancelled_manually", "api"),
        ("order", 5, 99, "api"),
        ("package", 0, 99, "cascade"),
        ("line", 0, 99, "cascade"),
        ("order", "ORDER_CREATED", "ORDER_CANCELLED", "cascade"),
    ]
    assert [event.cause for event in outcome.moved] == [None, 6, 7, 8, 7]
    assert history_is_whole(order)
    assert not Job.objects.exists()


def test_expired_order_is_cancelled_by_the_timer(order, at):
    at(order.acceptance_deadline)
    expire_acceptances()
    events = order.events.filter(sequence__gt=order.version).order_by("sequence")
    assert list(events.values_list("field", "to_status", "source", "actor")) == [
        ("acceptance", "time_expired", "timer", "timer"),
        ("status", "99", "timer", "timer"),
        ("status", "99", "cascade", "timer"),
        ("status", "99", "cascade", "timer"),
        ("delivery_status", "ORDER_CANCELLED", "cascade", "timer"),
    ]


def test_cancelling_while_pending_is_rejecting(order):
    outcome = must_move(order, 99)
    assert ("order", "pending", "cancelled_manually", "BO") in story(outcome)
    assert acceptance(order) == "cancelled_manually"
    assert state(order) == (99, [99], [99])
    assert history_is_whole(order)


@pytest.mark.parametrize("late", [0, 1])
def test_cancelling_from_the_deadline_on_is_for_the_timer(order, at, late):
    at(order.acceptance_deadline, late)
    assert move(order, 99).refusal.code == "acceptance_expired"
    assert_nothing_happened(order)


def test_cancelled_package_takes_the_waiting_order_along(order):
    must_move(order.packages.get(), 99)
    assert (state(order)[0], acceptance(order)) == (99, "cancelled_manually")


def test_nothing_begins_while_it_is_pending(order):
    assert move(order, 7).refusal.code == "acceptance_pending"
    assert move(order.packages.get(), 1).refusal.code == "acceptance_pending"
    assert move(order.package_lines.get(), 14).refusal.code == "acceptance_pending"
    assert_nothing_happened(order)


def test_error_is_possible_while_it_is_pending(order):
    must_move(order, 98, reason="looks like fraud")
    assert acceptance(order) == "pending"
    must_move(order, 5, override=True, reason="it is not")
    accept(order)
    must_move(order, 7)


@pytest.mark.parametrize("decide", [accept_order, reject_order])
def test_order_that_needs_no_acceptance(shop, decide):
    order = make_order(shop)
    assert decide(order.pk, actor=agent(shop)).refusal.code == "final"
    assert_nothing_happened(order)


def test_decision_is_taken_once(order):
    accept(order)
    before = StatusEvent.objects.count()
    assert [verdict.result for verdict in accept(order).verdicts] == ["already"]
    assert codes(reject_order(order.pk, actor=agent(order.shop))) == ["final"]
    assert StatusEvent.objects.count() == before


def test_decision_heeds_the_version(order):
    assert accept(order, version=order.version + 1).refusal.code == "version_conflict"
    assert accept(order, version=order.version).refusal is None


def test_another_shops_order_is_not_there_to_accept(order):
    outcome = accept_order(order.pk, actor=Actor(Source.API, "key:1", shop_id=order.shop_id + 1))
    assert (outcome.missing, outcome.verdicts) == ([order.pk], [])
    assert acceptance(order) == "pending"
