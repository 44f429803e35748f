"""The pretended Sendcloud, version 2 of its API."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from carriers.adapters.sendcloud.statuses import STATUSES
from carriers.simulator.parcels import Parcel
from carriers.simulator.scenarios import Step, choose
from carriers.simulator.shapes import sendcloud_parcel, sendcloud_status
from carriers.simulator.world import ACCOUNT, WORLD, World

CARRIER = "sendcloud"
routes = web.RouteTableDef()
BASE = "/sendcloud/api/v2"
REQUIRED = ("name", "address", "postal_code", "city", "country")
OVER = frozenset({"11", "93", "10", "62992", "80", "2000", "1998"})


def error(request: web.Request, status: int, message: str) -> web.Response:
    path = request.path.removeprefix("/sendcloud/")
    return web.json_response({"error": {"code": status, "request": path, "message": message}}, status=status)


def enter(request: web.Request) -> bool:
    """Let a caller with the right keys in."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        key, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return False
    is_basic = scheme.lower() == "basic"
    account = request.app[WORLD].accounts.enter(CARRIER, key, secret) if is_basic else None
    if account is not None:
        request[ACCOUNT] = account
    return account is not None


def refuse(request: web.Request) -> web.Response:
    return error(request, 401, "Invalid username/password.")


@routes.post(f"{BASE}/parcels", name="sendcloud.create")
async def create(request: web.Request) -> web.Response:
    world, account = request.app[WORLD], request[ACCOUNT].key
    try:
        fields = (await request.json())["parcel"]
        missing = [name for name in REQUIRED if not fields.get(name)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return error(request, 400, 'parcel: "This field is required."')
    if missing:
        return error(request, 400, f'{missing[0]}: "This field may not be blank."')
    reference = str(fields.get("external_reference") or "")
    if reference and any(parcel.reference == reference for parcel in world.store.of(CARRIER, account)):
        return error(request, 400, 'external_reference: "This external reference is in use already."')
    order_number = str(fields.get("order_number") or "")
    parcel = world.store.add(
        CARRIER,
        account,
        fields,
        reference=reference,
        order_number=order_number,
        scenario=choose((order_number, reference), str(fields["postal_code"])),
    )
    parcel.tracking_number = f"3SSIM{parcel.id}"
    if not fields.get("request_label"):
        world.store.stop(parcel)
        parcel.set_status("999", parcel.updated_at)
    if parcel.status == "1002":
        # As in real life: the call is refused, and the parcel is there all the same.
        return error(request, 400, "The carrier did not accept the announcement.")
    return web.json_response({"parcel": sendcloud_parcel(parcel)})


@routes.get(f"{BASE}/parcels", name="sendcloud.list")
async def list_parcels(request: web.Request) -> web.Response:
    """List by falling id, a hundred at a time, whatever changed last."""
    world = request.app[WORLD]
    try:
        below = int(base64.b64decode(request.query.get("cursor", ""), validate=True) or 1 << 62)
        keep = _filters(request.query)
    except ValueError:
        return error(request, 400, "Invalid filter or cursor.")
    found = [
        parcel for parcel in world.store.of(CARRIER, request[ACCOUNT].key) if all(f(parcel) for f in keep)
    ]
    found = sorted((parcel for parcel in found if parcel.id < below), key=lambda parcel: -parcel.id)
    rows = found[: world.page_size]
    return web.json_response(
        {
            "next": _next_url(request, rows[-1]) if len(found) > len(rows) else None,
            "previous": None,
            "parcels": [sendcloud_parcel(parcel) for parcel in rows],
        }
    )


def _filters(query: MultiMapping[str]) -> list[Callable[[Parcel], bool]]:
    keep: list[Callable[[Parcel], bool]] = []
    if "updated_after" in query:
        since = datetime.fromisoformat(query["updated_after"])
        moment = (since if since.tzinfo else since.replace(tzinfo=UTC)).timestamp()
        keep.append(lambda parcel: parcel.updated_at > moment)
    if "ids" in query:
        ids = {int(number) for number in query["ids"].split(",")}
        keep.append(lambda parcel: parcel.id in ids)
    exact: dict[str, Callable[[Parcel], str]] = {
        "external_reference": lambda parcel: parcel.reference,
        "order_number": lambda parcel: parcel.order_number,
        "tracking_number": lambda parcel: parcel.tracking_number,
        "parcel_status": lambda parcel: parcel.status,
    }
    for name, value_of in exact.items():
        if name in query:
            keep.append(lambda parcel, value_of=value_of, wanted=query[name]: value_of(parcel) == wanted)  # type: ignore[misc]
    return keep


def _next_url(request: web.Request, last: Parcel) -> str:
    cursor = base64.b64encode(str(last.id).encode()).decode()
    return str(request.url.update_query(cursor=cursor))


@routes.get(f"{BASE}/parcels/statuses", name="sendcloud.statuses")
async def statuses(request: web.Request) -> web.Response:
    return web.json_response([sendcloud_status(status) for status in STATUSES])


@routes.get(f"{BASE}/parcels/{{number}}", name="sendcloud.read")
async def read(request: web.Request) -> web.Response:
    parcel = _parcel(request)
    if parcel is None:
        return error(request, 404, "No Parcel matches the given query.")
    return web.json_response({"parcel": sendcloud_parcel(parcel)})


@routes.post(f"{BASE}/parcels/{{number}}/cancel", name="sendcloud.cancel")
async def cancel(request: web.Request) -> web.Response:
    """Answer as Sendcloud does: at once, later, no longer, or because there was nothing to cancel."""
    parcel = _parcel(request)
    if parcel is None:
        return error(request, 404, "No Parcel matches the given query.")
    status, answer = _cancel(request.app[WORLD], parcel)
    return web.json_response(answer, status=status)


def _cancel(world: World, parcel: Parcel) -> tuple[int, dict[str, Any]]:
    if parcel.status in {"999", "1002"}:
        world.store.remove(parcel)
        return 410, {"status": "deleted", "message": "Parcel has been deleted"}
    if parcel.status in OVER or parcel.status in {"2001", "1999"}:
        return 400, {"status": "failed", "message": "This shipment can no longer be cancelled."}
    if parcel.status in {"1", "1001", "13"}:
        world.store.stop(parcel)
        world.store.move(parcel, "2000")
        return 200, {"status": "cancelled", "message": "Parcel has been cancelled"}
    if parcel.status == "1000":
        world.store.stop(parcel)
    # One that is on its way goes on after the refusal.
    world.store.interject(parcel, Step(5.0, "2000" if parcel.status == "1000" else "94"))
    world.store.move(parcel, "1999")
    return 202, {"status": "queued", "message": "Parcel cancellation has been queued"}


def _parcel(request: web.Request) -> Parcel | None:
    return request.app[WORLD].store.find(CARRIER, request[ACCOUNT].key, request.match_info["number"])
