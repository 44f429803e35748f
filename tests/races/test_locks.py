"""Many at one order without its lock, and many orders locked in no order: what the door prevents."""

import threading

from django.db import IntegrityError, OperationalError

from orders import nodes
from orders.models import Order
from tests.factories import agent, make_order
from tests.orders.building import move
from tests.races.racing import PATIENCE_S, at_once
from woop import transitions
from woop.nodes import registry


def test_without_the_lock_only_one_of_many_gets_through(shop, without_lock, monkeypatch):
    order = make_order(shop, lines=8)
    together, real = threading.Barrier(8), transitions.apply

    def apply(plans):
        together.wait(PATIENCE_S)
        real(plans)

    monkeypatch.setattr(transitions, "apply", apply)
    runners = at_once(*[lambda line=line: move(line, 10) for line in order.package_lines.all()])
    assert [type(runner.error) for runner in runners].count(IntegrityError) == 7


# --- the order of the locks ------------------------------------------------------------------------


def lock_as_asked(monkeypatch):
    """Lock orders one by one as they were named, and pause when each runner holds its first."""
    real, both_hold_one = nodes.read_roots, threading.Barrier(2)

    def read(kind, ids, lock):
        found = {}
        for number, pk in enumerate(ids):
            found |= real(kind, [pk], lock)
            if number == 0:
                both_hold_one.wait(PATIENCE_S)
        return found

    monkeypatch.setattr(registry, "read_roots", read)


def opposite_ways(shop):
    one, other = make_order(shop).pk, make_order(shop).pk
    actor = agent(shop)

    def touch(ids):
        with transitions.locked("order", ids, by=actor) as plans:
            for plan in plans:
                plan.attempt(plan.order, 7)

    return at_once(lambda: touch([one, other]), lambda: touch([other, one]))


def test_orders_are_locked_in_one_order_whatever_was_asked(shop):
    for runner in opposite_ways(shop):
        runner.result()
    assert set(Order.objects.values_list("status", flat=True)) == {7}


def test_locks_taken_as_asked_end_in_a_deadlock(shop, monkeypatch):
    lock_as_asked(monkeypatch)
    errors = [runner.error for runner in opposite_ways(shop)]
    assert [type(error) for error in errors].count(OperationalError) == 1
    assert "deadlock detected" in str(next(filter(None, errors)))
