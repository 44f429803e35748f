"""Times as the user's own clock shows them: the browser says its zone in a cookie."""

from collections.abc import Callable
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "woop_zone"


class BrowserZone:
    """Middleware: show times in the zone that static/woop/admin.js has noted; UTC without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = unquote(request.COOKIES.get(COOKIE, ""))
        try:
            zone = ZoneInfo(name) if name else None
        except (ValueError, OSError):  # of no known zone, or no name of one at all
            zone = None
        with timezone.override(zone):
            return self.get_response(request)
