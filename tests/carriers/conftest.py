import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from carriers.adapters.base import Address, Parcel
from carriers.services import create_account
from tests.simulator import simulator, simulator_server  # noqa: F401  (fixtures)
from woop.models import Shop

HERE = Path(__file__).parent


@pytest.fixture
def payload():
    """Return the bytes of a recorded payload: payload("sendcloud/delivered")."""

    def read(name):
        carrier, _, event = name.partition("/")
        return (HERE / carrier / "payloads" / f"{event}.json").read_bytes()

    return read


@pytest.fixture
def decoded(payload):
    return lambda name: json.loads(payload(name))


@pytest.fixture
def shop(db):
    return Shop.objects.create(code="north", name="North")


@pytest.fixture
def sendcloud(shop):
    credentials = {"public_key": "public", "secret_key": "secretkey"}
    return create_account(shop, "sendcloud", credentials=credentials)


@pytest.fixture
def veloyd(shop):
    return create_account(shop, "veloyd", credentials={"api_key": "key-1"})


def make_parcel(reference="order-1/1", order_number="1001", **fields):
    address = Address(
        name="Ada Smit",
        street="Lange Straat 12b",
        postal_code="1011 AB",
        city="Amsterdam",
        country="NL",
        email="ada@example.org",
        phone="+31612345678",
    )
    fields.setdefault("address", address)
    return Parcel(external_reference=reference, order_number=order_number, weight_g=1250, **fields)


@pytest.fixture
def parcel():
    return make_parcel()


@pytest.fixture
def time_machine_at():
    """Stop the clock at a moment: `clock.shift(seconds)` moves it, `clock.now()` reads it."""
    travels = []

    def travel(moment):
        traveller = time_machine.travel(moment, tick=False)
        clock = traveller.start()
        travels.append(traveller)
        clock.now = lambda: datetime.now(UTC)
        return clock

    yield travel
    for traveller in travels:
        traveller.stop()
