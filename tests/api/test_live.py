"""A few calls over a real socket: what only a real server does with bodies."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(live_server, client):
    """Send several requests over one connection, as HTTP clients do."""
    connection = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=20)

    def call(method, path, body=None, **headers):
        headers = {"Authorization": f"Bearer {client.key}", "Content-Type": "application/json"} | headers
        connection.request(method, f"/api/v1/{path}", body, headers)
        response = connection.getresponse()
        return response, json.loads(response.read())

    yield call
    connection.close()


def test_a_day_of_an_order(talk):
    response, order = talk("POST", "orders/", json.dumps(order_body(number="1001")))
    assert (response.status, response.headers["Location"]) == (201, "/api/v1/orders/1001/")
    tag = response.headers["ETag"]
    body = json.dumps({"to": 7})
    response, outcome = talk("POST", "orders/1001/transitions/", body, **{"If-Match": tag})
    assert (response.status, len(outcome["moved"])) == (200, 6)
    response, problem = talk("POST", "orders/1001/transitions/", body, **{"If-Match": tag})
    assert (response.status, problem["code"]) == (412, "version_conflict")
    _response, found = talk("GET", "orders/1001/")
    assert found["version"] == outcome["version"] > order["version"]


def test_after_a_huge_body_the_next_request_works(talk):
    for size in (1_100_000, 8_000_000):
        response, problem = talk("POST", "orders/", b" " * size)
        assert (response.status, problem["code"]) == (413, "too_large")
        assert response.headers["Content-Type"] == "application/problem+json"
        response, _order = talk("POST", "orders/", json.dumps(order_body()))
        assert response.status == 201


@pytest.mark.parametrize(
    ("path", "code"), [("orders/", "key_invalid"), ("nothing/", "not_found"), ("orders/1/", "key_invalid")]
)
def test_a_body_that_was_refused_unread_does_not_spoil_the_connection(talk, path, code):
    response, problem = talk("POST", path, b" " * 1_200_000, Authorization="Bearer wrong")
    assert (response.status, problem["code"]) == (401 if code == "key_invalid" else 404, code)
    response, _order = talk("POST", "orders/", json.dumps(order_body()))
    assert response.status == 201
