"""What people call the things that have a status, and which colour a status has.

The apps fill this in their `tones.py` and `admin.py`; the pages of `woop` know the things by it alone.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from woop.machines import StrPromise

# Every tone has a light and a dark pair of colours in static/woop/chips.css.
TONES = ("idle", "busy", "ready", "moving", "good", "warn", "bad", "off")

Names = Callable[[Collection[int]], dict[int, str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its words for people, and its status fields with theirs."""

    name: str
    model: type[models.Model]
    title: StrPromise
    plural: StrPromise
    names: Names
    fields: Mapping[str, StrPromise] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number that a target wants to know before it can be reached, such as pieces of a line."""

    id: int
    label: str
    most: int


kinds: dict[str, Kind] = {}
_tones: dict[tuple[str, str], Mapping[Any, str]] = {}
# (kind, target) → the quantities that it asks for, given the primary key.
quantities: dict[tuple[str, Any], Callable[[int], list[Quantity]]] = {}
# "account" → names of these rows: whom the actor references of the history name.
actor_names: dict[str, Names] = {}


def register(kind: Kind) -> None:
    kinds[kind.name] = kind


def colour(kind: str, field: str, tones: Mapping[Any, str]) -> None:
    """Say which tone each status of a field has."""
    assert set(tones.values()) <= set(TONES)
    _tones[kind, field] = tones


@cache
def words(kind: str, field: str) -> dict[Any, StrPromise]:
    """Return the statuses of a field with their words, in the order of the machine."""
    choices: Any = kinds[kind].model._meta.get_field(field)
    return dict(choices.flatchoices)


def word(kind: str, field: str, status: Any) -> str:
    status = read(kind, field, status)
    return str(words(kind, field).get(status, "" if status is None else status))


def tone(kind: str, field: str, status: Any) -> str:
    return _tones.get((kind, field), {}).get(read(kind, field, status), "idle")


def read(kind: str, field: str, text: Any) -> Any:
    """Return a status as the machine knows it, from a form or from the history; None if it is none."""
    if text is None or kind not in kinds or field not in kinds[kind].fields:
        return None
    column: Any = kinds[kind].model._meta.get_field(field)
    try:
        status = column.to_python(text)
    except ValidationError:
        return None
    return status if status in words(kind, field) else None


def names_of(kind: str, ids: Collection[int]) -> dict[int, str]:
    """Return how to call rows of a kind, in one query."""
    known = {pk for pk in ids if pk}
    return kinds[kind].names(known) if known and kind in kinds else {}
