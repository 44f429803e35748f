"""Pages for staff: replaying messages with the preview first, and a new address for hooks."""

import logging
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carriers import inbox
from carriers.inbox import Preview, Verdict
from carriers.models import CarrierAccount, CarrierMessage
from carriers.services import hook_path, rotate_hook_token
from carriers.statuses import State
from woop.access import actor_of, scoped
from woop.keys import key_of

log = logging.getLogger(__name__)

MOST = 200  # messages in one replay


def show_replay(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Show what replaying would come to, message by message."""
    context = {
        **_page(request, _("Replay messages")),
        "opts": CarrierMessage._meta,
        "previews": [_preview(message) for message in _messages(request, ids)],
        "selection": ",".join(map(str, ids)),
        "list_url": reverse("admin:carriers_carriermessage_changelist"),
    }
    return TemplateResponse(request, "carriers/replay.html", context)


def replay_view(request: HttpRequest) -> HttpResponse:
    keys = [key_of(part) for part in request.POST.get("selection", "").split(",")]
    ids = [key for key in keys if key is not None][:MOST]
    if request.method != "POST" or len(ids) < len(keys[:MOST]):
        raise BadRequest("This is no selection.")
    if not actor_of(request).may_change:
        raise PermissionDenied
    done = len(inbox.replay(_messages(request, ids)))
    text = ngettext("%d message is worked on again.", "%d messages are worked on again.", done) % done
    messages.success(request, text)
    return redirect("admin:carriers_carriermessage_changelist")


def _messages(request: HttpRequest, ids: list[int]) -> QuerySet[Any]:
    rows = scoped(CarrierMessage.objects.all(), actor_of(request))
    return rows.filter(pk__in=ids).select_related("account").order_by("pk")


def _preview(message: CarrierMessage) -> Preview:
    """Try one message; what it stumbles over is its verdict, and no reason to hide the others."""
    try:
        return inbox.replay([message], dry_run=True)[0]
    except Exception as error:
        log.warning("message %s cannot be previewed", message.pk, exc_info=True)
        return Preview(message, Verdict(State.FAILED, f"{type(error).__name__}: {error}"))


def new_hook_address(request: HttpRequest, account: CarrierAccount) -> HttpResponse:
    """Ask first, for the old address ends at once; then show the new one, this once."""
    address = ""
    if request.method == "POST":
        address = settings.BASE_URL + hook_path(account, rotate_hook_token(account))
    context = {
        **_page(request, _("New hook address")),
        "opts": CarrierAccount._meta,
        "original": account,
        "account": account,
        "address": address,
        "account_url": reverse("admin:carriers_carrieraccount_change", args=[account.pk]),
    }
    headers = {"Cache-Control": "no-store"}
    return TemplateResponse(request, "carriers/hook_address.html", context, headers=headers)


def _page(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title}
