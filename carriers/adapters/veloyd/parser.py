"""From Veloyd's JSON to neutral dataclasses. Pure: no network, no clock, no database.

Nothing is published about the shapes: a parcel comes flat or wrapped, its id under three names, its
status as a number or a word.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from carriers.adapters.base import Booked, CarrierError, GarbageError, Hint, Parcel, ParcelStatus
from carriers.adapters.http import Answer
from carriers.adapters.reading import reference, split_street, text
from carriers.adapters.veloyd.statuses import NAMES, STATUSES

WRAPPERS = ("parcel", "data", "shipment")
ID_NAMES = ("id", "parcelId", "parcel_id")
REGISTERED = "1"


# --- what we send ---
def parcel_payload(parcel: Parcel, settings: Mapping[str, object]) -> dict[str, Any]:
    """Return the body of a create call: grams and millimetres."""
    address = parcel.address
    fields: dict[str, Any] = {
        "address": {
            "name": address.name,
            **_street(address.street),
            "postalCode": address.postal_code,
            "city": address.city,
            "country": address.country,
            "email": address.email,
            "phone": address.phone,
        },
        "weight": parcel.weight_g,
        "reference": parcel.external_reference,
        "comment": parcel.comment or parcel.order_number,
        "options": settings.get("options") or [],
        "emailTT": address.email if settings.get("track_and_trace_mail") else "",
    }
    for name, size in (
        ("length", parcel.length_mm),
        ("width", parcel.width_mm),
        ("height", parcel.height_mm),
    ):
        if size is not None:
            fields[name] = size
    if carrier := settings.get("carrier"):
        fields["carrier"] = carrier
    return {"parcel": fields, "plugin": "Woop 1"}


def _street(line: str) -> dict[str, str]:
    street, number = split_street(line)
    digits = re.match(r"\d*", number)
    nr = digits[0] if digits else ""
    return {"street": street, "nr": nr, "addition": number[len(nr) :].strip(" -/")}


# --- what comes back ---
def parcel_status(decoded: Any, body: bytes, *, default_status: str = "") -> ParcelStatus:
    parcel = _unwrap(decoded)
    ref = _id(parcel)
    raw = raw_status(parcel.get("status")) or default_status
    if not ref or not raw:
        raise GarbageError("a parcel without id or status")
    return ParcelStatus(
        carrier_ref=ref,
        raw_status=raw,
        raw_text=STATUSES[raw].meaning if raw in STATUSES else "",
        external_reference=text(parcel.get("reference"), 80),
        tracking_number=text(parcel.get("trackTrace"), 80),
        tracking_url=text(parcel.get("trackTraceLink"), 500),
        body=body,
    )


def booked(answer: Answer) -> Booked:
    """Read the answer to a create call, which may hold no more than the id."""
    status = parcel_status(answer.json(), answer.body, default_status=REGISTERED)
    return Booked(status.carrier_ref, status, status.tracking_number, status.tracking_url)


def raw_status(value: Any) -> str:
    """Return the number of a status. A word that is not known stays as it is: somebody must look at it."""
    written = text(value, 64)
    if written.isdecimal():
        return str(int(written))
    return NAMES.get(re.sub(r"[^a-z]", "", written.lower()), written)


def error_sentence(answer: Answer) -> str:
    try:
        decoded = answer.object()
    except CarrierError:
        return ""
    return text(decoded.get("description")) or text(decoded.get("message")) or text(decoded.get("error"))


def is_unknown_parcel(answer: Answer) -> bool:
    """Tell whether the parcel is not there: a 404, or a 400 that blames the caller."""
    if answer.status != 400:
        return answer.status == 404
    try:
        return bool(answer.object().get("error") == "UserError")
    except CarrierError:
        return False


# --- hooks ---
def webhook(body: bytes) -> list[Hint]:
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise GarbageError("the hook is not JSON") from error
    hints = [_hint(item) for item in (decoded if isinstance(decoded, list) else [decoded])]
    return [hint for hint in hints if hint.carrier_ref or hint.tracking_number]


def _hint(decoded: Any) -> Hint:
    parcel = _unwrap(decoded)
    return Hint(_id(parcel), raw_status(parcel.get("status")), reference(parcel.get("trackTrace")))


def _unwrap(decoded: Any) -> dict[str, Any]:
    """Return the parcel itself, at most two wrappers deep; an empty one where there is none."""
    parcel = decoded if isinstance(decoded, dict) else {}
    for _ in range(2):
        inner = next((parcel[name] for name in WRAPPERS if isinstance(parcel.get(name), dict)), None)
        if inner is None or _id(parcel):
            break
        parcel = inner
    return parcel


def _id(parcel: Mapping[str, Any]) -> str:
    return next((found for name in ID_NAMES if (found := reference(parcel.get(name)))), "")
