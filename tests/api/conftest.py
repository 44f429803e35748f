import json
from contextlib import nullcontext
from itertools import count

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from rest_framework.test import APIClient

from carriers.services import ensure_manual_account
from woop.models import Shop, Store
from woop.permissions import SCOPES
from woop.services import create_api_key, create_shop

ADDRESS = {
    "name": "Ada Smit",
    "street": "Lange Straat 12b",
    "postal_code": "1011 AB",
    "city": "Amsterdam",
    "country": "NL",
}
CUSTOMER = {"name": "Ada Smit", "email": "ada@example.org", "phone": "+31612345678", "language": "nl"}
LINES = [
    {"sku": "BOOK", "title": "De avonden", "quantity": 3, "unit_price": "19.90"},
    {"sku": "PEN", "title": "Pen", "quantity": 1, "unit_price": "2.00", "kind": "physical"},
    {"sku": "E-42", "title": "Max Havelaar", "quantity": 1, "unit_price": "7.50", "kind": "ebook"},
]


class Client:
    """A consumer with a key, as any HTTP client would be."""

    def __init__(self, key=None):
        self.http = APIClient(raise_request_exception=True)
        self.key = key

    def __call__(self, method, path, body=None, *, raw=None, content_type="application/json", **headers):
        if self.key:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        if not path.startswith("/"):
            path = f"/api/v1/{path}"
        data = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with as_if_alone():
            return self.http.generic(method, path, data, content_type=content_type, headers=sent)

    def get(self, path, **headers):
        return self("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self("POST", path, body, **headers)

    def patch(self, path, body=None, **headers):
        return self("PATCH", path, body, **headers)

    def put(self, path, body=None, **headers):
        return self("PUT", path, body, **headers)

    def order(self, **changes):
        """Make an order and return it."""
        response = self.post("orders/", order_body(**changes))
        assert response.status_code == 201, response.content
        return response.json()

    def move(self, path, to, **more):
        response = self.post(f"{path}/transitions/", {"to": to, **more})
        assert response.status_code == 200, response.content
        return response.json()


def as_if_alone():
    """Undo what a refused call has begun, as in production, where no test's transaction surrounds it."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


_numbers = count(1)


def order_body(**changes):
    body = {
        "number": f"N{next(_numbers)}",
        "channel": "web",
        "customer": CUSTOMER,
        "shipping_address": ADDRESS,
        "currency": "EUR",
        "lines": LINES,
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def problem(response, status, code=None):
    """Check that an answer is a problem, and return it."""
    assert response.status_code == status, (response.status_code, response.content)
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert body["status"] == status
    assert body["detail"]
    if code is not None:
        assert body["code"] == code
    return body


@pytest.fixture
def shop(db):
    made = create_shop("north", stores=["centrum", "haven"])
    ensure_manual_account(made)
    return made


@pytest.fixture
def other_shop(db):
    made = create_shop("south", stores=["centrum"])
    ensure_manual_account(made)
    return made


@pytest.fixture
def consumer():
    """Make a client: consumer(shop), consumer(shop, scopes=[…]), consumer(shop, stores=["haven"])."""

    def make(shop, scopes=SCOPES, stores=()):
        places = Store.objects.filter(shop=shop, code__in=stores)
        _key, text = create_api_key(shop, name="test", scopes=scopes, stores=places)
        return Client(text)

    return make


@pytest.fixture
def client(shop, consumer):
    return consumer(shop)


@pytest.fixture
def stranger(other_shop, consumer):
    """A client of another shop."""
    return consumer(other_shop)


@pytest.fixture
def command(capsys):
    def run(*arguments):
        call_command(*arguments)
        return capsys.readouterr().out

    return run


@pytest.fixture
def shops():
    return Shop.objects
