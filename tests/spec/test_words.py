"""D10: the pair form and the legacy words, at the door and back."""

import pytest

from deliveries.statuses import pair_of, read_status
from deliveries.tracking import UnknownStatus, put_status
from tests.reference import links
from tests.reference import statuses as s
from tests.reference.state import Delivery
from tests.spec.build import order
from tests.spec.world import read
from woop.models import Alert

pytestmark = pytest.mark.django_db

FORMS = [(word, "", word) for word in s.DELIVERY]
FORMS += [(word, sub, flat) for (word, sub), flat in links.PAIRS.items()]
FORMS += [(word, "", flat) for word, flat in {**links.LEGACY, **links.REASON_MISSING}.items()]


def put(world, word, sub):
    """Put one word on a delivery from which everything is legal; answer its status and the alerts."""
    start = s.DELAYED if word == s.BLOCKED else s.BLOCKED
    state = world.put([order(("homedelivery", 0, [0]), deliveries=[Delivery(1, [1], start)])])[0]
    row = _row(state)
    put_status(row, status=word, sub_status=sub, comment="why")
    alerts = Alert.objects.filter(order=state.order.id).values_list("code", flat=True)
    return read([state.order.id])[0].deliveries[row.pk].status, list(alerts)


def _row(state):
    from deliveries.models import Delivery as Row

    return Row.objects.select_related("account").get(pk=next(iter(state.deliveries)))


@pytest.mark.parametrize(("word", "sub", "flat"), FORMS)
def test_every_spelling_is_stored_flat(world, word, sub, flat):
    status, alerts = put(world, word, sub)
    assert status == flat
    assert ("reason_missing" in alerts) == (word in links.REASON_MISSING and not sub)


@pytest.mark.parametrize("flat", s.DELIVERY)
def test_every_word_is_answered_as_a_pair_that_reads_back(flat):
    word, sub = pair_of(flat)
    assert read_status(word, sub or "") == (flat, "")
    assert sub is None or links.PAIRS[word, sub] == flat


@pytest.mark.parametrize(
    ("word", "sub"),
    [
        ("DELIVERY_LOST", ""),
        ("", ""),
        ("DELIVERY_KO", "WITH_CLAIM"),
        ("DELIVERY_OK", "FAILED"),
        ("ORDER_DELIVERED", ""),
    ],
)
def test_other_words_are_unknown_and_change_nothing(world, word, sub):
    state = world.put([order(("homedelivery", 0, [0]), deliveries=[Delivery(1, [1])])])[0]
    with pytest.raises(UnknownStatus):
        put_status(_row(state), status=word, sub_status=sub)
    assert read([state.order.id])[0] == state
