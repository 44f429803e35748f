"""An order from the API to the customer's door, over real HTTP and through a killed worker."""

import os
import signal
import uuid

import pytest

from tests.drills.running import Running, wait_until


@pytest.fixture
def running(tmp_path):
    woop = Running(tmp_path, DEMO="1", SIMULATOR_SPEED="10")
    assert woop.started(), woop.output.read_text()
    yield woop
    assert woop.finish()


def new_order(number):
    return {
        "number": number,
        "channel": "webshop",
        "customer": {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+31612345678"},
        "shipping_address": {
            "name": "Ada Lovelace",
            "street": "Damrak 1",
            "postal_code": "1012 LG",
            "city": "Amsterdam",
            "country": "NL",
        },
        "currency": "EUR",
        "lines": [
            {"sku": "BOOK-1", "title": "A book", "quantity": 2, "unit_price": "12.50", "kind": "physical"},
            {"sku": "BOOK-2", "title": "Another", "quantity": 1, "unit_price": "9.95", "kind": "physical"},
        ],
        "requires_acceptance": True,
    }


def test_order_arrives_though_the_worker_is_killed(running):
    number = f"DRILL-{uuid.uuid4().hex[:8]}"
    status, order = running.api("POST", "/orders/", new_order(number))
    assert (status, order["acceptance"]["state"]) == (201, "pending"), order
    status, answer = running.api("POST", f"/orders/{number}/accept/", {})
    assert status == 200, answer

    def order_now():
        return running.api("GET", f"/orders/{number}/")[1]

    assert wait_until(lambda: order_now()["deliveries"], 60), order_now()
    os.kill(running.pid("run_worker"), signal.SIGKILL)
    assert wait_until(lambda: order_now()["delivery_status"] == "ORDER_DELIVERED", 120), order_now()

    order = order_now()
    assert order["status"] == 10
    assert {line["status"] for package in order["packages"] for line in package["lines"]} == {40}
    _, history = running.api("GET", f"/orders/{number}/events/?page_size=200")
    events = history["results"]
    assert sorted(event["sequence"] for event in events) == list(range(1, order["version"] + 1))
    assert all(event["source"] for event in events)
    ripples = [event for event in events if event["source"] in ("cascade", "rollup")]
    assert ripples
    assert all(event["cause"] for event in ripples)
