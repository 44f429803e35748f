"""The servers that tests and measurements run against: the given ones, else throwaway ones."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from launcher import valkey
from launcher.postgres import throwaway_postgres
from launcher.state import give_up


@contextlib.contextmanager
def database(*, durable: bool = False) -> Iterator[tuple[str, str]]:
    given = os.environ.get("DATABASE_URL", "").strip()
    if given:
        yield given, f"the database of DATABASE_URL ({given.split(':', 1)[0]})"
        return
    with throwaway_postgres(durable=durable) as (address, what):
        yield address, what


@contextlib.contextmanager
def broker() -> Iterator[tuple[str, str]]:
    given = os.environ.get("REDIS_URL", "").strip()
    if given:
        yield given, "the broker of REDIS_URL"
        return
    binary = valkey.server_binary()
    if binary is None:
        give_up("No Valkey for this platform: install one, or point REDIS_URL to a server.")
    folder = Path(tempfile.mkdtemp(prefix="woop-broker-"))
    path = valkey.socket_path(folder)
    child = valkey.valkey(binary, folder, folder / "broker.log", path, durable=False)
    try:
        child.start()
        if not valkey.wait_for(child, path):
            give_up(f"Valkey did not start: {child.log.read_text().strip()[-500:]}")
        yield f"unix://{path}", f"{valkey.describe(binary)}"
    finally:
        child.ask_to_end()
        child.end(time.monotonic() + 5)
        shutil.rmtree(folder, ignore_errors=True)
        if path.parent != folder:
            shutil.rmtree(path.parent, ignore_errors=True)
