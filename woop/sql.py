"""Table-valued parameters: how one statement carries any number of rows, on both databases.

The ORM cannot express an UPDATE or INSERT from a list of rows in one statement, and one statement per
row is what makes cascades slow.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection


def moment(value: datetime | None) -> datetime | None:
    """Return a time that a cursor read: SQLite's come without their zone."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Column(NamedTuple):
    """A column of a parameter table, with its type on PostgreSQL."""

    name: str
    type: str


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


def table(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> tuple[str, list[str]]:
    """Return `(SELECT …)` over the rows, with its parameters."""
    names = ", ".join(column.name for column in columns)
    if is_postgresql():
        arrays = ", ".join(f"%s::{column.type}[]" for column in columns)
        # Array literals written here: the driver's own adaptation costs ten times as much.
        values = [_array(values) for values in zip(*rows, strict=True)]
        return f"(SELECT * FROM unnest({arrays}) AS u({names}))", values
    picks = ", ".join(f"json_extract(value, '$[{i}]') AS {c.name}" for i, c in enumerate(columns))
    return f"(SELECT {picks} FROM json_each(%s))", [json.dumps(rows, default=str)]


def _array(values: Iterable[Any]) -> str:
    return "{" + ",".join(["NULL" if value is None else _item(value) for value in values]) + "}"


def _item(value: Any) -> str:
    if type(value) is int:
        return str(value)
    text = str(value)
    if text.isalnum() or text.replace("_", "").isalnum():
        # Spelled so, even the word NULL would be read as nothing.
        return text if text.upper() != "NULL" else f'"{text}"'
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
