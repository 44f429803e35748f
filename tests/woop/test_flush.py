"""The tests' own flush, which must get past the wall."""

import pytest

from tests.factories import make_order, make_shop
from woop.models import Maintenance, StatusEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("time", ["first", "second"])
def test_history_of_an_earlier_test_is_gone(time):
    assert StatusEvent.objects.count() == 0
    assert Maintenance.objects.count() == 0
    make_order(make_shop())
    assert StatusEvent.objects.count() == 4
