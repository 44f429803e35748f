"""Sendcloud's API version 2 over HTTP, and nothing else."""

from collections.abc import Mapping
from typing import Any, Self

import aiohttp

from carriers.adapters.base import Connection
from carriers.adapters.http import Answer, CarrierHttp

TOTAL_S = 10.0  # announcing can take longer; what came of it is then looked up


class SendcloudClient(CarrierHttp):
    @classmethod
    def for_account(cls, connection: Connection, default_url: str) -> Self:
        public, secret = (connection.credential(name) for name in ("public_key", "secret_key"))
        return cls(
            connection.base_url or default_url,
            total_s=float(connection.setting("timeout_s") or TOTAL_S),
            headers={"Authorization": aiohttp.encode_basic_auth(public, secret)},
            secrets=(secret,),
        )

    async def create(self, payload: Mapping[str, Any]) -> Answer:
        return await self.post("/parcels", payload)

    async def read(self, carrier_ref: str) -> Answer:
        return await self.get(f"/parcels/{carrier_ref}")

    async def page(self, **filters: str) -> Answer:
        return await self.get("/parcels", params={name: value for name, value in filters.items() if value})

    async def cancel(self, carrier_ref: str) -> Answer:
        return await self.post(f"/parcels/{carrier_ref}/cancel", {})
