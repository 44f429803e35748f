"""D6 and D11: rows by quantity, and the partial hand-over, against the model."""

import pytest
from django.db import transaction

from orders.services import split_line
from tests.reference import statuses as s
from tests.reference.model import request, split
from tests.reference.state import Collect
from tests.spec.build import order
from tests.spec.compare import renamed, shape, strip
from tests.spec.door import actor, ask
from tests.spec.world import read
from woop.models import StatusEvent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("package", ["same", "new", "other"])
def test_split_in_every_status(world, package):
    """Both halves keep the status, the sum stays, and the package that got a row follows its lines."""
    states = [
        order(("homedelivery", home, [line, 10]), ("homedelivery", other, [0]), ("collect", 1, [10]))
        for line in s.LINE
        for home, other in ((1, 0), (2, 1), (98, 0), (0, 98))
    ]
    for state in world.put(states):
        line = next(iter(state.lines))
        where = list(state.packages)[1] if package == "other" else package
        expected = split(state, line, 1, where).state
        split_line(line, 1, actor=actor("BO"), package=None if where == "same" else where)
        now = read([state.order.id])[0]
        assert now.quantities() == state.quantities()
        wanted = renamed(expected, now)
        assert strip(now) == strip(wanted), f"{shape(state)}: {shape(now)}, expected {shape(wanted)}"


def test_split_is_told_with_its_quantities(world):
    state = world.put([order(("collect", 2, [22]))])[0]
    line = next(iter(state.lines))
    _, half = split_line(line, 1, actor=actor("BO"))
    events = StatusEvent.objects.filter(order=state.order.id)
    told = [(e.object_type, e.object_id, e.from_status, e.to_status, e.quantities) for e in events]
    assert told == [("line", half.pk, None, "22", {"quantity": 1, "split_from": line, "left": 2})]


def in_progress(*packages):
    packages = [("collect", 2, lines) for lines in packages]
    collect = Collect(1, list(range(1, len(packages) + 1)), "COLLECT_IN_PROGRESS")
    return order(*packages, ("homedelivery", 3, [30]), collects=[collect])


@pytest.mark.parametrize(
    ("packages", "handed"),
    [
        ([[22]], [1]),
        ([[22, 22]], [3, 0]),
        ([[22, 22]], [3, 1]),
        ([[22, 22, 98, 99]], [3, 3, 0, 0]),
        ([[22, 99]], [2, 0]),
        ([[22], [22]], [3, 0]),
        ([[22], [22]], [1, 2]),
        ([[22, 22], [22]], [1, 0, 3]),
    ],
)
def test_partial_hand_over(world, packages, handed):
    state = world.put([in_progress(*packages)])[0]
    collect = next(iter(state.collects))
    pieces = tuple(zip(state.lines, handed, strict=False))
    to = "COLLECT_PICK_UP_PARTIALLY"
    expected = request(state, "collect", collect, to, handed=pieces)
    details = {"lines": [{"id": pk, "quantity": n} for pk, n in pieces]}
    with transaction.atomic():
        ask("collect", [collect], to, "BO", details=details)
    now = read([state.order.id])[0]
    wanted = renamed(expected.state, now)
    assert strip(now) == strip(wanted), f"{shape(now)}, expected {shape(wanted)}"
    assert now.quantities() == state.quantities()


@pytest.mark.parametrize("handed", [[], [0, 0], [3, 3], [4, 0], [-1, 3]])
def test_quantities_that_cannot_be(world, handed):
    state = world.put([in_progress([22, 22])])[0]
    details = {"lines": [{"id": pk, "quantity": n} for pk, n in zip(state.lines, handed, strict=False)]}
    outcome = ask("collect", list(state.collects), "COLLECT_PICK_UP_PARTIALLY", "BO", details=details)
    assert [verdict.result for verdict in outcome.verdicts] == ["refused"]
    assert strip(read([state.order.id])[0]) == strip(state)
