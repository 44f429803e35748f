import pytest

from orders.models import Order
from tests.api.conftest import LINES, order_body, problem
from woop.models import StatusEvent


@pytest.fixture
def order(client):
    return client.order(number="1001")


def brief(moved):
    return [(m["type"], m["field"], m["from"], m["to"], m["source"], m["cause"]) for m in moved]


def test_a_move_and_all_that_follows(client, order):
    version = order["version"]
    response = client.post("orders/1001/transitions/", {"to": 7, "reason": "picking"})
    assert response.status_code == 200
    outcome = response.json()
    assert outcome.keys() == {"applied", "version", "moved", "kept", "warnings"}
    assert outcome["applied"] is True
    cause, home, digital = version + 1, version + 2, version + 5
    assert brief(outcome["moved"]) == [
        ("order", "status", 5, 7, "api", None),
        ("package", "status", 0, 1, "cascade", cause),
        ("line", "status", 0, 10, "cascade", home),
        ("line", "status", 0, 10, "cascade", home),
        ("package", "status", 0, 1, "cascade", cause),
        ("line", "status", 0, 10, "cascade", digital),
    ]
    assert [m["sequence"] for m in outcome["moved"]] == list(range(version + 1, version + 7))
    assert outcome["moved"][0]["id"] == "1001"
    assert outcome["moved"][1]["id"] == order["packages"][0]["id"]
    assert outcome["moved"][2]["id"] == order["packages"][0]["lines"][0]["id"]
    assert outcome["version"] == version + 6
    assert response["ETag"] == f'"{version + 6}"'
    assert client.get("orders/1001/")["ETag"] == response["ETag"]


def test_a_preview_says_the_same_and_writes_nothing(client, order):
    before = client.get("orders/1001/").content
    preview = client.post("orders/1001/transitions/", {"to": 8, "dry_run": True})
    assert preview["ETag"] == f'"{order["version"]}"'
    assert client.get("orders/1001/").content == before
    applied = client.move("orders/1001", 8)
    assert preview.json() == applied | {"applied": False}


def test_the_status_it_has_already_changes_nothing(client, order):
    outcome = client.move("orders/1001", 5)
    assert (outcome["moved"], outcome["version"]) == ([], order["version"])
    assert StatusEvent.objects.count() == order["version"]


def test_what_is_left_is_reported(client, order):
    line = order["packages"][0]["lines"][0]["id"]
    client.move(f"lines/{line}", 98, reason="damaged")
    outcome = client.move("orders/1001", 8)
    assert outcome["kept"] == [
        {"type": "line", "id": line, "status": 98, "code": "error", "detail": outcome["kept"][0]["detail"]}
    ]


def test_the_rest_of_an_order_rises_with_its_lines(client, order):
    home = order["packages"][0]
    outcome = client.move(f"lines/{home['lines'][0]['id']}", 10)
    [line, package, whole] = brief(outcome["moved"])
    assert line == ("line", "status", 0, 10, "api", None)
    assert package == ("package", "status", 0, 1, "rollup", order["version"] + 1)
    assert whole == ("order", "status", 5, 7, "rollup", order["version"] + 2)


def test_below_the_present_status(client, order):
    client.move("orders/1001", 8)
    body = problem(client.post("orders/1001/transitions/", {"to": 7}), 409, "status_below")
    assert body["allowed"] == [10, 98, 99]
    assert body["blocking"] == []


def test_a_refusal_names_what_stands_in_the_way(client, order):
    package = order["packages"][0]["id"]
    client.move(f"packages/{package}", 3)
    body = problem(client.post("orders/1001/transitions/", {"to": 99}), 409, "package_left")
    assert [(note["type"], note["id"], note["code"]) for note in body["blocking"]] == [
        ("package", package, "package_left")
    ]
    outcome = client.move("orders/1001", 99, override=True, reason="lost")
    assert [(kept["type"], kept["id"], kept["status"]) for kept in outcome["kept"]] == [
        ("package", package, 3)
    ]


def test_an_override_needs_its_scope_and_a_reason(client, shop, consumer, order):
    path = "orders/1001/transitions/"
    problem(client.post(path, {"to": 99, "override": True}), 409, "reason_required")
    humble = consumer(shop, scopes=["orders:read", "orders:write"])
    body = problem(humble.post(path, {"to": 99, "override": True, "reason": "x"}), 403, "scope_missing")
    assert body["scope"] == "orders:override"
    assert Order.objects.get().status == 5


@pytest.mark.parametrize(
    ("to", "status"),
    [(6, 422), ("8", 422), (8.0, 422), (True, 422), (None, 422), ([8], 422), ({}, 422), ("ORDER_LOST", 422)]
    + [("", 422), (10**40, 422), ("DELIVERY_OK", 422), ("\0", 422), ("ORDER_DELIVERED", 409), (-1, 422)],
)
def test_an_unknown_status_is_refused(client, order, to, status):
    body = problem(client.post("orders/1001/transitions/", {"to": to}), status)
    if status == 422:
        assert list(body["errors"]) == ["to"]
    assert client.get("orders/1001/").json() == order


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "to"),
        ({"to": 7, "because": "x"}, "because"),
        ({"to": 7, "reason": 5}, "reason"),
        ({"to": 7, "reason": "x" * 1001}, "reason"),
        ({"to": 7, "dry_run": "true"}, "dry_run"),
        ({"to": 7, "override": 1}, "override"),
        ({"to": 7, "occurred_at": "yesterday"}, "occurred_at"),
        ({"to": 7, "occurred_at": "2026-05-04T10:00:00"}, "occurred_at"),
        ({"to": 7, "occurred_at": "2999-05-04T10:00:00Z"}, "occurred_at"),
        ({"to": 7, "occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
        ({"to": 7, "occurred_at": 1}, "occurred_at"),
        ({"to": 7, "lines": []}, "lines"),
    ],
)
def test_a_body_that_cannot_be(client, order, body, field):
    assert list(problem(client.post("orders/1001/transitions/", body), 422)["errors"]) == [field]
    assert client.get("orders/1001/").json() == order


def test_it_may_have_happened_earlier(client, order):
    client.move("orders/1001", 7, occurred_at="2020-05-04T10:00:00+02:00")
    event = client.get("orders/1001/events/").json()["results"][order["version"]]
    assert event["occurred_at"] == "2020-05-04T08:00:00Z"
    assert event["recorded_at"] > "2025"


def test_the_target_decides_the_field(client, order):
    assert brief(client.move("orders/1001", "ORDER_TO_BE_QUOTED")["moved"])[0][:4] == (
        "order",
        "delivery_status",
        "ORDER_CREATED",
        "ORDER_TO_BE_QUOTED",
    )
    waiting = client.order(requires_acceptance=True)
    assert client.move(f"orders/{waiting['number']}", "accepted")["moved"][0]["field"] == "acceptance"
    problem(client.post("orders/1001/transitions/", {"to": "ORDER_DELIVERED"}), 409, "source_not_allowed")


KINDS = ["orders", "packages", "lines", "deliveries", "collects"]


@pytest.fixture
def paths(client):
    """The address of one object of each kind."""
    order = client.order(
        number="2001",
        packages=[
            {"type": "homedelivery", "lines": [{"sku": "BOOK", "quantity": 3}]},
            {"type": "collect", "lines": [{"sku": "PEN", "quantity": 1}]},
            {"type": "digital", "lines": [{"sku": "E-42", "quantity": 1}]},
        ],
    )
    delivery = client.post("orders/2001/deliveries/", {"carrier_account": "manual"}).json()
    collect = client.post("orders/2001/collects/", {"store": "haven"}).json()
    package = order["packages"][0]
    return {
        "orders": "orders/2001",
        "packages": f"packages/{package['id']}",
        "lines": f"lines/{package['lines'][0]['id']}",
        "deliveries": f"deliveries/{delivery['id']}",
        "collects": f"collects/{collect['id']}",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_target_is_judged_as_the_door_would(client, paths, kind):
    path = f"{paths[kind]}/transitions/"
    response = client.get(path)
    listed = response.json()
    assert listed["cursor"] is None
    assert response["ETag"] == f'"{listed["version"]}"'
    assert len(listed["results"]) >= 7
    for target in listed["results"]:
        preview = client.post(path, {"to": target["to"], "dry_run": True})
        if target["allowed"]:
            assert preview.status_code == 200
            assert preview.json()["moved"][0]["field"] == target["field"]
        else:
            found = preview.json()
            assert preview.status_code in (409, 422)
            assert [found[name] for name in ("code", "detail", "blocking")] == [
                target[name] for name in ("code", "detail", "blocking")
            ]


def test_the_targets_of_an_order(client, order):
    results = client.get("orders/1001/transitions/").json()["results"]
    assert [t["to"] for t in results if t["field"] == "status" and t["allowed"]] == [7, 8, 10, 99]
    assert {t["field"] for t in results} == {"status", "delivery_status", "acceptance"}
    [error] = [t for t in results if t["to"] == 98]
    assert (error["allowed"], error["code"]) == (False, "reason_required")
    assert 5 not in [t["to"] for t in results]


@pytest.mark.parametrize("kind", KINDS)
def test_objects_have_their_version_and_history(client, paths, kind):
    response = client.get(f"{paths[kind]}/")
    version = client.get("orders/2001/").json()["version"]
    assert response["ETag"] == f'"{version}"'
    assert response.json()["version"] == version
    events = client.get(f"{paths[kind]}/events/").json()
    assert events["cursor"] is None
    names = {"orders": "order", "packages": "package", "lines": "line", "deliveries": "delivery"}
    name = names.get(kind, "collect")
    if kind != "orders":
        assert {e["type"] for e in events["results"]} == {name}
        assert {e["id"] for e in events["results"]} == {response.json()["id"]}
    assert events["results"][0]["from"] is None
    assert {e["order"] for e in events["results"]} == {"2001"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rest", ["", "transitions/", "events/"])
def test_another_shop_sees_nothing(stranger, paths, kind, rest):
    problem(stranger.get(f"{paths[kind]}/{rest}"), 404, "not_found")
    problem(stranger.post(f"{paths[kind]}/transitions/", {"to": 99}), 404, "not_found")


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_exist(client, kind):
    for name in ("nothing", "%00", "a" * 300, "tIdWbyXGJB", "%FF%FE", "٣"):
        problem(client.get(f"{kind}/{name}/"), 404, "not_found")


def test_an_id_of_another_kind_is_no_id(client, paths):
    line = paths["lines"].removeprefix("lines/")
    problem(client.get(f"packages/{line}/"), 404)


def test_events_tell_the_whole_story(client, order):
    client.move("orders/1001", 7, reason="picking")
    events = client.get("orders/1001/events/").json()["results"]
    assert [e["sequence"] for e in events] == list(range(1, order["version"] + 7))
    first, move = events[0], events[order["version"]]
    assert (first["type"], first["from"], first["to"], first["source"]) == ("order", None, 5, "api")
    assert move.keys() == {
        *("order", "sequence", "type", "id", "field", "from", "to", "source", "actor", "reason"),
        *("occurred_at", "recorded_at", "cause", "quantities"),
    }
    assert (move["from"], move["to"], move["reason"], move["cause"]) == (5, 7, "picking", None)
    assert move["actor"].startswith("key:")
    assert move["recorded_at"].endswith("Z")


def test_events_come_in_pages(client, order):
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"orders/1001/events/?page_size=3&cursor={cursor}").json()
        assert len(page["results"]) <= 3
        seen += [e["sequence"] for e in page["results"]]
        cursor = page["cursor"]
    assert seen == list(range(1, order["version"] + 1))


def test_the_queries_of_a_transition_do_not_grow(client, django_assert_num_queries):
    small = client.order(lines=LINES[:1])
    lines = [{"sku": f"S{n}", "quantity": 1, "unit_price": "1.00"} for n in range(40)]
    packages = [{"type": "homedelivery", "lines": [{"sku": f"S{n}", "quantity": 1}]} for n in range(40)]
    big = client.order(lines=lines, packages=packages)
    client.get("orders/")  # notes the use of the key

    def queries(order):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        counts = []
        for call in (
            lambda path: client.get(f"{path}/transitions/"),
            lambda path: client.post(f"{path}/transitions/", {"to": 8, "dry_run": True}),
            lambda path: client.move(path, 8),
            lambda path: client.get(f"{path}/"),
        ):
            with CaptureQueriesContext(connection) as found:
                call(f"orders/{order['number']}")
            counts.append(len(found))
        return counts

    assert queries(small) == queries(big)


def test_bulk(client, stranger):
    first, second, third = (client.order(number=n)["number"] for n in ("1", "2", "3"))
    stranger.order(number="4")
    client.move("orders/2", 8)
    client.move("orders/3", 10)
    body = {"orders": ["3", "1", "2", "4", "1", "nope"], "to": 8, "reason": "evening"}
    preview = client.post("orders/bulk-transitions/", body | {"dry_run": True}).json()
    assert client.get("orders/1/").json()["status"] == 5
    response = client.post("orders/bulk-transitions/", body)
    assert response.status_code == 200
    found = response.json()
    assert found["applied"] is True
    assert [(r["order"], r["verdict"]) for r in found["results"]] == [
        ("3", "refused"),
        ("1", "moved"),
        ("2", "already"),
        ("4", "unknown"),
        ("nope", "unknown"),
    ]
    refused = found["results"][0]
    assert refused["code"] == "status_below"
    assert refused["detail"]
    assert refused["allowed"] == [98]  # what has left is not cancelled just so
    assert preview == found | {"applied": False}
    assert [client.get(f"orders/{n}/").json()["status"] for n in (first, second, third)] == [8, 8, 10]
    assert stranger.get("orders/4/").json()["status"] == 5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"orders": [], "to": 8}, "orders"),
        ({"orders": ["1"] * 1001, "to": 8}, "orders"),
        ({"orders": [1], "to": 8}, "orders"),
        ({"orders": "1", "to": 8}, "orders"),
        ({"orders": ["1"], "to": 6}, "to"),
        ({"orders": ["1"]}, "to"),
        ({"orders": ["1"], "to": 8, "override": True}, "override"),
    ],
)
def test_bulk_bodies_that_cannot_be(client, body, field):
    assert list(problem(client.post("orders/bulk-transitions/", body), 422)["errors"]) == [field]


def test_bulk_of_a_thousand_unknown(client):
    body = {"orders": [f"X{n}" for n in range(1000)], "to": 8}
    results = client.post("orders/bulk-transitions/", body).json()["results"]
    assert {r["verdict"] for r in results} == {"unknown"}
    assert len(results) == 1000


def test_split(client, order):
    line = order["packages"][0]["lines"][0]
    response = client.post(f"lines/{line['id']}/split/", {"quantity": 1})
    assert response.status_code == 200
    kept, made = response.json()["lines"]
    assert (kept["id"], kept["quantity"], made["quantity"]) == (line["id"], 2, 1)
    assert kept["package"] == made["package"] == order["packages"][0]["id"]
    assert response["ETag"] == f'"{response.json()["version"]}"'
    new = client.post(f"lines/{kept['id']}/split/", {"quantity": 1, "package": "new"}).json()["lines"][1]
    assert new["package"] not in [p["id"] for p in order["packages"]]
    into = {"quantity": 1, "package": order["packages"][0]["id"]}
    client.move(f"lines/{new['id']}", 10)
    problem(client.post(f"lines/{new['id']}/split/", into), 422)  # there is only one left
    rows = [line for p in client.get("orders/1001/").json()["packages"] for line in p["lines"]]
    assert sum(row["quantity"] for row in rows if row["sku"] == "BOOK") == 3
    event = client.get(f"lines/{made['id']}/events/").json()["results"][0]
    assert event["quantities"] == {"quantity": 1, "split_from": line["id"], "left": 2}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quantity": 3}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": "1"}, "quantity"),
        ({}, "quantity"),
        ({"quantity": 1, "package": "nonsense"}, "package"),
        ({"quantity": 1, "package": "digital"}, "package"),
        ({"quantity": 1, "package": 5}, "package"),
    ],
)
def test_splits_that_cannot_be(client, order, body, field):
    if body.get("package") == "digital":
        body = body | {"package": order["packages"][1]["id"]}
    line = order["packages"][0]["lines"][0]["id"]
    assert list(problem(client.post(f"lines/{line}/split/", body), 422)["errors"]) == [field]
    assert client.get("orders/1001/").json() == order


def test_a_foreign_package_is_none_of_the_orders(client, stranger, order):
    foreign = stranger.order()["packages"][0]["id"]
    line = order["packages"][0]["lines"][0]["id"]
    problem(client.post(f"lines/{line}/split/", {"quantity": 1, "package": foreign}), 422)


def test_an_order_with_the_longest_number_is_found(client):
    number = "A" * 60 + ".~:@"
    assert client.post("orders/", order_body(number=number)).status_code == 201
    assert client.get(f"orders/{number}/").json()["number"] == number
