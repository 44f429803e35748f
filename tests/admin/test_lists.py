"""Lists stay cheap: constant queries, capped counts, indexed searches and filters with fixed choices."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from carriers.models import CarrierMessage
from orders.models import Order
from orders.search import find_orders, phone_forms
from tests.factories import ADDRESS, add_collects, add_deliveries, agent, make_order
from woop import admin_base, clock
from woop.models import Alert, Job

LIST = "admin:orders_order_changelist"
BOTH = ("homedelivery", "collect")


def fill(shop, number):
    now = clock.now()
    for _row in range(number):
        order = make_order(shop, packages=2, types=BOTH, store="store")
        add_deliveries([order])
        add_collects([order])
        Alert.objects.create(shop=shop, order=order, object_type="order", code="x", created_at=now)
        Job.objects.create(
            shop=shop, order=order, kind="x", key=f"x{order.pk}", next_try_at=now, created_at=now
        )
        CarrierMessage.objects.create(
            shop=shop,
            account=shop.carrier_accounts.get(),
            channel="hook",
            dedupe_key=str(order.pk),
            receipt="0" * 32,
            order_id=order.pk,
        )


@pytest.mark.parametrize(
    "name",
    [
        "orders_order",
        "deliveries_delivery",
        "collect_collect",
        "woop_alert",
        "woop_job",
        "woop_statusevent",
        "carriers_carriermessage",
        "carriers_carrieraccount",
        "woop_membership",
    ],
)
def test_list_asks_as_often_for_three_rows_as_for_one(supervisor, shop, count_queries, name):
    url = reverse(f"admin:{name}_changelist")
    fill(shop, 1)
    first = count_queries(lambda: supervisor.get(url))
    fill(shop, 2)
    assert count_queries(lambda: supervisor.get(url)) == first
    assert first <= 16


def test_overview_asks_as_often_for_three_orders_as_for_one(supervisor, shop, count_queries):
    url = reverse("admin:index")
    fill(shop, 1)
    first = count_queries(lambda: supervisor.get(url))
    fill(shop, 2)
    assert count_queries(lambda: supervisor.get(url)) == first


def statements(client, url, **query):
    with CaptureQueriesContext(connection) as queries:
        client.get(url, query)
    return [query["sql"] for query in queries]


def test_orders_are_never_counted_in_full_nor_read_for_choices(agent, shop):
    fill(shop, 1)
    of_orders = [sql for sql in statements(agent, reverse(LIST)) if 'FROM "orders_order"' in sql]
    assert len(of_orders) == 2
    assert [sql for sql in of_orders if "DISTINCT" in sql] == []
    counting = [sql for sql in of_orders if "COUNT(*)" in sql]
    assert len(counting) == 1
    assert f"LIMIT {admin_base.COUNT_CAP + 1}" in counting[0]


def test_count_ends_at_its_cap(agent, shop, monkeypatch):
    monkeypatch.setattr(admin_base, "COUNT_CAP", 2)
    for _order in range(4):
        make_order(shop)
    response = agent.get(reverse(LIST))
    assert response.context["cl"].result_count == 3
    assert "more than" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"plain", "pending", "error", "alert"}),
        ({"status": "98"}, {"error"}),
        ({"status": "nonsense"}, {"plain", "pending", "error", "alert"}),
        ({"acceptance": "pending"}, {"pending"}),
        ({"delivery_status": "ORDER_CREATED"}, {"plain", "pending", "error", "alert"}),
        ({"attention": "alerts"}, {"alert"}),
        ({"attention": "error"}, {"error"}),
        ({"attention": "no_carrier"}, set()),
        ({"channel": "market"}, {"pending"}),
        ({"store": "0"}, set()),
        ({"store": "99999999999999999999999"}, {"plain", "pending", "error", "alert"}),
    ],
)
def test_filters(agent, shop, query, expected):
    from orders.models import Order
    from woop.transitions import change_status

    orders = {
        "plain": make_order(shop),
        "pending": make_order(shop, requires_acceptance=True, data={**ADDRESS, "channel": "market"}),
        "error": make_order(shop),
        "alert": make_order(shop),
    }
    now = clock.now()
    from tests.factories import supervisor

    change_status("order", [orders["error"].pk], 98, by=supervisor(shop), reason="broken")
    Alert.objects.create(shop=shop, order=orders["alert"], object_type="order", code="x", created_at=now)
    Alert.objects.create(
        shop=shop, order=orders["plain"], object_type="order", code="x", created_at=now, resolved_at=now
    )
    rows = agent.get(reverse(LIST), query).context["cl"].result_list
    names = {order.pk: name for name, order in orders.items()}
    assert {names[row.pk] for row in rows} == expected
    assert Order.objects.count() == 4


# --- search ----------------------------------------------------------------------------------------


@pytest.fixture
def wanted(shop):
    data = {
        **ADDRESS,
        "customer_name": "Maud van den Berg",
        "customer_email": "Maud@Example.org",
        "customer_phone": "+33612345678",
    }
    order = make_order(shop, number="PB-2001", data=data)
    make_order(shop, number="PB-3001", data={**ADDRESS, "customer_name": "Teun Bouwens"})
    delivery = add_deliveries([order])[0]
    delivery.tracking_number = "3SABC1"
    delivery.save()
    return order


@pytest.mark.parametrize(
    "term",
    [
        "PB-2001",
        "pb-20",
        "Maud",
        "maud van",
        "van den berg",
        "VAN DEN B",
        "maud@example.org",
        "MAUD@",
        "+33612345678",
        "06 12 34 56 78",
        "0612345678",
        "3SABC1",
        "3sabc1",
        "  PB-2001  ",
    ],
)
def test_search_finds_the_order(agent, wanted, term):
    rows = agent.get(reverse(LIST), {"q": term}).context["cl"].result_list
    assert [row.pk for row in rows] == [wanted.pk]


@pytest.mark.parametrize("term", ["Berg%", "_aud", "'; DROP", "x@", "PB-9", "%", "0000000000"])
def test_search_finds_nothing_else(agent, wanted, term):
    assert agent.get(reverse(LIST), {"q": term}).context["cl"].result_list == []


def test_search_stays_within_the_shop(agent, other_shop):
    make_order(other_shop, number="PB-2001")
    assert agent.get(reverse(LIST), {"q": "PB-2001"}).context["cl"].result_list == []


def test_recipient_is_found_where_there_is_no_customer(agent, shop):
    order = make_order(shop, data={**ADDRESS, "customer_name": "", "recipient_name": "Ines Ortega"})
    make_order(shop)
    assert find_orders(_actor(shop), "ortega") == [order.pk]


def _actor(shop):
    return agent(shop)


@pytest.mark.parametrize("term", ["PB-2001", "Maud", "maud@example.org"])
def test_every_question_is_served_by_an_index(shop, term):
    """With few rows a planner may read them all: forbid it that, and see whether it has another way."""
    with CaptureQueriesContext(connection) as queries:
        find_orders(_actor(shop), term)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for query in queries:
            explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
            cursor.execute(f"{explain} {query['sql']}")
            plan = " ".join(str(value) for row in cursor.fetchall() for value in row)
            assert "Seq Scan" not in plan, query["sql"]
            assert "SCAN orders_order" not in plan, query["sql"]
            if "customer_" in query["sql"].split("WHERE")[-1]:
                assert "order_find_" in plan, plan


def test_phone_forms():
    assert phone_forms("Maud") == []
    assert phone_forms("12345") == []
    assert "+33612345678" in phone_forms("06.12.34.56.78")
    assert "+33612345678" in phone_forms("0033612345678")


def test_numbers_of_the_page_are_asked_once(agent, shop):
    order = make_order(shop)
    Alert.objects.create(shop=shop, order=order, object_type="order", code="x", created_at=clock.now())
    asked = [sql for sql in statements(agent, reverse(LIST)) if "woop_alert" in sql]
    assert len(asked) == 2  # those of the page, and the bell
    assert Order.objects.count() == 1
