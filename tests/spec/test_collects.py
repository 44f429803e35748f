"""Every link row from a collect to its packages, and every way in which a collect ends."""

import pytest

from tests.reference import links
from tests.reference import statuses as s
from tests.reference.state import Collect
from tests.spec.build import order
from tests.spec.compare import agree
from tests.spec.tables import interruptible

pytestmark = pytest.mark.django_db


def every_status():
    """Every status with what it may have interrupted."""
    inner = sorted(interruptible())
    return [(c, i) for c in s.COLLECT for i in (inner if c in s.INTERRUPTIONS else [""])]


def with_collect(status, interrupted="", package=1, lines=(0, 10, 14, 20, 98), **more):
    collect = Collect(1, [1], status, interrupted)
    return order(("collect", package, lines), collects=[collect], **more)


@pytest.mark.parametrize("to", [c for c in s.COLLECT if c != "COLLECT_PICK_UP_PARTIALLY"])
def test_collect_to_package(world, to):
    states = [
        with_collect(status, interrupted, package)
        for status, interrupted in every_status()
        for package in s.PACKAGE
    ]
    agree(world.put(states), "collect", to)


@pytest.mark.parametrize("source", ["api", "customer", "timer"])
@pytest.mark.parametrize("to", sorted({*links.COLLECT_SETTERS["customer"], *links.COLLECT_SETTERS["timer"]}))
def test_collect_moved_by_others(world, to, source):
    states = [with_collect(status, interrupted) for status, interrupted in every_status()]
    agree(world.put(states), "collect", to, source)


@pytest.mark.parametrize("override", [False, True])
@pytest.mark.parametrize("package", s.PACKAGE)
def test_cancelled_order_and_its_collects(world, package, override):
    states = [
        order(
            ("collect", package, [22]), ("homedelivery", 1, [10]), collects=[Collect(1, [1], status, inner)]
        )
        for status, inner in every_status()
    ]
    agree(world.put(states), "order", 99, override=override, reason="why")


def test_last_package_is_cancelled(world):
    states = [with_collect(status, inner) for status, inner in every_status()]
    agree(world.put(states), "package", 99)


def test_cancelled_collect_may_cancel_the_order_and_its_other_collects(world):
    states = [
        order(
            ("collect", 1, [10]),
            ("collect", 99, [99]),
            collects=[Collect(1, [1], "COLLECT_STARTED"), Collect(2, [2], other, inner)],
        )
        for other, inner in every_status()
    ]
    agree(world.put(states), "collect", "COLLECT_CANCELLED")
