from datetime import timedelta

import pytest
from django.db import OperationalError

from woop import clock
from woop.models import Heartbeat
from woop.tasks import beat


@pytest.fixture
def beaten(db):
    beat("sweep")


@pytest.fixture
def no_broker(settings):
    settings.REDIS_URL = ""


def test_all_is_well(beaten, client, settings, monkeypatch):
    monkeypatch.setattr("woop.health.broker_state", lambda: "ok")
    response = client.get("/healthz", Authorization="")
    assert response.status_code == 200
    body = response.json()
    assert 0 <= body.pop("sweep_age_s") < 5
    assert body == {"status": "ok", "database": "ok", "broker": "ok"}


def test_a_missing_broker_only_degrades(beaten, no_broker, client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["broker"]) == ("degraded", "none")


def test_a_broker_that_does_not_answer_only_degrades(beaten, client, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    response = client.get("/healthz")
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["broker"]) == ("degraded", "unreachable")


@pytest.mark.parametrize(("age", "status"), [(0, 200), (29, 200), (31, 503), (3600, 503), (-5, 200)])
def test_a_clockwork_that_stands_still(beaten, no_broker, client, age, status):
    Heartbeat.objects.update(beat_at=clock.now() - timedelta(seconds=age))
    response = client.get("/healthz")
    assert response.status_code == status
    assert abs(response.json()["sweep_age_s"] - max(age, 0)) < 2


def test_a_clockwork_that_never_ticked(db, no_broker, client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()["sweep_age_s"]) == (503, None)


def test_a_database_that_is_gone(beaten, no_broker, client, monkeypatch):
    def gone(**_):
        raise OperationalError("connection refused")

    monkeypatch.setattr("woop.health.Heartbeat.objects.filter", gone)
    response = client.get("/healthz")
    assert (response.status_code, response.json()["database"]) == (503, "unreachable")
    assert "refused" not in response.content.decode()
