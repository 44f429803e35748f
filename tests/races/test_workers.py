"""Several workers at one queue: each piece of work is done by one of them."""

import threading

import pytest
from django.db import transaction
from django.db.models import QuerySet

from carriers import calls
from carriers.services import create_account
from deliveries import polling
from deliveries.models import Delivery
from tests.factories import add_deliveries, make_orders
from tests.races.racing import PATIENCE_S, Point, at_once, race
from tests.simulator import simulator, simulator_server  # noqa: F401  (fixtures)
from woop import jobs
from woop.clock import now
from woop.models import Job, JobState

# --- jobs ------------------------------------------------------------------------------------------


@pytest.fixture
def done(monkeypatch):
    """The keys of the jobs that were done, as often as they were."""
    keys = []
    monkeypatch.setitem(jobs.handlers, "drill", lambda job: keys.append(job.key))
    return keys


def leave(shop, number):
    for key in range(number):
        jobs.enqueue("drill", f"drill:{key}", shop_id=shop.pk)
    return [f"drill:{key}" for key in range(number)]


def claimed(runners):
    return [job.key for runner in runners for job in runner.result()]


def test_workers_never_share_a_job(shop):
    keys = leave(shop, 40)
    runners = at_once(*[lambda: jobs.claim(5)] * 8)
    assert sorted(claimed(runners)) == sorted(keys)
    assert set(Job.objects.values_list("state", "attempts")) == {(JobState.RUNNING, 1)}


def test_workers_empty_the_queue_together(shop, done):
    keys = leave(shop, 40)
    assert sum(runner.result() for runner in at_once(*[jobs.run_due] * 4)) == 40
    assert sorted(done) == sorted(keys)
    assert set(Job.objects.values_list("state", "attempts")) == {(JobState.DONE, 1)}


def test_worker_passes_over_what_another_one_holds(shop):
    leave(shop, 2)
    with transaction.atomic():
        held = Job.objects.select_for_update().get(key="drill:0")
        (runner,) = at_once(lambda: jobs.claim(5))
        assert claimed([runner]) == ["drill:1"]
    assert [job.key for job in jobs.claim(5)] == [held.key]


def test_without_the_lock_workers_claim_the_same(shop, monkeypatch):
    leave(shop, 5)
    together, real = threading.Barrier(2), QuerySet.__iter__

    def wait(queryset):
        rows = real(queryset)
        if queryset.model is Job:
            together.wait(PATIENCE_S)
        return rows

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    monkeypatch.setattr(QuerySet, "__iter__", wait)
    runners = at_once(*[lambda: jobs.claim(5)] * 2)
    assert len(claimed(runners)) == 10
    assert len(set(claimed(runners))) == 5


def test_job_that_is_taken_at_once_is_not_done_by_a_worker_too(shop, done):
    """What a request does itself and what a worker finds: one of them gets it."""
    for turn in range(10):
        key = f"now:{turn}"
        jobs.enqueue("drill", key, shop_id=shop.pk)
        job = Job.objects.get(key=key)
        mine, theirs = at_once(lambda job=job: jobs.claim_one(job), lambda: jobs.claim(1))
        assert mine.result() + len(theirs.result()) == 1


def test_claim_that_looks_first_and_takes_later_would_take_it_twice(shop):
    leave(shop, 1)
    seen = threading.Barrier(2)

    def look_and_take():
        job = Job.objects.get()
        is_free = job.state == JobState.WAITING
        seen.wait(PATIENCE_S)
        Job.objects.update(state=JobState.RUNNING)
        return is_free

    assert [runner.result() for runner in at_once(look_and_take, look_and_take)] == [True, True]


def test_worker_that_lost_its_lease_writes_no_result(shop, done):
    """It was only slow: another one has taken the job since, and is still at it."""
    leave(shop, 1)
    (slow,) = jobs.claim(1)
    Job.objects.update(lease_until=now() - jobs.LEASE)
    (quick,) = jobs.claim(1)
    jobs.run(slow)
    assert Job.objects.get().state == JobState.RUNNING
    jobs.run(quick)
    assert Job.objects.get().state == JobState.DONE
    assert done == ["drill:0", "drill:0"]  # that is why handlers may run twice


# --- polling ---------------------------------------------------------------------------------------


@pytest.fixture
def account(shop, simulator):  # noqa: F811
    """An account at the pretended Veloyd with three parcels that are due."""
    account = create_account(
        shop, "veloyd", credentials={"api_key": "races"}, base_url=simulator.veloyd_url, rate_per_minute=9999
    )
    for delivery in add_deliveries(make_orders(shop, 3)):
        Delivery.objects.filter(pk=delivery.pk).update(
            account=account, carrier_ref=f"{delivery.pk}", next_poll_at=now()
        )
    return account


@pytest.fixture
def calling(monkeypatch):
    """The point at which a poller is about to call."""
    point, real = Point(), calls.read_parcels

    def read(*arguments, **how):
        point.stop()
        return real(*arguments, **how)

    monkeypatch.setattr(calls, "read_parcels", read)
    return point


def test_one_poller_at_an_account(account, calling, simulator):  # noqa: F811
    first, second = race(calling, polling.poll_due, polling.poll_due)
    assert (first.result(), second.result()) == (1, 0)
    assert len(simulator.calls("read")) == 3


def test_two_pollers_that_saw_the_account_due_take_one_lease(account):
    runners = at_once(*[lambda: polling.take_lease(account)] * 8)
    assert sorted(runner.result() for runner in runners) == [False] * 7 + [True]


def test_without_the_lease_both_would_call(account, calling, simulator, monkeypatch):  # noqa: F811
    monkeypatch.setattr(polling, "due_accounts", lambda: [account])
    monkeypatch.setattr(polling, "take_lease", lambda account: True)
    first, second = race(calling, polling.poll_due, polling.poll_due)
    assert (first.result(), second.result()) == (1, 1)
    assert len(simulator.calls("read")) == 6
