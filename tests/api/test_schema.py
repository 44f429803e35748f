import json
import re
from functools import cache

import jsonschema
import pytest
from django.core.management import call_command
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator

from tests.api.conftest import ADDRESS, Client, order_body


@cache
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def check(body, method, path, status="200"):
    """Hold a real answer to what the description promises, and find nothing that it does not tell of."""
    response = schema()["paths"][path][method]["responses"][status]
    [content] = response["content"].values()
    whole = {**content["schema"], "components": schema()["components"]}
    jsonschema.Draft202012Validator(opened(whole)).validate(body)


def opened(node):
    """Say `nullable` as JSON Schema does, and allow no property that has no description."""
    if isinstance(node, list):
        return [opened(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {name: opened(value) for name, value in node.items()}
    if "properties" in node and isinstance(node["properties"], dict):
        node.setdefault("additionalProperties", False)
    if node.pop("nullable", False):
        return {"anyOf": [node, {"type": "null"}]}
    return node


def test_it_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
@pytest.mark.parametrize("key", [None, "wrong"])
def test_it_needs_no_key(db, path, key):
    assert Client(key).get(path).status_code == 200


def test_the_page_works_offline(db):
    page = Client().get("/api/docs/").content.decode()
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) >= 3
    assert all(address.startswith("/static/") for address in addresses)
    for address in addresses:
        response = Client().get(address)
        assert response.status_code == 200
        response.close()
    assert "https://" not in page


def test_every_call_is_described_and_nothing_else():
    described = {path.removeprefix("/api/v1/") for path in schema()["paths"]}
    served = set()
    for resolver in get_resolver().url_patterns:
        if getattr(resolver, "namespace", None) == "api":
            for entry in resolver.url_patterns:
                for pattern in getattr(entry, "url_patterns", [entry]):
                    served.add(re.sub(r"<str:(\w+)>", r"{\1}", str(pattern.pattern)))
    assert described == served


def test_every_call_wants_a_key_and_says_how_it_refuses():
    for path, methods in schema()["paths"].items():
        for method, call in methods.items():
            assert call["security"] == [{"key": []}], (path, method)
            assert "application/problem+json" in call["responses"]["default"]["content"]
            names = {parameter["name"] for parameter in call.get("parameters", [])}
            assert ("Idempotency-Key" in names) == (method != "get"), (path, method)


def test_every_write_has_an_example():
    for path, methods in schema()["paths"].items():
        for method, call in methods.items():
            if method != "get" and not path.endswith(("accept/", "reject/")):
                content = call["requestBody"]["content"]["application/json"]
                assert content.get("examples"), (path, method)


def examples(path):
    content = schema()["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return [example["value"] for example in content["examples"].values()]


def test_the_examples_of_orders_work(client, shop):
    for body in examples("/api/v1/orders/"):
        assert client.post("orders/", body).status_code == 201
    for body in examples("/api/v1/orders/bulk-transitions/"):
        assert client.post("orders/bulk-transitions/", body).status_code == 200


def test_answers_are_as_described(client):
    packages = [
        {"type": "homedelivery", "weight_g": 5, "lines": [{"sku": "BOOK", "quantity": 3}]},
        {"type": "collect", "lines": [{"sku": "PEN", "quantity": 1}]},
        {"type": "digital", "lines": [{"sku": "E-42", "quantity": 1}]},
    ]
    v1 = "/api/v1/orders/{number}/"
    made = client.post("orders/", order_body(number="1", packages=packages, requires_acceptance=True)).json()
    check(made, "post", "/api/v1/orders/", "201")
    check(client.post("orders/1/accept/").json(), "post", f"{v1}accept/")
    delivery = client.post("orders/1/deliveries/", {"carrier_account": "manual"}).json()
    check(delivery, "post", f"{v1}deliveries/", "201")
    collect = client.post("orders/1/collects/", {"store": "haven"}).json()
    check(collect, "post", f"{v1}collects/", "201")
    put = client.put(f"deliveries/{delivery['id']}/status", {"status": "DELIVERY_KO"}).json()
    check(put, "put", "/api/v1/deliveries/{id}/status", "202")
    line = made["packages"][0]["lines"][0]["id"]
    check(client.post(f"lines/{line}/split/", {"quantity": 1}).json(), "post", "/api/v1/lines/{id}/split/")
    check(client.move("orders/1", 8), "post", f"{v1}transitions/")
    changed = client.patch("orders/1/", {"shipping_address": ADDRESS | {"latitude": 52.1, "longitude": 4}})
    check(changed.json(), "patch", v1)
    bulk = {"orders": ["1", "2"], "to": 7}
    check(client.post("orders/bulk-transitions/", bulk).json(), "post", "/api/v1/orders/bulk-transitions/")
    for path in ("orders/", "orders/1/", "orders/1/transitions/", "orders/1/events/", "journal/"):
        body = client.get(path).json()
        check(body, "get", f"/api/v1/{path}".replace("/1/", "/{number}/"))
    for kind, key in (
        ("packages", made["packages"][0]["id"]),
        ("lines", line),
        ("deliveries", delivery["id"]),
        ("collects", collect["id"]),
    ):
        for rest in ("", "transitions/", "events/"):
            check(client.get(f"{kind}/{key}/{rest}").json(), "get", f"/api/v1/{kind}/{{id}}/{rest}")


def test_problems_are_as_described(client):
    client.order(number="1")
    client.move("orders/1", 8)
    for body in (
        client.post("orders/1/transitions/", {"to": 7}).json(),
        client.post("orders/", {"colour": "red"}).json(),
        client.get("orders/2/").json(),
    ):
        problem = {
            **opened(schema()["components"]["schemas"]["ProblemShape"]),
            "components": opened(schema()["components"]),
        }
        jsonschema.Draft202012Validator(problem).validate(body)
    assert json.dumps(schema())
