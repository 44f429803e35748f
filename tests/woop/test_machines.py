"""StatusModel: what django-fsm leaves open, closed; and the questions that the tables answer."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django_fsm import ConcurrentTransition, TransitionNotAllowed, can_proceed

from collect.models import Collect
from deliveries.models import Delivery
from orders.models import Order, OrderlineToPackage, Package
from orders.statuses import OrderStatus
from tests.factories import make_order, make_shop
from tests.orders.building import must_move
from woop import machines
from woop.machines import StatusModel

pytestmark = pytest.mark.django_db

MODELS = (Order, Package, OrderlineToPackage, Delivery, Collect)


@pytest.fixture
def order():
    return make_order(make_shop())


def is_protected(row, field="status"):
    try:
        setattr(row, field, 10)
    except AttributeError:
        return True
    return False


@pytest.mark.parametrize("model", MODELS)
def test_every_status_is_protected(model):
    assert issubclass(model, StatusModel)
    for field in model.machines:
        assert model._meta.get_field(field).protected


@pytest.mark.parametrize("field", ["status", "delivery_status", "acceptance"])
def test_direct_assignment_is_refused(order, field):
    before = getattr(order, field)
    with pytest.raises(AttributeError, match=f"Direct {field} modification is not allowed"):
        setattr(order, field, 10)
    assert getattr(order, field) == before


# --- refresh_from_db -------------------------------------------------------------------------------


def test_refresh_takes_the_new_status(order):
    must_move(order, 8)
    order.refresh_from_db()
    assert (order.status, order.floor, order.version) == (8, 8, 7)
    assert is_protected(order)
    order.street = "elsewhere"
    order.save(update_fields=["street"])


def test_refresh_of_one_field_leaves_the_others(order):
    must_move(order, 8)
    order.refresh_from_db(fields=["version"])
    assert (order.status, order.version) == (5, 7)
    order.refresh_from_db(fields=["status"])
    assert order.status == 8
    assert is_protected(order)


def test_refresh_of_a_row_that_is_gone_keeps_everything_protected(order):
    other = make_order(make_shop())
    Order.objects.filter(pk=order.pk).delete()
    with pytest.raises(Order.DoesNotExist):
        order.refresh_from_db()
    assert [is_protected(row) for row in (order, other, Order.objects.get(pk=other.pk))] == [True] * 3
    assert Order._meta.get_field("status").protected
    assert (order.status, order.delivery_status) == (5, "ORDER_CREATED")


@pytest.fixture
def as_the_library_does(monkeypatch):
    """Take our own refresh away, and put the protection back that the library's leaves off."""
    monkeypatch.delattr(StatusModel, "refresh_from_db")
    yield
    for field in Order.machines:
        Order._meta.get_field(field).protected = True


def test_refresh_of_the_library_leaves_the_whole_class_open(order, as_the_library_does):
    Order.objects.filter(pk=order.pk).delete()
    with pytest.raises(Order.DoesNotExist):
        order.refresh_from_db()
    assert not is_protected(Order(status=5))


def written_meanwhile(order, monkeypatch):
    """Tell whether another thread could write a status while one reads its row again."""
    seen = []
    real = machines.models.Model.refresh_from_db

    def look_meanwhile(self, *args, **kwargs):
        other = Order(status=5)
        thread = threading.Thread(target=lambda: seen.append(is_protected(other)))
        thread.start()
        thread.join()
        return real(self, *args, **kwargs)

    monkeypatch.setattr(machines.models.Model, "refresh_from_db", look_meanwhile)
    order.refresh_from_db()
    return seen == [False]


def test_refresh_never_lifts_the_protection_for_other_threads(order, monkeypatch):
    assert not written_meanwhile(order, monkeypatch)


def test_refresh_of_the_library_lifts_it_for_everybody(order, monkeypatch, as_the_library_does):
    assert written_meanwhile(order, monkeypatch)


# --- validation, deferred fields, saving -----------------------------------------------------------


def test_full_clean_works_and_leaves_the_status(order):
    order.full_clean()
    assert order.status == 5
    order.customer_email = "no address"
    with pytest.raises(ValidationError) as caught:
        order.full_clean()
    assert caught.value.message_dict.keys() == {"customer_email"}


@pytest.mark.parametrize("model", [Order, Package, OrderlineToPackage])
def test_full_clean_of_every_kind(order, model):
    model.objects.first().full_clean()


def test_deferred_status_is_read_when_it_is_asked_for(order, django_assert_num_queries):
    with django_assert_num_queries(1):
        row = Order.objects.only("number").get(pk=order.pk)
    assert row.get_deferred_fields() >= {"status", "delivery_status", "acceptance"}
    with django_assert_num_queries(1):
        assert row.status == 5
    assert is_protected(row)


def test_deferred_status_is_not_written_back(order):
    row = Order.objects.defer("status").get(pk=order.pk)
    must_move(order, 8)
    row.street = "elsewhere"
    row.save()
    assert Order.objects.get(pk=order.pk).status == 8


def test_save_of_a_row_whose_status_moved_meanwhile_is_refused(order):
    stale = Order.objects.get(pk=order.pk)
    must_move(order, 8)
    stale.street = "elsewhere"
    with pytest.raises(ConcurrentTransition), transaction.atomic():
        stale.save()
    assert Order.objects.filter(pk=order.pk, status=8).exclude(street="elsewhere").exists()


def test_save_after_a_refresh_goes_through(order):
    stale = Order.objects.get(pk=order.pk)
    must_move(order, 8)
    stale.refresh_from_db()
    stale.street = "elsewhere"
    stale.save()
    assert Order.objects.filter(pk=order.pk, status=8, street="elsewhere").exists()


# --- the transitions that the tables became --------------------------------------------------------


def test_transitions_are_those_of_the_table(order):
    row = Order.objects.get(pk=order.pk)
    available = {move.target for move in row.get_available_status_transitions()}
    assert available == {7, 8, 10, 98, 99}
    assert can_proceed(row.status_to_done)
    assert not can_proceed(row.status_to_confirmed)
    with pytest.raises(TransitionNotAllowed):
        row.status_to_confirmed()


@pytest.mark.parametrize("model", [Order, Package, OrderlineToPackage])
def test_number_of_moves_of_a_scale(model):
    """Up between each two regular statuses, from each to 98 and 99, from 98 to each, and 98 to 99."""
    regular = len([status for status, _label in model._meta.get_field("status").choices if status < 98])
    assert len(machines._index(model, "status")) == regular * (regular - 1) // 2 + 3 * regular + 1


def test_move_that_is_not_declared_is_not_found():
    assert machines.find(Order, "status", 8, 7) is None
    assert machines.find(Order, "status", 99, 98) is None
    assert machines.find(Order, "status", 7, 8).target == OrderStatus.PROCESSED


def test_targets_are_in_the_order_of_the_machine():
    assert machines.targets(Order, "status") == (5, 7, 8, 10, 98, 99)
    assert machines.targets(Package, "status") == (0, 1, 2, 3, 4, 5, 98, 99)
    assert machines.targets(Order, "acceptance") == ("accepted", "cancelled_manually", "time_expired")


def test_sources_that_need_a_permission_are_not_automatic():
    assert machines.automatic_sources(Order, "status", 8) == {5, 7}
    assert machines.automatic_sources(Order, "status", 5) == set()
    assert machines.automatic_sources(Order, "status", 99) == {5, 7, 8, 10, 98}
