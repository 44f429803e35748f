"""Who may see and change what: roles of users, scopes of keys."""

import pytest
from django.contrib.auth import get_user_model

from orders.selectors import lines_for, orders_for, packages_for
from tests.factories import make_order, make_shop
from tests.orders.building import move
from woop.actors import NOBODY, Actor
from woop.models import Membership, Role, StatusEvent, Store
from woop.permissions import actor_for_key, actor_for_user
from woop.services import create_api_key
from woop.sources import Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def harbour(shop):
    return Store.objects.create(shop=shop, code="harbour", name="Harbour")


def user(name="ada", **rights):
    return get_user_model().objects.create(username=name, is_staff=True, **rights)


def member(shop, role, store=None, **more):
    person = more.pop("user", None) or user(**more)
    Membership.objects.create(user=person, shop=shop, role=role, store=store)
    return person


@pytest.mark.parametrize(
    ("role", "may_change", "can_override"),
    [(Role.AGENT, True, False), (Role.SUPERVISOR, True, True), (Role.READ_ONLY, False, False)],
)
def test_role_in_a_shop(shop, role, may_change, can_override):
    person = member(shop, role)
    assert actor_for_user(person) == Actor(
        Source.BO, f"user:{person.pk}", shop.pk, None, may_change=may_change, can_override=can_override
    )


def test_store_staff(shop, harbour):
    person = member(shop, Role.STORE_STAFF, harbour)
    assert actor_for_user(person) == Actor(Source.BO, f"user:{person.pk}", shop.pk, frozenset({harbour.pk}))
    other = shop.stores.get(code="store")
    member(shop, Role.STORE_STAFF, other, user=person)
    assert actor_for_user(person).store_ids == {harbour.pk, other.pk}


def test_role_in_the_whole_shop_outranks_its_stores(shop, harbour):
    person = member(shop, Role.STORE_STAFF, harbour)
    member(shop, Role.READ_ONLY, user=person)
    assert actor_for_user(person).store_ids is None


def test_supervisor_of_one_store(shop, harbour):
    actor = actor_for_user(member(shop, Role.SUPERVISOR, harbour))
    assert (actor.store_ids, actor.can_override) == ({harbour.pk}, True)


def test_user_without_a_role_is_nobody():
    assert actor_for_user(user()) == NOBODY
    assert NOBODY.may_change is False


def test_superuser_sees_every_shop():
    person = user(is_superuser=True)
    assert actor_for_user(person) == Actor(Source.BO, f"user:{person.pk}", can_override=True)


def test_key(shop, harbour):
    key, _text = create_api_key(shop, name="till", scopes=["orders:read"])
    assert actor_for_key(key) == Actor(Source.API, f"key:{key.pk}", shop.pk)
    key, _text = create_api_key(shop, name="till", scopes=["orders:override"], stores=[harbour])
    assert actor_for_key(key) == Actor(
        Source.API, f"key:{key.pk}", shop.pk, frozenset({harbour.pk}), can_override=True
    )


def test_system_names_itself():
    assert Actor.system(Source.TIMER) == Actor(Source.TIMER, "timer", can_override=False)


# --- what that comes to ----------------------------------------------------------------------------


def actors(shop, harbour):
    return {
        "agent": actor_for_user(member(shop, Role.AGENT, name="agent")),
        "staff of the harbour": actor_for_user(member(shop, Role.STORE_STAFF, harbour, name="staff")),
        "agent elsewhere": actor_for_user(member(make_shop(), Role.AGENT, name="elsewhere")),
        "superuser": actor_for_user(user("root", is_superuser=True)),
        "nobody": NOBODY,
    }


def test_everybody_sees_what_is_his(shop, harbour):
    mine, theirs = make_order(shop, store="harbour"), make_order(shop, store="store")
    online = make_order(shop)
    seen = {name: set(orders_for(actor)) for name, actor in actors(shop, harbour).items()}
    assert seen == {
        "agent": {mine, theirs, online},
        "staff of the harbour": {mine},
        "agent elsewhere": set(),
        "superuser": {mine, theirs, online},
        "nobody": set(),
    }


@pytest.mark.parametrize("select", [packages_for, lines_for])
def test_rows_of_an_order_are_seen_with_it(shop, harbour, select):
    mine = make_order(shop, store="harbour")
    make_order(shop, store="store")
    seen = {name: {row.order_id for row in select(actor)} for name, actor in actors(shop, harbour).items()}
    assert seen["staff of the harbour"] == {mine.pk}
    assert (len(seen["agent"]), seen["agent elsewhere"], seen["nobody"]) == (2, set(), set())


@pytest.mark.parametrize("who", ["agent elsewhere", "nobody"])
def test_order_of_another_shop_does_not_exist(shop, harbour, who):
    order = make_order(shop, store="harbour")
    outcome = move(order, 7, by=actors(shop, harbour)[who])
    assert (outcome.missing, outcome.verdicts, outcome.moved, outcome.refusal) == ([order.pk], [], [], None)
    assert StatusEvent.objects.filter(to_status="7").count() == 0


def test_order_of_another_store_does_not_exist_for_store_staff(shop, harbour):
    mine, theirs = make_order(shop, store="harbour"), make_order(shop, store="store")
    staff = actors(shop, harbour)["staff of the harbour"]
    assert move(theirs, 7, by=staff).missing == [theirs.pk]
    assert move(mine, 7, by=staff).moved[0].context.actor == staff.reference


def test_reader_may_look_and_not_change(shop):
    order = make_order(shop)
    outcome = move(order, 7, by=actor_for_user(member(shop, Role.READ_ONLY)))
    assert (outcome.missing, outcome.refusal.code) == ([], "not_permitted")
