"""`make run` as a whole, with real processes that are killed."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from launcher.state import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


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
    def __init__(self, var):
        self.var, self.port = var, free_port()
        self.output = var / "output"
        # Nothing given: the embedded servers are what is tried here.
        given = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY")
        env = {name: value for name, value in os.environ.items() if name not in given}
        env |= {"VAR": str(var), "PORT": str(self.port), "DEMO": "0"}
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


@pytest.fixture
def running(tmp_path):
    woop = Running(tmp_path)
    try:
        assert wait_until(lambda: woop.says("Ctrl-C stops it"), 60), woop.output.read_text()
        yield woop
    finally:
        if woop.process.poll() is None:
            woop.process.kill()
            woop.process.wait()
        assert wait_until(lambda: not processes_of(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_leaves_nobody(running, number):
    assert running.status("/admin/login/") == 200
    running.process.send_signal(number)
    assert running.process.wait(20) == 0
    assert processes_of(running.var) == {}
    assert not (running.var / "broker.url").exists()
    assert not running.says("Traceback")


def test_killed_it_leaves_nobody(running):
    running.process.kill()
    assert wait_until(lambda: not processes_of(running.var), 15), processes_of(running.var)


@pytest.mark.parametrize(
    ("name", "words"),
    [("worker", "run_worker"), ("broker", "valkey-server"), ("web", "gunicorn")],
)
def test_killed_child_comes_back(running, name, words):
    before = running.pid(words)
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: running.says(f"The {name} ended (killed by signal 9): starting it again."))
    assert wait_until(lambda: running.pid(words) not in (None, before))
    assert wait_until(lambda: running.status("/admin/login/") == 200)
    running.process.terminate()
    assert running.process.wait(20) == 0
    assert processes_of(running.var) == {}
