"""Shops with carriers that are pretended, and called over real HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from carriers import inbox
from carriers.services import create_account
from deliveries.tracking import apply_and_resolve
from tests.factories import make_shop
from tests.simulator import simulator, simulator_server  # noqa: F401  (fixtures)
from woop import clock

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)  # long ago, so that minutes after it are no future


@pytest.fixture(autouse=True)
def _applier(monkeypatch):
    """Other tests of the inbox set appliers of their own."""
    monkeypatch.setattr(inbox.work, "_applier", apply_and_resolve)


@pytest.fixture
def shop(db):
    return make_shop()


@pytest.fixture
def veloyd(shop, simulator):  # noqa: F811
    return create_account(
        shop,
        "veloyd",
        credentials={"api_key": "deliveries"},
        base_url=simulator.veloyd_url,
        rate_per_minute=60_000,
        poll_interval_s=60,
    )


@pytest.fixture
def sendcloud(shop, simulator):  # noqa: F811
    return create_account(
        shop,
        "sendcloud",
        credentials={"public_key": "deliveries", "secret_key": "secret"},
        base_url=simulator.sendcloud_url,
        rate_per_minute=60_000,
        poll_interval_s=60,
    )


@pytest.fixture
def at(monkeypatch):
    """Set the clock, in seconds after noon."""

    def turn(seconds=0):
        moment = NOON + timedelta(seconds=seconds)
        monkeypatch.setattr(clock.timezone, "now", lambda: moment)
        return moment

    return turn
