"""The state folder of a run: where it is, who uses it, and the few settings of the launcher itself."""

import contextlib
import errno
import fcntl
import json
import os
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn


def give_up(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)


def port_from(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        give_up(f"{name} must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def bound_socket(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def free_port(host: str = "127.0.0.1") -> int:
    with bound_socket(host, 0) as probe:
        return int(probe.getsockname()[1])


@dataclass
class State:
    root: Path
    var: Path
    port: int
    host: str
    demo: bool
    _held: IO[str] | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, root: Path) -> "State":
        demo = os.environ.get("DEMO", "").strip().lower() or "1"
        if demo not in {"0", "1", "false", "true", "no", "yes", "off", "on"}:
            give_up(f"DEMO must be 1 or 0, not {demo!r}.")
        return cls(
            root=root,
            var=Path(os.environ.get("VAR") or root / "var").absolute(),
            port=port_from("PORT", 8000),
            host=os.environ.get("HOST", "").strip() or "127.0.0.1",
            demo=demo in {"1", "true", "yes", "on"},
        )

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def address(self) -> str:
        return os.environ.get("BASE_URL", "").rstrip("/") or f"http://localhost:{self.port}"

    def lock(self) -> None:
        """Hold the folder for this process; the kernel lets go of it however the process ends."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            self._held = open(self.var / "run.lock", "a+")  # noqa: SIM115 - held until the process ends
        except OSError as error:
            give_up(f"Woop cannot write its state folder {self.var}: {error.strerror}.")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = self._other_run()
            give_up(
                f"Woop is already running on {self.var}"
                f" (process {other.get('pid', 'unknown')}, {other.get('address', 'address unknown')}):"
                " stop it with Ctrl-C, or start another one beside it with PORT=8100 VAR=/some/other/folder."
            )
        self._held.truncate(0)
        self._held.write(json.dumps({"pid": os.getpid(), "address": self.address}))
        self._held.flush()

    def _other_run(self) -> dict[str, Any]:
        with contextlib.suppress(ValueError, OSError):
            return dict(json.loads((self.var / "run.lock").read_text()))
        return {}

    def listen(self) -> socket.socket:
        """Take the web's port at once and for as long as the launcher lives."""
        try:
            return bound_socket(self.host, self.port)
        except OSError as error:
            give_up(self._port_problem(error))

    def _port_problem(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return (
                f"Port {self.port} is in use by another program:"
                f" stop that, or choose another one, for example PORT={min(self.port + 100, 65535)}."
            )
        if error.errno == errno.EACCES:
            return f"Port {self.port} may only be used by root: choose one above 1023, for example PORT=8000."
        return f"Woop cannot listen on {self.host}, port {self.port}: {error.strerror}."
