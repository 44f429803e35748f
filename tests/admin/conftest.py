import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import make_shop
from woop.models import Membership, Role, Store

PASSWORD = "a long password"


def make_user(name, shop=None, role=None, store=None, **more):
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True, **more)
    if shop is not None:
        Membership.objects.create(user=user, shop=shop, role=role, store=store)
    return user


@pytest.fixture
def shop(db):
    return make_shop(code="north", name="North")


@pytest.fixture
def store(shop):
    return shop.stores.get()


@pytest.fixture
def other_store(shop):
    return Store.objects.create(shop=shop, code="second", name="Second")


@pytest.fixture
def other_shop(db):
    return make_shop(code="south", name="South")


@pytest.fixture
def users(shop, store):
    return {
        "agent": make_user("agent", shop, Role.AGENT),
        "supervisor": make_user("supervisor", shop, Role.SUPERVISOR),
        "store": make_user("store", shop, Role.STORE_STAFF, store),
        "reader": make_user("reader", shop, Role.READ_ONLY),
        "nobody": make_user("nobody"),
        "operator": User.objects.create_superuser("operator", password=PASSWORD),
    }


@pytest.fixture
def as_(users):
    """Return a logged-in client of a role: as_("agent")."""

    def login(role):
        client = Client()
        client.force_login(users[role])
        return client

    return login


@pytest.fixture
def agent(as_):
    return as_("agent")


@pytest.fixture
def supervisor(as_):
    return as_("supervisor")


@pytest.fixture
def count_queries():
    def count(call):
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    return count
