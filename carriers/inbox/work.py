"""Apply what waits, through the applier that `deliveries` has set.

A message is applied and its result written in one transaction: a crash at any point merely repeats it.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from carriers.models import CarrierMessage, StatusMapping
from carriers.statuses import State
from woop import doorbell
from woop.clock import now

log = logging.getLogger(__name__)

TASK = "deliveries.tasks.apply_inbox"
LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 8
MAX_PAUSE_S = 300
NOT_YET_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message."""

    state: State
    detail: str = ""
    order_id: int | None = None
    delivery_id: int | None = None


class NotYetError(Exception):
    """Raised by an applier whose message came too early: tried again soon, as often as it takes."""


class Applier(Protocol):
    """Bring one message to its delivery.

    Called inside a transaction in which the verdict is written too; an exception rolls both back and is
    tried again later, a NotYetError without end. With `dry_run` nothing may be written. A raw status
    without a mapping must come back as UNKNOWN, and nothing else may: those messages are reopened when a
    mapping is added. A hint (`message.is_hint`) carries nothing to apply: have the parcel read soon.
    """

    def __call__(self, message: CarrierMessage, *, dry_run: bool = False) -> Verdict: ...


_applier: Applier | None = None


def set_applier(applier: Applier | None) -> None:
    global _applier
    _applier = applier


def ring() -> None:
    """Have the waiting messages applied soon. A bell that nobody hears costs a second: the sweep comes."""
    doorbell.ring(TASK)


# --- working on what waits ---
def run_due(*, limit: int = 100, seconds: float = 12.0) -> int:
    """Apply waiting messages until none is left or the time is over; return how many were worked on."""
    if _applier is None:
        return 0
    reopen_mapped()
    deadline = time.monotonic() + seconds
    worked = 0
    while time.monotonic() < deadline and (batch := claim(limit)):
        for message in batch:
            work_on(message)
        worked += len(batch)
    return worked


def claim(limit: int = 100) -> list[CarrierMessage]:
    """Take the oldest waiting messages for LEASE; an owner that dies loses them to the next one."""
    moment = now()
    due = CarrierMessage.objects.filter(state=State.RECEIVED, next_try_at__lte=moment)
    due = due.select_related("account").order_by("next_try_at", "id")
    # SQLite ignores the lock: there the transaction itself is the only writer.
    due = due.select_for_update(skip_locked=True, of=("self",))
    with transaction.atomic():
        messages = list(due[:limit])
        CarrierMessage.objects.filter(pk__in=[message.pk for message in messages]).update(
            next_try_at=moment + LEASE, attempts=F("attempts") + 1
        )
    for message in messages:
        message.attempts += 1
    return messages


def work_on(message: CarrierMessage) -> None:
    """Apply a claimed message; whatever goes wrong is written down and does not hold up the others."""
    if message.attempts > MAX_ATTEMPTS:
        settle(message, Verdict(State.FAILED, message.detail or "gave up: its worker died every time"))
        return
    try:
        apply(message)
    except NotYetError as early:
        _wait(message, str(early), NOT_YET_PAUSE, attempts=message.attempts - 1)
    except Exception as error:
        log.exception("message %s was not applied", message.pk)
        _stumble(message, error)


def apply(message: CarrierMessage) -> Verdict:
    """Apply one message now and write its result, in one transaction."""
    if _applier is None:
        raise RuntimeError("no applier was set")
    with transaction.atomic():
        verdict = _applier(message)
        settle(message, verdict)
    return verdict


def preview(message: CarrierMessage) -> Verdict:
    """Say what applying the message would come to, writing nothing."""
    if _applier is None:
        raise RuntimeError("no applier was set")
    return _applier(message, dry_run=True)


def settle(message: CarrierMessage, verdict: Verdict) -> None:
    """Write a verdict on a message; an order or delivery once known stays known."""
    message.state = verdict.state
    message.detail = verdict.detail
    message.handled_at = now()
    message.order_id = verdict.order_id or message.order_id
    message.delivery_id = verdict.delivery_id or message.delivery_id
    message.save(update_fields=["state", "detail", "handled_at", "order_id", "delivery_id"])


def _stumble(message: CarrierMessage, error: Exception) -> None:
    detail = f"{type(error).__name__}: {error}"[:1000]
    if message.attempts >= MAX_ATTEMPTS:
        settle(message, Verdict(State.FAILED, detail))
        return
    pause = timedelta(seconds=min(2**message.attempts, MAX_PAUSE_S))
    _wait(message, detail, pause, attempts=message.attempts)


def _wait(message: CarrierMessage, detail: str, pause: timedelta, *, attempts: int) -> None:
    CarrierMessage.objects.filter(pk=message.pk, state=State.RECEIVED).update(
        detail=detail, next_try_at=now() + pause, attempts=attempts
    )


# --- opening again ---
def reopen(messages: Iterable[int]) -> int:
    """Let messages be worked on as if they had just come."""
    opened = CarrierMessage.objects.filter(pk__in=list(messages), is_trusted=True).update(
        state=State.RECEIVED, attempts=0, next_try_at=now(), detail=""
    )
    ring()
    return opened


def reopen_mapped() -> int:
    """Reopen quarantined messages whose raw status has been mapped since they were looked at.

    Part of every sweep, so that it does not matter how the mapping was added.
    """
    added = StatusMapping.objects.filter(
        account=OuterRef("account"), raw_status=OuterRef("raw_status"), updated_at__gte=OuterRef("handled_at")
    )
    waiting = CarrierMessage.objects.filter(Exists(added), state=State.UNKNOWN).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:1000])
    return reopen(ids) if ids else 0
