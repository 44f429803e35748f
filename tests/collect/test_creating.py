"""Asking a store to hand packages over."""

import pytest
from django.db import transaction

from collect.models import Collect
from collect.selectors import collects_for
from collect.services import create_collect
from orders.models import Order
from tests.collect.visiting import collected, go
from tests.factories import agent, make_order, make_shop
from tests.orders.building import history_is_whole, must_move, order_of
from woop.errors import InvalidInput, RuleError
from woop.models import Store
from woop.sources import Source


@pytest.fixture
def order(shop):
    return order_of(shop, ("collect", {"A": 1}), ("homedelivery", {"B": 1}), ("collect", {"C": 1}))


@pytest.fixture
def store(shop):
    return shop.stores.get()


def positions(collect):
    return sorted(collect.packages.values_list("position", flat=True))


def test_all_packages_that_wait(order, store):
    collect = create_collect(order, store, actor=agent(order.shop, Source.API))
    assert (collect.status, collect.store, collect.follows) == ("COLLECT_INIT", store, None)
    assert positions(collect) == [1, 3]
    event = order.events.get(object_type="collect")
    assert (event.object_id, event.from_status, event.to_status) == (collect.pk, None, "COLLECT_INIT")
    assert (event.source, event.cause) == ("api", None)
    assert Order.objects.get(pk=order.pk).version == order.version + 1
    assert history_is_whole(order)


def test_some_of_them_and_then_the_rest(order, store):
    first, _home, third = order.packages.order_by("position")
    one = create_collect(order, store, actor=agent(order.shop), package_ids=[third.pk, third.pk])
    rest = create_collect(order, store, actor=agent(order.shop))
    assert (positions(one), positions(rest)) == ([3], [1])
    go(one, "STOCK_OK", "STARTED", "READY", "IN_PROGRESS", "PICK_UP_OK")
    assert list(order.packages.order_by("position").values_list("status", flat=True)) == [0, 0, 4]
    assert first.pk != third.pk


def refused(order, store, **how):
    before = Collect.objects.count()
    with pytest.raises((RuleError, InvalidInput)) as caught, transaction.atomic():
        create_collect(order, store, **{"actor": agent(order.shop)} | how)
    assert Collect.objects.count() == before
    error = caught.value
    return error.refusal.code if isinstance(error, RuleError) else list(error.errors)


def test_requests_that_are_refused(shop, order, store):
    first, home, _third = order.packages.order_by("position")
    foreign = order_of(shop, ("collect", {"A": 1})).packages.get()
    assert refused(order, store, package_ids=[]) == ["packages"]
    assert refused(order, store, package_ids=[home.pk]) == ["packages"]
    assert refused(order, store, package_ids=[first.pk, foreign.pk]) == ["packages"]
    assert refused(order, store, version=order.version - 1) == "version_conflict"
    assert refused(order, Store.objects.get(shop=make_shop())) == ["store"]
    assert refused(make_order(shop), store) == "no_package"
    create_collect(order, store, actor=agent(shop), package_ids=[first.pk])
    assert refused(order, store, package_ids=[first.pk]) == "package_not_waiting"
    create_collect(order, store, actor=agent(shop))
    assert refused(order, store) == "no_package"


def test_order_that_waits_or_is_cancelled(shop, store):
    waiting = order_of(shop, ("collect", {"A": 1}), requires_acceptance=True)
    assert refused(waiting, store) == "acceptance_pending"
    cancelled = order_of(shop, ("collect", {"A": 1}))
    must_move(cancelled, 99)
    assert refused(cancelled, store) == "final"


def test_reader_and_stranger(order, store):
    assert refused(order, store, actor=agent(order.shop, may_change=False)) == "not_permitted"
    with pytest.raises(Order.DoesNotExist), transaction.atomic():
        create_collect(order, store, actor=agent(make_shop()))


def test_collects_of_another_shop_are_invisible(shop):
    _order, collect = collected(shop)
    assert list(collects_for(agent(shop))) == [collect]
    assert list(collects_for(agent(make_shop()))) == []
