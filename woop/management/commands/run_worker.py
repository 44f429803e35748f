"""One process that does all background work: a Celery worker on threads, with its clock inside."""

import os
import threading
import time
import warnings
from argparse import ArgumentParser
from typing import Any

from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from celery.signals import task_postrun, worker_ready
from django.core.management.base import BaseCommand

from woop.celery import app

# Nobody else answers: asking other workers for news would only delay the start.
QUIET: dict[str, Any] = {"quiet": True, "loglevel": "INFO", "without_mingle": True, "without_gossip": True}
# The sweeps tick every second: after this many seconds without a finished task something is stuck.
SILENCE = 60.0


class Command(BaseCommand):
    help = "Run a worker and its clock in one process; whoever supervises it starts it again when it ends."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=int, default=4)

    def handle(self, *args: Any, **options: Any) -> None:
        warnings.simplefilter("ignore", SecurityWarning)  # root: pickled tasks are the danger, ours are JSON
        worker = app.Worker(pool="threads", concurrency=options["threads"], **QUIET)
        # A thread and not the usual process: it dies with a killed worker, so two never tick side by side,
        # and without a broker it shares the worker's memory.
        beat = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
        assert isinstance(beat, threading.Thread)
        watchdog = Watchdog(beat)
        task_postrun.connect(watchdog.task_finished)
        worker_ready.connect(lambda **_: beat.start(), weak=False)
        worker_ready.connect(lambda **_: watchdog.start(), weak=False)
        worker.start()
        raise SystemExit(worker.exitcode)


class Watchdog(threading.Thread):
    """End the process when its clock died or no task finishes any more: Celery does not notice either."""

    def __init__(self, beat: threading.Thread) -> None:
        super().__init__(name="watchdog", daemon=True)
        self.beat = beat
        self.last_finished = time.monotonic()

    def task_finished(self, **_: object) -> None:
        self.last_finished = time.monotonic()

    def run(self) -> None:
        while self.beat.is_alive() and time.monotonic() - self.last_finished < SILENCE:
            time.sleep(1)
        os._exit(70)
