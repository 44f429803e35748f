"""Two orders with one number at once."""

import pytest
from django.db import connection

from orders import services
from orders.models import Order
from tests.factories import make_order, make_shop
from tests.races.racing import Point, race
from woop.errors import RuleError
from woop.models import StatusEvent


@pytest.fixture
def written(monkeypatch):
    """The point at which a new order is written and not yet committed."""
    point, real = Point(), services.apply

    def apply(plans):
        real(plans)
        point.stop()

    monkeypatch.setattr(services, "apply", apply)
    return point


@pytest.fixture
def without_constraint(transactional_db):
    """Take the unique key away, and put it back once what slipped in is gone."""
    name = "order_number_once_per_shop"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE orders_order DROP CONSTRAINT {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE orders_order CASCADE")
        cursor.execute(f"ALTER TABLE orders_order ADD CONSTRAINT {name} UNIQUE (shop_id, number)")


def making(shop, number="A-1"):
    return lambda: make_order(shop, number=number)


def test_two_orders_with_one_number(shop, written):
    first, second = race(written, making(shop), making(shop))
    order = first.result()
    assert isinstance(second.error, RuleError)
    assert second.error.refusal.code == "order_exists"
    assert list(Order.objects.values_list("pk", "number")) == [(order.pk, "A-1")]
    assert set(StatusEvent.objects.values_list("order", flat=True)) == {order.pk}


def test_number_belongs_to_a_shop(shop, written):
    runners = race(written, making(shop), making(make_shop()))
    assert [runner.result().number for runner in runners] == ["A-1", "A-1"]


def test_without_the_unique_key_there_would_be_two(shop, without_constraint, written):
    runners = race(written, making(shop), making(shop))
    assert [runner.result().number for runner in runners] == ["A-1", "A-1"]
    assert Order.objects.filter(shop=shop, number="A-1").count() == 2
