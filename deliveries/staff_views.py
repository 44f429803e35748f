"""Applying by hand what a carrier said too late, or against the table (D8)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from carriers.models import CarrierMessage
from carriers.statuses import State
from deliveries.models import Delivery
from deliveries.tracking import apply_by_hand
from orders.selectors import within
from woop.access import actor_of
from woop.actors import Actor
from woop.errors import RuleError
from woop.outcomes import Refusal
from woop.status_views import go_to, order_url

APPLICABLE = (State.LATE, State.FORBIDDEN)


def find_message(actor: Actor, pk: int) -> CarrierMessage | None:
    """Return a message about a delivery that the actor may see."""
    message = CarrierMessage.objects.select_related("account").filter(pk=pk, state__in=APPLICABLE).first()
    if message is None or message.delivery_id is None:
        return None
    is_seen = Delivery.objects.filter(within(actor), pk=message.delivery_id).exists()
    return message if is_seen else None


def apply_view(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    message = find_message(actor, pk)
    if message is None:
        raise Http404
    if not actor.can_override:
        raise PermissionDenied
    if request.method != "POST":
        return _show(request, message)
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:1000]
    try:
        apply_by_hand(message, actor=actor, reason=reason)
    except RuleError as error:
        return _show(request, message, error.refusal)
    messages.success(request, _("The message is applied."))
    return go_to(request, order_url(message.order_id or 0))


def _show(request: HttpRequest, message: CarrierMessage, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Apply by hand"),
        "message": message,
        "refusal": refusal,
        "here": reverse("admin:apply-message", args=[message.pk]),
        "order_url": order_url(message.order_id or 0),
        "base": "woop/drawer.html" if request.htmx else "woop/page.html",  # type: ignore[attr-defined]
    }
    status = 409 if refusal else 200
    response = TemplateResponse(request, "deliveries/apply.html", context, status=status)
    response["Vary"] = "HX-Request"
    return response
