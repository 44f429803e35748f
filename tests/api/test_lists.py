import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from tests.api.conftest import ADDRESS, CUSTOMER, problem


def numbers(response):
    assert response.status_code == 200, response.content
    return [order["number"] for order in response.json()["results"]]


def all_pages(client, path):
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{path}&cursor={cursor}").json()
        assert page.keys() == {"results", "cursor"}
        found += page["results"]
        cursor = page["cursor"]
    return found


def test_newest_first_in_pages(client, stranger):
    made = [client.order()["number"] for _ in range(7)]
    stranger.order()
    found = all_pages(client, "orders/?page_size=3")
    assert [order["number"] for order in found] == made[::-1]
    assert numbers(client.get("orders/")) == made[::-1]


def test_orders_of_the_same_moment_are_neither_lost_nor_repeated(client):
    made = [client.order()["number"] for _ in range(5)]
    moment = Order.objects.first().created_at
    Order.objects.update(created_at=moment, modified_at=moment)
    found = all_pages(client, "orders/?page_size=2")
    assert [order["number"] for order in found] == made[::-1]
    found = all_pages(client, "orders/?page_size=2&modified_since=2020-01-01T00:00:00Z")
    assert [order["number"] for order in found] == made


def test_a_row_in_a_list_is_the_whole_order(client):
    order = client.order(collect={"store": "haven"})
    assert client.get("orders/").json()["results"] == [order]


def test_what_has_changed_since(client):
    first, second = client.order()["number"], client.order()["number"]
    since = Order.objects.get(number=second).modified_at
    assert numbers(client.get(f"orders/?modified_since={since.isoformat().replace('+', '%2B')}")) == [second]
    client.move(f"orders/{first}", 7)
    assert numbers(client.get(f"orders/?modified_since={since.isoformat()}")) == [second, first]


def test_filters(client, stranger):
    a = client.order(channel="web", store="centrum")["number"]
    b = client.order(channel="shop", store="haven", requires_acceptance=True)["number"]
    c = client.order(shipping_address={}, channel="shop")["number"]
    stranger.order(channel="web")
    client.move(f"orders/{a}", 7)
    for query, expected in {
        "status=7": [a],
        "status=5": [c, b],
        "status=99": [],
        "delivery_status=ORDER_TO_BE_COMPLETED": [c],
        "acceptance=pending": [b],
        "store=haven": [b],
        "store=moon": [],
        "channel=shop": [c, b],
        "channel=shop&acceptance=not_required": [c],
        "status=": [c, b, a],
    }.items():
        assert numbers(client.get(f"orders/?{query}")) == expected, query


def test_search(client, stranger):
    number = client.order(number="W-777")["number"]
    client.order(customer={"name": "Zoe Bakker", "phone": "+33612345678"}, shipping_address={})
    stranger.order(number="W-777")
    for term in ("W-777", "w-77", "Ada", "ada@example.org", "%2B31612345678", "Smit"):
        assert numbers(client.get(f"orders/?q={term}")) == [number], term
    for term in ("W-778", "nobody@example.org", "100%25", "_"):
        assert numbers(client.get(f"orders/?q={term}")) == [], term


def test_search_by_tracking_number(client):
    number = client.order()["number"]
    delivery = client.post(f"orders/{number}/deliveries/", {"carrier_account": "manual"}).json()
    from deliveries.models import Delivery

    Delivery.objects.update(tracking_number="3SABC123")
    assert delivery["status"] == "DELIVERY_INIT"
    assert numbers(client.get("orders/?q=3SABC123")) == [number]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=6", "status"),
        ("status=x", "status"),
        ("delivery_status=LOST", "delivery_status"),
        ("acceptance=maybe", "acceptance"),
        ("modified_since=yesterday", "modified_since"),
        ("modified_since=2026-05-04T10:00:00", "modified_since"),
        ("page_size=0", "page_size"),
        ("page_size=x", "page_size"),
        ("cursor=nonsense", "cursor"),
        ("cursor=WyJzZXF1ZW5jZSIsMV0", "cursor"),
        ("cursor=" + "W" * 3000, "cursor"),
        ("q=%00", "q"),
        ("store=%00", "store"),
    ],
)
def test_parameters_that_cannot_be(client, query, field):
    assert list(problem(client.get(f"orders/?{query}"), 422, "invalid")["errors"]) == [field]


def test_a_page_has_two_hundred_at_most(client):
    from woop.api.pages import PageQuery

    query = PageQuery(data={"page_size": "100000000"})
    assert query.is_valid()
    assert query.validated_data["page_size"] == 200


def test_a_cursor_of_another_order_of_rows_is_refused(client):
    for _ in range(2):
        client.order()
    cursor = client.get("orders/?page_size=1").json()["cursor"]
    problem(client.get(f"orders/?cursor={cursor}&modified_since=2020-01-01T00:00:00Z"), 422)


def rich_order(client):
    packages = [
        {"type": "homedelivery", "lines": [{"sku": "BOOK", "quantity": 2}, {"sku": "E-42", "quantity": 1}]},
        {"type": "collect", "lines": [{"sku": "BOOK", "quantity": 1}, {"sku": "PEN", "quantity": 1}]},
    ]
    order = client.order(packages=packages, collect={"store": "haven"}, shipping_address=ADDRESS)
    path = f"orders/{order['number']}"
    client.post(f"{path}/deliveries/", {"carrier_account": "manual"})
    client.move(f"{path}", 7)
    return order


def test_a_page_of_three_costs_as_many_queries_as_one(client):
    def cost(path):
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    order = rich_order(client)
    client.get("orders/")
    paths = ["orders/", f"orders/{order['number']}/events/", "journal/"]
    one = [cost(path) for path in paths]
    for _ in range(2):
        rich_order(client)
    assert [cost(path) for path in paths] == one
    assert one[0] <= 16
    assert CUSTOMER["name"] == client.get("orders/").json()["results"][0]["customer"]["name"]
