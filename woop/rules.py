"""Where the apps hang their rules: who may set what, what stands in the way, what follows.

A rule lives in the app that knows both ends, in its `cascades.py`; `apps.py` loads it. Rules are
ordinary calls in the order in which they were added: no signals.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from woop.sources import Source

if TYPE_CHECKING:
    from woop.nodes import Node
    from woop.outcomes import Event, Refusal
    from woop.plans import Plan

Key: TypeAlias = tuple[str, str]  # kind, field
Guard: TypeAlias = "Callable[[Plan, Node, Any], Refusal | None]"
Rule: TypeAlias = "Callable[[Plan, Event], None]"

MADE = "made"

guards: defaultdict[Key, list[Guard]] = defaultdict(list)
followers: defaultdict[Key, list[Rule]] = defaultdict(list)
may_set: dict[Key, dict[Source, frozenset[Any]]] = {}


def guard(kind: str, field: str = "status") -> Callable[[Guard], Guard]:
    """Register what may refuse a requested change of this field."""

    def register(function: Guard) -> Guard:
        guards[kind, field].append(function)
        return function

    return register


def after(kind: str, field: str = "status") -> Callable[[Rule], Rule]:
    """Register what follows when this field has changed."""

    def register(function: Rule) -> Rule:
        followers[kind, field].append(function)
        return function

    return register


def on_made(kind: str) -> Callable[[Rule], Rule]:
    """Register what follows when a row of this kind is made."""
    return after(kind, MADE)


def allowed_targets(kind: str, field: str, source: Source) -> frozenset[Any]:
    return may_set.get((kind, field), {}).get(source, frozenset())
