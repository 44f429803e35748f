from datetime import UTC, datetime

import pytest

from carriers.adapters import reading


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("  a ", "a"),
        (7, "7"),
        (1.5, "1.5"),
        (None, ""),
        (True, ""),
        ({}, ""),
        ("a\x00b", "ab"),
        ("x" * 300, "x" * 255),
    ],
)
def test_text(value, read):
    assert reading.text(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("383707309", "383707309"),
        (5, "5"),
        ("a-b_c.d:e", "a-b_c.d:e"),
        ("..", ""),
        ("a/b", ""),
        ("", ""),
        ("x" * 81, ""),
    ],
)
def test_reference_is_safe_in_a_path(value, read):
    assert reading.reference(value) == read


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Lange Straat 12b", ("Lange Straat", "12b")),
        ("Straat 5-7", ("Straat", "5-7")),
        ("Plein 1944 10", ("Plein 1944", "10")),
        ("12 rue de la Paix", ("12 rue de la Paix", "")),
        ("De Dam", ("De Dam", "")),
        ("Straat 12 b", ("Straat", "12 b")),
        ("Straat 12/2", ("Straat", "12/2")),
        ("  ", ("", "")),
    ],
)
def test_street_and_number(line, parts):
    assert reading.split_street(line) == parts


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1795261231512, datetime(2026, 11, 21, 11, 40, 31, 512_000, tzinfo=UTC)),
        (1795261231, datetime(2026, 11, 21, 11, 40, 31, tzinfo=UTC)),
        (10**30, None),
        (float("nan"), None),
        ("1795261231512", None),
        (True, None),
        (None, None),
    ],
)
def test_milliseconds(value, read):
    assert reading.milliseconds(value) == read
