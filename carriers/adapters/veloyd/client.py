"""Veloyd's API over HTTP, and nothing else."""

from collections.abc import Mapping
from typing import Any, Self

from carriers.adapters.base import Connection
from carriers.adapters.http import Answer, CarrierHttp

TOTAL_S = 12.0  # a lost answer is for staff to find out, so wait as long as a worker may


class VeloydClient(CarrierHttp):
    @classmethod
    def for_account(cls, connection: Connection, default_url: str) -> Self:
        key = connection.credential("api_key")
        # Most integrations send Apikey, one sends Bearer.
        scheme = connection.setting("auth_scheme", "Apikey")
        return cls(
            connection.base_url or default_url,
            total_s=float(connection.setting("timeout_s") or TOTAL_S),
            headers={"Authorization": f"{scheme} {key}"},
            secrets=(key,),
        )

    async def create(self, payload: Mapping[str, Any]) -> Answer:
        return await self.post("/parcel/create", payload)

    async def read(self, carrier_ref: str) -> Answer:
        return await self.get(f"/parcel/get/{carrier_ref}")

    async def remove(self, carrier_ref: str) -> Answer:
        """Delete a parcel: a GET that changes something."""
        return await self.get(f"/parcel/remove/{carrier_ref}", writes=True)
