"""What the apps show on the page of an order, each its own part."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from woop.actors import Actor

Load = Callable[[Any, Actor], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page; `load` reads what its template shows, with a constant number of queries."""

    template: str
    load: Load
    is_aside: bool = False
    rank: int = 50


panels: list[Panel] = []
# What changes when a part of the page changes, so that a page that is still true is not sent again.
pulses: list[Callable[[int], object]] = []
# Remarks on the timeline: messages that changed nothing, say.
remarks: list[Callable[[Any, Actor], list[Any]]] = []


def load(order: Any, actor: Actor, *, aside: bool) -> list[dict[str, Any]]:
    wanted = sorted((panel for panel in panels if panel.is_aside is aside), key=lambda panel: panel.rank)
    return [{"template": panel.template, **panel.load(order, actor)} for panel in wanted]


def pulse(order_id: int) -> str:
    return "-".join(str(beat(order_id)) for beat in pulses)
