"""One order lived through at random, in the product and in the model, which must agree after every step.

The order has packages of every type, lines, deliveries of three carriers and collects. Each change is
asked as a preview first: it writes nothing, and says exactly what the real change then does.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from collect.services import create_collect
from deliveries.adding import add_delivery
from orders.drafts import LineDraft, OrderDraft, PackageDraft
from orders.models import Order
from orders.services import create_order, split_line
from tests.reference import links
from tests.reference import statuses as s
from tests.reference.messages import receive
from tests.reference.model import Ask, ask_for_collect, deliver, request, split
from tests.reference.rules import is_open, objections
from tests.spec.carriers import START, message_of, say
from tests.spec.compare import differences, door_words, renamed, shape, strip
from tests.spec.door import actor, ask, kept, plain
from tests.spec.history import History
from tests.spec.profile import bounded
from tests.spec.test_messages import ABOUT_CANCELLING, CARRIERS, words
from tests.spec.world import World, read
from woop.clock import now
from woop.models import Alert, Job, StatusEvent
from woop.transitions import locked

ADDRESS = {
    "customer_name": "A",
    "recipient_name": "A",
    "street": "1 B",
    "postal_code": "75001",
    "city": "Paris",
    "country": "FR",
}
TARGETS = {**s.FULFILMENT, "delivery": s.DELIVERY, "collect": s.COLLECT}
KINDS = tuple(TARGETS)
MACHINES = ("ML", "CB", "veloyd", "sendcloud", "ebooks", "customer", "timer")
PARTLY = "COLLECT_PICK_UP_PARTIALLY"  # needs quantities: a rule of its own
ENDS = (s.ERROR, s.CANCELLED, s.DELIVERY_CANCELLED, s.CLOSED, "COLLECT_CANCELLED")


def rows_of(state, kind):
    rows = {"order": {state.order.id: state.order}, "package": state.packages, "line": state.lines}
    return (rows | {"delivery": state.deliveries, "collect": state.collects})[kind]


class Life(RuleBasedStateMachine):
    world = None

    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(START + timedelta(days=1), tick=False)
        self.traveller = self.clock.start()
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)
        self.clock.stop()

    # ── the order comes in ────────────────────────────────────────────────────────────────────────────
    @initialize(
        packages=st.lists(
            st.tuples(st.sampled_from(s.PACKAGE_TYPES), st.lists(st.integers(1, 4), min_size=1, max_size=2)),
            min_size=1,
            max_size=4,
        ),
        waits=st.sampled_from([False, False, False, True]),
        done_when=st.sampled_from(["sent", "received"]),
        carrier=st.sampled_from([None, *CARRIERS]),
        collects=st.booleans(),
    )
    def order_comes_in(self, packages, waits, done_when, carrier, collects):
        lines, boxes = [], []
        for kind, quantities in packages:
            skus = [(f"S{len(lines) + n}", quantity) for n, quantity in enumerate(quantities)]
            lines += [LineDraft(sku, quantity, Decimal(1)) for sku, quantity in skus]
            boxes.append(PackageDraft(kind, tuple(skus)))
        draft = OrderDraft(tuple(lines), packages=tuple(boxes), requires_acceptance=waits, data=ADDRESS)
        order = create_order(self.world.shops[done_when], draft, actor=actor("api"))
        self.state = read([order.pk])[0]
        self.history = History(order.pk)
        self.ordered = self.state.quantities()
        assert self.history.read_on()[0].object_type == "order"
        if carrier and self.is_living() and self.waiting():
            self.make_delivery(carrier, self.waiting()[:1])
        if collects and self.is_living() and self.without_collect():
            self.collect_is_asked_for()

    # ── any change through the door ───────────────────────────────────────────────────────────────────
    @rule(data=st.data(), ends=st.sampled_from([False, False, False, True]))
    def somebody_moves_on(self, data, ends):
        """People do what they may; rarely what ends a row, or little would be left to do."""
        how = {"source": data.draw(st.sampled_from(links.PEOPLE), label="source"), "reason": "because"}
        how |= {"override": data.draw(st.sampled_from([False, False, True]), label="override"), "now": now()}
        self.something_legal(data, how, lambda to: ends or to not in ENDS)

    @rule(data=st.data(), source=st.sampled_from(MACHINES))
    def something_else_moves_on(self, data, source):
        how = {"source": source, "reason": "because", "now": now()}
        self.something_legal(data, how, lambda to: to != s.CANCELLED)

    def something_legal(self, data, how, wanted):
        pairs = {kind: self.legal(kind, how, wanted) for kind in KINDS}
        kinds = [kind for kind in KINDS if pairs[kind]]
        if kinds:
            kind = data.draw(st.sampled_from(kinds), label="kind")
            pk, to = data.draw(st.sampled_from(pairs[kind]), label="row and target")
            self.change(kind, [pk], to, how)

    def legal(self, kind, how, wanted):
        pairs = [(pk, to) for pk in rows_of(self.state, kind) for to in TARGETS[kind] if wanted(to)]
        return [pair for pair in pairs if self.would_move(kind, pair, how)]

    @rule(data=st.data(), source=st.sampled_from((*links.PEOPLE, *MACHINES)), override=st.booleans())
    def anything_is_asked(self, data, source, override):
        kind = data.draw(st.sampled_from([k for k in KINDS if rows_of(self.state, k)]), label="kind")
        pk = data.draw(st.sampled_from(list(rows_of(self.state, kind))), label="row")
        to = data.draw(st.sampled_from([to for to in TARGETS[kind] if to != PARTLY]), label="to")
        if kind != "delivery" or source not in links.OWN_TABLE:  # they speak through messages
            self.change(kind, [pk], to, {"source": source, "override": override, "now": now()})

    def would_move(self, kind, pair, how):
        wanted = Ask(kind, *pair, **how)
        if kind == "delivery" and wanted.source in links.OWN_TABLE:
            return False
        return wanted.present(self.state) != wanted.to and not objections(self.state, wanted)

    @rule(data=st.data(), kind=st.sampled_from(["package", "line"]))
    def several_rows_change_at_once(self, data, kind):
        rows = list(rows_of(self.state, kind))
        ids = data.draw(st.lists(st.sampled_from(rows), min_size=1, unique=True), label="rows")
        to = data.draw(st.sampled_from(TARGETS[kind]), label="to")
        self.change(kind, ids, to, {"source": "BO", "reason": "because", "now": now()})

    @rule(to=st.sampled_from(s.ACCEPTANCE[1:]), source=st.sampled_from(["BO", "api", "marketplace", "timer"]))
    @precondition(lambda self: self.state.order.acceptance == "pending")
    def somebody_answers(self, to, source):
        how = {"source": source, "field": "acceptance", "now": now()}
        self.change("order", [self.state.order.id], to, how)

    @rule(to=st.sampled_from(s.DELIVERY_STATUS), source=st.sampled_from(["BO", "delivery"]))
    @precondition(lambda self: self.state.order.delivery_status in s.BEFORE_DELIVERY)
    @precondition(lambda self: self.state.order.acceptance != "pending" and self.state.order.status != 99)
    def orchestration_goes_on(self, to, source):
        if to not in s.DERIVED:
            how = {"source": source, "field": "delivery_status"}
            self.change("order", [self.state.order.id], to, how)

    @rule(minutes=st.integers(1, 4))
    def time_passes(self, minutes):
        self.traveller.shift(timedelta(minutes=minutes))

    def change(self, kind, ids, to, how):
        """Preview, then do it for real, with the model beside: all three say the same."""
        before, expected = self.state, []
        ids = sorted(ids, key=self.turn(kind))
        for pk in ids:
            expected.append(request(self.state, kind, pk, to, **how))
            self.state = expected[-1].state
        words = door_words(how)
        written = self.written()
        preview = ask(kind, ids, to, dry_run=True, **words)
        assert self.written() == written, "the preview wrote something"
        real = ask(kind, ids, to, **words)
        assert said_by(preview) == said_by(real)
        for pk, result in zip(ids, expected, strict=True):
            if len(ids) == 1:
                found = list(differences(before, pk, result, real))
                assert not found, f"{kind} {pk} -> {to}, {how} on {shape(before)}: {found}"
        moves = sum(len(result.moved) for result in expected)
        self.agree(f"{kind} {ids} -> {to}, {how}", before, moves)

    def turn(self, kind):
        """Rows move one after the other, lines package by package: what is above follows each of them."""
        return (lambda pk: (self.state.lines[pk].package, pk)) if kind == "line" else (lambda pk: pk)

    def written(self):
        return StatusEvent.objects.count(), Job.objects.count(), Alert.objects.count()

    def agree(self, what, before, moves=None):
        """Check the database against the model's state, and the new events against both."""
        found = read([self.state.order.id])[0]
        expected = renamed(self.state, found)
        context = f"{what} on {shape(before)}"
        assert strip(found) == strip(expected), f"{context}: {shape(found)}, expected {shape(expected)}"
        events = self.history.read_on()
        if moves is not None:
            assert len(events) == moves, f"{context}: {len(events)} events for {moves} moves"
        self.state = expected

    # ── deliveries, collects, splits ──────────────────────────────────────────────────────────────────
    def waiting(self):
        """Packages for a delivery that nobody carries."""
        open_ones = {pk for d in self.state.deliveries.values() if is_open(d) for pk in d.packages}
        return [
            p.id
            for p in self.state.packages.values()
            if p.type == "homedelivery" and p.status < 3 and p.id not in open_ones
        ]

    def is_living(self):
        return self.state.order.acceptance != "pending" and self.state.order.status != 99

    @rule(data=st.data(), carrier=st.sampled_from(CARRIERS))
    @precondition(lambda self: self.is_living() and self.waiting())
    def delivery_is_made(self, data, carrier):
        most = 1 if carrier in links.OWN_TABLE else None
        packages = data.draw(
            st.lists(st.sampled_from(self.waiting()), min_size=1, max_size=most, unique=True),
            label="packages",
        )
        self.make_delivery(carrier, packages)

    def make_delivery(self, carrier, packages):
        before, booked = self.state, carrier in links.OWN_TABLE
        self.state = deliver(self.state, packages, carrier).state
        with locked("order", [self.state.order.id], by=actor("BO")) as (plan,):
            nodes = [node for node in plan.order.packages if node.id in packages]
            account = self.world.accounts[self.state.done_when, carrier]
            ref = f"R{self.state.order.id}-{len(self.state.deliveries)}" if booked else ""
            add_delivery(plan, account, nodes, actor("BO").source, carrier_ref=ref)
        self.agree(f"delivery of {packages} by {carrier}", before)

    @rule(data=st.data(), times=st.lists(st.integers(0, 1500), min_size=1, max_size=4))
    @precondition(lambda self: self.is_living() and self.state.deliveries)
    def carrier_says(self, data, times):
        pk = data.draw(st.sampled_from(list(self.state.deliveries)), label="delivery")
        carrier = self.state.deliveries[pk].carrier
        raws = [raw for raw in words(carrier) if raw not in ABOUT_CANCELLING]
        for minutes in times:
            raw = data.draw(st.sampled_from(raws), label="raw")
            before = self.state
            self.state, expected = receive(self.state, pk, message_of(carrier, raw, minutes), now())
            said = say(pk, carrier, raw, minutes)
            assert said == expected or {said, expected} == {"applied", "no_change"}, (raw, minutes)
            self.agree(f"{carrier} {pk} says {raw} at {minutes}", before)

    @rule()
    @precondition(lambda self: self.is_living() and self.without_collect())
    def collect_is_asked_for(self):
        before, packages = self.state, self.without_collect()
        self.state = ask_for_collect(self.state, packages)
        order = Order.objects.get(pk=self.state.order.id)
        create_collect(order, self.world.stores[self.state.done_when], actor=actor("BO"))
        self.agree("collect", before, moves=1)

    def without_collect(self):
        taken = {pk for c in self.state.collects.values() for pk in c.packages}
        return [p.id for p in self.state.packages.values() if p.type == "collect" and p.id not in taken]

    @rule(data=st.data())
    @precondition(lambda self: self.being_served())
    def customer_takes_a_part(self, data):
        pk = data.draw(st.sampled_from(self.being_served()), label="collect")
        lines = self.lines_to_hand_over(pk)
        handed = tuple(
            (line.id, data.draw(st.integers(0, line.quantity), label=f"of {line.id}")) for line in lines
        )
        total = sum(n for _, n in handed)
        if 0 < total < sum(line.quantity for line in lines):
            how = {"source": "BO", "handed": handed, "now": now()}
            self.hand_over(pk, how)

    def being_served(self):
        return [
            pk
            for pk, collect in self.state.collects.items()
            if PARTLY in s.collect_targets(collect.status, collect.interrupted)
            and self.lines_to_hand_over(pk)
        ]

    def lines_to_hand_over(self, pk):
        packages = self.state.collects[pk].packages
        lines = [line for package in packages for line in self.state.lines_of(package)]
        return [line for line in lines if line.status < s.ERROR and line.status not in s.WAITING]

    def hand_over(self, pk, how):
        before, expected = self.state, request(self.state, "collect", pk, PARTLY, **how)
        self.state = expected.state
        preview = ask("collect", [pk], PARTLY, dry_run=True, **door_words(how))
        real = ask("collect", [pk], PARTLY, **door_words(how))
        assert [v.result for v in real.verdicts] == ["refused" if expected.refused else "moved"]
        assert len(preview.moved) == len(real.moved)
        self.agree(f"hand-over {how}", before)

    @rule(data=st.data(), where=st.sampled_from(["same", "new", "other"]))
    @precondition(lambda self: len(self.state.lines) < 8)
    @precondition(lambda self: any(line.quantity > 1 for line in self.state.lines.values()))
    def line_is_split(self, data, where):
        lines = [line for line in self.state.lines.values() if line.quantity > 1]
        line = data.draw(st.sampled_from(lines), label="line")
        quantity = data.draw(st.integers(1, line.quantity - 1), label="quantity")
        if where == "other":
            where = data.draw(st.sampled_from(self.like(line.package)), label="package")
        before = self.state
        self.state = split(self.state, line.id, quantity, where).state
        split_line(line.id, quantity, actor=actor("BO"), package=None if where == "same" else where)
        self.agree(f"split {line.id} into {where}", before)

    def like(self, package):
        kind = self.state.packages[package].type
        return [p.id for p in self.state.packages.values() if p.type == kind]

    # ── what always holds ─────────────────────────────────────────────────────────────────────────────
    @invariant()
    def quantities_add_up(self):
        assert self.state.quantities() == self.ordered

    @invariant()
    def events_tell_everything(self):
        self.history.says(self.state)
        version = Order.objects.values_list("version", flat=True).get(pk=self.state.order.id)
        assert version == self.history.sequence

    @invariant()
    def link_table_is_true(self):
        order = self.state.order
        if order.delivery_status and order.status == s.CANCELLED:
            assert order.delivery_status == s.ORDER_CANCELLED
        elif order.delivery_status in s.DERIVED:
            word = links.link_delivery_status(self.state.deliveries.values(), order.status)
            assert order.delivery_status == word


def said_by(outcome):
    """Everything that an outcome says, the keys of rows that are only planned left out."""
    moved = [
        (e.node.kind, e.node.id, e.field, e.from_status, e.to_status, plain(e.source), e.sequence, e.cause)
        for e in outcome.moved
    ]
    verdicts = [(v.node.kind, v.node.id, v.result, v.refusal and v.refusal.code) for v in outcome.verdicts]
    return moved, kept(outcome), verdicts, [w.code for w in outcome.warnings], outcome.versions


@pytest.mark.django_db
def test_order_lives_as_the_model_says():
    Life.world = World.make()
    run_state_machine_as_test(Life, settings=bounded(70, stateful_step_count=30))
