"""How the pretended carriers describe a parcel."""

from datetime import UTC, datetime
from typing import Any

from carriers.adapters.sendcloud.statuses import STATUSES as SENDCLOUD
from carriers.simulator.parcels import Parcel

UNANNOUNCED = frozenset({"999", "1002"})


def sendcloud_status(status: str) -> dict[str, Any]:
    known = SENDCLOUD.get(status)
    return {"id": int(status), "message": known.meaning if known else f"Status {status}"}


def sendcloud_parcel(parcel: Parcel, *, is_hook: bool = False) -> dict[str, Any]:
    """Return the parcel object of Sendcloud: dates are ISO in hooks and Dutch elsewhere."""
    fields = parcel.fields
    is_announced = parcel.status not in UNANNOUNCED
    tracking = parcel.tracking_number if is_announced else ""
    return {
        "id": parcel.id,
        "name": fields.get("name", ""),
        "address": fields.get("address", ""),
        "postal_code": fields.get("postal_code", ""),
        "city": fields.get("city", ""),
        "country": {"iso_2": fields.get("country", "")},
        "email": fields.get("email", ""),
        "weight": fields.get("weight", "1.000"),
        "order_number": parcel.order_number,
        "external_reference": parcel.reference or None,
        "carrier": {"code": "postnl"},
        "shipment": fields.get("shipment") or {"id": 8, "name": "Unstamped letter"},
        "status": sendcloud_status(parcel.status),
        "tracking_number": tracking,
        "tracking_url": f"https://tracking.example/sendcloud/{tracking}" if tracking else None,
        "label": {"normal_printer": [], "label_printer": ""} if is_announced else {},
        "date_created": _date(parcel.created_at, is_hook),
        "date_announced": _date(parcel.created_at, is_hook) if is_announced else None,
        "date_updated": _date(parcel.updated_at, is_hook),
        "is_return": False,
    }


def _date(at: float, is_hook: bool) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat() if is_hook else moment.strftime("%d-%m-%Y %H:%M:%S")


def veloyd_parcel(parcel: Parcel) -> dict[str, Any]:
    """Return the parcel object of Veloyd: the code exists only once the label was printed."""
    has_label = parcel.status != "1"
    code = parcel.tracking_number if has_label else ""
    return {
        "id": parcel.id,
        "status": int(parcel.status),
        "reference": parcel.reference,
        "comment": parcel.fields.get("comment", ""),
        "carrier": parcel.fields.get("carrier", "PostNL"),
        "weight": parcel.fields.get("weight"),
        "trackTrace": code,
        "trackTraceLink": f"https://tracking.example/veloyd/{code}" if code else "",
    }
