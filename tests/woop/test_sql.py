"""Rows as a single parameter: every value arrives as it was sent, on both databases."""

from datetime import UTC, datetime
from operator import itemgetter

import pytest
from django.db import connection

from tests.factories import make_order, make_shop
from tests.orders.building import must_move
from woop import sql
from woop.sql import Column

pytestmark = pytest.mark.django_db

AWKWARD = [
    "",
    " ",
    "NULL",
    "null",
    '"',
    '""',
    '"quoted"',
    "'",
    "''; DROP TABLE orders_order; --",
    "\\",
    "\\\\",
    '\\"',
    '"\\',
    "\\n",
    "\\u0041",
    "%",
    "%s",
    "%(name)s",
    "{}",
    "{a,b}",
    ",",
    "[1, 2]",
    "a\nb",
    "a\tb",
    "a\rb\b\f",
    "é ü ß ł 書 🚲",
    "\u2028\u2029",
    "\x7f\x01",
    "long " * 1000,
]


def read_back(columns, rows):
    source, parameters = sql.table(columns, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.* FROM {source} AS t ORDER BY 1", parameters)
        return cursor.fetchall()


def columns(*types):
    return [Column(f"c{number}", type, itemgetter(number)) for number, type in enumerate(types)]


def test_texts_arrive_as_they_are():
    rows = [(number, text) for number, text in enumerate(AWKWARD)]
    assert read_back(columns("integer", "text"), rows) == rows


@pytest.mark.parametrize("text", AWKWARD)
def test_text_that_is_the_same_in_all_rows(text):
    rows = [(1, text), (2, text)]
    assert read_back(columns("integer", "text"), rows) == rows


@pytest.mark.parametrize("text", AWKWARD)
def test_text_beside_nothing(text):
    rows = [(1, text), (2, None), (3, text)]
    assert read_back(columns("integer", "text"), rows) == rows


def test_nothing_in_all_rows():
    assert read_back(columns("integer", "text", "integer"), [(1, None, None), (2, None, None)]) == [
        (1, None, None),
        (2, None, None),
    ]


def test_one_row():
    assert read_back(columns("integer", "text", "bigint"), [(7, "NULL", 2**53)]) == [(7, "NULL", 2**53)]


def test_keys_that_are_the_same_are_still_rows():
    """The first column is always a list: it says how many rows there are."""
    assert read_back(columns("integer", "text"), [(1, "a"), (1, "a")]) == [(1, "a")] * 2


def test_numbers_and_gaps():
    rows = [(1, 0, None), (2, -5, 99), (3, 2**31 - 1, None)]
    assert read_back(columns("integer", "integer", "integer"), rows) == rows


def test_thousands_of_rows():
    rows = [(number, f'"{number}\\', number % 3 or None) for number in range(5000)]
    assert read_back(columns("integer", "text", "integer"), rows) == rows


def test_keys_as_one_parameter():
    orders = [make_order(make_shop()) for _order in range(3)]
    wanted = [orders[0].pk, orders[2].pk, 0, 2**40]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM orders_order WHERE {sql.any_of('id')} ORDER BY id", [sql.number_list(wanted)]
        )
        assert cursor.fetchall() == [(orders[0].pk,), (orders[2].pk,)]
        cursor.execute(f"SELECT id FROM orders_order WHERE {sql.any_of('id')}", [sql.number_list([])])
        assert cursor.fetchall() == []


@pytest.mark.parametrize("text", [text for text in AWKWARD if text == text.strip() and text])
def test_reason_is_kept_to_the_letter(text):
    order = make_order(make_shop())
    must_move(order, 98, reason=text)
    assert order.events.get(to_status="98").reason == text


def test_times_get_their_zone():
    naive = datetime(2026, 11, 21, 12)
    assert sql.moment(naive) == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert sql.moment(sql.moment(naive)) == sql.moment(naive)
    assert sql.moment(None) is None
