"""ETag and If-Match: a client changes only what it has seen (the version of the order)."""

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from woop.api.answers import etag, events_json
from woop.api.problems import Problem
from woop.models import StatusEvent

MAX_CHANGES = 200
TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*(?:,|$)')


def seen_versions(request: Request) -> set[int] | None:
    """Return the versions that `If-Match` names, None where it is absent or matches everything."""
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    tags = TAG.findall(header) or [header]
    return {int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 10}


def require_version(request: Request, order: Any) -> int | None:
    """Return the version that the write must still find, None where the client does not care.

    The caller hands it on to the door, which compares again under the lock.
    """
    seen = seen_versions(request)
    if seen is None:
        return None
    if order.version not in seen:
        raise conflict(order, seen)
    version: int = order.version
    return version


def conflict(order: Any, seen: set[int] | None) -> Problem:
    """Return the 412, with what has happened since."""
    present: int = type(order).objects.values_list("version", flat=True).get(pk=order.pk)
    changes = []
    if seen:
        events = StatusEvent.objects.filter(order=order.pk, sequence__gt=max(seen)).select_related("order")
        changes = events_json(events.order_by("sequence")[:MAX_CHANGES])
    return Problem(
        412,
        "version_conflict",
        _("The order has changed since you read it."),
        headers={"ETag": etag(present)},
        version=present,
        changes=changes,
    )
