"""Every id that Sendcloud has been seen to use, with what it sets by default."""

import pytest

from carriers.adapters.sendcloud.adapter import SendcloudAdapter
from carriers.adapters.sendcloud.statuses import STATUSES

EXPECTED = [
    # id, delivery, package, alert
    ("999", "", None, False),
    ("1000", "DELIVERY_INIT", 2, False),
    ("1001", "DELIVERY_INIT", None, False),
    ("1", "DELIVERY_INIT", 2, False),
    ("1002", "DELIVERY_FAILED", 98, False),
    ("13", "DELIVERY_DELAYED", None, True),
    ("15", "DELIVERY_FAILED_WITH_RETRY", None, True),
    ("22", "DELIVERY_PICK_UP_OK", 3, False),
    ("3", "DELIVERY_IN_TRANSIT", 3, False),
    ("62990", "DELIVERY_IN_TRANSIT", 3, False),
    ("7", "DELIVERY_IN_TRANSIT", 3, False),
    ("5", "DELIVERY_IN_TRANSIT", 3, False),
    ("6", "DELIVERY_DELAYED", 3, False),
    ("18", "DELIVERY_DELAYED", 3, False),
    ("62989", "DELIVERY_BLOCKED", 3, False),
    ("4", "DELIVERY_DELAYED", 3, False),
    ("91", "DELIVERY_IN_TRANSIT", 3, False),
    ("92", "DELIVERY_IN_PROGRESS", 3, False),
    ("8", "DELIVERY_FAILED_WITH_RETRY", 3, False),
    ("12", "DELIVERY_AVAILABLE", 4, False),
    ("93", "DELIVERY_OK", 4, False),
    ("11", "DELIVERY_OK", 4, False),
    ("10", "DELIVERY_OK", 4, True),
    ("62993", "", None, False),
    ("62994", "", None, False),
    ("62995", "", None, False),
    ("62996", "DELIVERY_BLOCKED", None, True),
    ("62997", "DELIVERY_BLOCKED", None, True),
    ("62991", "DELIVERY_REFUSED", None, False),
    ("80", "DELIVERY_FAILED", 98, False),
    ("62992", "DELIVERY_RETURNED_TO_SENDER", 5, False),
    ("2001", "", None, False),
    ("1999", "", None, False),
    ("1998", "DELIVERY_CANCELLED", 99, False),
    ("2000", "DELIVERY_CANCELLED", 99, False),
    ("94", "", None, True),
    ("1337", "", None, False),
]


def test_the_table_is_complete():
    assert len(EXPECTED) == 37
    assert sorted(row[0] for row in EXPECTED) == sorted(STATUSES)


@pytest.mark.parametrize(("raw", "delivery", "package", "alert"), EXPECTED)
def test_status(raw, delivery, package, alert):
    row = STATUSES[raw]
    assert row.meaning
    assert (row.delivery, row.package, row.alert) == (delivery, package, alert)


def test_groups_are_part_of_the_table():
    groups = SendcloudAdapter.final_statuses | SendcloudAdapter.cancel_requested_statuses
    assert groups | SendcloudAdapter.cancel_refused_statuses < set(STATUSES)
