"""The pretended Veloyd."""

import base64

from aiohttp import web

from carriers.simulator.parcels import Parcel
from carriers.simulator.scenarios import choose
from carriers.simulator.shapes import veloyd_parcel
from carriers.simulator.world import ACCOUNT, WORLD

CARRIER = "veloyd"
routes = web.RouteTableDef()
BASE = "/veloyd/api"
SCHEMES = frozenset({"apikey", "bearer"})
REQUIRED = ("name", "street", "postalCode", "city", "country")


def error(status: int, description: str, name: str = "UserError") -> web.Response:
    return web.json_response({"error": name, "description": description}, status=status)


def enter(request: web.Request) -> bool:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    account = request.app[WORLD].accounts.enter(CARRIER, key) if scheme.lower() in SCHEMES else None
    if account is not None:
        request[ACCOUNT] = account
    return account is not None


def refuse(request: web.Request) -> web.Response:
    return web.json_response({"error": "Unauthorized: unknown API key"}, status=401)


@routes.post(f"{BASE}/parcel/create", name="veloyd.create")
async def create(request: web.Request) -> web.Response:
    try:
        fields = (await request.json())["parcel"]
        address = fields["address"]
        missing = [name for name in REQUIRED if not address.get(name)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return error(400, "parcel.address is required")
    if missing:
        return error(422, f"parcel.address.{missing[0]} is required")
    reference, comment = str(fields.get("reference") or ""), str(fields.get("comment") or "")
    parcel = request.app[WORLD].store.add(
        CARRIER,
        request[ACCOUNT].key,
        fields,
        reference=reference,
        order_number=comment,
        scenario=choose((comment, reference), str(address["postalCode"])),
    )
    parcel.tracking_number = f"VSIM{parcel.id}"
    return web.json_response({"id": parcel.id})


@routes.post(f"{BASE}/parcel/options", name="veloyd.options")
async def options(request: web.Request) -> web.Response:
    return web.json_response({"options": ["Leeftijdscheck 18+", "Spoed levering", "Verzekerd", "Afhaalpunt"]})


@routes.get(f"{BASE}/parcel/get/tracktrace/{{code}}", name="veloyd.read_code")
async def read_code(request: web.Request) -> web.Response:
    """Find a parcel by its code, in exactly the letters that were given out."""
    code = request.match_info["code"]
    for parcel in request.app[WORLD].store.of(CARRIER, request[ACCOUNT].key):
        if parcel.tracking_number == code and parcel.status != "1":
            return web.json_response({"parcel": veloyd_parcel(parcel)})
    return error(400, f"Unknown track & trace code {code}")


@routes.get(f"{BASE}/parcel/get/{{number}}", name="veloyd.read")
async def read(request: web.Request) -> web.Response:
    parcel = _parcel(request)
    if parcel is None:
        return error(404, "Parcel not found")
    return web.json_response({"parcel": veloyd_parcel(parcel)})


@routes.get(f"{BASE}/parcel/label/{{number}}", name="veloyd.label")
async def label(request: web.Request) -> web.Response:
    """Print the label: from now on the parcel has a code and can no longer be removed."""
    parcel = _parcel(request)
    if parcel is None:
        return error(404, "Parcel not found")
    if parcel.status == "1":
        request.app[WORLD].store.advance(parcel)
    shown = veloyd_parcel(parcel)
    return web.json_response(
        {
            "label": base64.b64encode(b"%PDF-1.4 simulated").decode(),
            "trackTrace": shown["trackTrace"],
            "trackTraceLink": shown["trackTraceLink"],
        }
    )


@routes.get(f"{BASE}/parcel/remove/{{number}}", name="veloyd.cancel")
async def remove(request: web.Request) -> web.Response:
    """Remove a parcel that has no label yet. A GET that changes something, as in real life."""
    parcel = _parcel(request)
    if parcel is None:
        return error(404, "Parcel not found")
    if parcel.status != "1":
        return error(400, "The label of this parcel was printed already")
    request.app[WORLD].store.remove(parcel)
    return web.json_response({"success": True})


def _parcel(request: web.Request) -> Parcel | None:
    return request.app[WORLD].store.find(CARRIER, request[ACCOUNT].key, request.match_info["number"])
