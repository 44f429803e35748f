"""Work as rows: done, tried again, taken over, parked and given a fresh start."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_order, make_shop
from woop import clock, jobs
from woop.jobs import LAST_ATTEMPT, LEASE, PAUSES, Park, TryAgain
from woop.models import Alert, Job, JobState

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def hand(monkeypatch):
    """A handler that notes what it does, and does what it is told to."""

    class Hand:
        error = None

        def __init__(self):
            self.done = []

        def __call__(self, job):
            self.done.append((job.key, job.attempts, job.payload))
            if self.error is not None:
                raise self.error

    hand = Hand()
    monkeypatch.setitem(jobs.handlers, "drill", hand)
    return hand


@pytest.fixture
def at(monkeypatch):
    """Set the clock, in seconds after noon."""

    def turn(seconds):
        moment = NOON + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    turn(0)
    return turn


def leave(shop, key="drill:1", **more):
    jobs.enqueue("drill", key, shop_id=shop.pk, **more)
    return Job.objects.get(key=key)


def fresh(job):
    return Job.objects.get(pk=job.pk)


# --- doing -----------------------------------------------------------------------------------------


def test_job_is_done_once(shop, hand, at):
    job = leave(shop, answer=42)
    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    assert hand.done == [("drill:1", 1, {"answer": 42})]
    job = fresh(job)
    assert (job.state, job.attempts, job.lease_until, job.done_at) == (JobState.DONE, 1, None, NOON)


def test_same_key_is_the_same_work(shop, hand):
    job = leave(shop, n=1)
    leave(shop, n=2)
    assert Job.objects.count() == 1
    assert fresh(job).payload == {"n": 1}
    jobs.run_due()
    leave(shop, n=3)
    assert jobs.run_due() == 0
    assert len(hand.done) == 1


def test_jobs_are_done_in_the_order_they_are_due(shop, hand, at):
    for number, second in enumerate((3, 1, 2, 1)):
        at(second)
        leave(shop, f"drill:{number}")
    at(5)
    assert jobs.run_due() == 4
    assert [key for key, _attempt, _payload in hand.done] == ["drill:1", "drill:3", "drill:2", "drill:0"]


def test_job_waits_for_its_time(shop, hand, at):
    job = leave(shop)
    Job.objects.update(next_try_at=NOON + timedelta(milliseconds=1))
    assert jobs.run_due() == 0
    at(0.001)
    assert jobs.run_due() == 1
    assert fresh(job).state == JobState.DONE


def test_run_ends_at_its_limit(shop, hand):
    for number in range(5):
        leave(shop, f"drill:{number}")
    assert jobs.run_due(limit=3) == 3
    assert Job.objects.filter(state=JobState.WAITING, attempts=0).count() == 2
    assert jobs.run_due(seconds=0) == 0
    assert jobs.run_due() == 2


# --- trouble ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [TryAgain("busy"), ValueError("busy")])
def test_failed_job_is_tried_again_after_a_pause(shop, hand, at, error, caplog):
    hand.error = error
    job = leave(shop)
    assert jobs.run_due() == 1
    job = fresh(job)
    assert (job.state, job.attempts, job.last_error, job.lease_until) == (JobState.WAITING, 1, "busy", None)
    assert job.next_try_at == NOON + timedelta(seconds=PAUSES[0])
    at(PAUSES[0] - 0.001)
    assert jobs.run_due() == 0
    at(PAUSES[0])
    hand.error = None
    assert jobs.run_due() == 1
    job = fresh(job)
    assert (job.state, job.attempts, job.last_error) == (JobState.DONE, 2, "")
    # A carrier that is busy is no mistake of ours.
    assert [record.exc_info is not None for record in caplog.records] == (
        [True] if type(error) is ValueError else []
    )


def test_error_without_words_is_called_by_its_name(shop, hand):
    hand.error = TryAgain()
    job = leave(shop)
    jobs.run_due()
    assert fresh(job).last_error == "TryAgain"


def test_pauses_grow_until_the_job_is_parked(shop, hand, at):
    hand.error = TryAgain("busy")
    job, second, pauses = leave(shop), 0, []
    while fresh(job).state == JobState.WAITING:
        moment = at(second)
        assert jobs.run_due() == 1
        job = fresh(job)
        pauses.append((job.next_try_at - moment).total_seconds())
        second += 3600
    assert pauses[: len(PAUSES)] == list(PAUSES)
    assert pauses[len(PAUSES) : -1] == [PAUSES[-1]] * (LAST_ATTEMPT - len(PAUSES) - 1)
    assert (job.state, job.attempts, job.last_error) == (JobState.PARKED, LAST_ATTEMPT, "busy")
    at(second)
    assert jobs.run_due() == 0


def test_job_that_cannot_succeed_is_parked_at_once(shop, hand):
    hand.error = Park("look at it")
    order = make_order(shop)
    Job.objects.all().delete()
    job = leave(shop, order_id=order.pk)
    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    job = fresh(job)
    assert (job.state, job.attempts, job.last_error) == (JobState.PARKED, 1, "look at it")
    alert = Alert.objects.get()
    assert (alert.order, alert.code, alert.detail) == (order, "job_parked", "look at it")
    assert (alert.object_type, alert.object_id) == ("job", job.pk)


def test_parked_job_without_an_order_raises_no_alert(shop, hand):
    hand.error = Park("look at it")
    leave(shop)
    jobs.run_due()
    assert not Alert.objects.exists()


def test_failure_does_not_hold_up_the_others(shop, monkeypatch):
    done = []

    def some_fail(job):
        if job.key == "drill:0":
            raise ValueError
        done.append(job.key)

    monkeypatch.setitem(jobs.handlers, "drill", some_fail)
    for number in range(3):
        leave(shop, f"drill:{number}")
    assert jobs.run_due() == 3
    assert done == ["drill:1", "drill:2"]


def test_job_of_a_kind_that_nobody_does_waits(shop, at):
    """A worker of an older release may find it: a newer one will do it."""
    jobs.enqueue("tomorrow", "key", shop_id=shop.pk)
    assert jobs.run_due() == 1
    assert Job.objects.get().state == JobState.WAITING


# --- the lease -------------------------------------------------------------------------------------


def test_job_of_a_worker_that_died_is_taken_again(shop, hand, at):
    job = leave(shop)
    (claimed,) = jobs.claim(1)
    assert (claimed.state, claimed.lease_until) == (JobState.RUNNING, NOON + LEASE)
    at(LEASE.total_seconds())
    assert jobs.run_due() == 0
    at(LEASE.total_seconds() + 0.001)
    assert jobs.run_due() == 1
    assert hand.done == [("drill:1", 2, {})]
    assert fresh(job).state == JobState.DONE


def test_worker_that_dies_in_the_middle_loses_nothing(shop, hand, at):
    class Killed(BaseException):
        pass

    hand.error = Killed()
    job = leave(shop)
    with pytest.raises(Killed):
        jobs.run_due()
    assert fresh(job).state == JobState.RUNNING
    hand.error = None
    at(LEASE.total_seconds() + 1)
    assert jobs.run_due() == 1
    assert [attempt for _key, attempt, _payload in hand.done] == [1, 2]
    assert (fresh(job).state, fresh(job).attempts) == (JobState.DONE, 2)


def test_job_that_kills_every_worker_is_parked_in_the_end(shop, hand, at):
    """It has as many attempts as any other, and then costs no more workers."""
    job, second = leave(shop), 0
    for _attempt in range(LAST_ATTEMPT):
        assert len(jobs.claim(1)) == 1  # and its worker dies
        second += LEASE.total_seconds() + 1
        at(second)
    assert jobs.run_due() == 1
    assert hand.done == []
    assert (fresh(job).state, fresh(job).last_error) == (JobState.PARKED, "its worker died every time")
    at(second * 2)
    assert jobs.run_due() == 0


def test_slow_worker_does_not_write_over_the_next_one(shop, hand, at):
    job = leave(shop)
    (slow,) = jobs.claim(1)
    at(LEASE.total_seconds() + 1)
    (quick,) = jobs.claim(1)
    jobs.run(quick)
    hand.error = TryAgain("too late")
    jobs.run(slow)
    assert (fresh(job).state, fresh(job).last_error) == (JobState.DONE, "")


def test_lease_outlives_the_time_that_a_task_has(settings):
    assert LEASE.total_seconds() > settings.CELERY_TASK_TIME_LIMIT


# --- taking one at once, and starting afresh -------------------------------------------------------


def test_particular_job_is_taken_at_once(shop, hand, at):
    job, other = leave(shop), leave(shop, "drill:2")
    assert jobs.claim_one(job)
    assert (job.state, job.attempts, job.lease_until) == (JobState.RUNNING, 1, NOON + LEASE)
    assert not jobs.claim_one(fresh(job))
    assert [claimed.pk for claimed in jobs.claim(5)] == [other.pk]


def test_job_that_was_done_is_not_taken(shop, hand):
    job = leave(shop)
    jobs.run_due()
    assert not jobs.claim_one(job)
    assert job.state == JobState.DONE


def test_parked_jobs_get_a_fresh_start(shop, hand, at):
    hand.error = Park("look")
    job = leave(shop)
    jobs.run_due()
    hand.error = None
    done = leave(shop, "drill:2")
    jobs.run_due()
    at(60)
    assert jobs.replay(Job.objects.all()) == 1
    job = fresh(job)
    assert (job.state, job.attempts, job.last_error) == (JobState.WAITING, 0, "")
    assert job.next_try_at == NOON + timedelta(seconds=60)
    assert fresh(done).state == JobState.DONE
    assert jobs.run_due() == 1
    assert fresh(job).state == JobState.DONE


@pytest.mark.postgres
def test_due_jobs_are_found_by_index(shop):
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as sent:
        cursor.execute("SET LOCAL enable_seqscan = off")
        jobs.claim(1)
        (claim,) = [query["sql"] for query in sent if "SKIP LOCKED" in query["sql"]]
        cursor.execute(f"EXPLAIN {claim}")
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "job_due" in plan
    assert "job_leased" in plan
