"""The second wall: what the database itself refuses, whoever asks."""

from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from orders.models import Order, OrderlineToPackage, Package
from tests.factories import make_order, make_shop
from tests.orders.building import move, must_move
from woop import wall
from woop.models import Maintenance, StatusEvent

pytestmark = pytest.mark.django_db

ROWS = {Order: (7, 8, 5), Package: (1, 2, 0), OrderlineToPackage: (10, 20, 0)}  # floor, status, below


@pytest.fixture
def order():
    return make_order(make_shop())


def execute(statement, *values):
    """Send a statement as a hand in the database would."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def write(row, status):
    return execute(f"UPDATE {row._meta.db_table} SET status = %s WHERE id = %s", status, row.pk)


def status_of(row):
    return type(row).objects.values_list("status", flat=True).get(pk=row.pk)


def assert_refused(row, to):
    before = status_of(row)
    with pytest.raises(IntegrityError, match="woop: .*may not become|is not possible"):
        write(row, to)
    assert status_of(row) == before


@pytest.mark.parametrize("model", ROWS)
def test_status_never_falls(order, model):
    must_move(order, 8)
    row = model.objects.get()
    assert_refused(row, ROWS[model][0])
    assert_refused(row, ROWS[model][2])
    assert write(row, ROWS[model][1]) == 1  # where it is


@pytest.mark.parametrize("model", ROWS)
@pytest.mark.parametrize("to", [0, 98])
def test_cancelled_is_final(order, model, to):
    must_move(order, 99)
    assert_refused(model.objects.get(), 5 if model is Order and to == 0 else to)


@pytest.mark.parametrize("model", ROWS)
def test_out_of_error_not_below_the_floor(order, model):
    must_move(order, 8)
    row = model.objects.get()
    assert move(row, 98, reason="look").refusal is None
    assert_refused(row, ROWS[model][0])
    assert write(row, ROWS[model][1]) == 1


def test_up_and_into_error_are_let_through(order):
    package = Package.objects.get()
    assert [write(package, status) for status in (1, 4, 98, 99, 99)] == [1] * 5


def test_queryset_cannot_go_round_it(order):
    must_move(order, 8)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(status=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.bulk_update([Order(pk=order.pk, status=5)], ["status"])
    assert status_of(order) == 8


def test_other_columns_can_be_written_whatever_the_status(order):
    must_move(order, 99)
    assert execute("UPDATE orders_order SET street = 'x' WHERE id = %s", order.pk) == 1


# --- the history -----------------------------------------------------------------------------------

REWRITES = {
    "update": "UPDATE woop_statusevent SET reason = 'never' WHERE order_id = %s",
    "delete": "DELETE FROM woop_statusevent WHERE order_id = %s",
}


@pytest.mark.parametrize("rewrite", REWRITES)
def test_history_is_append_only(order, rewrite):
    before = list(order.events.values())
    with pytest.raises(IntegrityError, match="append-only"):
        execute(REWRITES[rewrite], order.pk)
    assert list(order.events.values()) == before


def test_history_outlives_its_order(order):
    key, number = order.pk, order.events.count()
    order.delete()
    assert StatusEvent.objects.filter(order_id=key).count() == number


# --- the switch ------------------------------------------------------------------------------------


def test_maintenance_opens_the_wall_and_closes_it_again(order):
    must_move(order, 8)
    switch = Maintenance.objects.create(is_open=True, opened_by="operator")
    assert write(order, 5) == 1
    assert execute(REWRITES["update"], order.pk) == order.events.count()
    switch.is_open = False
    switch.save()
    write(order, 8)
    assert_refused(order, 7)
    with pytest.raises(IntegrityError):
        execute(REWRITES["delete"], order.pk)


def test_history_can_be_thinned_out_in_maintenance(order):
    number = order.events.count()
    Maintenance.objects.create(is_open=True)
    assert execute(REWRITES["delete"], order.pk) == number


# --- is it standing? -------------------------------------------------------------------------------


def drop(name, table):
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER {name}{on}")


def missing():
    return [(message.id, message.msg) for message in wall.check_wall(["default"])]


def test_every_trigger_stands():
    assert len(wall.trigger_names()) == 5
    assert wall.standing_triggers(connection) >= wall.trigger_names()
    assert missing() == []
    assert wall.check_wall(None) == []


def test_check_reports_what_is_missing_and_migrate_puts_it_up(order):
    drop("orders_package_falls", "orders_package")
    drop("woop_statusevent_delete", "woop_statusevent")
    text = "Triggers are missing: orders_package_falls, woop_statusevent_delete"
    assert missing() == [("woop.E001", text)]
    assert [message.id for message in run_checks(databases=["default"]) if message.level >= 40] == [
        "woop.E001"
    ]
    call_command("migrate", stdout=StringIO(), skip_checks=True)
    assert missing() == []
    must_move(order, 8)
    assert_refused(Package.objects.get(), 1)


def test_installing_twice_changes_nothing(order):
    wall.install()
    wall.install()
    assert missing() == []
    must_move(order, 8)
    assert_refused(order, 7)


@pytest.mark.postgres
def test_disabled_trigger_is_missing():
    execute("ALTER TABLE orders_order DISABLE TRIGGER orders_order_falls")
    assert missing() == [("woop.E001", "Triggers are missing: orders_order_falls")]


def test_wall_waits_for_its_tables(monkeypatch):
    """The first migrations run before there is anything to guard."""
    monkeypatch.setattr(type(connection.introspection), "table_names", lambda self: [])
    monkeypatch.setattr(wall, "_postgresql", None)
    monkeypatch.setattr(wall, "_sqlite", None)
    wall.install()
    assert missing() == []
