"""The partial hand-over (D11): what was taken is done, the rest waits in a collect of its own."""

import pytest

from collect.models import Collect
from orders.models import Order, OrderlineToPackage
from tests.collect.visiting import collected, go, status
from tests.factories import agent
from tests.orders.building import history_is_whole, left, move, must_move, order_of, state, story
from woop.models import StatusEvent
from woop.sources import Source

PARTIALLY = "COLLECT_PICK_UP_PARTIALLY"


def hand_over(order, collect, *quantities, **how):
    """Hand over so many of each line, in their order; None leaves a line unnamed."""
    lines = order.package_lines.order_by("id")
    named = [
        {"id": line.pk, "quantity": quantity}
        for line, quantity in zip(lines, quantities, strict=True)
        if quantity is not None
    ]
    return move(collect, PARTIALLY, details={"lines": named}, **how)


def contents(order):
    """Answer each package with its status and what is in it: (article, quantity, status)."""
    return [
        (
            package.status,
            [(row.orderline.sku, row.quantity, row.status) for row in package.lines.order_by("id")],
        )
        for package in order.packages.order_by("position")
    ]


def collects(order):
    return [
        (collect.status.removeprefix("COLLECT_"), [p.position for p in collect.packages.order_by("position")])
        for collect in order.collects.order_by("id")
    ]


def pieces(order):
    return {line.sku: sum(row.quantity for row in line.rows.all()) for line in order.lines.all()}


# --- one package -----------------------------------------------------------------------------------


def test_some_pieces_of_a_line(shop):
    order, collect = collected(shop, {"A": 3, "B": 1}, to="IN_PROGRESS")
    outcome = hand_over(order, collect, 2, 1)
    assert outcome.refusal is None
    assert contents(order) == [(4, [("A", 2, 40), ("B", 1, 40)]), (2, [("A", 1, 22)])]
    assert collects(order) == [("PICK_UP_PARTIALLY", [1]), ("REPLANNED", [2])]
    assert state(order)[0] == 8
    assert pieces(order) == {"A": 3, "B": 1}
    assert history_is_whole(order)


def test_whole_lines_stay_behind(shop):
    order, collect = collected(shop, {"A": 3, "B": 1}, to="IN_PROGRESS")
    hand_over(order, collect, None, 1)
    assert contents(order) == [(4, [("B", 1, 40)]), (2, [("A", 3, 22)])]
    assert OrderlineToPackage.objects.filter(order=order).count() == 2


def test_line_at_nought_was_not_handed_over(shop):
    order, collect = collected(shop, {"A": 3, "B": 1}, to="IN_PROGRESS")
    hand_over(order, collect, 0, 1)
    assert contents(order) == [(4, [("B", 1, 40)]), (2, [("A", 3, 22)])]


def test_follow_up_is_linked_and_waits_for_its_slot(shop):
    order, collect = collected(shop, to="IN_PROGRESS")
    hand_over(order, collect, 1, 1)
    follow_up = Collect.objects.get(follows=collect)
    assert (follow_up.status, follow_up.store, follow_up.order) == ("COLLECT_REPLANNED", collect.store, order)
    assert (follow_up.interrupted_status, follow_up.shop_id) == ("", shop.pk)
    go(follow_up, "READY", "IN_PROGRESS", "PICK_UP_OK")
    assert state(order) == (10, [4, 4], [40, 40, 40])
    assert status(collect) == "PICK_UP_PARTIALLY"


def test_events_tell_what_became_of_what(shop):
    order, collect = collected(shop, {"A": 3, "B": 1}, to="IN_PROGRESS")
    line, other = order.package_lines.order_by("id")
    package = order.packages.get()
    order.refresh_from_db()
    hand_over(order, collect, 2, 1)
    half = OrderlineToPackage.objects.exclude(pk__in=[line.pk, other.pk]).get()
    new, follow_up = order.packages.get(position=2), Collect.objects.get(follows=collect)
    told = order.events.filter(sequence__gt=order.version).order_by("sequence")
    start = order.version + 1
    assert [
        (e.object_type, e.object_id, e.from_status, e.to_status, e.source, e.cause, e.quantities)
        for e in told
    ] == [
        ("collect", collect.pk, "COLLECT_IN_PROGRESS", PARTIALLY, "BO", None, None),
        ("package", new.pk, None, "2", "collect", start, {"split_from": package.pk}),
        ("line", half.pk, None, "22", "collect", start, {"quantity": 1, "split_from": line.pk, "left": 2}),
        ("collect", follow_up.pk, None, "COLLECT_REPLANNED", "collect", start, None),
        ("package", package.pk, "2", "4", "collect", start, None),
        ("line", line.pk, "22", "40", "cascade", start + 4, None),
        ("line", other.pk, "22", "40", "cascade", start + 4, None),
    ]


def test_rest_can_be_divided_again(shop):
    order, collect = collected(shop, {"A": 5}, to="IN_PROGRESS")
    hand_over(order, collect, 2)
    follow_up = Collect.objects.get(follows=collect)
    go(follow_up, "READY", "IN_PROGRESS")
    hand_over(order, follow_up, None, 1)
    assert contents(order) == [(4, [("A", 2, 40)]), (4, [("A", 1, 40)]), (2, [("A", 2, 22)])]
    assert collects(order) == [("PICK_UP_PARTIALLY", [1]), ("PICK_UP_PARTIALLY", [2]), ("REPLANNED", [3])]
    assert pieces(order) == {"A": 5}


def test_cancelled_lines_stay_where_they_are(shop):
    order, collect = collected(shop, {"A": 2, "B": 1}, to="IN_PROGRESS")
    must_move(order.package_lines.order_by("id").last(), 99)
    hand_over(order, collect, 1, None)
    assert contents(order) == [(4, [("A", 1, 40), ("B", 1, 99)]), (2, [("A", 1, 22)])]


def test_line_in_error_goes_on_to_the_follow_up(shop):
    order, collect = collected(shop, {"A": 2, "B": 1}, to="IN_PROGRESS")
    must_move(order.package_lines.order_by("id").last(), 98, reason="torn")
    hand_over(order, collect, 2, None)
    assert contents(order) == [(4, [("A", 2, 40)]), (2, [("B", 1, 98)])]


def test_line_that_waits_for_its_supplier_waits_on_in_the_follow_up(shop):
    order, collect = collected(shop, {"A": 1, "B": 1})
    must_move(order.package_lines.order_by("id").last(), 14, by=agent(shop, Source.ML))
    go(collect, "STOCK_OK", "STARTED", "READY", "IN_PROGRESS")
    assert left(hand_over(order, collect, 1, None)) == []
    assert contents(order) == [(4, [("A", 1, 40)]), (2, [("B", 1, 14)])]


# --- several packages ------------------------------------------------------------------------------


def test_package_that_was_handed_over_whole_and_one_that_was_not_at_all(shop):
    order, collect = collected(shop, {"A": 2}, {"B": 1}, to="IN_PROGRESS")
    hand_over(order, collect, 2, None)
    assert contents(order) == [(4, [("A", 2, 40)]), (2, [("B", 1, 22)])]
    assert collects(order) == [("PICK_UP_PARTIALLY", [1]), ("REPLANNED", [2])]


def test_each_package_is_divided_on_its_own(shop):
    order, collect = collected(shop, {"A": 2}, {"B": 3}, {"C": 1}, to="IN_PROGRESS")
    hand_over(order, collect, 1, 1, 1)
    assert contents(order) == [
        (4, [("A", 1, 40)]),
        (4, [("B", 1, 40)]),
        (4, [("C", 1, 40)]),
        (2, [("A", 1, 22)]),
        (2, [("B", 2, 22)]),
    ]
    assert collects(order) == [("PICK_UP_PARTIALLY", [1, 2, 3]), ("REPLANNED", [4, 5])]
    assert pieces(order) == {"A": 2, "B": 3, "C": 1}
    assert history_is_whole(order)


def test_other_packages_of_the_order_are_not_touched(shop):
    order = order_of(shop, ("collect", {"A": 2}), ("homedelivery", {"B": 1}), collect_store="store")
    collect = order.collects.get()
    go(collect, "STOCK_OK", "STARTED", "READY", "IN_PROGRESS")
    hand_over(order, collect, 1, None)
    assert contents(order) == [(4, [("A", 1, 40)]), (0, [("B", 1, 0)]), (2, [("A", 1, 22)])]


# --- preview ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("quantities", [(2, 1), (None, 1), (3, None), (1, 0)])
def test_preview_says_what_the_real_thing_does(shop, quantities):
    order, collect = collected(shop, {"A": 3, "B": 1}, to="IN_PROGRESS")
    before = contents(order), collects(order), StatusEvent.objects.count()
    preview = hand_over(order, collect, *quantities, dry_run=True)
    assert (contents(order), collects(order), StatusEvent.objects.count()) == before
    real = hand_over(order, collect, *quantities)
    assert story(preview) == story(real)
    assert [(e.sequence, e.cause, e.quantities) for e in preview.moved] == [
        (e.sequence, e.cause, e.quantities) for e in real.moved
    ]
    assert preview.versions == real.versions


# --- refused ---------------------------------------------------------------------------------------


def assert_refused(order, collect, code, lines):
    before = contents(order), collects(order), Order.objects.get(pk=order.pk).version
    details = None if lines is None else {"lines": lines}
    for dry_run in (True, False):
        outcome = move(collect, PARTIALLY, details=details, dry_run=dry_run)
        assert outcome.refusal.code == code
        assert str(outcome.refusal.detail)
    assert (contents(order), collects(order), Order.objects.get(pk=order.pk).version) == before


@pytest.fixture
def served(shop):
    return collected(shop, {"A": 3, "B": 1}, to="IN_PROGRESS")


def test_quantities_that_cannot_be(shop, served):
    order, collect = served
    a, b = order.package_lines.order_by("id").values_list("pk", flat=True)
    foreign = collected(shop)[0].package_lines.first().pk
    cases = {
        "quantities_required": [None, []],
        "unknown_line": [
            [{"id": foreign, "quantity": 1}],
            [{"id": 0, "quantity": 1}],
            [{"id": a, "quantity": 1}, {"id": a, "quantity": 1}],
        ],
        "quantity_too_high": [
            [{"id": a, "quantity": 4}],
            [{"id": a, "quantity": -1}, {"id": b, "quantity": 1}],
        ],
        "nothing_handed_over": [[{"id": a, "quantity": 0}, {"id": b, "quantity": 0}]],
        "everything_handed_over": [[{"id": a, "quantity": 3}, {"id": b, "quantity": 1}]],
    }
    for code, bodies in cases.items():
        for lines in bodies:
            assert_refused(order, collect, code, lines)


@pytest.mark.parametrize("present", [98, 99])
def test_line_that_is_not_there_to_be_handed_over(served, present):
    order, collect = served
    a, b = order.package_lines.order_by("id")
    must_move(b, present, reason="torn")
    assert_refused(order, collect, "line_not_available", [{"id": b.pk, "quantity": 1}])
    if present == 99:
        assert_refused(order, collect, "everything_handed_over", [{"id": a.pk, "quantity": 3}])


@pytest.mark.parametrize("word", ["INIT", "READY", "AWAITING"])
def test_only_while_the_customer_is_served(shop, word):
    order, collect = collected(shop, to=word)
    line = order.package_lines.first()
    assert_refused(order, collect, "not_possible", [{"id": line.pk, "quantity": 1}])


def test_hand_over_is_final(served):
    order, collect = served
    hand_over(order, collect, 1, 1)
    before = contents(order), collects(order)
    line = order.package_lines.first()
    again = move(collect, PARTIALLY, details={"lines": [{"id": line.pk, "quantity": 1}]})
    assert [verdict.result for verdict in again.verdicts] == ["already"]
    assert move(collect, "COLLECT_PICK_UP_OK").refusal.code == "final"
    assert (contents(order), collects(order)) == before
