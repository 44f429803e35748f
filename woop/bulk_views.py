"""Changing the status of many at once: choose a target, see the verdict on each, confirm the good ones.

The selection travels with the form as "key:version" pairs, so that what moved meanwhile is told and
not overwritten. Confirmed selections are worked on in chunks, one request each, with a progress bar.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from woop import kinds, machines, rules
from woop.access import actor_of
from woop.actors import Actor
from woop.keys import key_of
from woop.nodes import registry
from woop.outcomes import Outcome, Verdict
from woop.status_views import Asked, read_asked
from woop.targets import SOME_REASON
from woop.transitions import change_status

MOST = 10_000  # objects in one selection
CHUNK = 500  # objects in one request
ROWS = 200  # verdicts that one page shows


@dataclass(slots=True)
class Row:
    """The verdict on one object."""

    id: int
    order_id: int
    name: str
    status: Any
    result: str
    detail: str = ""


@dataclass(slots=True)
class Tally:
    """The verdicts on a selection: all of them counted, those worth reading listed."""

    results: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    along: Counter[str] = field(default_factory=Counter)
    moving: list[Row] = field(default_factory=list)
    staying: list[Row] = field(default_factory=list)
    good: list[tuple[int, int]] = field(default_factory=list)  # key, version of its order

    @property
    def total(self) -> int:
        return sum(self.results.values())

    # A template that asks a Counter for a method gets 0, the count of a key of that name.

    @property
    def why(self) -> list[tuple[str, int]]:
        return self.reasons.most_common()

    @property
    def others(self) -> list[tuple[str, int]]:
        return self.along.most_common()

    @property
    def moves(self) -> int:
        return self.results["moved"]

    @property
    def stays(self) -> int:
        return self.total - self.moves


def bulk_view(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in registry.kinds:
        raise Http404
    if request.method != "POST":
        raise BadRequest("Choose something in a list first.")
    pairs = read_pairs(request.POST.get("selection", ""))
    step = request.POST.get("step")
    if step == "preview" and request.POST.get("target"):
        return _preview(request, kind, pairs)
    if step == "apply":
        return _apply(request, kind, pairs)
    return choose(request, kind, [pk for pk, _version in pairs])


def read_pairs(text: str) -> list[tuple[int, int | None]]:
    """Read "12:4,13:9" or "12,13"; anything else is no selection of ours."""
    pairs: list[tuple[int, int | None]] = []
    for part in filter(None, text.split(",")):
        text, _colon, version = part.partition(":")
        key = key_of(text)
        if key is None or (version and key_of(version) is None):
            raise BadRequest("This is no selection.")
        pairs.append((key, key_of(version)))
    return pairs[:MOST]


def write_pairs(pairs: Iterable[tuple[int, int | None]]) -> str:
    return ",".join(str(key) if version is None else f"{key}:{version}" for key, version in pairs)


# --- choose ----------------------------------------------------------------------------------------


def choose(request: HttpRequest, kind: str, ids: list[int], **more: Any) -> HttpResponse:
    """Show what was selected, and every target that some of it could reach."""
    fields = []
    for name, title in kinds.kinds[kind].fields.items():
        now = _statuses(kind, name, ids)
        targets = _targets(kind, name, now, actor_of(request))
        if targets:
            fields.append({"name": name, "title": title, "now": now, "targets": targets})
    context = {
        "count": len(ids),
        "selection": write_pairs((pk, None) for pk in ids),
        "fields": fields,
        **more,
    }
    return _respond(request, "woop/bulk_choose.html", kind, context)


def _statuses(kind: str, name: str, ids: list[int]) -> list[tuple[Any, int]]:
    """Count the present statuses; in slices, for SQLite takes only so many parameters."""
    found: Counter[Any] = Counter()
    rows = kinds.kinds[kind].model._default_manager
    for start in range(0, len(ids), CHUNK):
        found.update(rows.filter(pk__in=ids[start : start + CHUNK]).values_list(name, flat=True))
    return [(status, count) for status, count in found.most_common() if status not in ("", None)]


def _targets(kind: str, name: str, now: list[tuple[Any, int]], by: Actor) -> list[tuple[Any, int]]:
    """Return the targets that a person may set, with how many could go there by the table of moves."""
    model = kinds.kinds[kind].model
    allowed = rules.allowed_targets(kind, name, by.source)
    found = []
    for target in machines.targets(model, name):
        able = sum(count for status, count in now if machines.find(model, name, status, target))
        if able and target in allowed:
            found.append((target, able))
    return found


# --- preview ---------------------------------------------------------------------------------------


def _preview(request: HttpRequest, kind: str, pairs: list[tuple[int, int | None]]) -> HttpResponse:
    asked = read_asked(request.POST, kind)
    tally = Tally()
    for start in range(0, len(pairs), CHUNK):
        chunk = pairs[start : start + CHUNK]
        count(tally, kind, asked, _change(request, kind, asked, chunk, dry_run=True))
    name_rows(tally, kind)
    context = {
        "asked": asked,
        "tally": tally,
        "selection": write_pairs(pairs),
        "good": write_pairs(tally.good),
        "needs_reason": _needs_reason(request, kind, asked, tally),
    }
    return _respond(request, "woop/bulk_preview.html", kind, context)


def _needs_reason(request: HttpRequest, kind: str, asked: Asked, tally: Tally) -> bool:
    """Ask the door about the first one that moves: would it go without a reason?"""
    if not tally.good:
        return False
    pk, _version = tally.good[0]
    options: dict[str, Any] = {"by": actor_of(request), "field": asked.field, "override": asked.override}
    refusal = change_status(kind, [pk], asked.to, dry_run=True, **options).refusal
    return refusal is not None and refusal.code == "reason_required"


def _change(
    request: HttpRequest, kind: str, asked: Asked, pairs: list[tuple[int, int | None]], *, dry_run: bool
) -> Outcome:
    options: dict[str, Any] = {
        "by": actor_of(request),
        "field": asked.field,
        "override": asked.override,
        "reason": asked.reason or (SOME_REASON if dry_run else ""),
    }
    ids = [pk for pk, _version in pairs]
    if dry_run:
        return change_status(kind, ids, asked.to, dry_run=True, **options)
    return change_status(kind, ids, asked.to, versions=_versions(kind, pairs), **options)


def _versions(kind: str, pairs: list[tuple[int, int | None]]) -> dict[int, int]:
    """Return the version of each order that was seen; of several objects of one order, the earliest."""
    seen = {pk: version for pk, version in pairs if version is not None}
    if kind == "order":
        return seen
    rows = kinds.kinds[kind].model._default_manager.filter(pk__in=seen).values_list("pk", "order_id")
    versions: dict[int, int] = {}
    for pk, order_id in rows:
        versions[order_id] = min(seen[pk], versions.get(order_id, seen[pk]))
    return versions


def count(tally: Tally, kind: str, asked: Asked, outcome: Outcome) -> None:
    """Add an outcome to the tally. Listed are the first that move, and the first that do not."""
    before = {
        event.node: event.from_status for event in reversed(outcome.moved) if event.field == asked.field
    }
    for verdict in outcome.verdicts:
        tally.results[verdict.result] += 1
        if verdict.refusal:
            tally.reasons[str(verdict.refusal.detail)] += 1
        rows = tally.moving if verdict.result == "moved" else tally.staying
        if len(rows) < ROWS:
            rows.append(_row(verdict, before.get(verdict.node, getattr(verdict.node, asked.field))))
    if outcome.missing:
        tally.results["refused"] += len(outcome.missing)
        tally.reasons[_("It is not there, or not yours.")] += len(outcome.missing)
    requested = {verdict.node for verdict in outcome.of("moved")}
    tally.along.update(event.node.kind for event in outcome.moved if event.node not in requested)
    tally.good += _seen_versions(outcome)


def _seen_versions(outcome: Outcome) -> list[tuple[int, int]]:
    """Return what moves, with the version its order had: the outcome counts its own events on top."""
    events = Counter(event.order.id for event in outcome.moved)
    return [
        (verdict.node.id, outcome.versions[verdict.order.id] - events[verdict.order.id])
        for verdict in outcome.of("moved")
    ]


def _row(verdict: Verdict, status: Any) -> Row:
    detail = str(verdict.refusal.detail) if verdict.refusal else ""
    return Row(verdict.node.id, verdict.order.id, "", status, verdict.result, detail)


def name_rows(tally: Tally, kind: str) -> None:
    rows = [*tally.staying, *tally.moving]
    names = kinds.names_of(kind, [row.id for row in rows])
    for row in rows:
        row.name = names.get(row.id, f"#{row.id}")


# --- apply -----------------------------------------------------------------------------------------


def _apply(request: HttpRequest, kind: str, pairs: list[tuple[int, int | None]]) -> HttpResponse:
    """Work on one chunk, and show how far we are; the page asks for the next one by itself."""
    asked = read_asked(request.POST, kind)
    chunk, rest = pairs[:CHUNK], pairs[CHUNK:]
    tally = Tally()
    outcome = _change(request, kind, asked, chunk, dry_run=False)
    count(tally, kind, asked, outcome)
    tally.moving = []
    name_rows(tally, kind)
    done = _number(request, "done") + len(chunk)
    moved = _number(request, "moved") + tally.results["moved"]
    total = done + len(rest)
    context = {
        "asked": asked,
        "tally": tally,
        "rest": write_pairs(rest),
        "done": done,
        "moved": moved,
        "not_moved": done - moved,
        "total": total,
        "percent": 100 * done // total if total else 100,
        "is_later": bool(_number(request, "done")),
    }
    return _respond(request, "woop/bulk_progress.html", kind, context)


def _number(request: HttpRequest, name: str) -> int:
    return key_of(request.POST.get(name)) or 0


def _respond(request: HttpRequest, template: str, kind: str, context: dict[str, Any]) -> HttpResponse:
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    context = {
        **admin.site.each_context(request),
        "title": _("Change status"),
        "kind": kind,
        "plural": kinds.kinds[kind].plural,
        "here": reverse("admin:bulk-status", args=[kind]),
        "list_url": reverse(
            f"admin:{kinds.kinds[kind].model._meta.label_lower.replace('.', '_')}_changelist"
        ),
        "may_override": actor_of(request).can_override,
        "base": "woop/drawer.html" if is_part else "woop/page.html",
        **context,
    }
    return TemplateResponse(request, template, context)
