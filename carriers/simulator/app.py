"""The simulator as a web application: two carriers, one control desk, and the clock that moves parcels."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from carriers.simulator import control, sendcloud, veloyd
from carriers.simulator.accounts import Accounts
from carriers.simulator.faults import Fault, Faults
from carriers.simulator.hooks import HookSender
from carriers.simulator.parcels import ParcelStore
from carriers.simulator.world import WORLD, Call, World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TICK_S = 0.1
SAVE_EVERY = 20  # ticks
CARRIERS = {"sendcloud": sendcloud, "veloyd": veloyd}
GARBAGE = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"


@dataclass(frozen=True)
class Options:
    """`speed` 0 lets time stand still: only the control desk moves parcels then."""

    speed: float = 1.0
    state: Path | None = None
    accounts: Path | None = None
    is_strict: bool = False
    page_size: int = 100
    own_url: str = ""  # where the Woop is whose hooks are given as paths


def build(options: Options) -> web.Application:
    app = web.Application(middlewares=[carrier_manners])
    store = ParcelStore(options.speed, options.state)
    accounts = Accounts(options.accounts, is_strict=options.is_strict)
    faults = Faults()
    hooks = HookSender(accounts, faults, options.own_url)
    store.listener = hooks.tell
    app[WORLD] = World(store, accounts, faults, hooks, options.page_size)
    for module in (sendcloud, veloyd, control):
        app.add_routes(module.routes)
    app.router.add_static("/page/", control.FOLDER)
    app.cleanup_ctx.append(_clockwork)
    return app


async def _clockwork(app: web.Application) -> AsyncIterator[None]:
    world = app[WORLD]
    await world.hooks.start()
    ticking = asyncio.create_task(_tick(world))
    yield
    ticking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ticking
    await world.hooks.stop()
    world.store.save()


async def _tick(world: World) -> None:
    count = 0
    while True:
        await asyncio.sleep(TICK_S)
        world.store.tick()
        count += 1
        if count % SAVE_EVERY == 0:
            world.store.save()


@web.middleware
async def carrier_manners(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check the key of a call to a carrier, misbehave if that was asked for, and note the call."""
    name = getattr(request.match_info.route, "name", None) or ""
    carrier, _, operation = name.partition(".")
    module = CARRIERS.get(carrier)
    if module is None:
        return await handler(request)
    if module.enter(request):
        response = await _answer(request, handler, carrier, operation)
    else:
        response = module.refuse(request)
    request.app[WORLD].calls.append(Call(carrier, operation, request.path, response.status))
    return response


async def _answer(request: web.Request, handler: Handler, carrier: str, operation: str) -> web.StreamResponse:
    fault = request.app[WORLD].faults.take(carrier, operation)
    if fault is None:
        return await handler(request)
    if fault.kind == "429":
        return web.Response(status=429, headers={"Retry-After": "2"})
    if fault.kind == "500":
        return web.Response(status=500, text="<html><body>Internal Server Error</body></html>")
    if fault.kind == "drop":
        return _hang_up(request)
    return await _spoil(request, await handler(request), fault)


async def _spoil(request: web.Request, response: web.StreamResponse, fault: Fault) -> web.StreamResponse:
    """Do the work, and then keep the caller from learning of it."""
    if fault.kind == "garbage":
        return web.Response(body=GARBAGE, content_type="text/xml", status=response.status)
    await asyncio.sleep(fault.seconds)
    return _hang_up(request)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.close()
    return web.Response(status=500)


async def serve(options: Options, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until cancelled; `ready` learns the port, which matters when 0 was asked for."""
    # Callers that are kept waiting must not keep the simulator from ending.
    runner = web.AppRunner(build(options), shutdown_timeout=0.5, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        ready(runner.addresses[0][1])
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
