"""Changing the status of one object: choose a target, see what would happen, confirm.

Each step is a page of its own and, asked for by htmx, the content of the drawer. The preview is the
door's own dry run; nothing here decides anything.
"""

from dataclasses import dataclass
from dataclasses import field as column
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

from woop import kinds
from woop.access import actor_of
from woop.keys import key_of
from woop.kinds import Quantity
from woop.nodes import registry
from woop.outcomes import Outcome
from woop.previews import Preview, preview_of
from woop.targets import SOME_REASON, Subject, asks_quantities, find_subject, machines_of
from woop.timeline import ripples_of
from woop.transitions import change_status

CONFLICT = "version_conflict"


@dataclass(slots=True)
class Asked:
    """What a form asks for: the target, and what goes with it."""

    field: str
    to: Any
    reason: str = ""
    override: bool = False
    version: int | None = None
    pieces: dict[int, int] = column(default_factory=dict)

    @property
    def details(self) -> dict[str, Any]:
        lines = [{"id": pk, "quantity": pieces} for pk, pieces in self.pieces.items()]
        return {"lines": lines} if lines else {}


def change_status_view(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    subject = find_subject(kind, pk, actor_of(request)) if kind in registry.kinds else None
    if subject is None:
        raise Http404
    if request.method == "POST":
        return _confirm(request, subject, read_asked(request.POST, kind))
    if "to" in request.GET:
        asked = read_asked(request.GET, kind)
        return _show_preview(request, subject, asked, _preview(request, subject, asked))
    return _choose(request, subject)


def read_asked(data: QueryDict, kind: str) -> Asked:
    """Read a form; a target that no machine knows is not worth a polite answer."""
    name, text = data.get("field", "status"), data.get("to")
    if target := data.get("target"):  # both in the value of one button
        name, _colon, text = target.partition(":")
    to = kinds.read(kind, name, text)
    if to is None:
        raise BadRequest("There is no such status.")
    pieces = {
        pk: number
        for key, value in data.dict().items()
        if key.startswith("line-")
        and (pk := key_of(key.removeprefix("line-"))) is not None
        and (number := key_of(str(value) or "0")) is not None
    }
    return Asked(
        field=name,
        to=to,
        reason=data.get("reason", "").replace("\0", "").strip()[:1000],
        override=data.get("override") == "on",
        version=key_of(data.get("version")),
        pieces=pieces,
    )


# --- the steps -------------------------------------------------------------------------------------


def _choose(request: HttpRequest, subject: Subject) -> HttpResponse:
    context = {"machines": machines_of(subject, actor_of(request))}
    return respond(request, "woop/status_choose.html", subject, context)


def _preview(request: HttpRequest, subject: Subject, asked: Asked) -> Preview | None:
    """Have the door try it; None while it still wants to know quantities."""
    if asks_quantities(subject.kind, asked.to) and not asked.pieces:
        return None
    return preview_of(_change(request, subject, asked, dry_run=True))


def _change(request: HttpRequest, subject: Subject, asked: Asked, *, dry_run: bool) -> Outcome:
    # While a person still looks, a reason that is not yet written is no refusal.
    reason = asked.reason or (SOME_REASON if dry_run else "")
    seen = {} if asked.version is None else {subject.root.id: asked.version}
    return change_status(
        subject.kind,
        [subject.node.id],
        asked.to,
        by=actor_of(request),
        field=asked.field,
        reason=reason,
        dry_run=dry_run,
        override=asked.override,
        versions={} if dry_run else seen,
        details=asked.details,
    )


def _show_preview(
    request: HttpRequest, subject: Subject, asked: Asked, preview: Preview | None, **more: Any
) -> HttpResponse:
    machine = next(m for m in _machines(request, subject) if m["field"] == asked.field)
    context = {
        "asked": asked,
        "preview": preview,
        "current": getattr(subject.node, asked.field),
        "option": machine["options"].get(asked.to),
        "quantities": _quantities(subject, asked),
        **more,
    }
    return respond(request, "woop/status_preview.html", subject, context, status=more.get("status", 200))


def _machines(request: HttpRequest, subject: Subject) -> list[dict[str, Any]]:
    found = machines_of(subject, actor_of(request))
    known = {machine.field: {o.status: o for o in machine.options} for machine in found}
    return [{"field": name, "options": known.get(name, {})} for name in kinds.kinds[subject.kind].fields]


def _quantities(subject: Subject, asked: Asked) -> list[tuple[Quantity, int]]:
    if not asks_quantities(subject.kind, asked.to):
        return []
    wanted = kinds.quantities[subject.kind, asked.to](subject.node.id)
    return [(quantity, asked.pieces.get(quantity.id, 0)) for quantity in wanted]


def _confirm(request: HttpRequest, subject: Subject, asked: Asked) -> HttpResponse:
    outcome = _change(request, subject, asked, dry_run=False)
    refusal = outcome.refusal
    if refusal is None:
        return _finish(request, subject, asked, outcome)
    # The door may have seen more than we did: look again before saying what is in the way.
    fresh = find_subject(subject.kind, subject.node.id, actor_of(request))
    if fresh is None:
        raise Http404
    if refusal.code != CONFLICT:
        return _show_preview(request, fresh, asked, preview_of(outcome), status=409)
    meanwhile = ripples_of(fresh.root.id, after=asked.version)
    preview = _preview(request, fresh, asked)
    return _show_preview(request, fresh, asked, preview, status=409, meanwhile=meanwhile)


def _finish(request: HttpRequest, subject: Subject, asked: Asked, outcome: Outcome) -> HttpResponse:
    messages.success(request, _success(subject, asked, preview_of(outcome)))
    return go_to(request, order_url(subject.root.id))


def _success(subject: Subject, asked: Asked, done: Preview) -> str:
    name = subject_name(subject)
    word = kinds.word(subject.kind, asked.field, asked.to)
    if not done.moves:
        return _("%(name)s was “%(status)s” already.") % {"name": name, "status": word}
    text = _("%(name)s is now “%(status)s”.") % {"name": name, "status": word}
    others = done.moved - 1
    if others:
        text += (
            " " + ngettext("%d other thing moved with it.", "%d other things moved with it.", others) % others
        )
    return format_html('{} <a class="w-link" href="#timeline">{}</a>', text, _("See the timeline"))


# --- answering -------------------------------------------------------------------------------------


def subject_name(subject: Subject) -> str:
    name = kinds.names_of(subject.kind, [subject.node.id]).get(subject.node.id, "")
    return f"{kinds.kinds[subject.kind].title} {name}".strip()


def order_url(order_id: int) -> str:
    return reverse("admin:orders_order_change", args=[order_id])


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Go to a page, out of the drawer too."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]


def respond(
    request: HttpRequest, template: str, subject: Subject, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    from django.contrib import admin  # the site is made late

    name = subject_name(subject)
    context = {
        **admin.site.each_context(request),
        "title": _("Change status"),
        "subject": subject,
        "subject_name": name,
        "order_url": order_url(subject.root.id),
        "here": reverse("admin:change-status", args=[subject.kind, subject.node.id]),
        "base": "woop/drawer.html" if request.htmx else "woop/page.html",  # type: ignore[attr-defined]
        **context,
    }
    response = TemplateResponse(request, template, context, status=status)
    response["Vary"] = "HX-Request"
    return response
