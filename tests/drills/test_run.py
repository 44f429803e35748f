"""`make run` as a whole: what stops it, what it survives, what it leaves."""

import os
import signal

import pytest

from tests.drills.running import Running, processes_of, wait_until


@pytest.fixture
def running(tmp_path):
    woop = Running(tmp_path)
    assert woop.started(), woop.output.read_text()
    yield woop
    assert woop.finish()


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
