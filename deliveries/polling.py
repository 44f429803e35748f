"""Asking carriers: due accounts and deliveries by index, never two pollers on one account."""

import logging
import time
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import Exists, OuterRef, Q

from carriers import calls, inbox, throttle
from carriers.adapters.base import Capability
from carriers.models import CarrierAccount
from carriers.registry import adapter_class
from carriers.statuses import Channel
from deliveries.models import Delivery
from deliveries.statuses import ENDED
from woop import clock

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 100
FIRST_LOOK = timedelta(days=1)  # how far back the first list poll of an account looks


def poll_due(seconds: float = 6.0) -> int:
    """Poll the accounts that are due, beginning none after so long; return how many were polled."""
    polled, deadline = 0, time.monotonic() + seconds
    for account in due_accounts():
        if time.monotonic() < deadline and take_lease(account):
            try:
                poll(account)
            except SoftTimeLimitExceeded:
                raise
            except Exception as error:  # one account's trouble must not keep the others waiting
                logger.exception("Account %s could not be polled", account.pk)
                _put_off(account, error)
            finally:
                drop_lease(account)
            polled += 1
    return polled


def due_accounts() -> list[CarrierAccount]:
    now = clock.now()
    parcels = Delivery.objects.filter(account=OuterRef("pk"), next_poll_at__lte=now)
    free = Q(poll_lease_until=None) | Q(poll_lease_until__lt=now)
    return list(
        CarrierAccount.objects.filter(free)
        .filter(Q(next_poll_at__lte=now) | Exists(parcels))
        .order_by("next_poll_at", "pk")
    )


def take_lease(account: CarrierAccount) -> bool:
    """Become the one poller of an account; the lease of a poller that died runs out."""
    now = clock.now()
    free = Q(poll_lease_until=None) | Q(poll_lease_until__lt=now)
    taken = CarrierAccount.objects.filter(free, pk=account.pk).update(poll_lease_until=now + LEASE)
    return bool(taken)


def drop_lease(account: CarrierAccount) -> None:
    CarrierAccount.objects.filter(pk=account.pk).update(poll_lease_until=None)


def _put_off(account: CarrierAccount, error: Exception) -> None:
    """Note what went wrong, and leave the account alone for its interval."""
    now = clock.now()
    later = now + timedelta(seconds=account.poll_interval_s)
    Delivery.objects.filter(account=account, next_poll_at__lte=now).update(next_poll_at=later)
    values: dict[str, Any] = {"last_poll_error": f"{type(error).__name__}: {error}"[:1000]}
    if account.next_poll_at is not None:
        values["next_poll_at"] = later
    CarrierAccount.objects.filter(pk=account.pk).update(**values)


def poll(account: CarrierAccount) -> None:
    """Ask one account what is new; its lease must be held."""
    capabilities = adapter_class(account.carrier).capabilities
    if Capability.POLL_MANY in capabilities and account.next_poll_at is not None:
        poll_list(account)
    if Capability.POLL_ONE in capabilities:
        poll_parcels(account)


def poll_list(account: CarrierAccount) -> None:
    """Read what changed since the last good poll. A page is stored before the cursor moves past it."""
    if not throttle.take(account):
        return
    started = clock.now()
    since = account.last_poll_ok_at or started - FIRST_LOOK
    listing = calls.list_changes(account, since, cursor=account.poll_cursor)
    for page in listing.pages:
        inbox.receive(account, Channel.POLL, page.statuses)
    is_refused = listing.error is not None and listing.error.permanent  # perhaps because of its cursor
    values: dict[str, Any] = {
        "poll_cursor": "" if is_refused else listing.cursor,
        "last_poll_error": str(listing.error or "")[:1000],
        "next_poll_at": started + timedelta(seconds=account.poll_interval_s),
    }
    if listing.error is None and not listing.cursor:
        values["last_poll_ok_at"] = started
    elif listing.error is None:
        values["next_poll_at"] = started  # more pages wait
    CarrierAccount.objects.filter(pk=account.pk).update(**values)


def poll_parcels(account: CarrierAccount) -> None:
    """Read the parcels that are due, several at a time, within the account's rate."""
    due = Delivery.objects.filter(account=account, next_poll_at__lte=clock.now()).order_by("next_poll_at")
    granted = throttle.take(account, min(BATCH, due.count()))
    deliveries = list(due[:granted])
    if not deliveries:
        return
    readings = calls.read_parcels(account, [delivery.carrier_ref for delivery in deliveries])
    statuses = [reading.status for reading in readings if reading.status is not None]
    inbox.receive(account, Channel.POLL, statuses)
    errors = [reading.error for reading in readings if reading.error is not None]
    _schedule(account, deliveries)
    values: dict[str, Any] = {"last_poll_error": str(errors[0])[:1000] if errors else ""}
    if statuses:
        values["last_poll_ok_at"] = clock.now()
    CarrierAccount.objects.filter(pk=account.pk).update(**values)


def _schedule(account: CarrierAccount, deliveries: list[Delivery]) -> None:
    """Look again after the account's interval; what has ended is not asked about any more."""
    keys = [delivery.pk for delivery in deliveries]
    again = clock.now() + timedelta(seconds=account.poll_interval_s)
    read = Delivery.objects.filter(pk__in=keys)
    read.exclude(status__in=ENDED).update(next_poll_at=again)
    read.filter(status__in=ENDED).update(next_poll_at=None)
