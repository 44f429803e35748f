"""manage.py simulate_carriers: pretend to be Sendcloud and Veloyd over real HTTP."""

import asyncio
import contextlib
import signal
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from carriers.simulator.accounts import accounts_file
from carriers.simulator.app import Options, serve


class Command(BaseCommand):
    help = "Serve pretended carriers whose parcels live through their statuses within minutes."
    # Neither checks nor a database: it must be up before both.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        folder = settings.VAR / "simulator"
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.SIMULATOR_PORT)
        parser.add_argument("--speed", type=float, default=1.0, help="1: two minutes a parcel; 0: none moves")
        parser.add_argument("--state", type=Path, default=folder / "parcels.json", help="the parcels' memory")
        parser.add_argument("--accounts", type=Path, default=accounts_file(), help="who may call")
        parser.add_argument("--own-url", default=f"http://127.0.0.1:{settings.PORT}", help="where Woop is")
        parser.add_argument("--strict", action="store_true", help="let only known accounts in")

    def handle(self, *args: Any, **options: Any) -> None:
        options["state"].parent.mkdir(parents=True, exist_ok=True)
        wanted = Options(
            speed=options["speed"],
            state=options["state"],
            accounts=options["accounts"],
            is_strict=options["strict"],
            own_url=options["own_url"],
        )
        host = options["host"]

        def ready(port: int) -> None:
            self.stdout.write(
                f"Carriers: http://{host}:{port}/ (Sendcloud /sendcloud/api/v2, Veloyd /veloyd/api)"
            )
            self.stdout.flush()

        try:
            asyncio.run(_until_stopped(wanted, host, options["port"], ready))
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{options['port']}: {error.strerror}") from error


async def _until_stopped(options: Options, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until somebody says stop, and then save what must be saved."""
    serving = asyncio.ensure_future(serve(options, host, port, ready))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
