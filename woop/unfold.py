"""How the back office looks: the settings of its theme. Colours are those of static/woop."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse


def _static(path: str) -> Any:
    def link(request: HttpRequest) -> str:
        return static(path)

    return link


def _set_language(request: HttpRequest) -> str:
    return reverse("admin:set-language")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Woop",
    "SITE_HEADER": "Woop",
    "SITE_URL": None,
    "SITE_ICON": _static("woop/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static("woop/mark.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": _set_language, "navigation": None},
    "SHOW_BACK_BUTTON": False,
    "BORDER_RADIUS": "8px",
    "STYLES": [_static("woop/chips.css"), _static("woop/admin.css")],
    "SCRIPTS": [_static("woop/admin.js")],
    "SIDEBAR": {"show_search": False, "navigation": "woop.navigation.groups"},
    "COLORS": {
        "primary": {
            "50": "oklch(97% .015 195)",
            "100": "oklch(93.5% .035 195)",
            "200": "oklch(88% .06 195)",
            "300": "oklch(80% .09 195)",
            "400": "oklch(70% .105 197)",
            "500": "oklch(60% .1 199)",
            "600": "oklch(50.5% .088 201)",
            "700": "oklch(43.5% .076 203)",
            "800": "oklch(37.5% .063 205)",
            "900": "oklch(33% .053 207)",
            "950": "oklch(24% .042 209)",
        },
    },
}
