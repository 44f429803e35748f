"""Every legal move of a machine, as django-fsm knows it."""

from typing import Any, NamedTuple

from django.db import models
from django_fsm import FSMFieldMixin

NEEDS = {
    "below_floor": "",  # said by the override already
    "acceptance_pending": "",  # the gate has a picture of its own
    "not_resumable": "as it was interrupted",
    "single_dropoff": "several drop-offs",
}


class Edge(NamedTuple):
    source: Any
    target: Any
    label: str = ""


def field_of(model: type[models.Model], name: str) -> Any:
    field = model._meta.get_field(name)
    assert isinstance(field, FSMFieldMixin)
    return field


def edges_of(model: type[models.Model], name: str) -> list[Edge]:
    """Return every move of a machine in the order of its statuses, each with what it needs."""
    field = field_of(model, name)
    place = {value: number for number, (value, _title) in enumerate(field.choices)}
    edges = [Edge(t.source, t.target, _needs(t)) for t in field.get_all_transitions(model)]
    return sorted(set(edges), key=lambda edge: (place[edge.source], place[edge.target]))


def _needs(move: Any) -> str:
    words = [NEEDS[condition.code] for condition in move.conditions]
    if move.permission:
        words.append("override")
    if move.custom["needs_reason"]:
        words.append("with a reason")
    return ", ".join(word for word in words if word)


def word(value: Any) -> str:
    """Return a status without the prefix that all of its machine share."""
    text = str(value)
    return text.partition("_")[2] if text.isupper() else text


def states_of(model: type[models.Model], name: str) -> list[tuple[Any, str]]:
    return [(value, str(title)) for value, title in field_of(model, name).choices]
