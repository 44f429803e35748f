"""What carriers have said, on the page of an order."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from carriers.models import CarrierMessage
from carriers.statuses import State
from woop import panels
from woop.access import Audience
from woop.actors import Actor
from woop.timeline import Remark

MOST = 30  # messages on the page; all of them are in the list
NOT_APPLIED = (State.LATE, State.FORBIDDEN, State.UNKNOWN, State.FAILED)


def _messages(order: Any, actor: Actor) -> dict[str, Any]:
    rows = CarrierMessage.objects.filter(order_id=order.pk).select_related("account")
    found = list(rows.defer("body", "headers").order_by("-pk")[: MOST + 1])
    return {
        "carrier_messages": found[:MOST],
        "has_more": len(found) > MOST,
        "may_open": Audience.OFFICE.admits(actor),
        "may_apply": actor.can_override,
        "applicable": (State.LATE, State.FORBIDDEN),
    }


def _remarks(order: Any, actor: Actor) -> list[Remark]:
    """Return the messages that were not applied, for they belong to the story too."""
    rows = CarrierMessage.objects.filter(order_id=order.pk, state__in=NOT_APPLIED).select_related("account")
    may_open = Audience.OFFICE.admits(actor)
    return [
        Remark(
            at=message.occurred_at or message.received_at,
            title=_("%(carrier)s said “%(what)s”: not applied")
            % {"carrier": message.account, "what": message.raw_text or message.raw_status},
            detail=message.detail or str(message.get_state_display()),
            link=reverse("admin:carriers_carriermessage_change", args=[message.pk]) if may_open else "",
        )
        for message in rows.defer("body", "headers").order_by("-pk")[:MOST]
    ]


def _pulse(order_id: int) -> object:
    rows = CarrierMessage.objects.filter(order_id=order_id).order_by("-handled_at", "-pk")
    newest = rows.values_list("pk", "handled_at").first()
    return f"{newest[0]}.{newest[1].timestamp() if newest[1] else 0}" if newest else ""


panels.panels.append(panels.Panel("carriers/_panel.html", _messages, rank=40))
panels.remarks.append(_remarks)
panels.pulses.append(_pulse)
