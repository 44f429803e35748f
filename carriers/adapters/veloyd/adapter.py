"""Veloyd: booked, read parcel by parcel, and hinted at by hooks that prove nothing."""

from collections.abc import Sequence
from datetime import timedelta

from carriers.adapters.base import (
    Adapter,
    Booked,
    CancelAnswer,
    Capability,
    CarrierError,
    Connection,
    GarbageError,
    Hint,
    Parcel,
    ParcelStatus,
)
from carriers.adapters.http import refuse
from carriers.adapters.veloyd import parser
from carriers.adapters.veloyd.client import VeloydClient
from carriers.adapters.veloyd.statuses import FINAL, STATUSES


class VeloydAdapter(Adapter):
    carrier = "veloyd"
    name = "Veloyd"
    capabilities = frozenset(
        {Capability.BOOK, Capability.CANCEL, Capability.POLL_ONE, Capability.WEBHOOK_HINT}
    )
    statuses = STATUSES
    final_statuses = FINAL
    credential_names = ("api_key",)
    default_base_url = "https://app.veloyd.nl/api"
    simulator_path = "/veloyd/api"
    default_rate_per_minute = 240  # nothing is published; others pause 250 ms between calls
    default_poll_interval = timedelta(hours=1)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.client: VeloydClient = VeloydClient.for_account(connection, self.default_base_url)

    async def book(self, parcel: Parcel, *, again: bool = False) -> Booked:
        """Create a parcel. Veloyd knows no key of ours and cannot search, so a lost answer needs a person."""
        if again:
            raise CarrierError(
                "may_exist",
                f"an earlier booking was not answered: look for {parcel.external_reference} at Veloyd first",
                permanent=True,
                unknown=True,
            )
        answer = await self.client.create(parser.parcel_payload(parcel, self.connection.settings))
        if answer.status not in {200, 201}:
            raise refuse(answer, writes=True, sentence=parser.error_sentence(answer))
        try:
            return parser.booked(answer)
        except GarbageError as error:
            raise GarbageError(error.detail, unknown=True, status=answer.status) from error

    async def cancel(self, carrier_ref: str, *, again: bool = False) -> CancelAnswer:
        """Remove a parcel that has no label yet; read it first, for removing is all that Veloyd offers."""
        try:
            raw = (await self.track(carrier_ref)).raw_status
        except CarrierError as error:
            if error.code != "unknown_parcel":
                raise
            return CancelAnswer("gone" if again else "unknown_parcel", error.detail)
        if raw == "9":
            return CancelAnswer("done")
        if raw != parser.REGISTERED:
            return CancelAnswer("refused", "the label was printed already")
        return await self._remove(carrier_ref)

    async def _remove(self, carrier_ref: str) -> CancelAnswer:
        answer = await self.client.remove(carrier_ref)
        sentence = parser.error_sentence(answer)
        if answer.status == 200:
            return CancelAnswer("gone")
        if answer.status in {400, 409, 422}:
            return CancelAnswer("refused", sentence)
        if answer.status == 404:
            return CancelAnswer("unknown_parcel", sentence)
        raise refuse(answer, writes=True, sentence=sentence)

    async def track(self, carrier_ref: str) -> ParcelStatus:
        answer = await self.client.read(carrier_ref)
        if parser.is_unknown_parcel(answer):
            raise CarrierError(
                "unknown_parcel", parser.error_sentence(answer), permanent=True, status=answer.status
            )
        if answer.status != 200:
            raise refuse(answer, sentence=parser.error_sentence(answer))
        return parser.parcel_status(answer.json(), answer.body)

    def parse_webhook(self, body: bytes) -> Sequence[Hint]:
        return parser.webhook(body)
