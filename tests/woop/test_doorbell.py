"""The bell: heard soon where there is a broker, and never in anybody's way."""

import queue
import threading
import time

import pytest
from django.db import transaction

from tests.factories import make_order, make_shop
from woop import doorbell, jobs
from woop.models import Job, JobState

TASK = "woop.tasks.run_jobs"


class Bell:
    """A broker that notes what it is sent; it can hang or break."""

    def __init__(self):
        self.sent, self.error, self.is_stuck = [], None, threading.Event()
        self.is_stuck.set()
        self.rung = threading.Event()

    def send_task(self, task, retry):
        self.rung.set()
        assert self.is_stuck.wait(10)
        if self.error:
            raise self.error
        self.sent.append((task, retry))


@pytest.fixture
def bell(monkeypatch, settings):
    settings.DOORBELL = True
    bell = Bell()
    monkeypatch.setattr(doorbell, "app", bell)
    monkeypatch.setattr(doorbell, "_waiting", queue.Queue(maxsize=3))
    monkeypatch.setattr(doorbell, "_ringer", None)
    yield bell
    doorbell._waiting.queue.clear()  # nothing of this may reach a real broker
    bell.is_stuck.set()


def wait_for(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.mark.django_db
def test_bell_rings_once_the_work_is_committed(bell):
    with transaction.atomic():
        doorbell.ring(TASK)
        assert not bell.rung.wait(0.02)


@pytest.mark.django_db
def test_bell_is_heard(bell, committed):
    with committed():
        doorbell.ring(TASK)
    wait_for(lambda: bell.sent)
    assert bell.sent == [(TASK, False)]  # a retry would only hold up the next one


@pytest.mark.django_db
def test_new_work_rings(bell, committed):
    shop = make_shop()
    with committed():
        make_order(shop)
    wait_for(lambda: bell.sent)
    assert bell.sent == [(TASK, False)]


@pytest.mark.django_db
def test_no_broker_is_no_bell(bell, committed, settings):
    settings.DOORBELL = False
    with committed() as callbacks:
        doorbell.ring(TASK)
    assert callbacks == []


@pytest.mark.django_db
def test_what_waits_already_is_not_rung_twice(bell, committed):
    bell.is_stuck.clear()
    with committed():
        doorbell.ring("first")
    assert bell.rung.wait(5)
    for _time in range(50):
        with committed():
            doorbell.ring(TASK)
    bell.is_stuck.set()
    wait_for(lambda: len(bell.sent) == 2)
    assert [task for task, _retry in bell.sent] == ["first", TASK]


@pytest.mark.django_db
def test_broker_that_hangs_holds_up_nobody(bell, committed):
    bell.is_stuck.clear()
    started = time.monotonic()
    for number in range(50):  # far more than fit in the queue
        with committed():
            doorbell.ring(f"task {number}")
    assert time.monotonic() - started < 2
    assert bell.sent == []


@pytest.mark.django_db
def test_broker_that_is_broken_breaks_nothing(bell, committed):
    bell.error = ConnectionError("nobody there")
    shop = make_shop()
    with committed():
        order = make_order(shop)
    assert bell.rung.wait(5)
    bell.error = None
    with committed():
        doorbell.ring(TASK)
    wait_for(lambda: bell.sent)
    assert Job.objects.get().state == JobState.WAITING  # the sweep will find it
    assert Job.objects.get().order == order


@pytest.mark.django_db
def test_sweep_finds_what_nobody_rang_for(monkeypatch, settings):
    settings.DOORBELL = False
    done = []
    monkeypatch.setitem(jobs.handlers, "choose_carrier", lambda job: done.append(job.order_id))
    order = make_order(make_shop())
    assert jobs.run_due() == 1
    assert done == [order.pk]


@pytest.mark.django_db
def test_bell_has_a_thread_again_after_a_fork(bell, committed):
    """A child process inherits the name of the thread, but not the thread."""
    dead = threading.Thread(target=lambda: None)
    dead.start()
    dead.join()
    doorbell._ringer = dead
    with committed():
        doorbell.ring(TASK)
    wait_for(lambda: bell.sent)
