from datetime import timedelta

import pytest

from orders.models import Order
from orders.services import expire_acceptances
from tests.api.conftest import problem
from woop import clock


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_after_the_sweep_the_code_is_still_acceptance_expired(client, decision, monkeypatch):
    number = client.order(requires_acceptance=True)["number"]
    after = Order.objects.get(number=number).acceptance_deadline + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: after)
    expire_acceptances()
    path = f"orders/{number}"
    assert client.get(f"{path}/").json()["acceptance"]["state"] == "time_expired"
    problem(client.post(f"{path}/{decision}/", {}), 409, "acceptance_expired")
    problem(client.post(f"{path}/{decision}/", {}, **{"If-Match": '"1"'}), 412)


def test_a_rejected_order_is_not_called_expired(client):
    path = f"orders/{client.order(requires_acceptance=True)['number']}"
    assert client.post(f"{path}/reject/", {}).status_code == 200
    problem(client.post(f"{path}/accept/", {}), 409, "final")
