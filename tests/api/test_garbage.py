"""Whatever a client sends: a clear answer, never a failure of ours, and the next request works."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import ADDRESS, CUSTOMER, LINES, problem

FULL_ORDER = {
    "number": None,
    "channel": "web",
    "store": "haven",
    "customer": CUSTOMER,
    "shipping_address": ADDRESS | {"latitude": 52.1, "longitude": 4.9},
    "currency": "EUR",
    "lines": LINES,
    "packages": [
        {"type": "homedelivery", "weight_g": 1, "lines": [{"sku": "BOOK", "quantity": 3}]},
        {"type": "collect", "lines": [{"sku": "PEN", "quantity": 1}, {"sku": "E-42", "quantity": 1}]},
    ],
    "collect": {"store": "haven"},
    "requires_acceptance": True,
    "logistics": "flex",
}
BODIES = {
    "orders/": FULL_ORDER,
    "orders/1001/transitions/": {
        "to": 7,
        "reason": "x",
        "override": False,
        "dry_run": False,
        "occurred_at": "2026-01-01T00:00:00Z",
    },
    "orders/bulk-transitions/": {"orders": ["1001"], "to": 8, "reason": "", "dry_run": True},
    "orders/1001/accept/": {"reason": "x"},
    "orders/1001/deliveries/": {"carrier_account": "manual", "packages": ["x"]},
    "orders/1001/collects/": {"store": "haven", "packages": ["x"]},
    "lines/{line}/split/": {"quantity": 1, "package": "new"},
    "packages/{package}/transitions/": {"to": 1, "reason": "x"},
    "deliveries/{delivery}/transitions/": {"to": "DELIVERY_OK", "reason": "x"},
    "deliveries/{delivery}/status": {
        "status": "DELIVERY_OK",
        "sub_status": "WITH_CLAIM",
        "date": "2026-01-01T00:00:00Z",
        "comment": "x",
        "code": "x",
    },
    "collects/{collect}/transitions/": {
        "to": "COLLECT_PICK_UP_PARTIALLY",
        "lines": [{"id": "x", "quantity": 1}],
    },
}

texts = st.text(max_size=12) | st.sampled_from(
    ["\0", "\ud800", "٣", "1e400", "-0", "'; --", "\u202e", "x" * 5000]
)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(10**18, 10**400)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def places(body, here=()):
    """Every place in a body where something can be put: its members, theirs, and the body itself."""
    yield here
    members = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in members:
        yield from places(value, (*here, name))


def put(body, place, value):
    if not place:
        return value
    changed = copy.deepcopy(body)
    *way, last = place
    target = changed
    for name in way:
        target = target[name]
    target[last] = value
    return changed


@pytest.fixture
def targets(client):
    """One object of each kind, that every example starts from anew."""
    order = client.order(number="1001", packages=FULL_ORDER["packages"], collect={"store": "haven"})
    delivery = client.post("orders/1001/deliveries/", {"carrier_account": "manual"}).json()
    package = order["packages"][0]
    return {
        "package": package["id"],
        "line": package["lines"][0]["id"],
        "delivery": delivery["id"],
        "collect": order["collects"][0]["id"],
    }


@pytest.mark.parametrize("path", BODIES)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_garbage_in_any_place_of_a_body(client, targets, path, data):
    body = BODIES[path]
    place = data.draw(st.sampled_from(list(places(body))))
    changed = put(body, place, data.draw(values))
    method = "PUT" if path.endswith("status") else "POST"
    response = client(method, path.format(**targets), raw=json.dumps(changed).encode())
    assert response.status_code in (200, 201, 202, 400, 409, 412, 422), response.content
    if response.status_code >= 400:
        problem(response, response.status_code)
    else:
        json.loads(response.content)
    assert client.get("orders/1001/").status_code == 200


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(raw=st.binary(max_size=40))
def test_garbage_for_a_body(client, raw):
    response = client("POST", "orders/", raw=raw)
    assert response.status_code in (400, 422)
    problem(response, response.status_code)
