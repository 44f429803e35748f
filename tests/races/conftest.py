"""Races need a database with row locks, and transactions that are really committed."""

import pytest

from orders import services
from tests.factories import make_shop
from tests.races.racing import Point
from woop import transitions
from woop.nodes import registry


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/races/" in item.nodeid:
            item.add_marker(pytest.mark.postgres)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def shop(transactional_db):
    return make_shop()


@pytest.fixture
def planned(monkeypatch):
    """The point between planning a change and writing it; its locks are held there."""
    point, real = Point(), transitions.apply

    def apply(plans):
        point.stop()
        real(plans)

    monkeypatch.setattr(transitions, "apply", apply)
    monkeypatch.setattr(services, "apply", apply)
    return point


# --- the defences, switched off --------------------------------------------------------------------


@pytest.fixture
def without_lock(monkeypatch):
    """Read orders without locking them."""
    real = registry.read_roots
    monkeypatch.setattr(registry, "read_roots", lambda kind, ids, lock: real(kind, ids, False))


@pytest.fixture
def children_before_lock(monkeypatch):
    """Read packages and lines first and lock the order afterwards, as one joined statement would."""
    read_roots, read_children = registry.read_roots, registry.read_children

    def read(kind, ids, lock):
        ids = list(ids)
        early = read_roots(kind, ids, False)
        read_children(early)
        roots = read_roots(kind, ids, lock)
        for pk, root in roots.items():
            root.packages = early[pk].packages
            for package in root.packages:
                package.order = root
        return roots

    monkeypatch.setattr(registry, "read_roots", read)
    monkeypatch.setattr(registry, "read_children", lambda roots: None)
