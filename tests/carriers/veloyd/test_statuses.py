"""Every number of Veloyd; the package numbers are those of the fulfilment document."""

import pytest

from carriers.adapters.veloyd.statuses import FINAL, NAMES, STATUSES

EXPECTED = [
    # number, delivery, package, alert
    ("1", "DELIVERY_INIT", 2, False),
    ("2", "DELIVERY_INIT", 2, False),
    ("3", "DELIVERY_PICK_UP_OK", 3, False),
    ("4", "DELIVERY_IN_TRANSIT", 3, False),
    ("5", "DELIVERY_BLOCKED", 98, False),
    ("6", "DELIVERY_AVAILABLE", 4, False),
    ("7", "DELIVERY_OK", 4, False),
    ("8", "DELIVERY_RETURNED_TO_SENDER", 5, False),
    ("9", "DELIVERY_CANCELLED", 99, False),
    ("10", "", None, True),
]


def test_the_table_is_complete():
    assert [row[0] for row in EXPECTED] == list(STATUSES)
    assert set(NAMES.values()) == set(STATUSES)
    assert set(STATUSES) > FINAL


@pytest.mark.parametrize(("raw", "delivery", "package", "alert"), EXPECTED)
def test_status(raw, delivery, package, alert):
    row = STATUSES[raw]
    assert row.meaning
    assert (row.delivery, row.package, row.alert) == (delivery, package, alert)
