"""Deliveries that a carrier takes on while the client waits: over real HTTP, against the simulator."""

import pytest

from carriers.adapters.base import CarrierError
from carriers.services import create_account
from deliveries.models import Delivery
from tests.api.conftest import problem
from tests.simulator import simulator, simulator_server  # noqa: F401  (fixtures)
from woop.models import IdempotencyKey, Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def veloyd(shop, simulator):  # noqa: F811
    credentials = {"api_key": "key-1"}
    return create_account(shop, "veloyd", code="fast", credentials=credentials, base_url=simulator.veloyd_url)


@pytest.fixture
def order(client):
    made = client.order(number="1001")
    Job.objects.all().delete()  # no worker chooses a carrier meanwhile
    return made


def test_booked_at_once(client, veloyd, order, simulator):  # noqa: F811
    body = {"carrier_account": "fast"}
    response = client.post("orders/1001/deliveries/", body, Idempotency_Key="a")
    assert response.status_code == 201
    delivery = response.json()
    assert (delivery["carrier"], delivery["carrier_account"]) == ("veloyd", "fast")
    assert delivery["packages"] == [order["packages"][0]["id"]]
    assert simulator.parcel("1001")
    again = client.post("orders/1001/deliveries/", body, Idempotency_Key="a")
    assert (again.content, again["Idempotent-Replayed"]) == (response.content, "true")
    assert len(simulator.parcels("1001")) == 1
    problem(client.post("orders/1001/deliveries/", body), 409, "no_package")


def test_a_carrier_that_fails_is_asked_again_later(client, veloyd, order, simulator):  # noqa: F811
    simulator.fault("500", on="create")
    response = client.post("orders/1001/deliveries/", {"carrier_account": "fast"}, Idempotency_Key="a")
    assert response.status_code == 202
    assert response.json()["number"] == "1001"
    assert Delivery.objects.count() == 0
    assert [(job.kind, job.state) for job in Job.objects.all()] == [("book_delivery", "waiting")]
    assert IdempotencyKey.objects.get().status_code == 202


def test_a_carrier_that_refuses(client, veloyd, order, monkeypatch):
    def refuse(*args, **kwargs):
        raise CarrierError("refused", "no such postal code", permanent=True)

    monkeypatch.setattr("deliveries.booking.calls.book", refuse)
    response = client.post("orders/1001/deliveries/", {"carrier_account": "fast"})
    assert "no such postal code" in problem(response, 409, "carrier_refused")["detail"]
    whole = client.get("orders/1001/").json()
    assert whole["deliveries"] == []
    assert [alert["code"] for alert in whole["alerts"]] == ["booking_refused"]
    monkeypatch.undo()
    assert client.post("orders/1001/deliveries/", {"carrier_account": "fast"}).status_code == 201


def test_no_transaction_is_open_while_the_carrier_is_called(client, veloyd, order, monkeypatch):
    from django.db import connection

    seen = []

    def look(*args, **kwargs):
        seen.append(connection.in_atomic_block)
        raise RuntimeError("enough seen")

    monkeypatch.setattr("deliveries.booking.calls.book", look)
    client.post("orders/1001/deliveries/", {"carrier_account": "fast"}, Idempotency_Key="a")
    assert seen == [False]
