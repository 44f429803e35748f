"""The carriers of the past days: the simulator's own parcels, asked without the wire.

The simulator is not up while the demo is made. What it would have answered and pushed is put together
from its parcels and taken in by the same booking, inbox and tracking as everything else. At the end the
parcels are written into its file: there they live on.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings

from carriers import calls, inbox
from carriers.adapters.base import Booked, CancelAnswer, CarrierError
from carriers.adapters.base import Parcel as Wanted
from carriers.adapters.sendcloud import parser as sendcloud
from carriers.adapters.veloyd import parser as veloyd
from carriers.models import CarrierAccount
from carriers.simulator.parcels import Parcel, ParcelStore
from carriers.simulator.shapes import sendcloud_parcel, veloyd_parcel
from carriers.statuses import Channel
from woop import clock
from woop.management.demo.past import Story

PACE = 560.0  # the two minutes of a simulated parcel are most of a day here
SORTING = frozenset(("sendcloud", status) for status in ("1", "3", "7", "5", "91"))
REST_S = (15, 900)  # parcels that are on their way take their next step within a quarter of an hour


def parcels_file() -> Path:
    folder: Path = settings.VAR
    return folder / "simulator" / "parcels.json"


class Pretend:
    """Both carriers. `scenarios` and `refusals` say by order number what happens there."""

    def __init__(self, dice: Random) -> None:
        file = parcels_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        self.dice = dice
        self.store = ParcelStore(0, file, lambda: clock.now().timestamp())
        self.accounts: dict[int, CarrierAccount] = {}
        self.scenarios: dict[str, str] = {}
        self.refusals: dict[str, CarrierError] = {}

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Let calls to carriers end here instead of on the wire."""
        wire = calls.book, calls.cancel
        calls.book, calls.cancel = self.book, self.cancel
        try:
            yield
        finally:
            calls.book, calls.cancel = wire

    # --- what Woop asks ---
    def book(self, account: CarrierAccount, parcel: Wanted, *, again: bool = False) -> Booked:
        if refusal := self.refusals.get(parcel.order_number):
            raise refusal
        module: Any = sendcloud if account.carrier == "sendcloud" else veloyd
        fields = module.parcel_payload(parcel, account.settings)["parcel"]
        made = self.store.add(
            account.carrier,
            _key(account),
            fields,
            reference=parcel.external_reference,
            order_number=parcel.order_number,
            scenario=self.scenarios.get(parcel.order_number, "ok"),
        )
        self.accounts[made.id] = account
        made.tracking_number = f"{'3SSIM' if account.carrier == 'sendcloud' else 'VSIM'}{made.id}"
        if account.carrier == "sendcloud":
            return sendcloud.booked(sendcloud_parcel(made))
        shown = veloyd_parcel(made)
        status = veloyd.parcel_status(shown, json.dumps(shown).encode())
        return Booked(status.carrier_ref, status, status.tracking_number, status.tracking_url)

    def cancel(self, account: CarrierAccount, carrier_ref: str, *, again: bool = False) -> CancelAnswer:
        parcel = self.store.parcels[int(carrier_ref)]
        self.store.stop(parcel)
        self.store.move(parcel, "2000" if account.carrier == "sendcloud" else "9")
        return CancelAnswer("done")

    # --- what they tell ---
    def live(self, number: str, *, is_sparse: bool = False) -> Story:
        """Let the parcels of an order live, one step at a time; `is_sparse` leaves sorting centres out."""
        parcels = [parcel for parcel in self.store if parcel.order_number == number]
        while moving := [parcel for parcel in parcels if parcel.next_step()]:
            pauses = [step.after_s for parcel in moving if (step := parcel.next_step())]
            yield timedelta(seconds=max(pauses) * PACE * self.dice.uniform(0.7, 1.3))
            for parcel in moving:
                self.store.advance(parcel)
                if not (is_sparse and (parcel.carrier, parcel.status) in SORTING):
                    self.tell(parcel)

    def tell(self, parcel: Parcel, **changes: Any) -> None:
        """Push the parcel's status (Sendcloud), or let it be read (Veloyd)."""
        account = self.accounts[parcel.id]
        if parcel.carrier == "sendcloud":
            self.push(account, _hook_body(parcel) | changes)
        else:
            shown = veloyd_parcel(parcel)
            item = veloyd.parcel_status(shown, json.dumps(shown).encode())
            inbox.receive(account, Channel.POLL, [item])
            _apply()

    def push(self, account: CarrierAccount, content: Any, key: str = "") -> None:
        body = json.dumps(content).encode()
        secret = key or account.credentials["webhook_key"]
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        inbox.receive_hook(account, {"Sendcloud-Signature": signature}, body)
        _apply()

    # --- the end ---
    def hand_over(self, present: float) -> None:
        """Give the parcels to the simulator: whatever has steps left goes on soon after its start."""
        for parcel in self.store:
            if parcel.id in self.accounts and parcel.next_step() and not _rests(parcel):
                parcel.next_at = present + self.dice.uniform(*REST_S)
        self.store.save()


def _apply() -> None:
    for message in inbox.claim(limit=10):
        inbox.apply(message)


def _rests(parcel: Parcel) -> bool:
    return parcel.scenario == "stuck"


def _key(account: CarrierAccount) -> str:
    return account.credentials["public_key" if account.carrier == "sendcloud" else "api_key"]


def _hook_body(parcel: Parcel) -> dict[str, Any]:
    moment = round(parcel.updated_at * 1000)
    return {
        "action": "parcel_status_changed",
        "timestamp": moment,
        "carrier_status_change_timestamp": moment,
        "parcel": sendcloud_parcel(parcel, is_hook=True),
    }
