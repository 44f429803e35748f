"""The contract between Woop and a carrier.

An adapter belongs to one account and is used inside one event loop:

    async with adapter_for(account) as adapter:          # carriers.registry
        booked = await adapter.book(parcel)

Ask `adapter.capabilities` first; calling what an adapter cannot do raises NotSupportedError. Every other
trouble is a CarrierError, and its flags decide what to do next:

    permanent   the carrier said no; the same call will be refused again
    unknown     nobody knows whether the call had its effect: ask (`book(..., again=True)`), never just repeat
    otherwise   nothing happened; try again later, after `retry_after` seconds if the carrier named some
"""

import hashlib
from abc import ABC
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import ClassVar, Literal, NamedTuple, Self


class Capability(StrEnum):
    QUOTE = "quote"
    BOOK = "book"
    FIND = "find"  # a booked parcel can be looked up by our own reference
    CANCEL = "cancel"
    LABEL = "label"
    POLL_ONE = "poll_one"  # `track` reads one parcel
    POLL_MANY = "poll_many"  # `changes` lists the parcels that changed since a moment
    WEBHOOK = "webhook"  # hooks are signed and complete: their content is believed
    WEBHOOK_HINT = "webhook_hint"  # hooks prove nothing: they only say which parcel to read
    CODES = "codes"
    POSITION = "position"


class CarrierError(Exception):
    """Anything that went wrong with a carrier, in a sentence that staff can read."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        permanent: bool = False,
        unknown: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.permanent = permanent
        self.unknown = unknown
        self.status = status
        self.retry_after = retry_after


class NotSupportedError(CarrierError):
    """The carrier has no such service: a mistake of the caller, who did not ask the capabilities."""

    def __init__(self, carrier: str, what: str) -> None:
        super().__init__("not_supported", f"{carrier} cannot {what}", permanent=True)


class GarbageError(CarrierError):
    """What came from the carrier cannot be read. The bytes are kept, so a better parser can replay them."""

    def __init__(self, detail: str, *, unknown: bool = False, status: int | None = None) -> None:
        super().__init__("garbage", detail, unknown=unknown, status=status)


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package to be carried. `external_reference` is our idempotency key: one a delivery, for ever."""

    external_reference: str
    order_number: str
    address: Address
    weight_g: int
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ParcelStatus:
    """What a carrier says about one parcel. `body` is its part of the answer, as raw as it can be cut out."""

    carrier_ref: str
    raw_status: str
    raw_text: str = ""
    external_reference: str = ""
    occurred_at: datetime | None = None
    tracking_number: str = ""
    tracking_url: str = ""
    body: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Booked:
    """A parcel that the carrier has taken on. `status` goes through the inbox like any other answer."""

    carrier_ref: str
    status: ParcelStatus
    tracking_number: str = ""
    tracking_url: str = ""

    @property
    def raw_status(self) -> str:
        return self.status.raw_status

    @property
    def body(self) -> bytes:
        return self.status.body


@dataclass(frozen=True, slots=True)
class Hint:
    """A hook that names a parcel and proves nothing."""

    carrier_ref: str
    raw_status: str = ""
    tracking_number: str = ""


CancelVerdict = Literal["done", "requested", "refused", "gone", "unknown_parcel"]


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    """`gone`: it never left the carrier's drafts and was deleted. `requested`: a status will tell the end."""

    verdict: CancelVerdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of changed parcels. `refused` counts rows that could not be read."""

    statuses: tuple[ParcelStatus, ...]
    next_cursor: str = ""
    refused: int = 0


class RawStatus(NamedTuple):
    """One row of a carrier's default table: what the code means and what it sets ("", None: nothing)."""

    meaning: str
    delivery: str = ""
    package: int | None = None
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """What an adapter must know of its account; nothing of the database."""

    account: str
    base_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, object] = field(default_factory=dict)

    def credential(self, name: str) -> str:
        """Return a key as it was meant: people paste line ends along."""
        return self.credentials.get(name, "").strip()

    def setting(self, name: str, default: str = "") -> str:
        return str(self.settings.get(name) or default)


class Adapter(ABC):
    """One carrier account. Stateless but for its HTTP session."""

    carrier: ClassVar[str]
    name: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    statuses: ClassVar[Mapping[str, RawStatus]] = {}
    credential_names: ClassVar[tuple[str, ...]] = ()
    default_base_url: ClassVar[str] = ""
    simulator_path: ClassVar[str] = ""
    default_rate_per_minute: ClassVar[int] = 60
    default_poll_interval: ClassVar[timedelta] = timedelta(minutes=10)
    # Raw statuses after which nothing more is expected.
    final_statuses: ClassVar[frozenset[str]] = frozenset()
    # Raw statuses that say how a cancellation that was only asked for goes on.
    cancel_requested_statuses: ClassVar[frozenset[str]] = frozenset()
    cancel_refused_statuses: ClassVar[frozenset[str]] = frozenset()
    # How far back before its last success a list poll looks again.
    poll_overlap: ClassVar[timedelta] = timedelta(0)

    client: AbstractAsyncContextManager[object] | None = None

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def __aenter__(self) -> Self:
        if self.client is not None:
            await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.client is not None:
            await self.client.__aexit__(kind, error, trace)

    def _cannot(self, what: str) -> NotSupportedError:
        return NotSupportedError(self.name, what)

    # --- calls to the carrier ---
    async def quote(self, parcel: Parcel) -> object:
        raise self._cannot("quote a price")

    async def book(self, parcel: Parcel, *, again: bool = False) -> Booked:
        """Have the parcel carried.

        Pass `again` whenever an earlier call may have succeeded (its error was `unknown`, or its worker
        died): the parcel is then looked up before it is created. A carrier that cannot look up refuses
        with `permanent` and `unknown` both set: staff must look.
        """
        raise self._cannot("book a parcel")

    async def find(self, external_reference: str) -> Booked | None:
        raise self._cannot("look a parcel up by our reference")

    async def cancel(self, carrier_ref: str, *, again: bool = False) -> CancelAnswer:
        """Ask the carrier to forget the parcel. With `again`, a parcel unknown there is one that is gone."""
        raise self._cannot("cancel a parcel")

    async def label(self, carrier_ref: str) -> bytes:
        raise self._cannot("print a label")

    async def track(self, carrier_ref: str) -> ParcelStatus:
        """Read one parcel; CarrierError("unknown_parcel", permanent=True) if the carrier does not know it."""
        raise self._cannot("read one parcel")

    def changes(self, since: datetime, cursor: str = "") -> AsyncIterator[Page]:
        """Yield pages of the parcels that changed since then, from `cursor` on.

        Commit each page before asking for the next; the overlap that a carrier needs is subtracted here.
        """
        raise self._cannot("list changed parcels")

    # --- hooks: pure, no network ---
    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether the hook really comes from the carrier. Headers have lower-case names."""
        return Capability.WEBHOOK_HINT in self.capabilities

    def parse_webhook(self, body: bytes) -> Sequence[ParcelStatus] | Sequence[Hint]:
        """Return what a hook says: nothing where it concerns no parcel; GarbageError if it is unreadable."""
        raise self._cannot("send hooks")

    def redacted(self, body: bytes) -> bytes:
        """Return the body as it may be kept: without secrets that the carrier sends along."""
        return body

    def dedupe_key(self, item: ParcelStatus | Hint, body: bytes) -> str:
        """Return a key that is the same for every repeat of one hook of this account and for nothing else."""
        if isinstance(item, ParcelStatus) and item.occurred_at is not None:
            return f"{item.carrier_ref}/{item.raw_status}/{item.occurred_at.isoformat()}"
        return f"{item.carrier_ref}/{item.raw_status}/{hashlib.sha256(body).hexdigest()[:32]}"
