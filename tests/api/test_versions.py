import threading

import pytest
from django.db import connection, transaction

from orders.models import Order
from tests.api.conftest import problem

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(client):
    return client.order(number="1001")


def writes(client, order):
    """Every write that addresses an order or something below it."""
    package = order["packages"][0]
    line = package["lines"][0]["id"]
    yield "PATCH", "orders/1001/", {"customer": {"name": "B"}}
    yield "POST", "orders/1001/transitions/", {"to": 7}
    yield "POST", "orders/1001/accept/", {}
    yield "POST", "orders/1001/reject/", {}
    yield "POST", "orders/1001/deliveries/", {"carrier_account": "manual"}
    yield "POST", "orders/1001/deliveries/", {}
    yield "POST", "orders/1001/collects/", {"store": "haven"}
    yield "POST", f"packages/{package['id']}/transitions/", {"to": 1}
    yield "POST", f"lines/{line}/transitions/", {"to": 10}
    yield "POST", f"lines/{line}/split/", {"quantity": 1}


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"x"', '"999999999999"', "1", '"1", "2"', '""', "nonsense"])
def test_a_write_that_saw_another_version_is_refused(client, order, tag):
    for method, path, body in writes(client, order):
        response = client(method, path, body, If_Match=tag)
        found = problem(response, 412, "version_conflict")
        assert found["version"] == order["version"]
        assert response["ETag"] == f'"{order["version"]}"'
    assert client.get("orders/1001/").json() == order


@pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"', "*", '"1", "{}"', "{}"])
def test_a_write_that_saw_this_version_goes_on(client, order, tag):
    tag = tag.format(order["version"])
    assert client.post("orders/1001/transitions/", {"to": 7}, If_Match=tag).status_code == 200


def test_the_refusal_tells_what_has_changed(client, order):
    tag = client.get("orders/1001/")["ETag"]
    client.move("orders/1001", 8, reason="packed")
    found = problem(client.post("orders/1001/transitions/", {"to": 10}, If_Match=tag), 412)
    assert found["version"] > order["version"]
    assert found["changes"][0]["sequence"] == order["version"] + 1
    assert (found["changes"][0]["to"], found["changes"][0]["reason"]) == (8, "packed")
    assert len(found["changes"]) == found["version"] - order["version"]


def test_below_the_order_its_version_counts(client, order):
    delivery = client.post("orders/1001/deliveries/", {"carrier_account": "manual"}).json()
    path = f"deliveries/{delivery['id']}"
    problem(client.put(f"{path}/status", {"status": "DELIVERY_OK"}, If_Match='"1"'), 412)
    tag = client.get(f"{path}/")["ETag"]
    assert client.put(f"{path}/status", {"status": "DELIVERY_OK"}, If_Match=tag).status_code == 202
    problem(client.post(f"{path}/transitions/", {"to": "DELIVERY_WITH_CLAIM"}, If_Match=tag), 412)


def test_of_two_that_saw_the_same_one_wins(client, order):
    tag, answers = client.get("orders/1001/")["ETag"], []

    def call(body):
        try:
            answers.append(client.post("orders/1001/transitions/", body, If_Match=tag))
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=({"to": to},)) for to in (7, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    [loser] = [answer for answer in answers if answer.status_code == 412]
    assert problem(loser, 412)["changes"]


@pytest.mark.postgres
@pytest.mark.parametrize("key", [None, "a"])
def test_an_order_that_is_locked_for_too_long(client, order, key):
    """Nothing is changed, nothing is kept of the attempt, and the next request works."""
    headers = {"Idempotency_Key": key} if key else {}
    held, go_on = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Order.objects.select_for_update().get(number="1001")
            held.set()
            go_on.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    try:
        assert client.get("orders/1001/transitions/").status_code == 200
        preview = client.post("orders/1001/transitions/", {"to": 7, "dry_run": True})
        assert preview.status_code == 200  # a preview waits for nobody
        response = client.post("orders/1001/transitions/", {"to": 7}, **headers)
    finally:
        go_on.set()
        holder.join()
    problem(response, 503, "busy")
    assert response["Retry-After"] == "1"
    assert client.get("orders/1001/").json() == order
    assert client.post("orders/1001/transitions/", {"to": 7}, **headers).status_code == 200
