"""Read what may be missing, null, or of another type than documented."""

import re
from datetime import UTC, datetime
from typing import Any

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}")
# The last number of the line, with a suffix such as b, -7 or /2.
HOUSE_NUMBER = re.compile(r"(?P<street>.*\S)\s+(?P<number>\d+(?:[ -]?[A-Za-z]{1,4})?(?:[/-]\w{1,6})?)")


def text(value: Any, limit: int = 255) -> str:
    """Return a scalar as trimmed text; null, booleans and containers are no text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # PostgreSQL stores no NUL.
    return str(value).replace("\x00", "").strip()[:limit]


def reference(value: Any) -> str:
    """Return a carrier's id of a parcel; empty unless it is safe to put into the path of a request."""
    found = text(value, 81)
    return found if REFERENCE.fullmatch(found) else ""


def split_street(line: str) -> tuple[str, str]:
    """Return street and house number; the number is empty where it does not stand at the end."""
    found = HOUSE_NUMBER.fullmatch(line.strip())
    return (found["street"], found["number"]) if found else (line.strip(), "")


def moment(value: Any, *formats: str) -> datetime | None:
    """Return an aware moment from ISO 8601 or one of the formats; without a zone it is UTC."""
    written = text(value)
    if not written:
        return None
    try:
        return _aware(datetime.fromisoformat(written))
    except (ValueError, OverflowError):
        pass
    for form in formats:
        try:
            return _aware(datetime.strptime(written, form))  # noqa: DTZ007 (made aware at once)
        except (ValueError, OverflowError):
            continue
    return None


def milliseconds(value: Any) -> datetime | None:
    """Return the moment of a UNIX time in milliseconds, or in seconds where it is far too small for that."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if abs(value) > 100_000_000_000 else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
