import pytest

from orders.models import Order
from tests.api.conftest import ADDRESS, CUSTOMER, LINES, order_body, problem


def test_a_new_order_is_answered_whole(client):
    response = client.post("orders/", order_body(number="1001"))
    assert response.status_code == 201
    order = response.json()
    assert response["Location"] == "/api/v1/orders/1001/"
    assert response["ETag"] == f'"{order["version"]}"'
    assert order["number"] == "1001"
    assert order["status"] == 5
    assert order["delivery_status"] == "ORDER_CREATED"
    assert order["acceptance"] == {"state": "not_required", "deadline": None}
    assert order["customer"] == CUSTOMER
    assert order["shipping_address"] == ADDRESS | {"latitude": None, "longitude": None}
    assert order["lines"][0] == LINES[0] | {"kind": "physical"}
    assert [(p["type"], p["status"]) for p in order["packages"]] == [("homedelivery", 0), ("digital", 0)]
    assert [(line["sku"], line["quantity"], line["status"]) for line in order["packages"][0]["lines"]] == [
        ("BOOK", 3, 0),
        ("PEN", 1, 0),
    ]
    assert order["deliveries"] == order["collects"] == order["alerts"] == []
    assert client.get("orders/1001/").json() == order


def test_a_number_is_made_where_none_is_given(client):
    assert client.order(number=None)["number"].startswith("W")


def test_a_number_exists_once_per_shop(client, stranger):
    client.order(number="1001")
    problem(client.post("orders/", order_body(number="1001")), 409, "order_exists")
    assert stranger.order(number="1001")["number"] == "1001"
    assert Order.objects.count() == 2


def test_packages_as_the_client_packs_them(client):
    packages = [
        {"type": "homedelivery", "weight_g": 450, "lines": [{"sku": "BOOK", "quantity": 2}]},
        {
            "type": "collect",
            "length_mm": 100,
            "lines": [{"sku": "BOOK", "quantity": 1}, {"sku": "PEN", "quantity": 1}],
        },
        {"type": "digital", "lines": [{"sku": "E-42", "quantity": 1}]},
    ]
    order = client.order(packages=packages)
    assert [(p["type"], p["weight_g"], p["length_mm"]) for p in order["packages"]] == [
        ("homedelivery", 450, None),
        ("collect", None, 100),
        ("digital", None, None),
    ]
    assert [line["quantity"] for line in order["packages"][1]["lines"]] == [1, 1]


def test_a_collect_starts_with_the_order(client):
    order = client.order(collect={"store": "haven"}, lines=LINES[:1])
    assert order["store"] == "haven"
    assert order["delivery_status"] == ""
    [collect] = order["collects"]
    assert (collect["status"], collect["store"], collect["slot"]) == ("COLLECT_INIT", "haven", None)
    assert collect["packages"] == [order["packages"][0]["id"]]


def test_what_is_missing_is_named(client):
    address = {name: value for name, value in ADDRESS.items() if name not in ("street", "name")}
    order = client.order(shipping_address=address)
    assert order["delivery_status"] == "ORDER_TO_BE_COMPLETED"
    assert order["missing_fields"] == ["name", "street"]
    changed = client.patch(f"orders/{order['number']}/", {"shipping_address": {"name": "A", "street": "B 1"}})
    assert changed.status_code == 200
    assert changed.json()["delivery_status"] == "ORDER_UPDATED"
    assert changed.json()["missing_fields"] == []
    assert changed.json()["shipping_address"]["city"] == "Amsterdam"


def test_values_are_kept_in_one_spelling(client):
    order = client.order(
        customer={"name": " Ada ", "phone": "06 12 34 56 78", "email": None},
        shipping_address=ADDRESS | {"country": "nl", "latitude": 52.37312345, "longitude": "4.9"},
        currency="eur",
        lines=[{"sku": "A", "quantity": 1, "unit_price": 5}],
    )
    assert order["customer"] == {"name": "Ada", "phone": "+31612345678", "email": "", "language": ""}
    assert order["shipping_address"]["country"] == "NL"
    assert order["shipping_address"]["latitude"] == 52.373123
    assert order["currency"] == "EUR"
    assert order["lines"][0]["unit_price"] == "5.00"


REFUSED = {
    "unknown field": ({"colour": "red"}, "colour"),
    "unknown field inside": ({"customer": CUSTOMER | {"age": 7}}, "customer"),
    "unknown field of a line": ({"lines": [LINES[0] | {"weight": 1}]}, "lines"),
    "no lines": ({"lines": []}, "lines"),
    "lines of another type": ({"lines": "BOOK"}, "lines"),
    "a line of another type": ({"lines": ["BOOK"]}, "lines"),
    "too many lines": ({"lines": [LINES[0]] * 1001}, "lines"),
    "quantity 0": ({"lines": [LINES[0] | {"quantity": 0}]}, "lines"),
    "quantity -1": ({"lines": [LINES[0] | {"quantity": -1}]}, "lines"),
    "quantity in letters": ({"lines": [LINES[0] | {"quantity": "two"}]}, "lines"),
    "quantity as text": ({"lines": [LINES[0] | {"quantity": "2"}]}, "lines"),
    "quantity with a fraction": ({"lines": [LINES[0] | {"quantity": 1.5}]}, "lines"),
    "quantity true": ({"lines": [LINES[0] | {"quantity": True}]}, "lines"),
    "quantity too high": ({"lines": [LINES[0] | {"quantity": 10**30}]}, "lines"),
    "negative price": ({"lines": [LINES[0] | {"unit_price": "-1"}]}, "lines"),
    "price in letters": ({"lines": [LINES[0] | {"unit_price": "free"}]}, "lines"),
    "price of thirds of a cent": ({"lines": [LINES[0] | {"unit_price": "1.333"}]}, "lines"),
    "price too high": ({"lines": [LINES[0] | {"unit_price": "99999999999.00"}]}, "lines"),
    "price beyond measure": ({"lines": [LINES[0] | {"unit_price": "1e999999999"}]}, "lines"),
    "price no number": ({"lines": [LINES[0] | {"unit_price": "NaN"}]}, "lines"),
    "sku as number": ({"lines": [LINES[0] | {"sku": 7}]}, "lines"),
    "sku empty": ({"lines": [LINES[0] | {"sku": ""}]}, "lines"),
    "sku too long": ({"lines": [LINES[0] | {"sku": "x" * 65}]}, "lines"),
    "unknown kind": ({"lines": [LINES[0] | {"kind": "food"}]}, "lines"),
    "kind of another type": ({"lines": [LINES[0] | {"kind": ["ebook"]}]}, "lines"),
    "null byte": ({"lines": [LINES[0] | {"title": "a\0b"}]}, "lines"),
    "number with a slash": ({"number": "a/b"}, "number"),
    "number with a space": ({"number": "a b"}, "number"),
    "number as number": ({"number": 1001}, "number"),
    "number of dots": ({"number": ".."}, "number"),
    "number reserved": ({"number": "bulk-transitions"}, "number"),
    "number too long": ({"number": "9" * 65}, "number"),
    "phone": ({"customer": CUSTOMER | {"phone": "12"}}, "customer"),
    "phone in letters": ({"customer": CUSTOMER | {"phone": "call me"}}, "customer"),
    "e-mail": ({"customer": CUSTOMER | {"email": "ada"}}, "customer"),
    "language": ({"customer": CUSTOMER | {"language": "!!"}}, "customer"),
    "customer of another type": ({"customer": "Ada"}, "customer"),
    "country": ({"shipping_address": ADDRESS | {"country": "XX"}}, "shipping_address"),
    "country in words": ({"shipping_address": ADDRESS | {"country": "France"}}, "shipping_address"),
    "latitude": ({"shipping_address": ADDRESS | {"latitude": 91}}, "shipping_address"),
    "latitude beyond measure": ({"shipping_address": ADDRESS | {"latitude": 1e300}}, "shipping_address"),
    "longitude": ({"shipping_address": ADDRESS | {"longitude": "-180.1"}}, "shipping_address"),
    "currency": ({"currency": "EURO"}, "currency"),
    "acceptance of another type": ({"requires_acceptance": "yes"}, "requires_acceptance"),
    "unknown logistics": ({"logistics": "pigeon"}, "logistics"),
    "unknown store": ({"store": "moon"}, "store"),
    "collect at an unknown store": ({"collect": {"store": "moon"}}, "collect"),
    "collect with a slot": ({"collect": {"store": "haven", "slot": "x"}}, "collect"),
    "collect of ebooks": ({"collect": {"store": "haven"}, "lines": [LINES[2]]}, "collect"),
    "package of an unknown type": (
        {"packages": [{"type": "box", "lines": [{"sku": "BOOK", "quantity": 1}]}]},
        "packages",
    ),
    "empty package": ({"packages": [{"type": "homedelivery", "lines": []}]}, "packages"),
    "not everything packed": (
        {"packages": [{"type": "homedelivery", "lines": [{"sku": "BOOK", "quantity": 1}]}]},
        "packages",
    ),
    "too much packed": (
        {"packages": [{"type": "homedelivery", "lines": [{"sku": "BOOK", "quantity": 9}]}]},
        "packages",
    ),
    "another article packed": (
        {"packages": [{"type": "homedelivery", "lines": [{"sku": "CAR", "quantity": 1}]}]},
        "packages",
    ),
    "weight 0": (
        {"packages": [{"type": "homedelivery", "weight_g": 0, "lines": [{"sku": "BOOK", "quantity": 3}]}]},
        "packages",
    ),
}


@pytest.mark.parametrize(("changes", "field"), REFUSED.values(), ids=REFUSED)
def test_values_that_cannot_be_are_refused(client, changes, field):
    body = problem(client.post("orders/", order_body(**changes)), 422, "invalid")
    assert list(body["errors"]) == [field]
    assert Order.objects.count() == 0
    client.order()  # the next request works


def test_a_patch_changes_what_it_names(client):
    order = client.order()
    package = order["packages"][0]["id"]
    response = client.patch(
        f"orders/{order['number']}/",
        {"customer": {"phone": "020 123 4567"}, "packages": [{"id": package, "weight_g": 500}]},
    )
    changed = response.json()
    assert response.status_code == 200
    assert response["ETag"] == f'"{changed["version"]}"'
    assert changed["version"] > order["version"]
    assert changed["customer"] == CUSTOMER | {"phone": "+31201234567"}
    assert changed["packages"][0]["weight_g"] == 500
    assert changed["delivery_status"] == "ORDER_UPDATED"


def test_an_empty_patch_changes_nothing(client):
    order = client.order()
    response = client.patch(f"orders/{order['number']}/", {})
    assert response.status_code == 200
    assert response.json() == order


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"number": "2"}, "number"),
        ({"customer": None}, "customer"),
        ({"shipping_address": {"country": "ZZ"}}, "shipping_address"),
        ({"packages": [{"id": "nonsense", "weight_g": 1}]}, "packages"),
        ({"packages": [{"id": "nonsense"}]}, "packages"),
        ([], "non_field_errors"),
        (None, "non_field_errors"),
        ("text", "non_field_errors"),
    ],
)
def test_a_patch_that_cannot_be_changes_nothing(client, body, field):
    order = client.order()
    raw = b"null" if body is None else None
    response = client("PATCH", f"orders/{order['number']}/", body, raw=raw)
    assert list(problem(response, 422)["errors"]) == [field]
    assert client.get(f"orders/{order['number']}/").json() == order


def test_nothing_is_changed_once_it_was_picked_up(client):
    order = client.order()
    path = f"orders/{order['number']}/"
    delivery = client.post(f"{path}deliveries/", {"carrier_account": "manual"}).json()
    client.move(f"deliveries/{delivery['id']}", "DELIVERY_PICK_UP_OK")
    problem(client.patch(path, {"customer": {"name": "B"}}), 409, "picked_up")
    assert client.get(path).json()["customer"]["name"] == "Ada Smit"


def test_acceptance(client):
    order = client.order(requires_acceptance=True)
    path = f"orders/{order['number']}/"
    assert order["acceptance"]["state"] == "pending"
    assert order["acceptance"]["deadline"].endswith("Z")
    problem(client.post(f"{path}transitions/", {"to": 7}), 409, "acceptance_pending")
    response = client.post(f"{path}accept/")
    assert response.status_code == 200
    accepted = response.json()
    assert accepted["acceptance"]["state"] == "accepted"
    assert (accepted["applied"], accepted["number"]) == (True, order["number"])
    assert [(m["type"], m["field"], m["from"], m["to"]) for m in accepted["moved"]] == [
        ("order", "acceptance", "pending", "accepted")
    ]
    assert client.post(f"{path}accept/", {}).json()["moved"] == []
    problem(client.post(f"{path}reject/", {"reason": "no"}), 409)


def test_rejecting_cancels(client):
    order = client.order(requires_acceptance=True)
    path = f"orders/{order['number']}/"
    rejected = client.post(f"{path}reject/", {"reason": "sold out"}).json()
    assert rejected["acceptance"]["state"] == "cancelled_manually"
    assert rejected["status"] == 99
    assert {p["status"] for p in rejected["packages"]} == {99}
    events = client.get(f"{path}events/").json()["results"]
    assert {e["reason"] for e in events if e["to"] in (99, "cancelled_manually")} == {"sold out"}


@pytest.mark.parametrize("verb", ["accept", "reject"])
def test_from_the_deadline_on_it_is_too_late(client, verb):
    order = client.order(requires_acceptance=True)
    Order.objects.update(acceptance_deadline=order["created_at"])
    problem(client.post(f"orders/{order['number']}/{verb}/"), 409, "acceptance_expired")
    assert client.get(f"orders/{order['number']}/").json()["acceptance"]["state"] == "pending"


def test_a_key_for_one_store_stays_there(shop, consumer):
    client, all_stores = consumer(shop, stores=["haven"]), consumer(shop)
    assert client.order()["store"] == "haven"
    body = problem(client.post("orders/", order_body(store="centrum")), 422)
    assert list(body["errors"]) == ["store"]
    elsewhere = all_stores.order(store="centrum")
    problem(client.get(f"orders/{elsewhere['number']}/"), 404, "not_found")
    problem(client.get(f"packages/{elsewhere['packages'][0]['id']}/"), 404, "not_found")
    assert len(client.get("orders/").json()["results"]) == 1
    two = consumer(shop, stores=["haven", "centrum"])
    assert list(problem(two.post("orders/", order_body()), 422)["errors"]) == ["store"]
    assert two.order(store="centrum")["store"] == "centrum"
