"""The one clock of every rule, so that a deadline can be tested to the millisecond."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_standing: ContextVar[datetime | None] = ContextVar("woop_clock", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _standing.get() or timezone.now()


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Let the clock of this thread stand at a moment: only for playing what happened before (the demo)."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)
