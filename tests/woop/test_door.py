"""The one door: its verdicts, its refusals in the words that programs read, and what it writes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from orders.models import Order, OrderlineToPackage, Package
from orders.services import accept_order
from tests.factories import agent, make_order, make_shop, supervisor
from tests.orders.building import codes, history_is_whole, move, must_move, order_of, state, story
from woop import clock, transitions
from woop.actors import Actor
from woop.errors import RuleError
from woop.models import Alert, Job, StatusEvent
from woop.plans import Plan
from woop.sources import Source
from woop.transitions import change_status, locked

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODELS = (Order, Package, OrderlineToPackage, StatusEvent, Alert, Job)


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def order(shop):
    return order_of(shop, ("homedelivery", {"A": 2}), ("homedelivery", {"B": 1}))


def everything():
    """Answer every row that a change could touch."""
    return [list(model.objects.order_by("pk").values()) for model in MODELS]


# --- verdicts --------------------------------------------------------------------------------------


def test_rows_are_judged_one_by_one(shop):
    free, cancelled, done, foreign = (make_order(s) for s in (shop, shop, shop, make_shop()))
    must_move(cancelled, 99)
    must_move(done, 8)
    ids = [free.pk, cancelled.pk, done.pk, foreign.pk, 0, free.pk]
    outcome = change_status("order", ids, 8, by=agent(shop))
    assert [(v.node.id, v.result) for v in outcome.verdicts] == [
        (free.pk, "moved"),
        (cancelled.pk, "refused"),
        (done.pk, "already"),
    ]
    assert codes(outcome) == [None, "final", None]
    assert outcome.refusal.code == "final"
    assert sorted(outcome.missing) == sorted([foreign.pk, 0])
    assert outcome.applied
    assert {v.node.id for v in outcome.of("moved")} == {free.pk}
    assert outcome.versions.keys() == {free.pk, cancelled.pk, done.pk}
    assert state(foreign) == (5, [0], [0])


def test_versions_are_those_of_the_database(order):
    outcome = must_move(order, 7)
    assert outcome.versions == {order.pk: Order.objects.get(pk=order.pk).version}


def test_nothing_asked_is_nothing_done(shop):
    outcome = change_status("order", [], 8, by=agent(shop))
    assert (outcome.verdicts, outcome.missing, outcome.refusal) == ([], [], None)


def test_rows_of_one_order_move_together(order):
    """One after the other, each sees what the one before it brought about."""
    packages = [package.pk for package in order.packages.all()]
    outcome = change_status("package", packages, 3, by=agent(order.shop))
    assert [event.node.kind for event in outcome.moved if event.source == Source.ROLLUP] == ["order", "order"]
    assert state(order) == (10, [3, 3], [30, 30])
    assert history_is_whole(order)


def test_chunks_are_committed_one_by_one(shop, monkeypatch):
    monkeypatch.setattr(transitions, "CHUNK", 2)
    orders = [make_order(shop) for _order in range(5)]
    outcome = change_status("order", [order.pk for order in orders], 8, by=agent(shop))
    assert len(outcome.of("moved")) == 5
    assert [v.node.id for v in outcome.verdicts] == [order.pk for order in orders]
    assert len(outcome.versions) == 5


# --- refusals --------------------------------------------------------------------------------------

REFUSED = {
    "status_below": (8, 7, {}),
    "final": (99, 98, {"reason": "x"}),
    "reason_required": (8, 98, {}),
    "reason_required for an override": (8, 10, {"override": True, "code": "reason_required"}),
    "override_needed": (98, 10, {"reason": "x"}),
    "below_floor": (98, 7, {"reason": "x", "override": True}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(order, name):
    present, to, how = REFUSED[name]
    how = dict(how)
    code = how.pop("code", name)
    must_move(order, 8)
    if present != 8:
        must_move(order, present, reason="before")
    before = everything()
    outcome = move(order, to, **how)
    assert (outcome.refusal.code, outcome.moved, outcome.kept) == (code, [], [])
    assert str(outcome.refusal.detail)
    assert everything() == before


@pytest.mark.parametrize(
    ("code", "to", "actor"),
    [
        ("source_not_allowed", 8, {"source": Source.ML}),
        ("source_not_allowed", 8, {"source": Source.CUSTOMER}),
        ("not_permitted", 8, {"may_change": False}),
    ],
)
def test_refused_to_somebody(order, code, to, actor):
    before = everything()
    assert move(order, to, by=agent(order.shop, **actor)).refusal.code == code
    assert everything() == before


def test_override_without_the_right(order):
    before = everything()
    outcome = move(order, 8, by=agent(order.shop), override=True, reason="because")
    assert outcome.refusal.code == "override_not_permitted"
    assert everything() == before


def test_acceptance_has_to_come_first(shop):
    order = make_order(shop, requires_acceptance=True)
    before = everything()
    for row, to in ((order, 7), (order.packages.get(), 1), (order.package_lines.get(), 10)):
        assert move(row, to).refusal.code == "acceptance_pending"
    assert move(order, 7, override=True, reason="now").refusal.code == "acceptance_pending"
    assert everything() == before
    accept_order(order.pk, actor=agent(shop))
    must_move(order, 7)


def test_refusal_names_what_is_possible(order):
    must_move(order, 8)
    assert move(order, 7).refusal.allowed == [10, 98, 99]
    must_move(order, 98, reason="x")
    assert move(order, 7).refusal.allowed == [99]
    must_move(order, 99)
    assert move(order, 7).refusal.allowed == []


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_blank_reason_is_none(order, reason):
    assert move(order, 98, reason=reason).refusal.code == "reason_required"


def test_reason_is_kept_without_the_space_around_it(order):
    must_move(order, 98, reason="  lost in the cellar \n")
    assert order.events.get(to_status="98").reason == "lost in the cellar"


# --- nothing to do ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["order", "package", "line"])
def test_repeated_change_writes_nothing(order, kind):
    row = {"order": order, "package": order.packages.first(), "line": order.package_lines.first()}[kind]
    to = {"order": 8, "package": 2, "line": 20}[kind]
    must_move(row, to)
    before = everything()
    outcome = move(row, to)
    assert ([v.result for v in outcome.verdicts], outcome.moved) == (["already"], [])
    assert everything() == before


def test_status_it_has_already_is_no_matter_of_rights(order):
    must_move(order, 8)
    outcome = move(order, 8, by=agent(order.shop, Source.ML))
    assert [v.result for v in outcome.verdicts] == ["already"]


# --- the version that was seen ---------------------------------------------------------------------


def test_version_that_was_seen_counts(order):
    seen = Order.objects.get(pk=order.pk).version
    must_move(order, 7)
    before = everything()
    outcome = move(order.packages.first(), 2, versions={order.pk: seen})
    assert outcome.refusal.code == "version_conflict"
    assert everything() == before
    must_move(order.packages.first(), 2, versions=outcome.versions)


def test_stale_version_of_one_order_does_not_stop_the_others(shop):
    one, other = make_order(shop), make_order(shop)
    seen = {order.pk: Order.objects.get(pk=order.pk).version for order in (one, other)}
    must_move(one, 7)
    outcome = change_status("order", seen, 8, by=agent(shop), versions=seen)
    assert codes(outcome) == ["version_conflict", None]
    assert (state(one)[0], state(other)[0]) == (7, 8)


def test_services_see_the_version_too(order):
    with pytest.raises(RuleError) as caught, locked("order", [order.pk], by=agent(order.shop), version=1):
        pytest.fail("it must not get in")
    assert caught.value.refusal.code == "version_conflict"


# --- what is written -------------------------------------------------------------------------------


def test_event_says_who_and_when_and_why(order, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    earlier = NOON - timedelta(minutes=5)
    outcome = must_move(
        order, 7, by=agent(order.shop, Source.API), reason="it is time", occurred_at=earlier, message_id=42
    )
    events = list(order.events.filter(sequence__gt=order.version).order_by("sequence"))
    assert len(events) == len(outcome.moved) == 5
    for event in events:
        assert (event.actor, event.reason, event.message_id) == ("user:1", "it is time", 42)
        assert (event.occurred_at, event.recorded_at) == (earlier, NOON)
        assert event.shop_id == order.shop_id
    first = events[0]
    assert (first.object_type, first.object_id, first.field) == ("order", order.pk, "status")
    assert (first.from_status, first.to_status, first.source, first.cause) == ("5", "7", "api", None)


def test_everything_that_follows_has_its_cause(order):
    must_move(order.package_lines.first(), 20)
    told = {
        event.sequence: (event.object_type, event.to_status, event.source, event.cause)
        for event in order.events.filter(sequence__gt=order.version)
    }
    line = order.version + 1
    assert told == {
        line: ("line", "20", "BO", None),
        line + 1: ("package", "2", "rollup", line),
        line + 2: ("order", "7", "rollup", line + 1),
    }


def test_order_knows_when_it_was_last_changed(order, monkeypatch):
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    must_move(order.package_lines.first(), 10)
    row = Order.objects.get(pk=order.pk)
    assert (row.modified_at, row.version, row.created_at) == (later, order.version + 3, order.created_at)


def test_moved_rows_remember_their_floor(order):
    line = order.package_lines.first()
    must_move(line, 20)
    must_move(line, 98, reason="broken")
    line.refresh_from_db()
    assert (line.status, line.floor) == (98, 20)


@pytest.mark.django_db(transaction=True)
def test_whatever_goes_wrong_nothing_is_written(order, monkeypatch):
    before = everything()
    monkeypatch.setattr(transitions, "_update", None)  # the events are written before
    with pytest.raises(TypeError):
        move(order, 8)
    assert everything() == before


def test_row_that_vanished_under_the_lock_is_an_error(order, monkeypatch):
    """Rows below a locked order cannot go away; if they do, better nothing than half of it."""
    real = transitions._insert_events

    def lose_a_line(events):
        OrderlineToPackage.objects.filter(order=order).first().delete()
        real(events)

    monkeypatch.setattr(transitions, "_insert_events", lose_a_line)
    with pytest.raises(RuntimeError, match="orders_orderlinetopackage: 1 of 2 rows"), transaction.atomic():
        move(order, 8)


# --- previews --------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [7, 8, 10, 98, 99])
def test_preview_says_what_the_real_thing_does(order, to):
    must_move(order.packages.first(), 2)
    before = everything()
    preview = move(order, to, reason="why", dry_run=True)
    assert everything() == before
    real = move(order, to, reason="why")
    assert (preview.applied, real.applied) == (False, True)
    for told in (story, codes, lambda outcome: [(k.node.id, k.code) for k in outcome.kept]):
        assert told(preview) == told(real)
    assert [(e.sequence, e.cause, e.node.id) for e in preview.moved] == [
        (e.sequence, e.cause, e.node.id) for e in real.moved
    ]
    assert preview.versions == real.versions
    assert [note.code for note in preview.warnings] == [note.code for note in real.warnings]


def test_preview_of_a_refusal_is_the_refusal(order):
    must_move(order, 8)
    preview, real = move(order, 7, dry_run=True), move(order, 7)
    assert (preview.refusal.code, preview.refusal.allowed) == (real.refusal.code, real.refusal.allowed)


def test_preview_takes_no_lock(order, monkeypatch):
    locks = []
    real = transitions.load

    def load(kind, ids, *, lock):
        locks.append(lock)
        return real(kind, ids, lock=lock)

    monkeypatch.setattr(transitions, "load", load)
    move(order, 8, dry_run=True)
    move(order, 8)
    assert locks == [False, True]


# --- several plans in one transaction --------------------------------------------------------------


def test_locked_hands_out_only_what_may_be_reached(shop):
    mine, foreign = make_order(shop), make_order(make_shop())
    with locked("order", [mine.pk, foreign.pk], by=agent(shop)) as plans:
        assert [plan.order.id for plan in plans] == [mine.pk]
        assert isinstance(plans[0], Plan)
        plans[0].attempt(plans[0].order, 7)
    assert (state(mine)[0], state(foreign)[0]) == (7, 5)


def test_locked_writes_nothing_after_an_error(order):
    def begin_and_fail():
        with locked("order", [order.pk], by=agent(order.shop)) as plans:
            plans[0].attempt(plans[0].order, 7)
            raise KeyError

    before = everything()
    with pytest.raises(KeyError), transaction.atomic():
        begin_and_fail()
    assert everything() == before


def test_locked_preview_writes_nothing(order):
    before = everything()
    with locked("order", [order.pk], by=agent(order.shop), dry_run=True) as plans:
        assert plans[0].attempt(plans[0].order, 7).result == "moved"
    assert everything() == before


def test_actor_of_every_shop_reaches_all(shop):
    order = make_order(shop)
    outcome = move(order, 8, by=Actor(Source.BO, "user:0"))
    assert outcome.refusal is None
    assert supervisor(shop).shop_id == shop.pk
