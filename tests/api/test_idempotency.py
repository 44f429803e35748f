import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from orders.models import Order
from orders.services import create_order
from tests.api.conftest import order_body, problem
from woop import clock
from woop.models import IdempotencyKey, StatusEvent
from woop.tasks import forget_answers

# A refused call must be able to keep its answer: no transaction of a test may surround it.
pytestmark = pytest.mark.django_db(transaction=True)


def without_replay(response):
    return {
        name: value for name, value in response.items() if name not in ("Idempotent-Replayed", "X-Request-ID")
    }


def test_a_repeat_gets_the_first_answer(client):
    body = order_body()
    first = client.post("orders/", body, Idempotency_Key="a")
    again = client.post("orders/", body, Idempotency_Key="a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert {name: again[name] for name in ("ETag", "Location", "Content-Type")} == {
        name: first[name] for name in ("ETag", "Location", "Content-Type")
    }
    assert Order.objects.count() == 1


def test_the_replay_shows_what_was_then(client):
    number = client.order()["number"]
    path = f"orders/{number}/transitions/"
    first = client.post(path, {"to": 7}, Idempotency_Key="a")
    client.move(f"orders/{number}", 8)
    again = client.post(path, {"to": 7}, Idempotency_Key="a")
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"


def test_without_a_key_every_call_counts(client):
    body = order_body(number=None)
    assert client.post("orders/", body).json() != client.post("orders/", body).json()


@pytest.mark.parametrize("what", ["body", "path", "method"])
def test_the_same_key_for_something_else(client, what):
    number = client.order()["number"]
    client.post(f"orders/{number}/transitions/", {"to": 7}, Idempotency_Key="a")
    method, path, body = "POST", f"orders/{number}/transitions/", {"to": 7}
    if what == "body":
        body = {"to": 8}
    elif what == "path":
        path = "orders/bulk-transitions/"
    else:
        method, path = "PATCH", f"orders/{number}/"
    problem(client(method, path, body, Idempotency_Key="a"), 422, "idempotency_key_reused")
    assert client.get(f"orders/{number}/").json()["status"] == 7


def test_keys_belong_to_the_api_key(client, stranger):
    body = order_body()
    assert client.post("orders/", body, Idempotency_Key="a").status_code == 201
    response = stranger.post("orders/", body, Idempotency_Key="a")
    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response


def test_a_refusal_is_replayed_too(client):
    number = client.order()["number"]
    client.move(f"orders/{number}", 8)
    path = f"orders/{number}/transitions/"
    first = client.post(path, {"to": 7}, Idempotency_Key="a")
    again = client.post(path, {"to": 7}, Idempotency_Key="a")
    problem(first, 409, "status_below")
    problem(again, 409, "status_below")
    assert again["Idempotent-Replayed"] == "true"
    assert again.content == first.content


@pytest.mark.parametrize("error", [OperationalError("lock timeout"), RuntimeError("a fault of ours")])
def test_a_failure_of_ours_frees_the_key(client, monkeypatch, error):
    body = order_body()

    def fail(*args, **kwargs):
        create_order(*args, **kwargs)
        raise error

    monkeypatch.setattr("orders.api.create_order", fail)
    assert client.post("orders/", body, Idempotency_Key="a").status_code in (500, 503)
    assert Order.objects.count() == 0  # made and answered in one transaction, or not at all
    assert IdempotencyKey.objects.count() == 0
    monkeypatch.undo()
    assert client.post("orders/", body, Idempotency_Key="a").status_code == 201


def test_without_one_transaction_the_order_would_stay(client, monkeypatch):
    """The negative control of the test above."""

    def fail(*args, **kwargs):
        create_order(*args, **kwargs)
        raise RuntimeError

    monkeypatch.setattr("orders.api.create_order", fail)
    monkeypatch.setattr("woop.api.views.ApiView.in_one_transaction", lambda _view: False)
    client.post("orders/", order_body(), Idempotency_Key="a")
    assert Order.objects.count() == 1


def claimed(client, body, age):
    """Leave behind what a call does that died so many seconds ago."""
    client.post("orders/", body, Idempotency_Key="a")
    row = IdempotencyKey.objects.get()
    created = clock.now() - timedelta(seconds=age)
    IdempotencyKey.objects.filter(pk=row.pk).update(
        created_at=created, locked_until=created + timedelta(seconds=60), status_code=None, body=b""
    )


def test_while_the_first_is_in_flight(client):
    body = order_body()
    claimed(client, body, 59)
    response = client.post("orders/", body, Idempotency_Key="a")
    problem(response, 409, "idempotency_in_flight")
    assert response["Retry-After"] == "1"
    problem(client.post("orders/", order_body(), Idempotency_Key="a"), 422, "idempotency_key_reused")


def test_a_call_that_died_frees_the_key_after_a_minute(client):
    body = order_body()
    claimed(client, body, 61)
    problem(client.post("orders/", body, Idempotency_Key="a"), 409, "order_exists")
    IdempotencyKey.objects.all().delete()
    claimed(client, order_body(), 61)
    assert client.post("orders/", order_body(), Idempotency_Key="a").status_code == 201


def test_after_a_day_the_key_is_new(client):
    first, second = order_body(), order_body()
    assert client.post("orders/", first, Idempotency_Key="a").status_code == 201
    IdempotencyKey.objects.update(created_at=clock.now() - timedelta(hours=24, seconds=1))
    response = client.post("orders/", second, Idempotency_Key="a")
    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response
    assert IdempotencyKey.objects.count() == 1


def test_old_answers_are_forgotten(client):
    for key in "abc":
        client.post("orders/", order_body(), Idempotency_Key=key)
    IdempotencyKey.objects.filter(key="b").update(created_at=clock.now() - timedelta(hours=25))
    forget_answers()
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"a", "c"}


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_keys_that_cannot_be(client, key):
    problem(client.post("orders/", order_body(), Idempotency_Key=key), 400, "idempotency_key_malformed")
    assert Order.objects.count() == 0


def test_reading_needs_no_key_and_keeps_none(client):
    assert client.get("orders/", Idempotency_Key="a").status_code == 200
    assert IdempotencyKey.objects.count() == 0


def test_a_status_that_was_put_twice(client):
    number = client.order()["number"]
    delivery = client.post(f"orders/{number}/deliveries/", {"carrier_account": "manual"}, Idempotency_Key="d")
    path = f"deliveries/{delivery.json()['id']}/status"
    first = client.put(path, {"status": "DELIVERY_IN_TRANSIT"}, Idempotency_Key="a")
    events = StatusEvent.objects.count()
    again = client.put(path, {"status": "DELIVERY_IN_TRANSIT"}, Idempotency_Key="a")
    assert (first.status_code, again.content) == (202, first.content)
    assert StatusEvent.objects.count() == events


def test_many_at_once_make_one_order(client):
    body, answers = order_body(), []

    def call():
        try:
            answers.append(client.post("orders/", body, Idempotency_Key="a"))
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Order.objects.count() == 1
    assert len(answers) == 8
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in made}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in made) == 1
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "idempotency_in_flight")
