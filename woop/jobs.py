"""Work that must still happen, as rows: claimed, committed, done, and only then written off.

A handler takes the job and may run twice. It raises `TryAgain` for a fault that may pass; any other
exception counts as such a fault too. After the last attempt the job is parked: visible, replayable.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from woop import clock
from woop.models import Alert, Job, JobState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.JOB_LEASE)
LAST_ATTEMPT = 12
PAUSES = (1, 2, 5, 10, 30, 60, 120, 300, 600)  # seconds

Handler = Callable[[Job], None]
handlers: dict[str, Handler] = {}


class TryAgain(Exception):
    """The other side cannot now; the job is tried again after a pause."""


class Park(Exception):
    """Trying again cannot help: a person must look."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of a kind."""

    def register(function: Handler) -> Handler:
        handlers[kind] = function
        return function

    return register


def enqueue(kind: str, key: str, *, shop_id: int, order_id: int | None = None, **payload: Any) -> None:
    """Leave work outside a plan; the same key twice is the same work."""
    now = clock.now()
    job = Job(
        kind=kind,
        key=key,
        shop_id=shop_id,
        order_id=order_id,
        payload=payload,
        next_try_at=now,
        created_at=now,
    )
    Job.objects.bulk_create([job], ignore_conflicts=True)


def run_due(limit: int = 100, seconds: float = 8.0) -> int:
    """Do the jobs that are due, one after the other, for so long at most; return how many.

    Each is claimed and committed before anything is called, and only when its turn has come: a lease
    must not run out in a queue.
    """
    deadline = time.monotonic() + seconds
    done = 0
    while done < limit and time.monotonic() < deadline and (jobs := claim(1)):
        run(jobs[0])
        done += 1
    return done


def claim(limit: int) -> list[Job]:
    """Take due jobs, and those whose worker died, so that nobody else does them meanwhile."""
    now = clock.now()
    due = Q(state=JobState.WAITING, next_try_at__lte=now) | Q(state=JobState.RUNNING, lease_until__lt=now)
    with transaction.atomic():
        waiting = Job.objects.filter(due).order_by("next_try_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)
        jobs = list(waiting[:limit])
        for job in jobs:
            job.state, job.lease_until, job.attempts = JobState.RUNNING, now + LEASE, job.attempts + 1
        Job.objects.bulk_update(jobs, ["state", "lease_until", "attempts"])
    return jobs


def claim_one(job: Job) -> bool:
    """Take one particular job, to do it at once; False if a worker was faster."""
    now = clock.now()
    waiting = Job.objects.filter(pk=job.pk, state=JobState.WAITING)
    taken = waiting.update(state=JobState.RUNNING, lease_until=now + LEASE, attempts=F("attempts") + 1)
    job.refresh_from_db()
    return bool(taken)


def run(job: Job) -> None:
    """Do one claimed job and write its result."""
    if job.attempts > LAST_ATTEMPT:
        _put_back(job, Park("its worker died every time"))
        return
    try:
        handlers[job.kind](job)
    except Exception as error:
        if not isinstance(error, TryAgain | Park):
            logger.exception("Job %s failed", job)
        _put_back(job, error)
    else:
        _settle(job, state=JobState.DONE, done_at=clock.now(), last_error="")


def _put_back(job: Job, error: Exception) -> None:
    text = str(error) or type(error).__name__
    if isinstance(error, Park) or job.attempts >= LAST_ATTEMPT:
        _settle(job, state=JobState.PARKED, last_error=text)
        _alert(job, text)
        return
    pause = PAUSES[min(job.attempts, len(PAUSES)) - 1]
    _settle(
        job,
        state=JobState.WAITING,
        next_try_at=clock.now() + timedelta(seconds=pause),
        last_error=text,
    )


def _alert(job: Job, text: str) -> None:
    if job.order_id is not None:
        Alert.objects.create(
            shop_id=job.shop_id,
            order_id=job.order_id,
            object_type="job",
            object_id=job.pk,
            code="job_parked",
            detail=text,
            created_at=clock.now(),
        )


def _settle(job: Job, **values: Any) -> None:
    """Write the result, unless the lease ran out and somebody else has taken the job since."""
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts).update(
        lease_until=None, **values
    )


def replay(jobs: Any) -> int:
    """Give parked jobs a fresh start."""
    return int(
        jobs.filter(state=JobState.PARKED).update(
            state=JobState.WAITING, attempts=0, next_try_at=clock.now(), last_error=""
        )
    )
