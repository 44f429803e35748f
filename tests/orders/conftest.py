from datetime import timedelta

import pytest

from tests.factories import make_shop
from woop import clock


@pytest.fixture
def shop(db):
    return make_shop()


@pytest.fixture
def at(monkeypatch):
    """Set the clock to a moment, give or take milliseconds."""

    def turn(moment, milliseconds=0):
        there = moment + timedelta(milliseconds=milliseconds)
        monkeypatch.setattr(clock, "now", lambda: there)

    return turn
