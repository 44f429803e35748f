"""A whole `make run`, with real processes, for drills to watch and to kill."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from launcher.state import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
# Nothing of these is handed on: the embedded servers are what is tried here.
GIVEN = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "STATEMENT_TIMEOUT_MS")


def processes_of(var):
    """Return the living processes of a run: its folder is in their environment or where they stand."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            inside = (folder / "cwd").resolve().is_relative_to(var)  # Valkey overwrites its environment
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            continue
        if command and (inside or f"VAR={var}\0".encode() in environment):
            found[int(folder.name)] = command
    return found


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


class Running:
    def __init__(self, var, **environment):
        self.var, self.port = var, free_port()
        self.output = var / "output"
        env = {name: value for name, value in os.environ.items() if name not in GIVEN}
        env |= {"VAR": str(var), "PORT": str(self.port), "DEMO": "0"} | environment
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "launcher", "run"],
                cwd=ROOT,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def says(self, text):
        return text in self.output.read_text()

    def status(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def pid(self, words):
        return min((pid for pid, command in processes_of(self.var).items() if words in command), default=None)

    def api(self, method, path, body=None):
        """Ask the API with the demo's key; return the status code and the answer."""
        key = json.loads((self.var / "demo.json").read_text())["api_key"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def started(self, seconds=60):
        return wait_until(lambda: self.says("Ctrl-C stops it") or self.process.poll() is not None, seconds)

    def finish(self):
        """End it without grace, whatever the test did, and see that nobody stays behind."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        return wait_until(lambda: not processes_of(self.var))
