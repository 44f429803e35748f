"""Sendcloud: booked once under our reference, told by signed hooks, and listed by what changed since."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from carriers.adapters.base import (
    Adapter,
    Booked,
    CancelAnswer,
    Capability,
    CarrierError,
    Connection,
    GarbageError,
    Page,
    Parcel,
    ParcelStatus,
)
from carriers.adapters.http import Answer, refuse
from carriers.adapters.sendcloud import parser
from carriers.adapters.sendcloud.client import SendcloudClient
from carriers.adapters.sendcloud.statuses import (
    CANCEL_REFUSED,
    CANCEL_REQUESTED,
    CANCELLED,
    FINAL,
    STATUSES,
)


class SendcloudAdapter(Adapter):
    carrier = "sendcloud"
    name = "Sendcloud"
    capabilities = frozenset(
        {
            Capability.BOOK,
            Capability.FIND,
            Capability.CANCEL,
            Capability.POLL_ONE,
            Capability.POLL_MANY,
            Capability.WEBHOOK,
        }
    )
    statuses = STATUSES
    final_statuses = FINAL
    cancel_requested_statuses = CANCEL_REQUESTED
    cancel_refused_statuses = CANCEL_REFUSED
    credential_names = ("public_key", "secret_key", "webhook_key")
    default_base_url = "https://panel.sendcloud.sc/api/v2"
    simulator_path = "/sendcloud/api/v2"
    default_rate_per_minute = 100  # of writes; reads may be ten times as many
    default_poll_interval = timedelta(minutes=5)
    # Lists are sorted by id, not by change, so a page can miss what changes while it is read.
    poll_overlap = timedelta(minutes=15)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.client: SendcloudClient = SendcloudClient.for_account(connection, self.default_base_url)

    async def book(self, parcel: Parcel, *, again: bool = False) -> Booked:
        """Create and announce a parcel, once for each external reference.

        Whatever goes wrong may have left a parcel behind: a lost answer, but also a plain 400, whose
        parcel then exists with status 1002. So every failure is answered by looking it up.
        """
        if again and (found := await self.find(parcel.external_reference)):
            return found
        try:
            return await self._create(parcel)
        except CarrierError as error:
            if not _may_have_left_a_parcel(error):
                raise
            if found := await self._find_after(error, parcel.external_reference):
                return found
            raise

    async def _create(self, parcel: Parcel) -> Booked:
        answer = await self.client.create(parser.parcel_payload(parcel, self.connection.settings))
        if answer.status not in {200, 201}:
            raise refuse(answer, writes=True, sentence=parser.error_sentence(answer))
        try:
            return parser.booked(answer.object().get("parcel"))
        except GarbageError as error:
            raise GarbageError(error.detail, unknown=True, status=answer.status) from error

    async def _find_after(self, first: CarrierError, external_reference: str) -> Booked | None:
        try:
            return await self.find(external_reference)
        except CarrierError as second:
            raise CarrierError(first.code, f"{first.detail}; then {second.detail}", unknown=True) from first

    async def find(self, external_reference: str) -> Booked | None:
        answer = await self.client.page(external_reference=external_reference)
        rows = self._read(answer).get("parcels")
        for row in rows if isinstance(rows, list) else []:
            found = parser.booked(row)
            if found.status.external_reference == external_reference:
                return found
        return None

    async def cancel(self, carrier_ref: str, *, again: bool = False) -> CancelAnswer:
        """Ask for the cancellation. A refusal can mean that it is under way already: the parcel tells."""
        answer = parser.cancel_answer(await self.client.cancel(carrier_ref))
        if answer.verdict != "refused":
            return answer
        raw = (await self.track(carrier_ref)).raw_status
        if raw in self.cancel_requested_statuses:
            return CancelAnswer("requested", answer.detail)
        return CancelAnswer("done", answer.detail) if raw in CANCELLED else answer

    async def track(self, carrier_ref: str) -> ParcelStatus:
        answer = await self.client.read(carrier_ref)
        if answer.status == 404:
            raise CarrierError("unknown_parcel", parser.error_sentence(answer), permanent=True, status=404)
        return parser.parcel_status(self._read(answer).get("parcel"))

    async def changes(self, since: datetime, cursor: str = "") -> AsyncIterator[Page]:
        """Follow the pages by the cursor within `next`, never by its address, which could lead anywhere."""
        first = (since - self.poll_overlap).astimezone(UTC).isoformat(timespec="seconds")
        seen = {cursor}
        while True:
            answer = await self.client.page(updated_after=first, cursor=cursor)
            page = parser.page(self._read(answer))
            yield page
            cursor = page.next_cursor
            if not cursor or cursor in seen:
                return
            seen.add(cursor)

    def _read(self, answer: Answer) -> dict[str, object]:
        if answer.status != 200:
            raise refuse(answer, sentence=parser.error_sentence(answer))
        return answer.object()

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        keys = [self.connection.credential(name) for name in ("webhook_key", "secret_key")]
        return parser.is_signed(headers, body, keys)

    def parse_webhook(self, body: bytes) -> Sequence[ParcelStatus]:
        return parser.webhook(body)

    def redacted(self, body: bytes) -> bytes:
        return b"" if b"integration_credentials" in body else body


def _may_have_left_a_parcel(error: CarrierError) -> bool:
    return error.unknown or error.status in {400, 409}
