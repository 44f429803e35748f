"""The gate: what an order may do while it waits, and what its answer does to the rest."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.reference import statuses as s
from tests.reference.state import Collect, Delivery
from tests.spec.build import order
from tests.spec.compare import agree
from tests.spec.tables import HOUR

pytestmark = pytest.mark.django_db


def pending(*packages, in_time=True, **more):
    state = order(*packages, **more)
    state.order.acceptance = "pending"
    state.order.deadline = datetime.now(UTC) + (HOUR if in_time else -HOUR)
    return state


def waiting_orders(in_time=True):
    return [
        pending(("collect", first, [line]), ("homedelivery", second, [0]), in_time=in_time, status=status)
        for first in (0, 98, 99)
        for second in (0, 98, 99)
        for line in (0, 98, 99)
        for status in (5, 98)
    ]


@pytest.mark.parametrize("kind", ["order", "package", "line"])
@pytest.mark.parametrize("override", [False, True])
def test_nothing_begins_before_it_is_accepted(world, kind, override):
    states = world.put(waiting_orders())
    for to in s.FULFILMENT[kind]:
        agree(states, kind, to, reason="why", override=override)
        for source in ("ML", "CB"):
            agree(states, kind, to, source)


@pytest.mark.parametrize("in_time", [True, False])
@pytest.mark.parametrize("source", ["BO", "api", "marketplace", "timer"])
@pytest.mark.parametrize("to", s.ACCEPTANCE)
def test_answer(world, to, source, in_time):
    states = world.put(waiting_orders(in_time))
    agree(states, "order", to, source, field="acceptance", now=datetime.now(UTC))


@pytest.mark.parametrize("offset", [-1, 0, 1])
@pytest.mark.parametrize("to", ["accepted", "cancelled_manually", "time_expired"])
def test_deadline_is_exact(world, monkeypatch, to, offset):
    deadline = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    now = deadline + timedelta(milliseconds=offset)
    monkeypatch.setattr("woop.clock.now", lambda: now)
    state = pending(("collect", 0, [0]))
    state.order.deadline = deadline
    source = "timer" if to == "time_expired" else "BO"
    agree(world.put([state]), "order", to, source, field="acceptance", now=now)


def test_collects_do_not_start(world):
    states = [
        pending(("collect", 0, [0]), collects=[Collect(1, [1], status)])
        for status in ("COLLECT_INIT", "COLLECT_STARTED")
    ]
    states = world.put(states)
    for to in s.COLLECT:
        if to != "COLLECT_PICK_UP_PARTIALLY":
            agree(states, "collect", to)


def test_cancelled_order_takes_collects_and_deliveries_along(world):
    states = [
        pending(
            ("collect", 0, [0]),
            ("homedelivery", 0, [0]),
            collects=[Collect(1, [1], "COLLECT_STARTED")],
            deliveries=[Delivery(1, [2])],
        )
    ]
    states = world.put(states)
    agree(states, "order", 99)
    agree(states, "order", "cancelled_manually", field="acceptance", now=datetime.now(UTC))
