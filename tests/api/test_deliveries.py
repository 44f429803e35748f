import json

import pytest

from carriers.models import CarrierMessage
from carriers.services import create_account
from deliveries.models import Delivery
from deliveries.statuses import LEGACY, PAIRS, DeliveryStatus
from tests.api.conftest import problem
from woop.models import Job


@pytest.fixture
def order(client):
    return client.order(number="1001")


@pytest.fixture
def delivery(client, order):
    response = client.post("orders/1001/deliveries/", {"carrier_account": "manual"})
    assert response.status_code == 201, response.content
    return response.json()


def put(client, delivery, body, **headers):
    return client.put(f"deliveries/{delivery['id']}/status", body, **headers)


def test_a_delivery_by_hand(client, order):
    response = client.post("orders/1001/deliveries/", {"carrier_account": "manual"})
    assert response.status_code == 201
    delivery = response.json()
    assert response["Location"] == f"/api/v1/deliveries/{delivery['id']}/"
    assert delivery["status"] == "DELIVERY_INIT"
    assert delivery["pair"] == {"status": "DELIVERY_INIT", "sub_status": None}
    assert (delivery["carrier"], delivery["carrier_account"]) == ("manual", "manual")
    assert delivery["packages"] == [order["packages"][0]["id"]]
    assert client.get(f"deliveries/{delivery['id']}/").json() == delivery
    whole = client.get("orders/1001/").json()
    assert whole["delivery_status"] == "ORDER_TO_DELIVER"
    assert whole["deliveries"] == [{k: v for k, v in delivery.items() if k not in ("order", "version")}]
    assert response["ETag"] == f'"{whole["version"]}"'
    problem(client.post("orders/1001/deliveries/", {"carrier_account": "manual"}), 409, "no_package")


def test_only_the_named_packages_go(client):
    lines = [{"sku": "A", "quantity": 2}]
    packed = [{"type": "homedelivery", "lines": [{"sku": "A", "quantity": 1}]}] * 2
    order = client.order(number="1001", lines=lines, packages=packed)
    second = order["packages"][1]["id"]
    body = {"carrier_account": "manual", "packages": [second]}
    assert client.post("orders/1001/deliveries/", body).json()["packages"] == [second]
    problem(client.post("orders/1001/deliveries/", body), 409, "package_not_waiting")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"carrier_account": "moon"}, "carrier_account"),
        ({"carrier_account": 5}, "carrier_account"),
        ({"carrier_account": "manual", "packages": []}, "packages"),
        ({"carrier_account": "manual", "packages": ["nonsense"]}, "packages"),
        ({"carrier_account": "manual", "packages": "all"}, "packages"),
        ({"carrier_account": "manual", "packages": ["digital"]}, "packages"),
        ({"carrier": "manual"}, "carrier"),
        ([], "non_field_errors"),
    ],
)
def test_deliveries_that_cannot_be(client, order, body, field):
    if isinstance(body, dict) and body.get("packages") == ["digital"]:
        body = body | {"packages": [order["packages"][1]["id"]]}
    assert list(problem(client.post("orders/1001/deliveries/", body), 422)["errors"]) == [field]
    assert Delivery.objects.count() == 0


def test_without_an_account_the_choice_runs(client, order):
    Job.objects.all().delete()
    response = client.post("orders/1001/deliveries/", {})
    assert response.status_code == 202
    assert response.json()["delivery_status"] == "ORDER_TO_BE_QUOTED"
    assert [job.kind for job in Job.objects.all()] == ["choose_carrier"]


def test_while_it_waits_for_acceptance_nothing_starts(client):
    order = client.order(requires_acceptance=True)
    path = f"orders/{order['number']}/deliveries/"
    problem(client.post(path, {"carrier_account": "manual"}), 409, "acceptance_pending")


def test_another_shops_account_does_not_exist(client, order, other_shop):
    create_account(other_shop, "veloyd", code="veloyd", credentials={"api_key": "k"})
    response = client.post("orders/1001/deliveries/", {"carrier_account": "veloyd"})
    assert list(problem(response, 422)["errors"]) == ["carrier_account"]


# --- what carriers put -----------------------------------------------------------------------------


def test_a_status_is_stored_and_applied_before_the_answer(client, order, delivery):
    body = {
        "status": "DELIVERY_OK",
        "date": "2026-05-04T10:00:00+02:00",
        "comment": "left with Bo",
        "code": "17",
    }
    response = put(client, delivery, body)
    assert response.status_code == 202
    answer = response.json()
    assert answer["result"] == "applied"
    assert answer["delivery"]["status"] == "DELIVERY_OK"
    whole = client.get("orders/1001/").json()
    assert whole["delivery_status"] == "ORDER_DELIVERED"
    assert whole["packages"][0]["status"] == 4
    assert {line["status"] for line in whole["packages"][0]["lines"]} == {40}
    assert response["ETag"] == f'"{whole["version"]}"'
    message = CarrierMessage.objects.get()
    assert json.loads(bytes(message.body)) == body
    assert client.key not in json.dumps(message.headers)


def test_a_repeat_changes_nothing(client, delivery):
    body = {"status": "DELIVERY_IN_TRANSIT", "date": "2026-05-04T10:00:00+02:00"}
    first, again = put(client, delivery, body), put(client, delivery, body)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["id"] == first.json()["id"]
    assert again["ETag"] == first["ETag"]


def test_what_is_late_is_kept_as_not_applied(client, delivery):
    put(client, delivery, {"status": "DELIVERY_OK", "date": "2026-05-04T10:00:00Z"})
    response = put(client, delivery, {"status": "DELIVERY_IN_TRANSIT", "date": "2026-05-03T10:00:00Z"})
    assert response.status_code == 202
    assert response.json()["result"] == "late"
    assert response.json()["delivery"]["status"] == "DELIVERY_OK"
    assert CarrierMessage.objects.count() == 2


@pytest.mark.parametrize("spelling", ["sub_status", "subStatus"])
@pytest.mark.parametrize(("pair", "flat"), PAIRS.items())
def test_pairs_in_both_spellings(client, delivery, pair, flat, spelling):
    put(client, delivery, {"status": "DELIVERY_BLOCKED"})  # from there everything is legal
    response = put(client, delivery, {"status": pair[0], spelling: pair[1]})
    assert response.status_code == 202
    assert response.json()["delivery"]["status"] == flat
    if pair[0] != "DELIVERY_PICK_UP_KO" or pair[1] == "FAILED":
        assert response.json()["delivery"]["pair"] == {"status": pair[0], "sub_status": pair[1]}


@pytest.mark.parametrize("word", LEGACY)
def test_legacy_words(client, delivery, word):
    response = put(client, delivery, {"status": word})
    assert response.status_code == 202
    assert response.json()["delivery"]["status"] == LEGACY[word][0]
    alerts = client.get("orders/1001/").json()["alerts"]
    assert [alert["code"] for alert in alerts] == ([LEGACY[word][1]] if LEGACY[word][1] else [])


@pytest.mark.parametrize("status", [s for s in DeliveryStatus if s != DeliveryStatus.INIT])
def test_every_flat_word_is_taken(client, delivery, status):
    response = put(client, delivery, {"status": status.value})
    assert response.status_code == 202
    assert response.json()["result"] in ("applied", "forbidden")


@pytest.mark.parametrize(
    "body",
    [
        {"status": "DELIVERED"},
        {"status": "DELIVERY_OK", "sub_status": "REFUSED"},
        {"status": "DELIVERY_KO", "subStatus": "WITH_CLAIM"},
        {"status": ""},
        {"status": None},
        {"status": 5},
        {"status": ["DELIVERY_OK"]},
        {"status": "x" * 100},
        {"status": "DELIVERY_KO", "sub_status": 5},
        {"status": "DELIVERY_KO", "sub_status": "REFUSED", "subStatus": "NOT_COLLECTED"},
        {"sub_status": "REFUSED"},
        {},
    ],
)
def test_a_malformed_or_unknown_status(client, order, delivery, body):
    before = client.get("orders/1001/").json()
    found = problem(put(client, delivery, body), 400)
    assert found["message"]
    assert client.get("orders/1001/").json() == before
    assert CarrierMessage.objects.count() == 0


def test_other_refusals_have_a_message_too(client, delivery):
    assert problem(client.put("deliveries/nothing/status", {"status": "DELIVERY_OK"}), 404)["message"]
    path = f"deliveries/{delivery['id']}/status"
    assert problem(client("PUT", path, raw=b"{"), 400, "malformed")["message"]
    for body, field in (
        ({"status": "DELIVERY_OK", "date": "today"}, "date"),
        ({"status": "DELIVERY_OK", "date": "2026-05-04T10:00:00"}, "date"),
        ({"status": "DELIVERY_OK", "colour": "red"}, "colour"),
        ({"status": "DELIVERY_OK", "comment": 5}, "comment"),
    ):
        found = problem(client.put(path, body), 422)
        assert (list(found["errors"]), bool(found["message"])) == ([field], True)


def test_the_slash_may_be_there(client, delivery):
    response = client.put(f"deliveries/{delivery['id']}/status/", {"status": "DELIVERY_OK"})
    assert response.status_code == 308
    assert response["Location"] == f"/api/v1/deliveries/{delivery['id']}/status"


def test_another_shops_delivery(stranger, delivery):
    problem(put(stranger, delivery, {"status": "DELIVERY_OK"}), 404, "not_found")


def test_a_delivery_moves_by_hand_too(client, delivery):
    path = f"deliveries/{delivery['id']}"
    outcome = client.move(path, "DELIVERY_IN_TRANSIT")
    assert [(m["type"], m["field"], m["to"]) for m in outcome["moved"]][:3] == [
        ("delivery", "status", "DELIVERY_IN_TRANSIT"),
        ("package", "status", 3),
        ("line", "status", 30),
    ]
    body = problem(client.post(f"{path}/transitions/", {"to": "DELIVERY_INIT"}), 409, "not_possible")
    assert "DELIVERY_OK" in body["allowed"]


@pytest.mark.parametrize(
    ("body", "to"),
    [
        ({"to": "DELIVERY_KO", "sub_status": "REFUSED"}, "DELIVERY_REFUSED"),
        ({"to": "DELIVERY_KO", "subStatus": "FAILED_WITH_RETURN"}, "DELIVERY_FAILED_WITH_RETURN"),
        ({"to": "DELIVERY_DELIVERED_OK"}, "DELIVERY_OK"),
        ({"to": "DELIVERY_AT_DROP_OF_LOCATION"}, "DELIVERY_AT_DROP_OFF_LOCATION"),
    ],
)
def test_transitions_read_pairs_and_older_words_too(client, delivery, body, to):
    path = f"deliveries/{delivery['id']}/transitions/"
    moved = client.post(path, body | {"dry_run": True}).json()["moved"]
    assert moved[0]["to"] == to
    assert problem(client.post(path, {"to": "DELIVERY_KO", "sub_status": "NOPE"}), 422)["errors"]["to"]
