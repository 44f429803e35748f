"""Children end with the launcher, whatever ends it, and come back when they die."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher.children import Child, Children

ROOT = Path(__file__).resolve().parent.parent.parent
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT = (
    "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
)


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.fixture
def children():
    said = []
    made = Children(said.append)
    made.said = said
    yield made
    made.end()


def test_killed_child_is_started_again(children, tmp_path):
    child = children.start(Child("worker", SLEEP, tmp_path / "log"))
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    assert wait_until(lambda: children.tend() or child.process.pid != first)
    assert child.alive
    assert children.said == ["The worker ended (killed by signal 9): starting it again."]


def test_child_that_keeps_dying_is_started_ever_more_rarely(children, tmp_path):
    child = children.start(Child("worker", [sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "log"))
    assert wait_until(lambda: children.tend() or child.deaths == 3)
    pauses = [0.1 * 2**death for death in (1, 2, 3)]
    assert child.not_before - time.monotonic() == pytest.approx(pauses[-1], abs=0.2)
    assert children.said == ["The worker ended (exit code 3): starting it again."] * 3


def test_end_leaves_no_grandchild(children, tmp_path):
    log = tmp_path / "log"
    children.start(Child("web", [sys.executable, "-c", PARENT], log))
    assert wait_until(lambda: log.read_text().strip())
    grandchild = int(log.read_text())
    children.end()
    assert wait_until(lambda: gone(grandchild))


def test_grandchild_of_a_killed_child_goes_before_the_next_start(children, tmp_path):
    log = tmp_path / "log"
    child = children.start(Child("web", [sys.executable, "-c", PARENT], log))
    assert wait_until(lambda: log.read_text().strip())
    grandchild = int(log.read_text())
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    children.tend()
    assert wait_until(lambda: gone(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not tell children")
def test_children_die_with_a_killed_launcher(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from launcher.children import Child;"
        f"child = Child('x', [sys.executable, '-c', 'import time; time.sleep(60)'],"
        f"Path({str(tmp_path / 'log')!r}));"
        "print(child.start().process.pid, flush=True); time.sleep(60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(launcher.stdout.readline())
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    assert wait_until(lambda: gone(child))
