import pytest
from django.core.management import CommandError, call_command

from orders.models import Order
from tests.api.conftest import Client, order_body, problem
from woop.models import ApiKey, Shop
from woop.permissions import SCOPES
from woop.services import create_api_key, digest_of, revoke_api_key


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer a b", "wrong", "Bearer \u00e9"],
)
def test_without_a_valid_key(shop, header):
    answer = Client().get("orders/", Authorization=header)
    problem(answer, 401)
    assert answer["WWW-Authenticate"] == 'Bearer realm="woop"'
    problem(Client().post("orders/", order_body(), Authorization=header), 401)
    assert Order.objects.count() == 0


def test_a_revoked_key_ends_at_once(shop):
    key, text = create_api_key(shop, name="test")
    client = Client(text)
    assert client.get("orders/").status_code == 200
    revoke_api_key(key)
    problem(client.get("orders/"), 401, "key_invalid")


def test_only_the_digest_is_kept(shop):
    key, text = create_api_key(shop, name="test")
    stored = ApiKey.objects.values().get(pk=key.pk)
    assert text not in map(str, stored.values())
    assert stored["digest"] == digest_of(text)
    assert text.startswith(stored["prefix"])


def test_the_use_of_a_key_is_noted(client):
    client.get("orders/")
    assert ApiKey.objects.get().last_used_at is not None


CALLS = {
    "orders:read": [
        ("GET", "orders/"),
        ("GET", "orders/1/"),
        ("GET", "journal/"),
        ("GET", "lines/x/events/"),
    ],
    "orders:write": [
        ("POST", "orders/"),
        ("PATCH", "orders/1/"),
        ("POST", "orders/1/transitions/"),
        ("POST", "orders/1/accept/"),
        ("POST", "orders/bulk-transitions/"),
        ("POST", "lines/x/split/"),
        ("POST", "packages/x/transitions/"),
    ],
    "deliveries:read": [("GET", "deliveries/x/"), ("GET", "deliveries/x/transitions/")],
    "deliveries:write": [("POST", "orders/1/deliveries/"), ("POST", "deliveries/x/transitions/")],
    "collects:read": [("GET", "collects/x/"), ("GET", "collects/x/events/")],
    "collects:write": [("POST", "orders/1/collects/"), ("POST", "collects/x/transitions/")],
    "carrier:status": [("PUT", "deliveries/x/status")],
}


@pytest.mark.parametrize("scope", CALLS)
def test_each_call_wants_its_scope(shop, consumer, scope):
    with_all_others = consumer(shop, scopes=[s for s in SCOPES if s != scope])
    with_it_alone = consumer(shop, scopes=[scope])
    for method, path in CALLS[scope]:
        assert problem(with_all_others(method, path), 403, "scope_missing")["scope"] == scope
        assert with_it_alone(method, path).status_code in (200, 404, 422)


def test_too_many_calls(client, settings):
    settings.API_CALLS_PER_MINUTE = 3
    for _ in range(3):
        assert client.get("orders/").status_code == 200
    response = client.get("orders/")
    problem(response, 429, "too_many_requests")
    assert 1 <= int(response["Retry-After"]) <= 60


# --- commands ---


def test_a_shop_and_a_key_from_the_command_line(db, command):
    command("create_shop", "east", "--store", "one", "--store", "two")
    shop = Shop.objects.get(code="east")
    assert [store.code for store in shop.stores.all()] == ["one", "two"]
    assert [account.code for account in shop.carrier_accounts.all()] == ["manual"]
    text = command("create_api_key", "east").splitlines()[-1]
    assert Client(text).order()["number"]
    assert ApiKey.objects.get().scopes == list(SCOPES)


def test_a_key_with_some_scopes_for_one_store(db, command):
    command("create_shop", "east", "--store", "one", "--store", "two")
    command("create_api_key", "east", "--scopes", "orders:read", "carrier:status", "--name", "scanner")
    key = ApiKey.objects.get(name="scanner")
    assert key.scopes == ["orders:read", "carrier:status"]
    command(
        "create_api_key", "east", "--name", "till", "--store", "two", "--scopes", "orders:read,orders:write"
    )
    key = ApiKey.objects.get(name="till")
    assert key.scopes == ["orders:read", "orders:write"]
    assert [store.code for store in key.stores.all()] == ["two"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("create_shop", "north"),
        ("create_shop", "with space"),
        ("create_shop", "west", "--store", "a b"),
        ("create_shop", ""),
        ("create_api_key", "nowhere"),
        ("create_api_key", "north", "--scopes", "everything"),
        ("create_api_key", "north", "--store", "moon"),
        ("create_api_key", "north", "--name", "x" * 81),
    ],
)
def test_commands_that_cannot_be(shop, arguments):
    with pytest.raises(CommandError):
        call_command(*arguments)
    assert Shop.objects.count() == 1
    assert ApiKey.objects.count() == 0
