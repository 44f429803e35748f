import pytest

from collect.models import Collect
from tests.api.conftest import problem

LINES = [
    {"sku": "A", "quantity": 3, "unit_price": "1.00"},
    {"sku": "B", "quantity": 1, "unit_price": "1.00"},
]


@pytest.fixture
def order(client):
    packages = [
        {"type": "collect", "lines": [{"sku": "A", "quantity": 3}, {"sku": "B", "quantity": 1}]},
    ]
    return client.order(number="1001", lines=LINES, packages=packages)


@pytest.fixture
def collect(client, order):
    response = client.post("orders/1001/collects/", {"store": "haven"})
    assert response.status_code == 201, response.content
    return response.json()


def test_a_collect_without_a_slot(client, order):
    response = client.post("orders/1001/collects/", {"store": "haven"})
    collect = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/collects/{collect['id']}/"
    assert (collect["status"], collect["store"], collect["slot"]) == ("COLLECT_INIT", "haven", None)
    assert collect["order"] == "1001"
    assert client.get(f"collects/{collect['id']}/").json() == collect
    [listed] = client.get("orders/1001/").json()["collects"]
    assert listed == {k: v for k, v in collect.items() if k not in ("order", "version")}
    problem(client.post("orders/1001/collects/", {"store": "haven"}), 409, "no_package")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "store"),
        ({"store": "moon"}, "store"),
        ({"store": 5}, "store"),
        ({"store": None}, "store"),
        ({"store": "haven", "slot": "x"}, "slot"),
        ({"store": "haven", "hold": "x"}, "hold"),
        ({"store": "haven", "packages": ["nonsense"]}, "packages"),
    ],
)
def test_collects_that_cannot_be(client, order, body, field):
    assert list(problem(client.post("orders/1001/collects/", body), 422)["errors"]) == [field]
    assert Collect.objects.count() == 0


def test_another_shops_store_does_not_exist(client, order, other_shop):
    other_shop.stores.create(code="only-south", name="South")
    problem(client.post("orders/1001/collects/", {"store": "only-south"}), 422)


def test_a_key_for_one_store_collects_there(shop, consumer, client):
    haven = consumer(shop, stores=["haven"])
    haven.order(number="2", lines=LINES, packages=None, collect={"store": "haven"})
    waiting = [{"type": "collect", "lines": [{"sku": "A", "quantity": 3}, {"sku": "B", "quantity": 1}]}]
    haven.order(number="3", lines=LINES, packages=waiting)
    assert list(problem(haven.post("orders/3/collects/", {"store": "centrum"}), 422)["errors"]) == ["store"]
    assert haven.post("orders/3/collects/", {"store": "haven"}).status_code == 201


def served(client, collect):
    path = f"collects/{collect['id']}"
    for word in ("STOCK_OK", "STARTED", "READY", "IN_PROGRESS"):
        client.move(path, f"COLLECT_{word}")
    return path


def test_a_whole_hand_over(client, order, collect):
    path = served(client, collect)
    client.move(path, "COLLECT_PICK_UP_OK")
    whole = client.get("orders/1001/").json()
    assert (whole["status"], whole["packages"][0]["status"]) == (10, 4)
    body = problem(client.post(f"{path}/transitions/", {"to": "COLLECT_READY"}), 409, "final")
    assert body["allowed"] == []


def test_a_partial_hand_over(client, order, collect):
    path = served(client, collect)
    first, second = order["packages"][0]["lines"]
    body = {"to": "COLLECT_PICK_UP_PARTIALLY", "lines": [{"id": first["id"], "quantity": 2}]}
    preview = client.post(f"{path}/transitions/", body | {"dry_run": True}).json()
    made = [m for m in preview["moved"] if m["from"] is None]
    assert {m["type"] for m in made} == {"collect", "package", "line"}
    assert {m["id"] for m in made} == {None}
    outcome = client.post(f"{path}/transitions/", body).json()
    assert len(outcome["moved"]) == len(preview["moved"])
    assert all(m["id"] for m in outcome["moved"])
    whole = client.get("orders/1001/").json()
    assert [(p["status"], [(r["quantity"], r["status"]) for r in p["lines"]]) for p in whole["packages"]] == [
        (4, [(2, 40)]),
        (2, [(1, 22), (1, 22)]),
    ]
    ended, follow_up = whole["collects"]
    assert (ended["status"], follow_up["status"]) == ("COLLECT_PICK_UP_PARTIALLY", "COLLECT_REPLANNED")
    assert follow_up["follows"] == ended["id"]
    assert sum(r["quantity"] for p in whole["packages"] for r in p["lines"]) == 4
    assert second["id"] in [r["id"] for r in whole["packages"][1]["lines"]]


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        (None, 422, "quantities_required"),
        ([], 422, "quantities_required"),
        ([{"id": "nonsense", "quantity": 1}], 422, "unknown_line"),
        ([{"quantity": 1}], 422, "invalid"),
        ([{"id": "{0}", "quantity": 4}], 422, "quantity_too_high"),
        ([{"id": "{0}", "quantity": -1}], 422, "invalid"),
        ([{"id": "{0}", "quantity": "1"}], 422, "invalid"),
        ([{"id": "{0}", "quantity": 1}] * 2, 422, "unknown_line"),
        ([{"id": "{0}", "quantity": 0}], 409, "nothing_handed_over"),
        ([{"id": "{0}", "quantity": 3}, {"id": "{1}", "quantity": 1}], 409, "everything_handed_over"),
        ("all", 422, "invalid"),
    ],
)
def test_quantities_that_cannot_be(client, order, collect, lines, status, code):
    path = served(client, collect)
    ids = [line["id"] for line in order["packages"][0]["lines"]]
    body = {"to": "COLLECT_PICK_UP_PARTIALLY"}
    if isinstance(lines, list):
        body["lines"] = [
            {name: value.format(*ids) if name == "id" else value for name, value in line.items()}
            for line in lines
        ]
    elif lines:
        body["lines"] = lines
    before = client.get("orders/1001/").json()
    found = problem(client.post(f"{path}/transitions/", body), status, code)
    if status == 422:
        assert "lines" in found["errors"]
    assert client.get("orders/1001/").json() == before
