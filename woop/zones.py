"""Times as the user's own clock shows them: the browser says its zone in a cookie."""

from collections.abc import Callable
from functools import cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "woop_zone"

_known = cache(available_timezones)  # looking through all of them takes a while


def zone_of(request: HttpRequest) -> ZoneInfo | None:
    name = unquote(request.COOKIES.get(COOKIE, ""))
    return ZoneInfo(name) if name and name in _known() else None


class BrowserZone:
    """Middleware: show times in the zone that static/woop/admin.js has noted; UTC without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(zone_of(request)):
            return self.get_response(request)
