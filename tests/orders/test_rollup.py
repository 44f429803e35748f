"""Up and down on a small scale: what the shop counts as done (D2), what waits for its supplier (D5)."""

import pytest

from orders.models import OrderlineToPackage
from tests.factories import agent, make_order, make_shop
from tests.orders.building import left, move, must_move, order_of, state, story, warned
from woop.sources import Source

ALL_TYPES = ("homedelivery", "collect", "digital")


@pytest.fixture(params=["sent", "received"])
def done_when(request):
    return request.param


@pytest.fixture
def counted(db, done_when):
    """An order of two packages in a shop that counts in its own way."""
    return make_order(make_shop(done_when=done_when), packages=2)


# --- done (D2) -------------------------------------------------------------------------------------


def test_done_as_the_shop_counts(counted, done_when):
    one, other = counted.packages.all()
    must_move(one, 3)
    must_move(other, 3)
    assert state(counted)[0] == {"sent": 10, "received": 8}[done_when]
    must_move(one, 4)
    assert state(counted)[0] == {"sent": 10, "received": 8}[done_when]
    must_move(other, 4)
    assert state(counted)[0] == 10


def test_order_that_is_called_done_sends_its_packages(counted):
    must_move(counted, 10)
    assert state(counted) == (10, [3, 3], [30, 30])


def test_unknown_package_keeps_the_order_from_being_done(counted):
    one, other = counted.packages.all()
    must_move(one, 5)
    must_move(other, 4)
    assert state(counted) == (8, [5, 4], [50, 40])


def test_received_parcel_may_still_go_back(counted):
    one, other = counted.packages.all()
    must_move(one, 4)
    must_move(one, 5)
    assert state(counted)[1] == [5, 0]


# --- by type ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "packages", "lines"),
    [(7, [1, 1, 1], [10, 10, 10]), (8, [2, 2, 2], [20, 22, 20]), (10, [3, 4, 4], [30, 40, 40])],
)
def test_order_down_to_lines_by_type(shop, to, packages, lines):
    order = make_order(shop, packages=3, types=ALL_TYPES)
    must_move(order, to)
    assert state(order) == (to, packages, lines)


def test_further_children_are_left_and_reported(shop):
    order = make_order(shop, packages=4, types=ALL_TYPES)
    first, second, third, _fourth = order.packages.all()
    must_move(first, 3)
    must_move(second, 99)
    must_move(third, 98, reason="broken file")
    outcome = must_move(order, 8)
    assert left(outcome) == [("package", 3, "higher"), ("package", 99, "final"), ("package", 98, "error")]
    assert state(order) == (8, [3, 99, 98, 2], [30, 99, 0, 20])


def test_cascade_goes_on_only_through_parents_that_moved(shop):
    """A line that hangs back below a package that stays is not pulled along."""
    order = order_of(shop, ("homedelivery", {"A": 1}), ("homedelivery", {"B": 1}))
    package = order.packages.first()
    must_move(package, 2)
    OrderlineToPackage.objects.create(
        shop=shop, order=order, package=package, orderline=order.lines.first(), quantity=1
    )
    outcome = must_move(order, 8)
    assert left(outcome) == [("package", 2, "already")]
    assert state(order) == (8, [2, 2], [20, 20, 0])


# --- up --------------------------------------------------------------------------------------------


def test_parent_begins_with_the_first_child_and_follows_the_last(shop):
    order = order_of(shop, ("homedelivery", {"A": 1, "B": 1}), ("homedelivery", {"C": 1}))
    a, b, c = order.package_lines.order_by("id")
    seen = []
    for line, to in ((a, 10), (b, 20), (a, 30), (b, 30), (c, 20), (c, 40)):
        must_move(line, to)
        seen.append(state(order)[:2])
    assert seen == [
        (7, [1, 0]),
        (7, [1, 0]),
        (7, [2, 0]),
        (7, [3, 0]),
        (8, [3, 2]),
        (10, [3, 4]),
    ]


def test_roll_up_does_not_cascade_down(shop):
    order = order_of(shop, ("homedelivery", {"A": 1, "B": 1}))
    one, other = order.package_lines.order_by("id")
    outcome = must_move(one, 40)
    assert story(outcome) == [
        ("line", 0, 40, "BO"),
        ("package", 0, 1, "rollup"),
        ("order", 5, 7, "rollup"),
    ]
    assert state(order) == (7, [1], [40, 0])


def test_parent_never_goes_down(shop):
    order = make_order(shop)
    must_move(order, 8)
    OrderlineToPackage.objects.create(
        shop=shop, order=order, package=order.packages.get(), orderline=order.lines.get(), quantity=1
    )
    must_move(order.package_lines.last(), 10)
    assert state(order) == (8, [2], [20, 10])


# --- what waits for its supplier (D5) --------------------------------------------------------------


@pytest.fixture
def waiting(shop):
    """An order with a line that is there, and one for each reason to wait."""
    order = order_of(shop, ("homedelivery", {"A": 1, "B": 1, "C": 1, "D": 1}))
    for line, status in zip(order.package_lines.order_by("id"), (10, 14, 16, 18), strict=True):
        must_move(line, status, by=None if status == 10 else agent(shop, Source.ML))
    return order


def test_waiting_lines_hold_their_package(waiting):
    assert state(waiting) == (7, [1], [10, 14, 16, 18])
    must_move(waiting.package_lines.first(), 30)
    assert state(waiting) == (7, [1], [30, 14, 16, 18])


@pytest.mark.parametrize("to", [8, 10])
def test_person_moves_waiting_lines_and_is_warned(waiting, to):
    lines = list(waiting.package_lines.order_by("id").values_list("pk", flat=True))[1:]
    preview = move(waiting, to, dry_run=True)
    assert sorted(note.node.id for note in preview.warnings) == lines
    assert set(warned(preview)) == {"line_not_available"}
    assert sorted(note.node.id for note in must_move(waiting, to).warnings) == lines
    assert set(state(waiting)[2]) == {20 if to == 8 else 30}


def test_processing_leaves_what_waits_further_on(waiting):
    outcome = must_move(waiting, 7)
    assert outcome.moved == []
    assert warned(outcome) == []


def test_cancelling_needs_no_warning(waiting):
    assert warned(must_move(waiting, 99)) == []
    assert set(state(waiting)[2]) == {99}


@pytest.mark.parametrize("source", [Source.VELOYD, Source.SENDCLOUD, Source.CB])
def test_what_is_not_there_was_not_shipped(waiting, source):
    outcome = must_move(waiting.packages.get(), 3, by=agent(waiting.shop, source))
    assert left(outcome) == [("line", status, "held") for status in (14, 16, 18)]
    assert warned(outcome) == []
    assert state(waiting) == (10, [3], [30, 14, 16, 18])
