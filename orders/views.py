"""The pages of one order in the back office: its living part, the gate, and splitting a line."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.models import Order, OrderlineToPackage
from orders.page import find_order, history_of, lines_of, page_of
from orders.selectors import lines_for
from orders.services import accept_order, split_line
from woop import panels
from woop.access import actor_of
from woop.errors import InvalidInput, RuleError
from woop.keys import key_of
from woop.outcomes import Refusal
from woop.status_views import go_to, order_url


def order_or_404(request: HttpRequest, pk: int) -> Order:
    order = find_order(actor_of(request), pk)
    if order is None:
        raise Http404
    return order


def order_page(request: HttpRequest, pk: int) -> HttpResponse:
    order = order_or_404(request, pk)
    context = {
        **admin.site.each_context(request),
        "title": order.number,
        "opts": Order._meta,
        "original": order,
        "etag": panels.pulse(order.pk),
        **page_of(order, actor_of(request)),
    }
    return TemplateResponse(request, "orders/order_page.html", context)


def order_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the page's living part, or 304 while it shows what is so."""
    order = order_or_404(request, pk)
    etag = panels.pulse(order.pk)
    if request.headers.get("If-None-Match") == f'"{etag}"':
        return HttpResponseNotModified()
    context = {"etag": etag, **page_of(order, actor_of(request))}
    return TemplateResponse(request, "orders/_order_live.html", context, headers={"ETag": f'"{etag}"'})


def order_history(request: HttpRequest, pk: int, before: int) -> HttpResponse:
    """Return an earlier part of the timeline."""
    order = order_or_404(request, pk)
    context = {"order": order, **history_of(order, actor_of(request), before)}
    return TemplateResponse(request, "woop/_timeline_entries.html", context)


def package_lines(request: HttpRequest, pk: int, package: int) -> HttpResponse:
    """Return the lines of a package that was closed when the page was made."""
    order = order_or_404(request, pk)
    if not order.packages.filter(pk=package).exists():
        raise Http404
    context = {"lines": lines_of([package]), "may_change": actor_of(request).may_change}
    return TemplateResponse(request, "orders/_lines.html", context)


@require_POST
def accept_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept at once: every second counts, and nothing that was decided before can be undone by it."""
    order = order_or_404(request, pk)
    refusal = accept_order(order.pk, actor=actor_of(request)).refusal
    if refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, _("%(number)s is accepted.") % {"number": order.number})
    if request.POST.get("next") == "overview":
        return redirect("admin:index")
    return redirect(order_url(order.pk))


# --- splitting -------------------------------------------------------------------------------------


def split_view(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    line = lines_for(actor).select_related("orderline", "package", "order").filter(pk=pk).first()
    if line is None:
        raise Http404
    if not actor.may_change:
        raise PermissionDenied
    if request.method != "POST":
        return _show_split(request, line)
    try:
        _split(request, line)
    except InvalidInput as error:
        return _show_split(request, line, errors=error.errors)
    except RuleError as error:
        return _show_split(request, line, refusal=error.refusal)
    messages.success(request, _("The line was split."))
    return go_to(request, order_url(line.order_id))


def _split(request: HttpRequest, line: OrderlineToPackage) -> None:
    data = request.POST
    quantity, to = key_of(data.get("quantity")), data.get("package", "")
    if quantity is None:
        raise InvalidInput(quantity=_("Take at least one piece, and leave at least one."))
    split_line(
        line.pk,
        quantity,
        actor=actor_of(request),
        package="new" if to == "new" else key_of(to),
        version=key_of(data.get("version")),
    )


def _show_split(
    request: HttpRequest,
    line: OrderlineToPackage,
    *,
    errors: Any = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    others = line.order.packages.filter(type=line.package.type).exclude(pk=line.package_id)
    context = {
        **admin.site.each_context(request),
        "title": _("Split a line"),
        "line": line,
        "others": others.order_by("position"),
        "errors": errors,
        "refusal": refusal,
        "here": reverse("admin:split-line", args=[line.pk]),
        "order_url": order_url(line.order_id),
        "base": "woop/drawer.html" if request.htmx else "woop/page.html",  # type: ignore[attr-defined]
    }
    status = 409 if refusal else 422 if errors else 200
    response = TemplateResponse(request, "orders/split.html", context, status=status)
    response["Vary"] = "HX-Request"
    return response
