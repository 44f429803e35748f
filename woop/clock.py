"""The one clock of every rule, so that a deadline can be tested to the millisecond."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return timezone.now()
