"""The five minutes: who waits for the lock is judged by the clock behind it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from orders.models import Order
from orders.services import accept_order, expire_acceptances
from tests.factories import agent, make_order
from tests.orders.building import history_is_whole, move, state
from tests.races.racing import race
from woop import clock, transitions

TICK = timedelta(milliseconds=1)


@pytest.fixture
def order(shop):
    return make_order(shop, requires_acceptance=True)


@pytest.fixture
def at(order, monkeypatch):
    """Set the clock of all threads, in milliseconds before or after the deadline."""

    def turn(milliseconds):
        moment = order.acceptance_deadline + milliseconds * TICK
        monkeypatch.setattr(clock, "now", lambda: moment)

    turn(-1)
    return turn


def accepting(order):
    return lambda: accept_order(order.pk, actor=agent(order.shop))


def acceptance(order):
    return Order.objects.get(pk=order.pk).acceptance


def test_two_accept_at_once(order, planned, at):
    first, second = race(planned, accepting(order), accepting(order))
    assert [verdict.result for verdict in first.result().verdicts] == ["moved"]
    assert [verdict.result for verdict in second.result().verdicts] == ["already"]
    assert acceptance(order) == "accepted"
    assert order.events.filter(field="acceptance", to_status="accepted").count() == 1
    assert history_is_whole(order)


def test_without_the_lock_two_that_accept_collide(order, planned, at, without_lock):
    runners = race(planned, accepting(order), accepting(order))
    assert [type(runner.error) for runner in runners].count(IntegrityError) == 1


def wait_past_the_deadline(order, planned, at):
    """Let an accept that came in time wait for another change until it is too late."""

    def come_in_time():
        at(-1)
        return accepting(order)()

    def write_late():
        return move(order, 98, reason="to be looked at")

    at(-1)
    real = planned.stop
    planned.stop = lambda: (real(), at(0))
    return race(planned, write_late, come_in_time)[1]


def test_whoever_waits_past_the_deadline_is_late(order, planned, at):
    assert wait_past_the_deadline(order, planned, at).result().refusal.code == "acceptance_expired"
    assert acceptance(order) == "pending"


def test_clock_read_before_the_lock_accepts_too_late(order, planned, at, monkeypatch):
    load = transitions.load

    def read_clock_first(*arguments, **how):
        early = clock.now()
        roots = load(*arguments, **how)
        monkeypatch.setattr(clock, "now", lambda: early)
        return roots

    monkeypatch.setattr(transitions, "load", read_clock_first)
    assert wait_past_the_deadline(order, planned, at).result().refusal is None
    assert acceptance(order) == "accepted"


def test_sweep_leaves_alone_what_was_accepted_while_it_waited(order, planned, at):
    def sweep():
        at(0)
        return expire_acceptances()

    first, second = race(planned, accepting(order), sweep)
    assert first.result().refusal is None
    assert second.result() == 0
    assert acceptance(order) == "accepted"
    assert state(order) == (5, [0], [0])
    assert history_is_whole(order)


def test_accept_finds_what_expired_while_it_waited(order, planned, at):
    def sweep():
        at(0)
        return expire_acceptances()

    first, second = race(planned, sweep, accepting(order))
    assert first.result() == 1
    assert second.result().refusal.code == "final"
    assert acceptance(order) == "time_expired"
    assert state(order) == (99, [99], [99])


def test_two_sweeps_expire_it_once(order, planned, at):
    at(0)
    first, second = race(planned, expire_acceptances, expire_acceptances)
    assert (first.result(), second.result()) == (1, 0)
    assert order.events.filter(field="acceptance", to_status="time_expired").count() == 1
    assert history_is_whole(order)


def test_without_the_lock_accept_and_sweep_collide(order, planned, at, without_lock):
    def sweep():
        at(0)
        return expire_acceptances()

    runners = race(planned, accepting(order), sweep)
    assert [type(runner.error) for runner in runners].count(IntegrityError) == 1
