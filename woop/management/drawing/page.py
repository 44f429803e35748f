"""The page docs/states.md."""

from pathlib import Path

from django.conf import settings
from django.utils import translation

from woop.management.drawing import tables
from woop.management.drawing.diagrams import mermaid
from woop.management.drawing.moves import edges_of, states_of, word
from woop.management.drawing.views import MACHINES, Machine
from woop.nodes import registry

FILE = Path(settings.BASE_DIR) / "docs" / "states.md"

HEAD = """\
# The state machines

<!-- Written by `manage.py draw_states` from the moves that django-fsm knows: a test compares. -->

Seven statuses, each with its own machine. An arrow is a legal move; an arrow at a box stands for one at
each status in it. Whether somebody may make a legal move is a second question, which the tables of sources
at the end answer; what follows from a move is a third, which the links answer. Why the rules are as they
are is told in [decisions.md](decisions.md).
"""


def page() -> str:
    """Return the whole page, in English whatever the language of the process."""
    with translation.override("en"):
        parts = [HEAD, *(_machine(machine) for machine in MACHINES), _links(), _sources()]
    return "\n".join(parts)


def _machine(machine: Machine) -> str:
    edges = edges_of(machine.model, machine.field)
    titles = {value: _label(value, title) for value, title in states_of(machine.model, machine.field)}
    parts = [f"## {machine.title}\n", f"{machine.text}\n"]
    for number, view in enumerate(machine.views):
        if view.title:
            parts.append(f"**{view.title}.**{f' {view.text}' if view.text else ''}\n")
        start = machine.start if number == 0 else None
        parts.append(f"{mermaid(view, edges, titles, start)}\n")
    parts.append(f"{tables.moves(machine.model, machine.field)}\n")
    return "\n".join(parts)


def _label(value: object, title: str) -> str:
    return f"{value} {title}" if isinstance(value, int) else word(value)


def _links() -> str:
    intro = (
        "Down: a cascade moves the children that are below the target, and reports each one that it leaves."
        " Up: a parent follows when all its counting children have reached a status, and begins with the"
        " first of them.\n"
    )
    found = (f"### {title}\n\n{text}\n" for title, text in tables.links().items())
    return "\n".join(["## Links between the machines\n", intro, *found])


def _sources() -> str:
    parts = ["## Who may set what\n"]
    for machine in MACHINES:
        kind = next(name for name, node in registry.kinds.items() if node.model is machine.model)
        choices = states_of(machine.model, machine.field)
        parts.append(f"### {machine.title}\n\n{tables.sources(kind, machine.field, choices)}\n")
    return "\n".join(parts)
