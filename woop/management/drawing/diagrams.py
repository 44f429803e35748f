"""From moves to Mermaid. Groups keep a picture readable; nothing may be lost by them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from woop.management.drawing.moves import Edge


@dataclass(frozen=True)
class Group:
    """Statuses drawn in one box: an arrow at the box is one at each of them.

    A folded box shows its title alone.
    """

    name: str
    title: str
    members: tuple[Any, ...]
    is_folded: bool = False


@dataclass(frozen=True)
class View:
    """A part of a machine: the moves out of `sources` (all, when empty).

    `chain` are statuses in whose order every later one may be reached directly: only the steps between
    neighbours are drawn.
    """

    title: str
    text: str = ""
    sources: tuple[Any, ...] = ()
    chain: tuple[Any, ...] = ()
    groups: tuple[Group, ...] = ()
    direction: str = "LR"


@dataclass
class Drawing:
    """What is drawn, and which moves that stands for."""

    arrows: list[tuple[str, str, str]] = field(default_factory=list)
    covered: set[Edge] = field(default_factory=set)

    def draw(self, source: str, target: str, edges: Iterable[Edge], label: str = "") -> None:
        if (source, target, label) not in self.arrows:
            self.arrows.append((source, target, label))
        self.covered |= set(edges)


def node(value: Any) -> str:
    return f"s{value}" if isinstance(value, int) else str(value)


def draw(view: View, edges: Sequence[Edge]) -> Drawing:
    """Draw the moves of a view: chains first, then boxes, then what is left, one by one."""
    wanted = [edge for edge in edges if not view.sources or edge.source in view.sources]
    drawing = Drawing()
    _draw_chain(drawing, view.chain, set(wanted))
    for label in sorted({edge.label for edge in wanted}):
        labelled = {edge for edge in wanted if edge.label == label}
        _draw_boxes(drawing, view.groups, labelled, label)
    for edge in wanted:
        if edge not in drawing.covered:
            drawing.draw(node(edge.source), node(edge.target), [edge], edge.label)
    return drawing


def _draw_chain(drawing: Drawing, chain: Sequence[Any], wanted: set[Edge]) -> None:
    forward = {Edge(s, t) for number, s in enumerate(chain) for t in chain[number + 1 :]}
    if not forward <= wanted:
        raise ValueError(f"not every later step is legal: {sorted(forward - wanted)}")
    for source, target in pairwise(chain):
        drawing.draw(node(source), node(target), [])
    drawing.covered |= forward


def _draw_boxes(drawing: Drawing, groups: Sequence[Group], wanted: set[Edge], label: str) -> None:
    ends: list[tuple[str, tuple[Any, ...]]] = [(group.name, group.members) for group in groups]
    states = sorted({state for edge in wanted for state in edge[:2]}, key=str)
    ends += [(node(state), (state,)) for state in states]
    for source, sources in ends:
        for target, targets in ends:
            meant = {Edge(s, t, label) for s in sources for t in targets if s != t}
            is_box = len(sources) > 1 or len(targets) > 1
            overlaps = set(sources) & set(targets)
            if is_box and not overlaps and meant <= wanted and not meant <= drawing.covered:
                drawing.draw(source, target, meant, label)


def mermaid(view: View, edges: Sequence[Edge], titles: dict[Any, str], start: Any = None) -> str:
    drawing = draw(view, edges)
    shown = {name for arrow in drawing.arrows for name in arrow[:2]}
    boxes = [g for g in view.groups if {g.name, *map(node, g.members)} & shown]
    boxed = {value for group in boxes for value in group.members}
    lines = [f"flowchart {view.direction}"]
    for group in boxes:
        if group.is_folded:
            lines += [f'    {group.name}["{group.title}"]']
            continue
        lines += [f'    subgraph {group.name}["{group.title}"]', "        direction LR"]
        lines += [f"        {_shape(value, titles)}" for value in group.members]
        lines += ["    end"]
    lines += [f"    {_shape(v, titles)}" for v in titles if node(v) in shown and v not in boxed]
    if start is not None:
        lines.append(f"    start(( )) --> {node(start)}")
    lines += [f"    {s} -->{f'|{label}|' if label else ''} {t}" for s, t, label in drawing.arrows]
    return "\n".join(["```mermaid", *lines, "```"])


def _shape(value: Any, titles: dict[Any, str]) -> str:
    return f'{node(value)}("{titles[value]}")'
