"""Two at once, by arrangement instead of by luck.

A race has two runners. The first one stops when it has planned its change and written nothing yet; the
second one is let go and comes as far as it can: to the same point, or to the lock that the first one
holds. Then both go on. Whether there is a lock decides what they meet, never the speed of the machine.
"""

import threading
import time

from django.db import connection

PATIENCE_S = 10


class Runner(threading.Thread):
    """A thread with a connection of its own, which hands its result or its exception over."""

    def __init__(self, work, name=None):
        super().__init__(name=name, daemon=True)
        self.work = work
        self.value = self.error = None

    def run(self):
        try:
            self.value = self.work()
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def result(self):
        """Wait for the end; raise what was raised."""
        self.join(PATIENCE_S)
        assert not self.is_alive(), f"{self.name} hangs"
        if self.error is not None:
            raise self.error
        return self.value


class Point:
    """A place where runners stop, each once, until all of them are let go."""

    def __init__(self):
        self.passed = threading.Event()
        self.reached = {"first": threading.Event(), "second": threading.Event()}

    def stop(self):
        name = threading.current_thread().name
        if name in self.reached:
            self.reached[name].set()
            assert self.passed.wait(PATIENCE_S)


def race(point, first, second):
    """Let two run into each other and answer both runners when they have ended."""
    runners = Runner(first, "first"), Runner(second, "second")
    runners[0].start()
    assert until(lambda: point.reached["first"].is_set() or not runners[0].is_alive())
    runners[1].start()
    assert until(lambda: point.reached["second"].is_set() or waiting() or not runners[1].is_alive())
    point.passed.set()
    for runner in runners:
        runner.join(PATIENCE_S)
        assert not runner.is_alive(), f"{runner.name} hangs"
    return runners


def at_once(*works):
    """Start everything together and answer the ended runners."""
    barrier = threading.Barrier(len(works))

    def begin(work):
        barrier.wait(PATIENCE_S)
        return work()

    runners = [Runner(lambda work=work: begin(work)) for work in works]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(30)
        assert not runner.is_alive(), f"{runner.name} hangs"
    return runners


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def waiting():
    """Tell whether somebody waits for a lock in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return cursor.fetchone()[0]
