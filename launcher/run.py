"""`make run`: the whole product on one machine, until Ctrl-C."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

from launcher import valkey
from launcher.children import Child, Children
from launcher.given import check_given
from launcher.screen import demo_access, welcome
from launcher.state import State, bound_socket, free_port, give_up, port_from

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAGE_SECONDS = 60
NONSENSE = "django.core.exceptions.ImproperlyConfigured: "  # what follows is a sentence of the settings


class Stopped(Exception):
    """Somebody asked the launcher to end."""


def _stop(number: int, frame: FrameType | None) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # ending is under way already
    raise Stopped


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(text, flush=True)


def has_command(name: str) -> bool:
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


class Run:
    def __init__(self, state: State) -> None:
        self.state = state
        self.children = Children(say)
        self.env = dict(os.environ)
        self.listener: socket.socket | None = None

    def start(self) -> None:
        self.state.lock()
        self.listener = self.state.listen()
        self._environment()
        check_given(self.env)
        self._broker()
        self._database()
        self._web()
        self._services()
        welcome(self.state, self.env, say)

    def tend(self) -> None:
        while True:
            time.sleep(0.3)
            self.children.tend()

    def end(self) -> None:
        self.children.end()
        with contextlib.suppress(OSError):
            (self.state.var / "broker.url").unlink()

    def _environment(self) -> None:
        state = self.state
        if self.env.get("SIMULATOR_PORT"):
            simulator = port_from("SIMULATOR_PORT", state.port + 1)
        else:
            simulator = _port_near(state.port + 1)
        self.env |= {
            "DJANGO_SETTINGS_MODULE": "woop.settings",  # not another project's, which a shell may still name
            "VAR": str(state.var),
            "PORT": str(state.port),
            "SIMULATOR_PORT": str(simulator),
            "PYTHONUNBUFFERED": "1",
        }

    def _broker(self) -> None:
        note = self.state.var / "broker.url"
        note.unlink(missing_ok=True)
        if self.env.get("REDIS_URL"):
            return
        binary = valkey.server_binary()
        if binary is None:
            say("No Valkey for this platform: the worker goes by its own clock, up to two seconds later.")
            return
        path = valkey.socket_path(self.state.var)
        folder, log = self.state.var / "valkey", self.state.logs / "broker.log"
        child = self.children.start(valkey.valkey(binary, folder, log, path))
        if not valkey.wait_for(child, path):
            # Only a doorbell: a queue that cannot be read again is worth less than a start.
            child.end(time.monotonic())
            shutil.rmtree(folder)
            folder.mkdir()
            child.start()
            if not valkey.wait_for(child, path):
                give_up(f"{_tail(log)}\n\nThe broker did not start: see {log}.")
        self.env["REDIS_URL"] = f"unix://{path}"
        note.write_text(self.env["REDIS_URL"])

    def _manage(self, *arguments: str) -> None:
        """Run one command of manage.py to its end; its output goes to a log unless it fails."""
        log = self.state.logs / "setup.log"
        child = Child(arguments[0], _python("manage.py", *arguments), log, env=self.env, cwd=ROOT)
        try:
            child.start()
            assert child.process is not None
            code = child.process.wait()
        finally:
            child.end(time.monotonic())
        if code != 0:
            said = _tail(log, 1)
            if said.startswith(NONSENSE):
                give_up(said.removeprefix(NONSENSE))
            give_up(f"{_tail(log)}\n\n`manage.py {arguments[0]}` failed: the whole output is in {log}.")

    def _database(self) -> None:
        if not self.env.get("DATABASE_URL") and not (self.state.var / "woop.sqlite3").exists():
            say(
                "Making the database and the demo data (once) ..."
                if self.state.demo
                else "Making the database ..."
            )
        self._manage("prepare", *(["--demo"] if self.state.demo else []))

    def _web(self) -> None:
        """Start what everybody waits for first: on two cores the others would only slow its start."""
        assert self.listener is not None
        handle = self.listener.fileno()
        command = ["-m", "gunicorn", "woop.wsgi:application", "--bind", f"fd://{handle}"]
        command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--preload"]
        command += ["--log-level", "warning", "--no-control-socket", "--graceful-timeout", "5"]
        env = {"STATEMENT_TIMEOUT_MS": "5000"} | self.env  # nobody waits longer; the worker has its own limit
        self.children.start(
            Child(
                "web", _python(*command), self.state.logs / "web.log", env=env, cwd=ROOT, pass_fds=(handle,)
            )
        )
        self._wait_for_first_page()

    def _services(self) -> None:
        self._service("worker", "run_worker", death_signal=signal.SIGKILL)  # it loses nothing by it
        if has_command("simulate_carriers"):
            speed = self.env.get("SIMULATOR_SPEED", "").strip() or "1"
            self._service(
                "simulator", "simulate_carriers", "--port", self.env["SIMULATOR_PORT"], "--speed", speed
            )
        if demo_access(self.state) and self.state.demo and has_command("live_demo"):
            self._service("visitors", "live_demo").may_end = True  # after an hour

    def _service(self, name: str, *arguments: str, death_signal: int = signal.SIGTERM) -> Child:
        log = self.state.logs / f"{name}.log"
        command = _python("manage.py", *arguments)
        return self.children.start(
            Child(name, command, log, env=self.env, cwd=ROOT, death_signal=death_signal)
        )

    def _wait_for_first_page(self) -> None:
        web = self.children.all[-1]
        deadline = time.monotonic() + FIRST_PAGE_SECONDS
        host = "127.0.0.1" if self.state.host == "0.0.0.0" else self.state.host
        while time.monotonic() < deadline and web.alive:
            if _answers(host, self.state.port):
                return
            time.sleep(0.05)
        give_up(f"{_tail(web.log)}\n\nThe web server did not start: the whole output is in {web.log}.")


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").strip().splitlines()[-lines:])


def _port_near(port: int) -> int:
    with contextlib.suppress(OSError, OverflowError), bound_socket("127.0.0.1", port):
        return port
    return free_port()


def _answers(host: str, port: int) -> bool:
    """Any answer of HTTP is an answer: what it says is not the launcher's business."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.request("GET", "/admin/login/", headers={"Host": "localhost"})
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run(arguments: list[str]) -> int:
    if arguments:
        give_up(
            "`run` takes no arguments: PORT, VAR, DEMO, DATABASE_URL and REDIS_URL come from the environment."
        )
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if name != signal.SIGHUP or signal.getsignal(name) != signal.SIG_IGN:  # nohup means it
            signal.signal(name, _stop)
    woop = Run(State.from_environment(ROOT))
    try:
        woop.start()
        woop.tend()
    except Stopped:
        say("\nStopping ...")
    finally:
        woop.end()
    return 0
