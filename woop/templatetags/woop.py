"""Small things that every page shows alike: a status, a moment, how long there still is."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from woop import clock, kinds

register = template.Library()


@register.simple_tag
def status_chip(kind: str, field: str, status: Any) -> SafeString:
    """Show a status in its colour and in words; nothing where there is none."""
    if status in (None, ""):
        return SafeString("")
    return format_html(
        '<span class="w-chip w-tone-{}" data-status="{}">{}</span>',
        kinds.tone(kind, field, status),
        status,
        kinds.word(kind, field, status),
    )


@register.simple_tag
def moment(at: datetime | None) -> SafeString:
    """Show a moment in the zone of the user's browser, today's without its date."""
    if at is None:
        return SafeString("")
    local, today = localtime(at), localtime(clock.now())
    form = "H:i:s" if local.date() == today.date() else "j M, H:i"
    return _time(at, date_format(local, form))


@register.simple_tag
def age(at: datetime | None) -> SafeString:
    """Show how long ago something was, as short as can be."""
    return SafeString("") if at is None else _time(at, short_age(at))


def short_age(at: datetime) -> str:
    seconds = int((clock.now() - at).total_seconds())
    if seconds < 60:
        return _("now")
    for size, unit in ((86_400, _("%d d")), (3_600, _("%d h")), (60, _("%d min"))):
        if seconds >= size:
            return unit % (seconds // size)
    return ""


@register.simple_tag
def countdown(until: datetime | None) -> SafeString:
    """Show the minutes and seconds that are left; static/woop/admin.js makes them run."""
    if until is None:
        return SafeString("")
    left = max(0, int((until - clock.now()).total_seconds()))
    return format_html(
        '<time class="w-countdown{}" datetime="{}" title="{}" data-countdown data-over="{}">{}:{}</time>',
        " is-short" if left < 60 else "",
        until.isoformat(),
        date_format(localtime(until), "j M Y, H:i:s"),
        _("over"),
        left // 60,
        f"{left % 60:02}",
    )


def _time(at: datetime, text: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        date_format(localtime(at), "j M Y, H:i:s"),
        text,
    )


@register.filter
def kind_title(kind: str) -> str:
    return str(kinds.kinds[kind].title) if kind in kinds.kinds else kind


@register.simple_tag
def counted(kind: str, count: int) -> str:
    """Return "1 package" or "12 packages"."""
    known = kinds.kinds[kind]
    return f"1 {str(known.title).lower()}" if count == 1 else f"{count} {known.plural}"


@register.filter
def field_title(field: str, kind: str) -> str:
    known = kinds.kinds.get(kind)
    return str(known.fields.get(field, field)) if known else field


@register.simple_tag
def more(count: int) -> str:
    return ngettext("and %d more", "and %d more", count) % count
