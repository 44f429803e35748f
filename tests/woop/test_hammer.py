"""Many at a few orders: no deadlock, no gap in any history, nothing lost."""

from random import Random

import pytest

from orders.models import Order, OrderlineToPackage, Package
from orders.services import split_line
from tests.factories import add_collects, add_deliveries, make_shop, supervisor
from tests.orders.building import history_is_whole, order_of
from tests.races.racing import at_once
from woop.errors import InvalidInput
from woop.models import StatusEvent
from woop.transitions import change_status

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, TURNS = 6, 25
TARGETS = {"order": (7, 8, 98), "package": (1, 2, 3, 98), "line": (10, 14, 20, 22, 30, 98)}
SIDES = {
    "delivery": ("DELIVERY_TEAM_ASSIGNED", "DELIVERY_IN_TRANSIT", "DELIVERY_DELAYED"),
    "collect": ("COLLECT_STOCK_OK", "COLLECT_DELAYED", "COLLECT_STARTED", "COLLECT_READY"),
}


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def orders(shop):
    boxes = [("homedelivery", {"A": 2, "B": 3}), ("collect", {"A": 1, "C": 2}), ("digital", {"D": 1})]
    made = [order_of(shop, *boxes) for _order in range(3)]
    add_deliveries(made)
    add_collects(made)
    return made


def rows_of(orders):
    """Answer all keys by kind."""
    return {
        "order": [order.pk for order in orders],
        "package": list(Package.objects.values_list("pk", flat=True)),
        "line": list(OrderlineToPackage.objects.values_list("pk", flat=True)),
        "delivery": [pk for order in orders for pk in order.deliveries.values_list("pk", flat=True)],
        "collect": [pk for order in orders for pk in order.collects.values_list("pk", flat=True)],
    }


def hammer(seed, rows, actor):
    """Ask for this and that, one row or several of several orders, and split now and then."""
    dice, moved = Random(seed), 0
    for _turn in range(TURNS):
        kind, targets = dice.choice([*TARGETS.items(), *SIDES.items()])
        ids = dice.sample(rows[kind], dice.randint(1, min(4, len(rows[kind]))))
        if kind == "line" and dice.random() < 0.3:
            try:
                split_line(ids[0], 1, actor=actor, package=dice.choice([None, "new"]))
            except InvalidInput:
                pass  # one piece cannot be divided
        outcome = change_status(kind, ids, dice.choice(targets), by=actor, reason="drill", override=True)
        moved += len(outcome.moved)
    return moved


def test_many_threads_at_few_orders(shop, orders):
    rows, actor = rows_of(orders), supervisor(shop)
    before = StatusEvent.objects.count()
    runners = at_once(*[lambda seed=seed: hammer(seed, rows, actor) for seed in range(THREADS)])
    assert sum(runner.result() for runner in runners) > 50
    assert StatusEvent.objects.count() > before
    for order in orders:
        assert history_is_whole(order)
        assert follows_from_events(order)
        assert pieces(order) == [("A", 3), ("B", 3), ("C", 2), ("D", 1)]


def follows_from_events(order):
    """Tell whether every row stands where its last event took it."""
    last = {}
    for event in order.events.filter(field="status").order_by("sequence"):
        last[event.object_type, event.object_id] = event.to_status
    order = Order.objects.get(pk=order.pk)
    rows = [("order", order), *(("package", row) for row in order.packages.all())]
    rows += [("line", row) for row in order.package_lines.all()]
    rows += [("delivery", row) for row in order.deliveries.all()]
    rows += [("collect", row) for row in order.collects.all()]
    return all(str(row.status) == last.get((kind, row.pk), str(row.status)) for kind, row in rows)


def pieces(order):
    return [
        (orderline.sku, sum(row.quantity for row in orderline.rows.all()))
        for orderline in order.lines.order_by("sku")
    ]
