"""The one door through which every status changes.

`change_status` takes one object or ten thousand; `locked` is the same door for services that make or
split rows. Both lock the orders, read them again, plan in memory and write with a constant number of
statements. Nothing else in the project writes a status.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from woop import clock, doorbell, sql
from woop.actors import Actor
from woop.errors import RuleError
from woop.garbage import collector_paused
from woop.models import Alert, Job
from woop.nodes import Node, load, registry
from woop.outcomes import Context, Event, Outcome, Refusal, Verdict
from woop.plans import Plan, not_permitted
from woop.sql import Column

CHUNK = 500  # orders that one transaction locks


def change_status(
    kind: str,
    ids: Iterable[int],
    to: Any,
    *,
    by: Actor,
    field: str = "status",
    reason: str = "",
    dry_run: bool = False,
    override: bool = False,
    occurred_at: datetime | None = None,
    versions: Mapping[int, int] | None = None,
    message_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> Outcome:
    """Move rows of one kind ("order", "package", "line", "delivery", "collect") to a status.

    Each row is moved or refused on its own. `versions` holds the version of each order (by primary
    key) that the caller has seen; `details` is for rules that need more than a target (quantities).
    A preview (`dry_run`) runs the same code, locks nothing and writes nothing.
    """
    outcome = Outcome(applied=not dry_run)
    options: dict[str, Any] = {"override": override, "details": details}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        with collector_paused(), nullcontext() if dry_run else transaction.atomic(savepoint=False):
            roots = load(kind, chunk, lock=not dry_run)
            context = _context(by, reason, occurred_at, message_id)
            plans = [Plan(root, by, context, **options) for root in roots.values() if may_reach(by, root)]
            found = _attempt_all(plans, kind, set(chunk), to, field, versions or {})
            if not dry_run:
                apply(plans)
        _collect(outcome, plans, [pk for pk in chunk if pk not in found])
    return outcome


@contextmanager
def locked(
    kind: str,
    ids: Iterable[int],
    *,
    by: Actor,
    reason: str = "",
    dry_run: bool = False,
    override: bool = False,
    occurred_at: datetime | None = None,
    message_id: int | None = None,
    version: int | None = None,
) -> Iterator[list[Plan]]:
    """Lock whole orders, hand out a plan for each, and apply the plans at the end (not in a dry run).

    `version` is what the caller has seen. Raises RuleError: `version_conflict` when an order has moved
    on from it, `not_permitted` for an actor who may only look.
    """
    if not by.may_change and not dry_run:
        raise RuleError(not_permitted())
    with nullcontext() if dry_run else transaction.atomic(savepoint=False):
        roots = load(kind, ids, lock=not dry_run)
        context = _context(by, reason, occurred_at, message_id)
        plans = [Plan(root, by, context, override=override) for root in roots.values() if may_reach(by, root)]
        if version is not None and any(plan.order.version != version for plan in plans):
            raise RuleError(_stale())
        yield plans
        if not dry_run:
            apply(plans)


def may_reach(by: Actor, root: Any) -> bool:
    """Tell whether an actor may see an order at all: another shop's orders do not exist for it."""
    if by.shop_id is not None and by.shop_id != root.shop_id:
        return False
    return by.store_ids is None or root.store_id in by.store_ids


def _context(by: Actor, reason: str, occurred_at: datetime | None, message_id: int | None) -> Context:
    now = clock.now()  # read after the lock was taken: deadlines are decided by it
    return Context(by.reference, reason.strip(), occurred_at or now, now, message_id)


def _attempt_all(
    plans: list[Plan], kind: str, wanted: set[int], to: Any, field: str, versions: Mapping[int, int]
) -> set[int]:
    found = set()
    for plan in plans:
        seen = versions.get(plan.order.id)
        is_stale = seen is not None and seen != plan.order.version
        for node in list(plan.order.of_kind(kind)):
            if node.id not in wanted:
                continue
            found.add(node.id)
            if is_stale:
                plan.verdicts.append(Verdict(node, plan.order, "refused", _stale()))
            else:
                plan.attempt(node, to, field)
    return found


def _stale() -> Refusal:
    return Refusal("version_conflict", _("The order has changed since you opened it."))


def _collect(outcome: Outcome, plans: list[Plan], missing: list[int]) -> None:
    outcome.missing += missing
    for plan in plans:
        outcome.verdicts += plan.verdicts
        outcome.moved += plan.events
        outcome.kept += plan.kept
        outcome.warnings += plan.warnings
        outcome.versions[plan.order.id] = plan.order.version


# --- writing ---------------------------------------------------------------------------------------


def apply(plans: Iterable[Plan]) -> None:
    """Write what was planned: one statement per kind of row, however many rows there are."""
    plans = [plan for plan in plans if plan.has_work]
    if not plans:
        return
    _insert_rows(plans)
    _edit_rows(plans)
    _insert_events([event for plan in plans for event in plan.events])
    now = plans[0].context.recorded_at
    for kind in registry.kinds:
        nodes = [node for plan in plans for node in plan.changed.get(kind, ())]
        if nodes:
            _update(nodes, now)
    _insert_alerts(plans)
    _insert_jobs(plans)


def _insert_rows(plans: list[Plan]) -> None:
    """Insert new rows, kind by kind in the order in which the kinds first came up."""
    batches: dict[type[Model], list[tuple[Model, Node | None]]] = {}
    for row, node in chain.from_iterable(plan.new_rows for plan in plans):
        batches.setdefault(type(row), []).append((row, node))
    for model, batch in batches.items():
        model._default_manager.bulk_create([row for row, _node in batch])
        for row, node in batch:
            if node is not None:
                node.id = row.pk


def _edit_rows(plans: list[Plan]) -> None:
    batches: dict[tuple[type[Model], tuple[str, ...]], list[Model]] = {}
    for row, fields in chain.from_iterable(plan.edited_rows for plan in plans):
        batches.setdefault((type(row), fields), []).append(row)
    for (model, fields), rows in batches.items():
        model._default_manager.bulk_update(rows, fields)


def _quantities(event: Event) -> str | None:
    return None if event.quantities is None else json.dumps(event.quantities)


EVENT_COLUMNS = (
    Column("sequence", "integer", attrgetter("sequence")),
    Column("shop_id", "bigint", attrgetter("order.shop_id")),
    Column("order_id", "bigint", attrgetter("order.id")),
    Column("object_type", "text", attrgetter("node.kind")),
    Column("object_id", "bigint", attrgetter("node.id")),
    Column("field", "text", attrgetter("field")),
    Column("from_status", "text", attrgetter("from_status")),
    Column("to_status", "text", attrgetter("to_status")),
    Column("source", "text", attrgetter("source")),
    Column("cause", "integer", attrgetter("cause")),
    Column("quantities", "jsonb", _quantities),
)


def _insert_events(events: list[Event]) -> None:
    """Write the history. One statement for each request that the events came from: nearly always one."""
    for context, group in groupby(events, key=attrgetter("context")):
        _insert_events_of(context, list(group))


def _insert_events_of(context: Context, events: list[Event]) -> None:
    source, parameters = sql.table(EVENT_COLUMNS, events)
    names = ", ".join(column.name for column in EVENT_COLUMNS)
    # The journal follows commits: on PostgreSQL each event knows the transaction that wrote it.
    writer = "pg_current_xact_id()::text::bigint" if sql.is_postgresql() else "0"
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO woop_statusevent ({names}, actor, reason, occurred_at, recorded_at, message_id,"
            f" transaction_id) SELECT {names}, %s, %s, {_time()}, {_time()}, {_number()}, {writer}"
            f" FROM {source} AS t",
            [
                context.actor,
                context.reason,
                adapt(context.occurred_at),
                adapt(context.recorded_at),
                context.message_id,
                *parameters,
            ],
        )


def _time() -> str:
    return "%s::timestamptz" if sql.is_postgresql() else "%s"


def _number() -> str:
    return "%s::bigint" if sql.is_postgresql() else "%s"


def _update(nodes: list[Node], now: datetime) -> None:
    """Write what a change left on rows of one kind."""
    kind = nodes[0]
    names = [("id", "bigint"), *((written.name, written.type) for written in kind.written)]
    source, parameters = sql.table([Column(n, type, attrgetter(n)) for n, type in names], nodes)
    assignments = ", ".join(written.assignment for written in kind.written)
    if kind.is_dated:
        assignments += f", modified_at = {_time()}"
        parameters = [str(connection.ops.adapt_datetimefield_value(now)), *parameters]
    table = kind.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS n SET {assignments} FROM {source} AS t WHERE n.id = t.id", parameters
        )
        if cursor.rowcount != len(nodes):
            raise RuntimeError(f"{table}: {cursor.rowcount} of {len(nodes)} rows were there to change")


def _insert_alerts(plans: list[Plan]) -> None:
    alerts = [
        Alert(
            shop_id=plan.order.shop_id,
            order_id=plan.order.id,
            object_type=note.node.kind if note.node else "order",
            object_id=note.node.id if note.node else plan.order.id,
            code=note.code,
            detail=str(note.detail),
            message_id=plan.context.message_id,
            created_at=plan.context.recorded_at,
        )
        for plan in plans
        for note in plan.alerts
    ]
    if alerts:
        Alert.objects.bulk_create(alerts)


def _insert_jobs(plans: list[Plan]) -> None:
    jobs = [
        Job(
            shop_id=plan.order.shop_id,
            order_id=plan.order.id,
            next_try_at=plan.context.recorded_at,
            created_at=plan.context.recorded_at,
            **job,
        )
        for plan in plans
        for job in plan.jobs
    ]
    if jobs:
        Job.objects.bulk_create(jobs, ignore_conflicts=True)
        doorbell.ring("woop.tasks.run_jobs")
