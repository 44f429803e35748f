"""From Sendcloud's JSON to neutral dataclasses. Pure: no network, no clock, no database."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from carriers.adapters.base import (
    Booked,
    CancelAnswer,
    CarrierError,
    GarbageError,
    Page,
    Parcel,
    ParcelStatus,
)
from carriers.adapters.http import Answer, refuse
from carriers.adapters.reading import milliseconds, moment, reference, split_street, text

SIGNATURE_HEADER = "sendcloud-signature"
LIST_DATE = "%d-%m-%Y %H:%M:%S"


# --- what we send ---
def parcel_payload(parcel: Parcel, settings: Mapping[str, object]) -> dict[str, Any]:
    """Return the body of a create call: kilograms and centimetres as decimal text."""
    address = parcel.address
    street, number = split_street(address.street)
    fields: dict[str, Any] = {
        "name": address.name,
        "address": street,
        "house_number": number,
        "postal_code": address.postal_code,
        "city": address.city,
        "country": address.country,
        "email": address.email,
        "telephone": address.phone,
        "weight": f"{Decimal(parcel.weight_g) / 1000:.3f}",
        "order_number": parcel.order_number,
        "external_reference": parcel.external_reference,
        "request_label": bool(settings.get("request_label", True)),
    }
    for name, size in (
        ("length", parcel.length_mm),
        ("width", parcel.width_mm),
        ("height", parcel.height_mm),
    ):
        if size is not None:
            fields[name] = f"{Decimal(size) / 10:.1f}"
    if method := settings.get("shipping_method_id"):
        fields["shipment"] = {"id": method}
    return {"parcel": fields}


# --- what comes back ---
def parcel_status(
    parcel: Any, *, occurred_at: datetime | None = None, body: bytes | None = None
) -> ParcelStatus:
    """Read one parcel object, which hooks, lists and single reads share."""
    ref = reference(parcel.get("id")) if isinstance(parcel, dict) else ""
    if not ref:
        raise GarbageError("a parcel without id")
    status = parcel.get("status")
    if not isinstance(status, dict) or not text(status.get("id")):
        raise GarbageError(f"parcel {ref} has no status")
    return ParcelStatus(
        carrier_ref=ref,
        raw_status=text(status["id"], 64),
        raw_text=text(status.get("message")),
        external_reference=text(parcel.get("external_reference"), 80),
        occurred_at=occurred_at or updated_at(parcel),
        tracking_number=text(parcel.get("tracking_number"), 80),
        tracking_url=text(parcel.get("tracking_url"), 500),
        body=json.dumps(parcel).encode() if body is None else body,
    )


def updated_at(parcel: Mapping[str, Any]) -> datetime | None:
    """Return when the parcel changed last.

    Lists name a whole second while hooks name milliseconds: the end of that second is taken, or a
    change that a lost hook never told would look older than the hook before it.
    """
    written = moment(parcel.get("date_updated"), LIST_DATE)
    if written is None or written.microsecond:
        return written
    return written + timedelta(milliseconds=999)


def booked(parcel: Any) -> Booked:
    status = parcel_status(parcel)
    return Booked(status.carrier_ref, status, status.tracking_number, status.tracking_url)


def page(answer: dict[str, Any]) -> Page:
    """Read one page of a list; a row that cannot be read must not hide the other ninety-nine."""
    rows = answer.get("parcels")
    if not isinstance(rows, list):
        raise GarbageError("a list without parcels")
    statuses: list[ParcelStatus] = []
    for row in rows:
        try:
            statuses.append(parcel_status(row))
        except GarbageError:
            continue
    return Page(tuple(statuses), next_cursor(answer.get("next")), len(rows) - len(statuses))


def next_cursor(url: Any) -> str:
    """Return the opaque cursor out of the full address of the next page, never the address itself."""
    return parse_qs(urlsplit(text(url, 2048)).query).get("cursor", [""])[0]


CANCEL_VERDICTS: Mapping[int, Any] = {
    200: "done",
    202: "requested",
    400: "refused",
    404: "unknown_parcel",
    410: "gone",
}


def cancel_answer(answer: Answer) -> CancelAnswer:
    verdict = CANCEL_VERDICTS.get(answer.status)
    if verdict is None:
        raise refuse(answer, writes=True, sentence=error_sentence(answer))
    return CancelAnswer(verdict, error_sentence(answer))


def error_sentence(answer: Answer) -> str:
    """Return the carrier's own words, wherever it put them; empty if the body is not JSON."""
    try:
        decoded = answer.object()
    except CarrierError:
        return ""
    error = decoded.get("error")
    words = error.get("message") if isinstance(error, dict) else decoded.get("message")
    return text(words)


# --- hooks ---
def is_signed(headers: Mapping[str, str], body: bytes, keys: list[str]) -> bool:
    """Compare the signature of the raw bytes: decoding and encoding JSON again would change them."""
    given = headers.get(SIGNATURE_HEADER, "").encode()
    expected = [hmac.new(key.encode(), body, hashlib.sha256).hexdigest().encode() for key in keys if key]
    return any(hmac.compare_digest(given, digest) for digest in expected)


def webhook(body: bytes) -> list[ParcelStatus]:
    """Read a hook. Only a parcel's status concerns us; `integration_credentials` above all does not:
    it is signed with the secret that it brings along, which proves nothing."""
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise GarbageError("the hook is not JSON") from error
    if not isinstance(decoded, dict):
        raise GarbageError("the hook is no JSON object")
    if decoded.get("action") != "parcel_status_changed":
        return []
    return [
        parcel_status(decoded.get("parcel"), occurred_at=milliseconds(decoded.get("timestamp")), body=body)
    ]
