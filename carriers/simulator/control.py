"""Steering the pretended world: what is there, what happens next, what goes wrong. No keys needed."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from carriers.adapters.veloyd.statuses import STATUSES as VELOYD
from carriers.simulator.accounts import Account
from carriers.simulator.faults import CALLS, HOOKS, Fault
from carriers.simulator.parcels import Parcel
from carriers.simulator.scenarios import SCENARIOS
from carriers.simulator.shapes import sendcloud_status
from carriers.simulator.world import WORLD

routes = web.RouteTableDef()
FOLDER = Path(__file__).parent / "page"
SHOWN = 200


def described(parcel: Parcel) -> dict[str, Any]:
    if parcel.carrier == "sendcloud":
        text = sendcloud_status(parcel.status)["message"]
    else:
        text = VELOYD[parcel.status].meaning if parcel.status in VELOYD else "?"
    return {
        "id": parcel.id,
        "carrier": parcel.carrier,
        "account": parcel.account,
        "reference": parcel.reference,
        "order_number": parcel.order_number,
        "scenario": parcel.scenario,
        "status": parcel.status,
        "text": text,
        "tracking_number": parcel.tracking_number,
        "updated_at": parcel.updated_at,
        "next_at": parcel.next_at,
        "history": [status for _at, status in parcel.history],
    }


@routes.get("/control/parcels")
async def list_parcels(request: web.Request) -> web.Response:
    """List parcels, the last changed first; `carrier` and `q` (order number or reference) narrow it down."""
    carrier, q = request.query.get("carrier", ""), request.query.get("q", "")
    found = [
        parcel
        for parcel in request.app[WORLD].store
        if carrier in {"", parcel.carrier} and (q in parcel.order_number or q in parcel.reference)
    ]
    found.sort(key=lambda parcel: parcel.updated_at, reverse=True)
    return web.json_response(
        {"count": len(found), "parcels": [described(parcel) for parcel in found[:SHOWN]]}
    )


@routes.post("/control/parcels/{number}/status")
async def set_status(request: web.Request) -> web.Response:
    """Give a parcel any status; its own life ends there, unless `go_on` is true."""
    parcel, fields = _parcel(request), await _fields(request)
    status = str(fields.get("status", ""))
    if not status.isdecimal():
        raise web.HTTPBadRequest(text="status must be a number")
    store = request.app[WORLD].store
    if not fields.get("go_on"):
        store.stop(parcel)
    store.move(parcel, status)
    return web.json_response(described(parcel))


@routes.post("/control/parcels/{number}/advance")
async def advance(request: web.Request) -> web.Response:
    """Let the next step of the parcel's life happen now."""
    parcel = _parcel(request)
    if not request.app[WORLD].store.advance(parcel):
        raise web.HTTPConflict(text="this parcel's life is over")
    return web.json_response(described(parcel))


@routes.get("/control/faults")
async def list_faults(request: web.Request) -> web.Response:
    pending = [asdict(fault) for fault in request.app[WORLD].faults.pending]
    return web.json_response({"pending": pending, "calls": sorted(CALLS), "hooks": sorted(HOOKS)})


@routes.post("/control/faults")
async def add_fault(request: web.Request) -> web.Response:
    fields = await _fields(request)
    try:
        fault = Fault(**fields)
        request.app[WORLD].faults.add(fault)
    except (TypeError, ValueError) as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response(asdict(fault), status=201)


@routes.delete("/control/faults")
async def clear_faults(request: web.Request) -> web.Response:
    request.app[WORLD].faults.pending.clear()
    return web.json_response({})


@routes.get("/control/accounts")
async def list_accounts(request: web.Request) -> web.Response:
    accounts = request.app[WORLD].accounts.all()
    shown = [{"carrier": a.carrier, "key": a.key, "hook_url": a.hook_url} for a in accounts]
    return web.json_response({"accounts": shown})


@routes.post("/control/accounts")
async def put_account(request: web.Request) -> web.Response:
    """Make an account known, above all where its hooks go."""
    try:
        account = Account(**await _fields(request))
    except TypeError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    request.app[WORLD].accounts.put(account)
    return web.json_response({"carrier": account.carrier, "key": account.key}, status=201)


@routes.get("/control/calls")
async def list_calls(request: web.Request) -> web.Response:
    """List the calls that came in and the hooks that went out."""
    world = request.app[WORLD]
    return web.json_response({"calls": [asdict(call) for call in world.calls], "hooks": world.hooks.sent})


@routes.post("/control/speed")
async def set_speed(request: web.Request) -> web.Response:
    fields = await _fields(request)
    speed = fields.get("speed")
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= 10_000:
        raise web.HTTPBadRequest(text="speed must be a number from 0 to 10000")
    request.app[WORLD].store.set_speed(speed)
    return web.json_response({"speed": speed})


@routes.post("/control/reset")
async def reset(request: web.Request) -> web.Response:
    """Forget parcels, faults and calls; accounts stay."""
    world = request.app[WORLD]
    world.store.reset()
    world.faults.pending.clear()
    world.calls.clear()
    world.hooks.sent = []
    return web.json_response({})


@routes.get("/control/scenarios")
async def scenarios(request: web.Request) -> web.Response:
    return web.json_response({name: scenario.meaning for name, scenario in SCENARIOS.items()})


@routes.get("/")
async def page(request: web.Request) -> web.FileResponse:
    return web.FileResponse(FOLDER / "index.html")


def _parcel(request: web.Request) -> Parcel:
    number = request.match_info["number"]
    parcel = request.app[WORLD].store.parcels.get(int(number)) if number.isdecimal() else None
    if parcel is None:
        raise web.HTTPNotFound(text="no such parcel")
    return parcel


async def _fields(request: web.Request) -> dict[str, Any]:
    try:
        fields = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="the body must be JSON") from error
    if not isinstance(fields, dict):
        raise web.HTTPBadRequest(text="the body must be a JSON object")
    return fields
