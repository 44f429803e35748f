"""Calls to carriers for code that is not async: jobs and the poller.

Never call these inside a transaction: a carrier may take half a minute, and locks would be held.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from carriers.adapters.base import Adapter, Booked, CancelAnswer, CarrierError, Page, Parcel, ParcelStatus
from carriers.models import CarrierAccount
from carriers.registry import adapter_for

T = TypeVar("T")
IN_FLIGHT = 20
LISTING_S = 10.0  # then the rest is left for the next time: a worker has 20 s in all
# After one of these the next parcel would fare no better.
HOPELESS = frozenset({"too_many", "unauthorized", "unreachable", "timeout"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one parcel: a status or an error."""

    carrier_ref: str
    status: ParcelStatus | None = None
    error: CarrierError | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What came of listing changes. `cursor` is where to go on; empty with no error means all was read."""

    pages: tuple[Page, ...]
    cursor: str = ""
    error: CarrierError | None = None


def book(account: CarrierAccount, parcel: Parcel, *, again: bool = False) -> Booked:
    return _run(account, lambda adapter: adapter.book(parcel, again=again))


def cancel(account: CarrierAccount, carrier_ref: str, *, again: bool = False) -> CancelAnswer:
    return _run(account, lambda adapter: adapter.cancel(carrier_ref, again=again))


def track(account: CarrierAccount, carrier_ref: str) -> ParcelStatus:
    return _run(account, lambda adapter: adapter.track(carrier_ref))


def read_parcels(
    account: CarrierAccount, refs: Sequence[str], *, in_flight: int = IN_FLIGHT
) -> list[Reading]:
    """Read many parcels, several at a time, in the order asked.

    When the carrier has had enough, refuses the credentials or does not answer, those not yet asked get
    the same error without a call. Ask `throttle.take` first how many may be read.
    """
    return _run(account, lambda adapter: _read_parcels(adapter, refs, in_flight))


def list_changes(
    account: CarrierAccount, since: datetime, *, cursor: str = "", max_pages: int = 20
) -> Listing:
    """List what changed since then, for a few seconds and at most so many pages.

    What was read before an error is not lost.
    """
    return _run(account, lambda adapter: _list_changes(adapter, since, cursor, max_pages))


def _run(account: CarrierAccount, call: Callable[[Adapter], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with adapter_for(account) as adapter:
            return await call(adapter)

    return asyncio.run(opened())


async def _read_parcels(adapter: Adapter, refs: Sequence[str], in_flight: int) -> list[Reading]:
    gate = asyncio.Semaphore(in_flight)
    stopped: list[CarrierError] = []

    async def read(ref: str) -> Reading:
        async with gate:
            if stopped:
                return Reading(ref, error=stopped[0])
            try:
                return Reading(ref, status=await adapter.track(ref))
            except CarrierError as error:
                if error.code in HOPELESS:
                    stopped.append(error)
                return Reading(ref, error=error)

    return list(await asyncio.gather(*(read(ref) for ref in refs)))


async def _list_changes(adapter: Adapter, since: datetime, cursor: str, max_pages: int) -> Listing:
    pages: list[Page] = []
    deadline = time.monotonic() + LISTING_S
    try:
        async for page in adapter.changes(since, cursor):
            pages.append(page)
            cursor = page.next_cursor
            if len(pages) == max_pages or time.monotonic() > deadline:
                break
    except CarrierError as error:
        return Listing(tuple(pages), cursor, error)
    return Listing(tuple(pages), cursor)
