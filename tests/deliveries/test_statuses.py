"""The words of deliveries, and what several deliveries mean for their order (D7)."""

from itertools import combinations_with_replacement

import pytest

from carriers import statuses as carrier_words
from deliveries.models import Delivery
from deliveries.statuses import (
    ENDED,
    LEGACY,
    OPEN,
    ORDER_STATUS,
    PAIRS,
    DeliveryStatus,
    derive_order_status,
    pair_of,
    read_status,
)
from orders.models import Order
from orders.statuses import DeliveryStatusOfOrder, PackageStatus
from tests.deliveries.acting import by_hand, everything, fresh
from tests.factories import make_order
from tests.orders.building import must_move

S, D = DeliveryStatus, DeliveryStatusOfOrder


def test_carriers_may_speak_of_every_status():
    assert sorted(carrier_words.DELIVERY_WORDS) == sorted(S.values)
    assert tuple(PackageStatus.values) == carrier_words.PACKAGE_STATUSES


# --- spellings (D10) -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", S)
def test_what_is_answered_can_be_sent_back(status):
    word, sub = pair_of(status)
    assert read_status(word, sub or "") == (status, "")
    assert read_status(status) == (status, "")


@pytest.mark.parametrize(("pair", "flat"), PAIRS.items())
def test_pairs_are_read(pair, flat):
    assert read_status(*pair) == (flat, "")


def test_only_words_that_have_a_pair_are_answered_as_one():
    paired = {status: pair_of(status) for status in S if pair_of(status) != (status.value, None)}
    assert paired == {
        S.WITH_CLAIM: ("DELIVERY_OK", "WITH_CLAIM"),
        S.FAILED: ("DELIVERY_PICK_UP_KO", "FAILED"),
        S.FAILED_WITH_RETRY: ("DELIVERY_KO", "FAILED_WITH_RETRY"),
        S.FAILED_WITH_RETURN: ("DELIVERY_KO", "FAILED_WITH_RETURN"),
        S.REFUSED: ("DELIVERY_KO", "REFUSED"),
        S.NOT_COLLECTED: ("DELIVERY_KO", "NOT_COLLECTED"),
        S.CLOSED: ("DELIVERY_CANCELLED", "CLOSED"),
    }


def test_legacy_words_are_no_present_ones():
    assert set(LEGACY) & set(S.values) == set()
    assert all(read_status(word) == meaning for word, meaning in LEGACY.items())


# --- several deliveries (D7) -----------------------------------------------------------------------


def test_every_status_has_its_meaning_for_the_order():
    assert set(ORDER_STATUS) == set(S)
    assert {status for status in S if ORDER_STATUS[status] in (D.TO_DELIVER, D.BEING_DELIVERED)} == OPEN
    assert set(S) == OPEN | ENDED


def expected(statuses):
    """The rule in the words of the specification."""
    counting = [status for status in statuses if status not in (S.CANCELLED, S.CLOSED)] or statuses
    words = [ORDER_STATUS[status] for status in counting]
    for word in (D.BEING_DELIVERED, D.TO_DELIVER):
        if word in words:
            return word
    return D.DELIVERED if all(word == D.DELIVERED for word in words) else D.DELIVERY_UNCOMPLETED


def test_up_to_three_deliveries_in_every_status():
    for number in (1, 2, 3):
        for statuses in combinations_with_replacement(S, number):
            assert derive_order_status(list(statuses)) == expected(statuses), statuses
            assert derive_order_status(list(statuses[::-1])) == expected(statuses), statuses


def test_no_delivery_means_nothing():
    assert derive_order_status([]) is None


@pytest.fixture
def order(shop):
    return make_order(shop, packages=3)


@pytest.fixture
def deliveries(order):
    return [by_hand(order, package_ids=[package.pk]) for package in order.packages.order_by("position")]


def test_order_follows_its_deliveries(order, deliveries):
    one, two, three = deliveries
    seen = []
    for delivery, to in (
        (one, S.OK),
        (two, S.IN_TRANSIT),
        (two, S.OK),
        (three, S.CANCELLED),
        (one, S.WITH_CLAIM),
    ):
        must_move(delivery, to)
        seen.append(Order.objects.get(pk=order.pk).delivery_status)
    assert seen == [D.TO_DELIVER, D.BEING_DELIVERED, D.TO_DELIVER, D.DELIVERED, D.DELIVERED]


def test_nothing_but_cancelled_deliveries(order, deliveries):
    for delivery in deliveries:
        must_move(delivery, S.CANCELLED)
    assert everything(order)[:4] == (5, [0, 0, 0], [0, 0, 0], D.DELIVERY_UNCOMPLETED)


def test_one_failure_among_the_delivered(order, deliveries):
    one, two, three = deliveries
    must_move(one, S.OK)
    must_move(two, S.OK)
    must_move(three, S.FAILED)
    assert everything(order)[3] == D.DELIVERY_UNCOMPLETED


def test_replaced_delivery_does_not_count(order, deliveries):
    one, two, three = deliveries
    must_move(one, S.FAILED)
    must_move(two, S.OK)
    must_move(three, S.OK)
    anew = by_hand(order)
    assert (fresh(one).replaced_by, fresh(two).replaced_by) == (anew, None)
    must_move(anew, S.OK)
    assert everything(order)[3] == D.DELIVERED


def test_delivery_that_lost_one_of_its_packages_goes_on_with_the_other(shop):
    order = make_order(shop, packages=2)
    both = by_hand(order)
    first, second = order.packages.order_by("position")
    must_move(both, S.FAILED)
    anew = by_hand(order, package_ids=[first.pk])
    assert fresh(both).replaced_by is None
    links = Delivery.packages.through.objects.order_by("delivery", "package")
    assert list(links.values_list("delivery", "package", "is_current")) == [
        (both.pk, first.pk, False),
        (both.pk, second.pk, True),
        (anew.pk, first.pk, True),
    ]
    must_move(both, S.RETURNED_TO_SENDER)
    assert everything(order)[1] == [0, 5]


def test_cancelled_order_stays_cancelled_whatever_its_deliveries_say(order, deliveries):
    one, two, three = deliveries
    must_move(one, S.IN_TRANSIT)
    must_move(order, 99, override=True, reason="customer insists")
    assert everything(order)[3:] == (D.CANCELLED, [S.IN_TRANSIT, S.CANCELLED, S.CANCELLED])
    must_move(one, S.OK)
    assert everything(order)[3] == D.CANCELLED


def test_end_of_an_old_attempt_does_not_stop_a_new_choice(shop):
    order = make_order(shop)
    delivery = by_hand(order)
    must_move(delivery, S.FAILED)
    must_move(order, D.TO_BE_QUOTED, field="delivery_status")
    must_move(delivery, S.RETURNED_TO_SENDER)
    assert everything(order)[3] == D.TO_BE_QUOTED
