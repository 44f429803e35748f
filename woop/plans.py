"""Working out a change of one order, in memory: everything is decided here, nothing is written.

A preview stops after this; the real thing hands the plan to `woop.transitions.apply`.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from woop import machines, rules
from woop.actors import Actor
from woop.machines import StrPromise
from woop.nodes import Node, RootNode
from woop.outcomes import Context, Event, Kept, Note, Refusal, Verdict
from woop.sources import Source

DATA = "data"  # the field of an event that changed no status


class Plan:
    """One order's part of a change: the events it will write, and what it leaves alone."""

    def __init__(
        self,
        order: RootNode,
        by: Actor,
        context: Context,
        *,
        override: bool = False,
        details: dict[str, Any] | None = None,
    ) -> None:
        self.order: Any = order
        self.by = by
        self.context = context
        self.override = override
        self.details = dict(details or {})
        self.verdicts: list[Verdict] = []
        self.events: list[Event] = []
        self.kept: list[Kept] = []
        self.warnings: list[Note] = []
        self.alerts: list[Note] = []
        self.jobs: list[dict[str, Any]] = []
        self.new_rows: list[tuple[models.Model, Node | None]] = []
        self.edited_rows: list[tuple[models.Model, tuple[str, ...]]] = []
        self.changed: dict[str, dict[Node, None]] = {}

    @property
    def has_work(self) -> bool:
        written = (self.events, self.changed, self.new_rows, self.edited_rows, self.alerts, self.jobs)
        return any(written)

    # --- requests ----------------------------------------------------------------------------------

    def attempt(self, node: Node, to: Any, field: str = "status") -> Verdict:
        """Try one requested move; a refused one changes nothing."""
        if getattr(node, field) == to:
            verdict = Verdict(node, self.order, "already")
        elif refusal := judge(self, node, field, to):
            verdict = Verdict(node, self.order, "refused", refusal)
        else:
            self.follow(self.move(node, to, self.by.source, field=field))
            verdict = Verdict(node, self.order, "moved")
        self.verdicts.append(verdict)
        return verdict

    # --- what rules call ---------------------------------------------------------------------------

    def move(
        self,
        node: Node,
        to: Any,
        source: Source,
        cause: int | None = None,
        *,
        field: str = "status",
        quantities: dict[str, Any] | None = None,
    ) -> Event:
        """Record one move. What follows is up to the caller: see `follow`."""
        event = self._record(node, field, getattr(node, field), to, source, cause, quantities)
        node.take(field, to)
        self.changed.setdefault(node.kind, {})[node] = None
        return event

    def made(
        self,
        node: Node,
        source: Source,
        cause: int | None = None,
        *,
        field: str = "status",
        quantities: dict[str, Any] | None = None,
    ) -> Event:
        """Record that a row was made, with the status that it starts from."""
        return self._record(node, field, None, getattr(node, field), source, cause, quantities)

    def noted(self, node: Node, source: Source, quantities: dict[str, Any]) -> Event:
        """Record a change of data that is no status: which fields, never their values."""
        return self._record(node, DATA, None, "changed", source, None, quantities)

    def _record(self, node: Node, field: str, before: Any, to: Any, source: Source, *rest: Any) -> Event:
        self.order.version = sequence = self.order.version + 1
        cause, quantities = rest
        event = Event(self.order, node, field, before, to, source, sequence, cause, self.context, quantities)
        self.events.append(event)
        self.changed.setdefault(self.order.kind, {})[self.order] = None  # its version
        return event

    def follow(self, event: Event) -> None:
        for rule in rules.followers[event.node.kind, event.field]:
            rule(self, event)

    def follow_made(self, event: Event) -> None:
        for rule in rules.followers[event.node.kind, rules.MADE]:
            rule(self, event)

    def follow_changed(self, event: Event) -> None:
        for rule in rules.followers[event.node.kind, DATA]:
            rule(self, event)

    def keep(self, node: Node, code: str, detail: StrPromise) -> None:
        self.kept.append(Kept(node, node.status, code, detail))

    def warn(self, code: str, detail: StrPromise, node: Node | None = None) -> None:
        self.warnings.append(Note(code, detail, node))

    def alert(self, code: str, detail: StrPromise, node: Node | None = None) -> None:
        """Leave something for a person to look at; the preview shows it as a warning."""
        self.alerts.append(Note(code, detail, node))
        self.warn(code, detail, node)

    def enqueue(self, kind: str, key: str, **payload: Any) -> None:
        """Leave work for after the commit (see `woop.jobs`)."""
        self.jobs.append({"kind": kind, "key": key, "payload": payload})

    def add(self, row: models.Model, node: Node | None = None) -> None:
        """Insert a row when the plan is applied; its node learns the key."""
        self.new_rows.append((row, node))

    def edit(self, row: models.Model, *fields: str) -> None:
        """Save other fields of a row when the plan is applied (never a status)."""
        self.edited_rows.append((row, fields))


def judge(plan: Plan, node: Node, field: str, to: Any) -> Refusal | None:
    """Return why a requested move is refused, None when it may go on."""
    current = getattr(node, field)
    move = machines.find(node.model, field, current, to)
    refusal = (
        _judge_override(plan)
        or _judge_source(plan, node, field, to)
        or (_judge_move(plan, node, move) if move else _judge_missing_move(plan, node, field, to))
        or _judge_guards(plan, node, field, to)
    )
    if refusal and not refusal.allowed:
        refusal.allowed = _alternatives(plan, node, field, to)
    return refusal


# Refusals that the next try can answer: the target itself is open.
ASKING = frozenset({"reason_required", "quantities_required"})


def _alternatives(plan: Plan, node: Node, field: str, refused: Any) -> list[Any]:
    """Return the other targets that the one who asks may reach, if need be with a reason."""
    if not plan.by.may_change:
        return []
    targets = rules.allowed_targets(node.kind, field, plan.by.source)
    checks = rules.guards[node.kind, field]
    return [
        target
        for target in possible_targets(node, field)
        if target != refused
        and target in targets
        and all((no := check(plan, node, target)) is None or no.code in ASKING for check in checks)
    ]


def possible_targets(node: Node, field: str) -> list[Any]:
    """Return the targets that the machine itself allows from here without a special permission."""
    current = getattr(node, field)
    found = []
    for target in machines.targets(node.model, field):
        move = machines.find(node.model, field, current, target)
        if move and not move.permission and machines.holds(move, node):
            found.append(target)
    return found


def _judge_guards(plan: Plan, node: Node, field: str, to: Any) -> Refusal | None:
    """Return the first refusal; it names the records in the way of every guard that refuses."""
    refusals = [found for check in rules.guards[node.kind, field] if (found := check(plan, node, to))]
    for other in refusals[1:]:
        refusals[0].blocking.extend(other.blocking)
    return refusals[0] if refusals else None


def _judge_override(plan: Plan) -> Refusal | None:
    if not plan.override:
        return None
    if not plan.by.can_override:
        return Refusal("override_not_permitted", _("You may not override the rules."))
    return None if plan.context.reason else reason_required()


def _judge_source(plan: Plan, node: Node, field: str, to: Any) -> Refusal | None:
    source = plan.by.source
    if not plan.by.may_change:
        return not_permitted()
    if to in rules.allowed_targets(node.kind, field, source):
        return None
    detail = _("“%(source)s” may not set this status.") % {"source": Source(source).label}
    return Refusal("source_not_allowed", detail)


def _judge_move(plan: Plan, node: Node, move: Any) -> Refusal | None:
    is_past_table = plan.override and node.may_pass_table()
    for condition in () if is_past_table else move.conditions:
        if not condition(node):
            return Refusal(condition.code, condition.detail)
    if move.permission and not plan.override:
        return Refusal("override_needed", _("It is in error: only an override with a reason gets it out."))
    if move.custom["needs_reason"] and not plan.context.reason:
        return reason_required()
    return None


def _judge_missing_move(plan: Plan, node: Node, field: str, to: Any) -> Refusal | None:
    current = getattr(node, field)
    if plan.override and node.may_pass_table():
        return None
    if not possible_targets(node, field):
        return Refusal("final", _("This status is final."))
    if isinstance(current, int) and isinstance(to, int) and to < current:
        return Refusal("status_below", _("A status is never set below the present one."))
    return Refusal("not_possible", _("This is not possible from the present status."))


def not_permitted() -> Refusal:
    return Refusal("not_permitted", _("You may look, but not change."))


def reason_required() -> Refusal:
    return Refusal("reason_required", _("Please give a reason."))
