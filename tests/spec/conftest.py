import pytest
from django.db import transaction

from tests.spec.world import World


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One world for all the tests of a file, rolled back at its end: dry runs leave it as it is."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World.make()
        transaction.set_rollback(True)
