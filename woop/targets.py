"""Every target of an object at once: which can be reached, which not and why, asked of one loaded order."""

from dataclasses import dataclass
from typing import Any

from woop import clock, machines
from woop.actors import Actor
from woop.kinds import kinds, quantities
from woop.machines import StrPromise
from woop.nodes import Node, load
from woop.outcomes import Context, Refusal
from woop.plans import Plan, judge
from woop.transitions import may_reach

SOME_REASON = "?"  # a reason can be given in the next step: wanting one is no refusal yet
ASKING = frozenset({"quantities_required"})  # refusals that the next step asks a way out of


@dataclass(frozen=True, slots=True)
class Option:
    """One target: "now", "open", "override" (a supervisor may) or "refused"."""

    status: Any
    state: str
    refusal: Refusal | None = None
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """One status field of an object with all its targets."""

    field: str
    title: StrPromise
    status: Any
    options: list[Option]

    @property
    def open(self) -> list[Option]:
        return [option for option in self.options if option.state in ("open", "override")]

    @property
    def refused(self) -> list[Option]:
        return [option for option in self.options if option.state == "refused"]


@dataclass(frozen=True, slots=True)
class Subject:
    """An object with its whole order, as it is now."""

    kind: str
    node: Any
    root: Any

    @property
    def version(self) -> int:
        return int(self.root.version)


def find_subject(kind: str, pk: int, actor: Actor) -> Subject | None:
    """Return an object that the actor may see; None for all others alike."""
    for root in load(kind, [pk], lock=False).values():
        if may_reach(actor, root):
            for node in root.of_kind(kind):
                if node.id == pk:
                    return Subject(kind, node, root)
    return None


def machines_of(subject: Subject, actor: Actor) -> list[Machine]:
    """Return the status fields of an object with the verdict on every target.

    Besides its main one only those that somebody could move now.
    """
    found = []
    for field, title in kinds[subject.kind].fields.items():
        status = getattr(subject.node, field)
        options = [_option(subject, actor, field, to) for to in _targets(subject.node, field, status)]
        machine = Machine(field, title, status, options)
        if field == "status" or machine.open:
            found.append(machine)
    return found


def _targets(node: Node, field: str, status: Any) -> list[Any]:
    targets = list(machines.targets(node.model, field))
    return targets if status in targets else [status, *targets]


def _option(subject: Subject, actor: Actor, field: str, to: Any) -> Option:
    if getattr(subject.node, field) == to:
        return Option(to, "now")
    refusal = _judge(subject, actor, field, to)
    if refusal is None or refusal.code in ASKING:
        bare = _judge(subject, actor, field, to, reason="")
        return Option(to, "open", needs_reason=bare is not None and bare.code == "reason_required")
    if actor.can_override and _judge(subject, actor, field, to, override=True) is None:
        return Option(to, "override", refusal, needs_reason=True)
    return Option(to, "refused", refusal)


def _judge(
    subject: Subject, actor: Actor, field: str, to: Any, *, reason: str = SOME_REASON, override: bool = False
) -> Refusal | None:
    now = clock.now()
    plan = Plan(subject.root, actor, Context(actor.reference, reason, now, now), override=override)
    return judge(plan, subject.node, field, to)


def asks_quantities(kind: str, to: Any) -> bool:
    return (kind, to) in quantities
