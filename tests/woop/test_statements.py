"""How many statements the door sends: a constant, whatever the size of what moves."""

import pytest
from django.db import connection
from django.db.models import CharField
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext

from carriers.models import CarrierAccount
from deliveries.models import Delivery
from orders.models import OrderlineToPackage, Package
from tests.factories import EVERY_TYPE, add_collects, add_deliveries, agent, make_orders, make_shop
from woop.models import Alert, Job, StatusEvent
from woop.sources import Source
from woop.transitions import CHUNK, change_status

SIZES = [(1, 1, 1), (1, 3, 4), (1, 50, 20), (1, 100, 99), (CHUNK, 3, 4)]  # orders, packages, lines in each
EXTREMES = [SIZES[0], SIZES[3], SIZES[4]]
WITH_SEVERAL_PACKAGES = SIZES[1:]

# BEGIN, the orders, packages, lines, deliveries and collects; the events, orders, packages, lines; COMMIT.
FULFILMENT = 10

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop()


def every_size(sizes=SIZES):
    return pytest.mark.parametrize("size", sizes, ids=lambda size: "{}x{}x{}".format(*size))


def keys(rows):
    return [row.pk for row in rows]


def statements(*args, **how):
    """Answer the statements of a change, and its outcome.

    Within a test's own transaction the door's BEGIN and COMMIT do not show and are put back;
    `test_begin_and_commit` looks at real ones.
    """
    with CaptureQueriesContext(connection) as captured:
        outcome = change_status(*args, **how)
    sent = [query["sql"].strip() for query in captured]
    return sent if how.get("dry_run") else ["BEGIN", *sent, "COMMIT"], outcome


def assert_moves(number, kind, rows, to, by):
    """All rows of one chunk move, with exactly this number of statements."""
    rows = list(rows[:CHUNK])
    sent, outcome = statements(kind, keys(rows), to, by=by)
    assert len(outcome.of("moved")) == len(rows), outcome.refusal
    assert len(sent) == number, "\n".join(text[:120] for text in sent)


def assert_writes_nothing(*args, **how):
    before = StatusEvent.objects.count(), Alert.objects.count()
    sent, outcome = statements(*args, **how)
    assert not [text for text in sent if text.startswith(("INSERT", "UPDATE", "DELETE", "SAVEPOINT"))]
    assert (StatusEvent.objects.count(), Alert.objects.count()) == before
    return outcome


# --- fulfilment ------------------------------------------------------------------------------------


@every_size()
def test_order_takes_its_packages_and_lines_along(shop, size):
    number, packages, lines = size
    orders = make_orders(shop, *size, types=EVERY_TYPE)
    for to in (7, 8, 10):
        assert_moves(FULFILMENT, "order", orders, to, agent(shop))
    assert StatusEvent.objects.count() == 3 * number * (1 + packages + packages * lines)


@every_size(EXTREMES)
def test_cancelled_order(shop, size):
    assert_moves(FULFILMENT, "order", make_orders(shop, *size, types=EVERY_TYPE), 99, agent(shop))


@every_size(EXTREMES)
def test_packages_take_their_order_along(shop, size):
    make_orders(shop, *size)
    assert_moves(FULFILMENT, "package", Package.objects.order_by("pk"), 2, agent(shop))


@every_size(EXTREMES)
def test_lines_take_their_packages_and_order_along(shop, size):
    make_orders(shop, *size)
    assert_moves(FULFILMENT, "line", OrderlineToPackage.objects.order_by("pk"), 10, agent(shop))


# --- with deliveries and collects ------------------------------------------------------------------


@every_size()
def test_deliveries_take_everything_along(shop, size):
    deliveries = add_deliveries(make_orders(shop, *size))
    assert_moves(11, "delivery", deliveries, "DELIVERY_IN_TRANSIT", agent(shop))


@every_size()
def test_collects_take_everything_along(shop, size):
    collects = add_collects(make_orders(shop, *size, types=("collect",)))
    assert_moves(11, "collect", collects, "COLLECT_STOCK_OK", agent(shop))


@every_size(WITH_SEVERAL_PACKAGES)
def test_cancelled_order_takes_its_deliveries_and_collects_along(shop, size):
    orders = make_orders(shop, *size, types=EVERY_TYPE)
    add_deliveries(orders)
    add_collects(orders)
    assert_moves(12, "order", orders, 99, agent(shop))


@pytest.mark.postgres  # Django sends SQLite a thousand values at most: five hundred jobs come in batches
@every_size(WITH_SEVERAL_PACKAGES)
def test_cancelled_order_whose_carriers_are_asked(shop, size):
    orders = make_orders(shop, *size, types=EVERY_TYPE)
    add_deliveries(orders)
    add_collects(orders)
    book_at_carrier(shop)
    assert_moves(13, "order", orders, 99, agent(shop))
    assert Job.objects.filter(kind="cancel_delivery").count() == Delivery.objects.count()


def book_at_carrier(shop):
    """Make all deliveries known to a carrier that must be asked before they end."""
    account = CarrierAccount.objects.create(shop=shop, carrier="sendcloud", code="sendcloud")
    Delivery.objects.update(account=account, carrier_ref=Cast("pk", CharField()))


# --- nothing to do ---------------------------------------------------------------------------------


@every_size(SIZES[:2])
def test_repeated_change_writes_nothing(shop, size):
    orders = make_orders(shop, *size)
    change_status("order", keys(orders), 8, by=agent(shop))
    outcome = assert_writes_nothing("order", keys(orders), 8, by=agent(shop))
    assert len(outcome.of("already")) == len(orders)


@pytest.mark.parametrize(
    ("code", "to", "how"),
    [
        ("status_below", 7, {}),
        ("reason_required", 98, {}),
        ("version_conflict", 10, {"versions": 0}),
        ("source_not_allowed", 10, {"source": Source.ML}),
        ("not_permitted", 10, {"may_change": False}),
        ("override_not_permitted", 10, {"override": True, "reason": "why"}),
    ],
)
def test_refused_change_writes_nothing(shop, code, to, how):
    [order] = make_orders(shop, 1, 3, 4)
    change_status("order", [order.pk], 8, by=agent(shop))
    rights = {name: how.pop(name) for name in ("source", "may_change") if name in how}
    if "versions" in how:
        how["versions"] = {order.pk: how["versions"]}
    outcome = assert_writes_nothing("order", [order.pk], to, by=agent(shop, **rights), **how)
    assert outcome.refusal.code == code


def test_unreachable_order_is_missing_and_nothing_is_written(shop):
    [order] = make_orders(shop, 1, 3, 4)
    outcome = assert_writes_nothing("order", [order.pk], 7, by=agent(make_shop()))
    assert outcome.missing == [order.pk]


@every_size(EXTREMES)
def test_preview_writes_and_locks_nothing(shop, size):
    orders = make_orders(shop, *size, types=EVERY_TYPE)
    outcome = assert_writes_nothing("order", keys(orders), 10, by=agent(shop), dry_run=True)
    sent, _outcome = statements("order", keys(orders), 10, by=agent(shop), dry_run=True)
    assert len(outcome.of("moved")) == len(orders)
    assert [text for text in sent if "FOR NO KEY UPDATE" in text] == []
    assert len(sent) == 4


# --- what the tests above take for granted ---------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_begin_and_commit(shop):
    [order] = make_orders(shop, 1, 3, 4)
    with CaptureQueriesContext(connection) as captured:
        change_status("order", [order.pk], 7, by=agent(shop))
    sent = [query["sql"] for query in captured]
    assert (sent[0].split()[0], sent[-1], len(sent)) == ("BEGIN", "COMMIT", FULFILMENT)
