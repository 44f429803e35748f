"""Every row of the cascade and of the roll-up, against every status of every child."""

import pytest

from tests.reference import statuses as s
from tests.reference.state import roll_up_package
from tests.spec.build import order
from tests.spec.compare import agree

pytestmark = pytest.mark.django_db

EVERY_PACKAGE = [(kind, status, s.LINE) for kind in s.PACKAGE_TYPES for status in s.PACKAGE]


@pytest.mark.parametrize("source", ["BO", "api"])
@pytest.mark.parametrize("to", s.ORDER)
def test_order_to_packages_to_lines(world, to, source):
    """The biggest order there is: every type of package in every status, with a line in every status."""
    states = world.put(
        [order(*EVERY_PACKAGE, status=5), order(*EVERY_PACKAGE, status=5, done_when="received")]
    )
    agree(states, "order", to, source, override=to == 99, reason="why")


@pytest.mark.parametrize("source", ["ML", "timer", "marketplace"])
def test_order_is_cancelled_by(world, source):
    in_house = [(kind, status, s.LINE) for kind in s.PACKAGE_TYPES for status in (0, 1, 2, 98, 99)]
    states = world.put([order(*in_house, status=status) for status in (5, 7, 8, 98)])
    agree(states, "order", 99, source)


@pytest.mark.parametrize("source", ["BO", "api", "ML", "CB", "veloyd", "sendcloud", "delivery", "collect"])
@pytest.mark.parametrize("to", s.PACKAGE)
def test_package_to_lines(world, to, source):
    """One package of each type and present status, with a line in every status, and another package."""
    states = [
        order((kind, present, s.LINE), ("collect", 1, [10]), status=7)
        for kind in s.PACKAGE_TYPES
        for present in s.PACKAGE
    ]
    agree(world.put(states), "package", to, source, reason="why")


@pytest.mark.parametrize("override", [False, True])
@pytest.mark.parametrize("to", s.LINE)
def test_lines_to_package(world, to, override):
    """A line goes there while its two neighbours are in every pair of statuses."""
    states = []
    for first in s.LINE:
        for second in s.LINE:
            state = order(("homedelivery", 0, [0, first, second]), ("collect", 4, [40]))
            package = state.packages[1]
            package.status = package.floor = roll_up_package(package, state.lines_of(1))
            states.append(order(("homedelivery", package.status, [0, first, second]), ("collect", 4, [40])))
    agree(world.put(states), "line", to, reason="why", override=override)


@pytest.mark.parametrize("present", [0, 1, 2, 3, 4, 5, 98, 99])
@pytest.mark.parametrize("to", [30, 40, 50, 98, 99])
def test_last_line_of_a_package_in_every_status(world, to, present):
    states = [order(("homedelivery", present, [0, *lines])) for lines in ((), (99,), (98,), (99, 98), (50,))]
    agree(world.put(states), "line", to, reason="why")


@pytest.mark.parametrize("done_when", ["sent", "received"])
@pytest.mark.parametrize("to", s.PACKAGE)
def test_packages_to_order(world, to, done_when):
    """A package goes there while its two neighbours are in every pair of statuses, or in error inside."""
    states = [
        order(
            ("homedelivery", 0, [0]), ("collect", first, inner), ("digital", second, []), done_when=done_when
        )
        for first in s.PACKAGE
        for second in s.PACKAGE
        for inner in ([], [98])
    ]
    agree(world.put(states), "package", to, reason="why")


@pytest.mark.parametrize("kind", ["order", "package", "line"])
def test_out_of_error(world, kind):
    """D1: an override goes to any status at or above the floor, and what is above is rolled up at once."""
    for to in s.FULFILMENT[kind]:
        states = []
        for floor in [status for status in s.FULFILMENT[kind] if status < s.ERROR]:
            state = order(("homedelivery", 2, [20, 22]), ("collect", 1, [16, 98]))
            row = {"order": state.order, "package": state.packages[1], "line": state.lines[1]}[kind]
            row.status, row.floor = s.ERROR, floor
            states.append(state)
        states = world.put(states)
        for source in ("BO", "veloyd", "ML", "api"):
            people = source in ("BO", "api")
            agree(states, kind, to, source, reason="why", override=people)
        agree(states, kind, to, reason="why", override=True, may_override=False)
