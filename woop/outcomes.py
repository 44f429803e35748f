"""What a change answers: what moved, what was left and why, what was refused and why."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from woop.machines import StrPromise
from woop.sources import Source

if TYPE_CHECKING:
    from woop.nodes import Node, RootNode


@dataclass(slots=True)
class Context:
    """What all events of one request share."""

    actor: str
    reason: str
    occurred_at: Any
    recorded_at: Any
    message_id: int | None = None


@dataclass(slots=True, eq=False)
class Event:
    """One move of one row, or its making (`from_status` None)."""

    order: "RootNode"
    node: Any  # of the kind that the rule was registered for
    field: str
    from_status: Any
    to_status: Any
    source: Source
    sequence: int
    cause: int | None
    context: Context
    quantities: dict[str, Any] | None = None


@dataclass(slots=True, eq=False)
class Kept:
    """A row that a cascade or a link left alone, and why."""

    node: "Node"
    status: Any
    code: str
    detail: StrPromise


@dataclass(slots=True, eq=False)
class Note:
    """Something that a person should know before or after the change."""

    code: str
    detail: StrPromise
    node: "Node | None" = None


@dataclass(slots=True, eq=False)
class Refusal:
    """Why something was refused: a code for programs, a sentence for people, and what would help."""

    code: str
    detail: StrPromise
    blocking: list[Note] = field(default_factory=list)
    allowed: list[Any] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Verdict:
    """What became of one requested row: `moved`, `already` or `refused`."""

    node: "Node"
    order: "RootNode"
    result: str
    refusal: Refusal | None = None


@dataclass(slots=True)
class Outcome:
    """The answer of the one door, the same for a preview and for the real thing."""

    applied: bool = False
    verdicts: list[Verdict] = field(default_factory=list)
    moved: list[Event] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    versions: dict[int, int] = field(default_factory=dict)
    missing: list[int] = field(default_factory=list)

    @property
    def refusal(self) -> Refusal | None:
        """The first refusal: what a caller with a single object wants to know."""
        return next((verdict.refusal for verdict in self.verdicts if verdict.refusal), None)

    def of(self, result: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.result == result]
