import json

import pytest
from django.db import OperationalError

from orders.models import Order
from tests.api.conftest import Client, order_body, problem

MIB = 1024 * 1024


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"{'a': 1}",
        b'{"number": "1"',
        b"\xff\xfe",
        b'{"number": "\xc3"}',
        b'{"lines": NaN}',
        b"[" * 100_000,
        b'{"number": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"lines": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_json(client, raw):
    problem(client("POST", "orders/", raw=raw), 400, "malformed")
    assert Order.objects.count() == 0
    client.order()


def test_a_body_over_one_mebibyte(client):
    problem(client.post("orders/", order_body(customer={"name": "x" * MIB})), 413, "too_large")
    assert Order.objects.count() == 0
    client.order()


def test_a_body_of_exactly_one_mebibyte_is_read(client):
    raw = json.dumps(order_body(number="1001")).encode()
    response = client("POST", "orders/", raw=raw + b" " * (MIB - len(raw)))
    assert response.status_code == 201
    problem(client("POST", "orders/", raw=raw + b" " * (MIB - len(raw) + 1)), 413)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml", ""],
)
def test_another_media_type(client, content_type):
    raw = json.dumps(order_body()).encode()
    problem(client("POST", "orders/", raw=raw, content_type=content_type), 415, "unsupported_media_type")
    assert Order.objects.count() == 0


def test_json_with_a_charset(client):
    raw = json.dumps(order_body(), ensure_ascii=False).encode()
    response = client("POST", "orders/", raw=raw, content_type="application/json; charset=utf-8")
    assert response.status_code == 201


def test_no_body_at_all(client):
    problem(client.post("orders/"), 422, "invalid")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "orders/1/"), ("PUT", "orders/"), ("TRACE", "orders/")]
)
def test_another_method(client, method, path):
    response = client(method, path)
    problem(response, 405, "method_not_allowed")
    assert "GET" in response["Allow"]


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/orders/", "/api/v1/stores/", "/api/v1/orders/1/x/"],
)
def test_another_address(client, path):
    problem(client.get(path), 404, "not_found")
    problem(Client().post(path, {}), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "orders/1/quotes/",
        "orders/1/receipt.pdf",
        "stores/",
        "stores/haven/slots/",
        "webhook-endpoints/",
        "webhook-calls/",
        "deliveries/x/cancel/",
        "deliveries/x/performer/",
        "collects/x/arrive/",
    ],
)
def test_what_is_still_to_come_does_not_exist(client, path):
    problem(client.get(path), 404, "not_found")


def test_the_slash_at_the_end_may_be_forgotten(client):
    order = client.order()
    response = client.get(f"orders/{order['number']}?x=1")
    assert response.status_code == 308
    assert response["Location"] == f"/api/v1/orders/{order['number']}/?x=1"
    assert client.post("orders", order_body()).status_code == 308


def test_a_page_of_the_back_office_is_no_problem(client):
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_a_failure_of_ours(client, monkeypatch, caplog):
    monkeypatch.setattr("orders.api.create_order", lambda *_, **__: 1 / 0)
    body = problem(client.post("orders/", order_body()), 500, "error")
    assert "zero" not in json.dumps(body)
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    client.order()


def test_a_database_that_is_busy(client, monkeypatch):
    def busy(*_, **__):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("orders.api.create_order", busy)
    response = client.post("orders/", order_body())
    problem(response, 503, "busy")
    assert response["Retry-After"] == "1"


def test_errors_speak_the_clients_language(client):
    assert problem(client.get("orders/x/", Accept_Language="fr"), 404)["detail"]


def test_whatever_a_client_accepts_it_is_json(client):
    assert client.get("orders/", Accept="text/html").status_code == 200
    problem(client.get("orders/x/", Accept="application/xml"), 404)
