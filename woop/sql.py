"""Table-valued parameters: how one statement carries any number of rows, on both databases.

The ORM cannot express an UPDATE or INSERT from a list of rows in one statement, and one statement per
row is what makes cascades slow.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection


def moment(value: datetime | None) -> datetime | None:
    """Return a time that a cursor read: SQLite's come without their zone."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Column(NamedTuple):
    """A column of a parameter table: its type on PostgreSQL, and how an item gives its value."""

    name: str
    type: str
    read: Callable[[Any], Any]


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def any_of(column: str) -> str:
    """Return the condition that a column is one of the numbers of a single `number_list` parameter."""
    if is_postgresql():
        return f"{column} = ANY(%s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def number_list(numbers: Iterable[int]) -> str:
    inside = ",".join(map(str, numbers))
    return f"{{{inside}}}" if is_postgresql() else f"[{inside}]"


def table(columns: Sequence[Column], items: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return `(SELECT …)` with a row for each item, and its parameters. The first column is a key."""
    values = [list(map(column.read, items)) for column in columns]
    if is_postgresql():
        return _unnested(columns, values)
    picks = ", ".join(f"json_extract(value, '$[{i}]') AS {c.name}" for i, c in enumerate(columns))
    return f"(SELECT {picks} FROM json_each(%s))", [json.dumps(list(zip(*values, strict=True)), default=str)]


def _unnested(columns: Sequence[Column], values: Sequence[list[Any]]) -> tuple[str, list[Any]]:
    """Send lists side by side, but what is the same in all rows only once."""
    picks: list[str] = []
    same: list[str | None] = []
    listed: list[Column] = []
    lists: list[str] = []
    for column, items in zip(columns, values, strict=True):
        if listed and items.count(items[0]) == len(items):
            picks.append(f"%s::{column.type} AS {column.name}")
            same.append(None if items[0] is None else str(items[0]))
        else:
            picks.append(column.name)
            listed.append(column)
            lists.append(_array(items))
    arrays = ", ".join(f"%s::{column.type}[]" for column in listed)
    names = ", ".join(column.name for column in listed)
    return f"(SELECT {', '.join(picks)} FROM unnest({arrays}) AS u({names}))", [*same, *lists]


# What JSON spells otherwise than PostgreSQL's arrays, which only know quotes and backslashes.
CONTROL_CHARACTER = re.compile(r"\\[bfnrtu]")


def _array(values: list[Any]) -> str:
    """Return an array literal: JSON in other brackets, ten times as fast as the driver does it."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)
    if CONTROL_CHARACTER.search(text):
        text = f"[{','.join(map(_quoted, values))}]"
    return f"{{{text[1:-1]}}}"


def _quoted(value: Any) -> str:
    if value is None:
        return "NULL"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
