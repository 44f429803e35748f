"""What comes in: every repeat once, every change always, nothing lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from carriers import inbox
from carriers.adapters.base import Hint, ParcelStatus
from carriers.inbox import Verdict, receive
from carriers.models import CarrierMessage, ParcelWatch
from carriers.services import Effect, save_mapping
from carriers.statuses import FINAL, Channel, State

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRANSIT = ParcelStatus("5512034", "4", "in transit", "order-1/1", None, "3S", "https://t.example/3S", b"raw")
DELIVERED = replace(TRANSIT, raw_status="7", raw_text="delivered", body=b"raw 7")


@pytest.fixture
def applier(monkeypatch):
    """Set an applier that notes what it gets and answers what it is told to."""

    class Applier:
        verdict = Verdict(State.APPLIED)
        error = None

        def __init__(self):
            self.seen = []

        def __call__(self, message, *, dry_run=False):
            self.seen.append((message.raw_status, dry_run))
            if self.error:
                raise self.error
            return self.verdict

    applier = Applier()
    monkeypatch.setattr("carriers.inbox.work._applier", applier)
    return applier


def keys():
    return [(message.channel, message.raw_status) for message in CarrierMessage.objects.order_by("pk")]


# --- storing ---
def test_everything_that_was_said_is_kept(veloyd):
    headers = {
        "authorization": "Apikey k",
        "X-Api-Key": "k",
        "cookie": "c",
        "sendcloud-signature": "s",
        "date": "d",
    }

    (message,) = receive(veloyd, Channel.POLL, [TRANSIT], headers=headers)

    message.refresh_from_db()
    assert (message.shop, message.account, message.channel, message.state) == (
        veloyd.shop,
        veloyd,
        "poll",
        "received",
    )
    assert (message.carrier_ref, message.raw_status, message.raw_text) == ("5512034", "4", "in transit")
    assert (message.external_reference, message.occurred_at) == ("order-1/1", None)
    assert (message.tracking_number, message.tracking_url) == ("3S", "https://t.example/3S")
    assert bytes(message.body) == b"raw"
    assert message.headers == {
        "authorization": "***",
        "X-Api-Key": "***",
        "cookie": "***",
        "sendcloud-signature": "s",
        "date": "d",
    }
    assert (message.is_hint, message.is_trusted, message.attempts) == (False, True, 0)
    assert str(message) == "Read from the carrier 5512034 4"


def test_headers_cannot_fill_the_disk(veloyd):
    headers = {f"x-{number}": "v" * 5000 for number in range(100)}

    (message,) = receive(veloyd, Channel.PUT, [TRANSIT], headers=headers)

    assert len(message.headers) == 40
    assert set(map(len, message.headers.values())) == {500}


def test_a_batch_costs_the_same_whatever_its_size(veloyd, django_assert_num_queries):
    batch = [replace(TRANSIT, carrier_ref=str(number)) for number in range(30)]

    with django_assert_num_queries(6):  # savepoint ×2, watches ×2, INSERT, SELECT
        assert len(receive(veloyd, Channel.POLL, batch)) == 30
    with django_assert_num_queries(3):
        assert receive(veloyd, Channel.POLL, batch) == []


def test_nothing_read_is_nothing_stored(veloyd):
    assert receive(veloyd, Channel.POLL, []) == []
    assert keys() == []


def test_poll_stores_changes_only_and_every_one(veloyd):
    for answer in [TRANSIT, TRANSIT, DELIVERED, DELIVERED, TRANSIT, TRANSIT]:
        receive(veloyd, Channel.POLL, [answer])

    assert [raw for _channel, raw in keys()] == ["4", "7", "4"]
    watch = ParcelWatch.objects.get()
    assert (str(watch), watch.changes) == ("5512034", 3)


def test_poll_and_answer_share_what_is_known(veloyd):
    receive(veloyd, Channel.ANSWER, [TRANSIT])
    receive(veloyd, Channel.POLL, [TRANSIT, DELIVERED])

    assert keys() == [("answer", "4"), ("poll", "7")]


def test_poll_stores_the_same_status_at_another_time(sendcloud):
    """A hook may have told another status in between, which no poll saw."""
    receive(sendcloud, Channel.POLL, [replace(TRANSIT, occurred_at=NOON)])
    receive(sendcloud, Channel.POLL, [replace(TRANSIT, occurred_at=NOON)])
    receive(sendcloud, Channel.POLL, [replace(TRANSIT, occurred_at=NOON + timedelta(minutes=1))])

    assert len(keys()) == 2


def test_poll_stores_a_tracking_number_that_came_late(veloyd):
    receive(veloyd, Channel.POLL, [replace(TRANSIT, tracking_number="", tracking_url="")])
    receive(veloyd, Channel.POLL, [TRANSIT])

    assert [m.tracking_number for m in CarrierMessage.objects.order_by("pk")] == ["", "3S"]


def test_two_readers_of_one_change_store_it_once(veloyd):
    receive(veloyd, Channel.POLL, [TRANSIT])
    ParcelWatch.objects.all().delete()  # as the second reader saw it, before the first committed

    assert receive(veloyd, Channel.POLL, [TRANSIT]) == []
    assert [(m.raw_status, m.repeats) for m in CarrierMessage.objects.all()] == [("4", 1)]


def test_hook_is_stored_once_and_its_repeats_are_counted(sendcloud):
    told = replace(TRANSIT, occurred_at=NOON)

    assert len(receive(sendcloud, Channel.HOOK, [told], body=b"x")) == 1
    assert receive(sendcloud, Channel.HOOK, [told], body=b"x") == []
    assert receive(sendcloud, Channel.HOOK, [told], body=b"x") == []

    message = CarrierMessage.objects.get()
    assert (message.repeats, message.state) == (2, "received")


def test_hooks_of_two_accounts_are_two(sendcloud, veloyd):
    told = replace(TRANSIT, occurred_at=NOON)

    assert len(receive(sendcloud, Channel.HOOK, [told])) == 1
    assert len(receive(veloyd, Channel.HOOK, [told])) == 1


def test_put_without_a_date_is_said_now(veloyd):
    for _ in range(2):
        receive(veloyd, Channel.PUT, [TRANSIT])
    for _ in range(2):
        receive(veloyd, Channel.PUT, [replace(TRANSIT, occurred_at=NOON)])

    assert len(keys()) == 3


def test_hint_that_comes_again_is_worked_on_again(veloyd, applier):
    hint = Hint("5512034", "3")
    receive(veloyd, Channel.HOOK, [hint], body=b"x")
    inbox.run_due()

    assert receive(veloyd, Channel.HOOK, [hint], body=b"x") == []

    message = CarrierMessage.objects.get()
    assert (message.is_hint, message.repeats, message.state) == (True, 1, "received")
    assert inbox.run_due() == 1


# --- working on it ---
def test_nothing_is_taken_without_an_applier(veloyd, monkeypatch):
    monkeypatch.setattr("carriers.inbox.work._applier", None)
    (message,) = receive(veloyd, Channel.POLL, [TRANSIT])

    assert inbox.run_due() == 0
    with pytest.raises(RuntimeError):
        inbox.apply(message)
    with pytest.raises(RuntimeError):
        inbox.replay([message], dry_run=True)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_verdict_is_written(state, veloyd, applier):
    receive(veloyd, Channel.POLL, [TRANSIT])
    applier.verdict = Verdict(State(state), "because", order_id=1, delivery_id=2)

    assert inbox.run_due() == 1
    assert inbox.run_due() == 0

    message = CarrierMessage.objects.get()
    assert (message.state, message.detail, message.order_id, message.delivery_id) == (state, "because", 1, 2)
    assert message.handled_at is not None


def test_messages_are_applied_in_the_order_they_came(veloyd, applier):
    receive(veloyd, Channel.POLL, [TRANSIT])
    receive(veloyd, Channel.POLL, [DELIVERED])

    inbox.run_due(limit=1)

    assert applier.seen == [("4", False), ("7", False)]


def test_order_that_was_known_stays_known(veloyd, applier):
    (message,) = receive(veloyd, Channel.POLL, [TRANSIT])
    inbox.settle(message, Verdict(State.LATE, order_id=1, delivery_id=2))
    inbox.settle(message, Verdict(State.FORBIDDEN))

    message.refresh_from_db()
    assert (message.order_id, message.delivery_id) == (1, 2)


def test_apply_answers_at_once(veloyd, applier):
    (message,) = receive(veloyd, Channel.PUT, [TRANSIT])

    assert inbox.apply(message) == applier.verdict
    assert inbox.run_due() == 0


def test_message_that_fails_is_tried_again_and_then_parked(veloyd, applier, time_machine_at):
    receive(veloyd, Channel.POLL, [TRANSIT])
    applier.error = ValueError("no such thing")
    clock = time_machine_at(NOON + timedelta(days=3650))

    pauses = []
    for _ in range(8):
        assert inbox.run_due() == 1
        message = CarrierMessage.objects.get()
        pauses.append((message.next_try_at - clock.now()).total_seconds())
        clock.shift(600)
    assert inbox.run_due() == 0

    assert pauses[:7] == [2, 4, 8, 16, 32, 64, 128]
    assert (message.state, message.attempts) == ("failed", 8)
    assert message.detail == "ValueError: no such thing"


def test_message_that_came_too_early_waits_as_long_as_it_takes(veloyd, applier, time_machine_at):
    receive(veloyd, Channel.POLL, [TRANSIT])
    applier.error = inbox.NotYetError("no delivery yet")
    clock = time_machine_at(NOON + timedelta(days=3650))

    for _ in range(20):
        assert inbox.run_due() == 1
        clock.shift(2)

    message = CarrierMessage.objects.get()
    assert (message.state, message.attempts, message.detail) == ("received", 0, "no delivery yet")


def test_failure_does_not_hold_up_the_others(veloyd, applier):
    receive(veloyd, Channel.POLL, [TRANSIT, replace(TRANSIT, carrier_ref="2")])
    applier.error = ValueError("no")

    assert inbox.run_due() == 2


def test_failure_rolls_back_what_the_applier_wrote(veloyd, applier):
    receive(veloyd, Channel.POLL, [TRANSIT])

    def half(message, *, dry_run=False):
        veloyd.name = "half done"
        veloyd.save()
        raise ValueError

    inbox.set_applier(half)
    inbox.run_due()

    veloyd.refresh_from_db()
    assert veloyd.name == "Veloyd"


def test_message_of_a_worker_that_dies_every_time_is_parked(veloyd, applier):
    receive(veloyd, Channel.POLL, [TRANSIT])
    CarrierMessage.objects.update(attempts=8)

    inbox.run_due()

    message = CarrierMessage.objects.get()
    assert (message.state, applier.seen) == ("failed", [])
    assert "died" in message.detail


def test_claimed_messages_belong_to_their_worker_for_a_while(veloyd, time_machine_at):
    receive(veloyd, Channel.POLL, [TRANSIT])
    clock = time_machine_at(NOON + timedelta(days=3650))

    assert len(inbox.claim()) == 1
    assert inbox.claim() == []
    clock.shift(31)
    assert [message.attempts for message in inbox.claim()] == [2]


def test_due_messages_are_found_by_index(veloyd):
    sql, params = (
        CarrierMessage.objects.filter(state=State.RECEIVED, next_try_at__lte=NOON)
        .order_by("next_try_at", "id")
        .query.sql_with_params()
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}", params)
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = str(cursor.fetchall())
    assert "carriers_message_due" in plan


# --- unknown codes ---
@pytest.fixture
def quarantined(veloyd, applier):
    alien = replace(TRANSIT, raw_status="42")
    receive(veloyd, Channel.POLL, [alien, replace(alien, carrier_ref="2", raw_status="43")])
    applier.verdict = Verdict(State.UNKNOWN)
    inbox.run_due()
    applier.verdict = Verdict(State.APPLIED)
    applier.seen.clear()


def states():
    return dict(CarrierMessage.objects.values_list("raw_status", "state"))


def test_unknown_code_waits_for_its_mapping(veloyd, applier, quarantined):
    inbox.run_due()
    assert (states(), applier.seen) == ({"42": "unknown", "43": "unknown"}, [])

    save_mapping(veloyd, Effect("42", "DELIVERY_OK", 4))
    inbox.run_due()

    assert (states(), applier.seen) == ({"42": "applied", "43": "unknown"}, [("42", False)])


def test_mapping_that_was_added_anyhow_counts_too(veloyd, applier, quarantined):
    veloyd.mappings.create(shop=veloyd.shop, raw_status="43")

    inbox.run_due()

    assert states() == {"42": "unknown", "43": "applied"}


def test_mapping_of_another_account_does_not_count(sendcloud, applier, quarantined):
    sendcloud.mappings.create(shop=sendcloud.shop, raw_status="43")

    inbox.run_due()

    assert states() == {"42": "unknown", "43": "unknown"}


def test_message_that_stays_unknown_is_not_tried_for_ever(veloyd, applier, quarantined):
    applier.verdict = Verdict(State.UNKNOWN)
    veloyd.mappings.create(shop=veloyd.shop, raw_status="43")

    inbox.run_due()
    inbox.run_due()

    assert applier.seen == [("43", False)]
