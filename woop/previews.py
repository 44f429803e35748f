"""An outcome as people read it before they confirm: what moves, what stays and why, what is in the way."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from woop import kinds
from woop.machines import StrPromise
from woop.outcomes import Event, Kept, Note, Outcome, Refusal
from woop.plans import DATA
from woop.sources import Source

NAMES = 12  # that one group calls by name


@dataclass(slots=True)
class Things:
    """Some rows of one kind, of which the first are called by name."""

    kind: str
    ids: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.ids)

    @property
    def unnamed(self) -> int:
        return self.count - len(self.names)


@dataclass(slots=True)
class Move(Things):
    field: str = ""
    from_status: Any = None
    to_status: Any = None
    source: StrPromise = ""

    @property
    def is_made(self) -> bool:
        return self.from_status is None


@dataclass(slots=True)
class Left(Things):
    status: Any = None
    detail: StrPromise = ""


@dataclass(slots=True)
class Remark(Things):
    detail: StrPromise = ""


@dataclass(slots=True)
class Preview:
    """What a change would do, or has done."""

    moves: list[Move] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    refusal: Refusal | None = None
    blocking: list[Remark] = field(default_factory=list)

    @property
    def moved(self) -> int:
        return sum(move.count for move in self.moves)


def preview_of(outcome: Outcome) -> Preview:
    """Group an outcome, and name its things with one query for each kind."""
    refusal = outcome.refusal
    preview = Preview(
        _moves(outcome.moved),
        _left(outcome.kept),
        _remarks(outcome.warnings),
        refusal,
        _remarks(refusal.blocking) if refusal else [],
    )
    name_things([*preview.moves, *preview.left, *preview.warnings, *preview.blocking])
    return preview


def _moves(events: Iterable[Event]) -> list[Move]:
    groups: dict[tuple[Any, ...], Move] = {}
    for event in events:
        if event.field == DATA:
            continue
        key = (event.node.kind, event.field, event.from_status, event.to_status, event.source)
        move = groups.setdefault(
            key,
            Move(
                event.node.kind,
                field=event.field,
                from_status=event.from_status,
                to_status=event.to_status,
                source=Source(event.source).label,
            ),
        )
        move.ids.append(event.node.id)
    return list(groups.values())


def _left(rows: Iterable[Kept]) -> list[Left]:
    groups: dict[tuple[Any, ...], Left] = {}
    for row in rows:
        key = (row.node.kind, row.status, row.code)
        group = groups.setdefault(key, Left(row.node.kind, status=row.status, detail=row.detail))
        group.ids.append(row.node.id)
    return list(groups.values())


def _remarks(notes: Iterable[Note]) -> list[Remark]:
    groups: dict[tuple[Any, ...], Remark] = {}
    for note in notes:
        kind = note.node.kind if note.node else ""
        group = groups.setdefault((kind, note.code), Remark(kind, detail=note.detail))
        if note.node:
            group.ids.append(note.node.id)
    return list(groups.values())


def name_things(groups: Iterable[Things]) -> None:
    groups = [group for group in groups if group.kind]
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for group in groups:
        wanted[group.kind].update(group.ids[:NAMES])
    names = {kind: kinds.names_of(kind, ids) for kind, ids in wanted.items()}
    for group in groups:
        # A row that the change would make has no key yet, and no name.
        group.names = [names[group.kind][pk] for pk in group.ids[:NAMES] if pk in names[group.kind]]
