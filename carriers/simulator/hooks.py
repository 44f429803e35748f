"""Hooks out: what the pretended carriers push, with their signatures and their stubbornness."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from carriers.simulator.accounts import Account, Accounts
from carriers.simulator.faults import Fault, Faults
from carriers.simulator.parcels import Parcel
from carriers.simulator.shapes import sendcloud_parcel

TRIES = 10
FIRST_PAUSE_S = 0.5  # five minutes in real life, doubled each time
ANSWER_WITHIN_S = 10.0


@dataclass(frozen=True)
class Push:
    carrier: str
    parcel_id: int
    url: str
    body: bytes
    headers: dict[str, str]


class HookSender:
    """Sends in the background. `sent` keeps the last answers, for the page and for tests."""

    def __init__(self, accounts: Accounts, faults: Faults, own_url: str = "") -> None:
        self._accounts = accounts
        self._own_url = own_url.rstrip("/")
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[int, list[Push]] = {}
        self.sent: list[dict[str, Any]] = []

    async def start(self) -> None:
        # Not before: a session belongs to the loop that runs.
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def tell(self, parcel: Parcel) -> None:
        """Push a parcel's new status, as faithfully as the faults allow."""
        account = self._accounts.get(parcel.carrier, parcel.account)
        if account is None or not account.hook_url:
            return
        fault = self._faults.take(parcel.carrier, "hook")
        push = self._push(parcel, account, spoil=fault is not None and fault.kind == "bad_signature")
        held = self._held.pop(parcel.id, [])
        self._misbehave(push, fault)
        for late in held:
            self._later(late, 0.2)

    def _misbehave(self, push: Push, fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        if kind == "lost_hook":
            return
        if kind == "out_of_order":
            self._held.setdefault(push.parcel_id, []).append(push)
            return
        self._later(push, fault.seconds if fault and kind == "late" else 0.0)
        if kind == "twice":
            self._later(push, 0.1)

    def _push(self, parcel: Parcel, account: Account, *, spoil: bool) -> Push:
        url = self._own_url + account.hook_url if account.hook_url.startswith("/") else account.hook_url
        if parcel.carrier == "veloyd":
            body = json.dumps({"id": parcel.id, "status": int(parcel.status)}).encode()
            return Push(parcel.carrier, parcel.id, url, body, {})
        moment = round(parcel.updated_at * 1000)
        told = {
            "action": "parcel_status_changed",
            "timestamp": moment,
            "carrier_status_change_timestamp": moment,
            "parcel": sendcloud_parcel(parcel, is_hook=True),
        }
        body = json.dumps(told).encode()
        key = "spoilt" if spoil else account.signing_key
        signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        return Push(parcel.carrier, parcel.id, url, body, {"Sendcloud-Signature": signature})

    def _later(self, push: Push, pause_s: float) -> None:
        task = asyncio.get_running_loop().create_task(self._send(push, pause_s))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, push: Push, pause_s: float) -> None:
        """Send until it is answered well, ten times at most."""
        await asyncio.sleep(pause_s)
        for attempt in range(TRIES):
            status = await self._post(push)
            self.sent = [
                *self.sent[-199:],
                {"carrier": push.carrier, "parcel": push.parcel_id, "attempt": attempt + 1, "answer": status},
            ]
            if 200 <= status < 300:
                return
            await asyncio.sleep(FIRST_PAUSE_S * 2**attempt)

    async def _post(self, push: Push) -> int:
        """Return the status of the answer, 0 if there was none."""
        headers = {"Content-Type": "application/json", **push.headers}
        try:
            async with self._session.post(push.url, data=push.body, headers=headers) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0
