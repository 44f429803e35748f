"""The menu of the back office, by role."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from woop.access import Audience, actor_of, scoped
from woop.models import Alert

BADGE_CAP = 100


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of links that the user may follow."""
    actor = actor_of(request)
    wanted = [
        (Audience.EVERYONE, "", _daily(request)),
        (Audience.OFFICE, _("Carriers"), _carriers(request)),
        (Audience.MANAGERS, _("Settings"), _settings(request)),
    ]
    return [
        {"title": title, "separator": bool(title), "items": items}
        for audience, title, items in wanted
        if audience.admits(actor)
    ]


def _daily(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"title": _("Overview"), "icon": "space_dashboard", "link": reverse("admin:index")},
        _item(_("Orders"), "shopping_bag", "orders_order"),
        _item(_("Deliveries"), "local_shipping", "deliveries_delivery"),
        _item(_("Click & collect"), "storefront", "collect_collect"),
        {**_item(_("Alerts"), "notifications", "woop_alert"), **_badge(request)},
    ]


def _carriers(request: HttpRequest) -> list[dict[str, Any]]:
    items = [
        _item(_("Messages"), "forum", "carriers_carriermessage"),
        _item(_("Jobs"), "checklist", "woop_job"),
    ]
    if Audience.MANAGERS.admits(actor_of(request)):
        items.insert(0, _item(_("Accounts"), "hub", "carriers_carrieraccount"))
    return items


def _settings(request: HttpRequest) -> list[dict[str, Any]]:
    items = [
        _item(_("Staff"), "group", "woop_membership"),
        _item(_("Stores"), "store", "woop_store"),
        _item(_("Shops"), "domain", "woop_shop"),
        _item(_("API keys"), "key", "woop_apikey"),
        _item(_("History"), "history", "woop_statusevent"),
    ]
    if Audience.OPERATORS.admits(actor_of(request)):
        items.append(_item(_("Users"), "person", "auth_user"))
    return items


def _item(title: str, icon: str, name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(f"admin:{name}_changelist")}


def _badge(request: HttpRequest) -> dict[str, str]:
    """Return the number on the bell; no more than fits on it."""
    rows = scoped(Alert.objects.filter(resolved_at=None), actor_of(request), store="order__store")
    number = rows.order_by()[:BADGE_CAP].count()
    if not number:
        return {}
    return {"badge": f"{BADGE_CAP - 1}+" if number >= BADGE_CAP else str(number)}
