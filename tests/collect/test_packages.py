"""What a collect's status means for its packages, and what it remembers."""

import pytest

from collect.models import Collect
from collect.statuses import ENDED, PACKAGE_STATUS, CollectStatus
from tests.collect.visiting import WAY, collected, go, status
from tests.factories import agent, make_order
from tests.orders.building import codes, history_is_whole, left, move, must_move, state, story
from woop.actors import Actor
from woop.sources import Source


def interrupted(collect):
    return Collect.objects.values_list("interrupted_status", flat=True).get(pk=collect.pk)


# --- collect → packages ----------------------------------------------------------------------------


def test_packages_follow_the_collect(shop):
    order, collect = collected(shop, {"A": 1}, {"B": 2})
    seen = []
    for word in WAY:
        go(collect, word)
        seen.append((word, *state(order)))
    assert seen == [
        ("STOCK_OK", 7, [1, 1], [10, 10]),
        ("STARTED", 7, [1, 1], [10, 10]),
        ("READY", 8, [2, 2], [22, 22]),
        ("AWAITING", 8, [2, 2], [22, 22]),
        ("IN_PROGRESS", 8, [2, 2], [22, 22]),
        ("PICK_UP_OK", 10, [4, 4], [40, 40]),
    ]
    assert history_is_whole(order)


def test_sources_and_causes(shop):
    order, collect = collected(shop, to="STARTED")
    outcome = go(collect, "READY", by=agent(shop, Source.API))
    assert story(outcome) == [
        ("collect", "COLLECT_STARTED", "COLLECT_READY", "api"),
        ("package", 1, 2, "collect"),
        ("line", 10, 22, "cascade"),
        ("line", 10, 22, "cascade"),
        ("order", 7, 8, "rollup"),
    ]
    first = outcome.moved[0].sequence
    assert [event.cause for event in outcome.moved] == [None, first, first + 1, first + 1, first + 1]


def test_cancelled_collect_cancels_its_packages(shop):
    order, collect = collected(shop, {"A": 1}, to="READY")
    outcome = go(collect, "CANCELLED")
    assert story(outcome)[1:] == [
        ("package", 2, 99, "collect"),
        ("line", 22, 99, "cascade"),
        ("order", 8, 99, "rollup"),
    ]


@pytest.mark.parametrize("word", ["PICK_UP_FAILED", "REPLANNED", "DELAYED", "BLOCKED", "AWAITING"])
def test_other_statuses_leave_the_packages(shop, word):
    order, collect = collected(shop, to="READY")
    outcome = go(collect, word)
    assert story(outcome) == [("collect", "COLLECT_READY", f"COLLECT_{word}", "BO")]
    assert state(order) == (8, [2], [22, 22])


def test_table_speaks_of_four_statuses():
    assert {word: int(package) for word, package in PACKAGE_STATUS.items()} == {
        "COLLECT_STOCK_OK": 1,
        "COLLECT_READY": 2,
        "COLLECT_PICK_UP_OK": 4,
        "COLLECT_CANCELLED": 99,
    }


def test_package_that_is_further_or_in_trouble_is_left(shop):
    order, collect = collected(shop, {"A": 1}, {"B": 1}, {"C": 1}, {"D": 1})
    first, second, third, fourth = order.packages.order_by("position")
    must_move(first, 3)
    must_move(second, 98, reason="torn")
    must_move(third, 99)
    outcome = go(collect, "STOCK_OK")
    assert left(outcome) == [("package", 3, "higher"), ("package", 98, "error"), ("package", 99, "final")]
    assert state(order)[1] == [3, 98, 99, 1]
    assert fourth.pk in {event.node.id for event in outcome.moved}


def test_what_waits_for_its_supplier_was_not_collected(shop):
    order, collect = collected(shop, {"A": 1, "B": 1})
    must_move(order.package_lines.first(), 18, by=agent(shop, Source.ML))
    outcome = go(collect, "STOCK_OK", "STARTED", "READY")
    assert left(outcome) == [("line", 18, "held")]
    assert state(order) == (8, [2], [18, 22])


def test_package_that_arrived_is_not_cancelled_with_its_collect(shop):
    order, collect = collected(shop, {"A": 1}, {"B": 1}, to="READY")
    must_move(order.packages.first(), 4)
    outcome = go(collect, "CANCELLED")
    assert left(outcome) == [("package", 4, "left")]
    assert state(order) == (10, [4, 99], [40, 99])


# --- what was interrupted --------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["INIT", *WAY[:-1]])
@pytest.mark.parametrize(
    "trouble", [("DELAYED",), ("BLOCKED",), ("DELAYED", "BLOCKED"), ("BLOCKED", "DELAYED") * 3]
)
def test_interruption_is_remembered_and_resumed(shop, word, trouble):
    _order, collect = collected(shop, to=word)
    go(collect, *trouble)
    assert (status(collect), interrupted(collect)) == (trouble[-1], f"COLLECT_{word}")
    go(collect, word)
    assert (status(collect), interrupted(collect)) == (word, "")


def test_interrupted_collect_goes_on_with_what_would_have_come_next(shop):
    _order, collect = collected(shop, to="STARTED")
    go(collect, "DELAYED", "BLOCKED")
    assert codes(move(collect, "COLLECT_AWAITING")) == ["not_resumable"]
    assert codes(move(collect, "COLLECT_INIT")) == ["not_resumable"]
    go(collect, "READY")
    assert interrupted(collect) == ""


def test_resumed_collect_does_not_move_its_packages_again(shop):
    order, collect = collected(shop, to="READY")
    go(collect, "BLOCKED")
    outcome = go(collect, "READY")
    assert [kind for kind, *_rest in story(outcome)] == ["collect"]
    assert left(outcome) == [("package", 2, "already")]
    assert state(order) == (8, [2], [22, 22])


def test_refusal_names_what_can_be_resumed(shop):
    _order, collect = collected(shop, to="AWAITING")
    go(collect, "DELAYED")
    allowed = move(collect, "COLLECT_READY").refusal.allowed
    assert allowed == ["COLLECT_AWAITING", "COLLECT_IN_PROGRESS", "COLLECT_BLOCKED"]


# --- the end ---------------------------------------------------------------------------------------


def test_ended_collects_stay_as_they_are(shop):
    for ending in (["STOCK_OK", "STARTED", "READY", "IN_PROGRESS", "PICK_UP_OK"], ["CANCELLED"]):
        _order, collect = collected(shop)
        go(collect, *ending)
        assert status(collect) in {word.removeprefix("COLLECT_") for word in ENDED}
        for target in CollectStatus:
            outcome = move(collect, target, override=True, reason="once more")
            assert codes(outcome) == [None if target == f"COLLECT_{ending[-1]}" else "final"]


def test_customer_who_never_came(shop):
    order, collect = collected(shop, to="READY")
    must_move(collect, "COLLECT_PICK_UP_FAILED", by=Actor.system(Source.TIMER))
    assert state(order) == (8, [2], [22, 22])
    go(collect, "REPLANNED", "READY", "IN_PROGRESS", "PICK_UP_OK")
    assert state(order) == (10, [4], [40, 40])


# --- who -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "may"),
    [
        (Source.CUSTOMER, {"STARTED", "AWAITING", "REPLANNED"}),
        (Source.TIMER, {"PICK_UP_FAILED"}),
        (Source.MARKETPLACE, set()),
        (Source.VELOYD, set()),
    ],
)
def test_who_may_set_what(shop, source, may):
    _order, collect = collected(shop, to="READY")
    go(collect, "DELAYED")
    allowed = set()
    for target in CollectStatus:
        if target == CollectStatus.DELAYED:
            continue
        outcome = move(collect, target, by=Actor(source, str(source)), dry_run=True)
        if codes(outcome) != ["source_not_allowed"]:
            allowed.add(target.removeprefix("COLLECT_"))
    assert allowed == may


def test_collect_waits_for_the_acceptance_of_its_order(shop):
    order = make_order(shop, types=("collect",), collect_store="store", requires_acceptance=True)
    collect = order.collects.get()
    assert codes(move(collect, "COLLECT_STOCK_OK")) == ["acceptance_pending"]
    go(collect, "CANCELLED")
    order.refresh_from_db()
    assert (order.status, order.acceptance) == (99, "cancelled_manually")
