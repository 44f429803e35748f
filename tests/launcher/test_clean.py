import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def checkout(tmp_path):
    """Yield a small checkout in which every command has been run."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "launcher", folder / "launcher")
    shutil.copy(ROOT / "launch.py", folder)
    for name in (".venv/bin", "var/log", ".mypy_cache", "orders/__pycache__"):
        (folder / name).mkdir(parents=True)
    return folder


def clean(checkout, **environment):
    env = {name: value for name, value in os.environ.items() if name != "VAR"} | environment
    command = [sys.executable, "launch.py", "clean"]
    return subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, check=False)


def test_clean_leaves_the_sources_alone(checkout):
    result = clean(checkout)
    assert result.stdout == "Clean: the environment, the caches and the state in var/ are gone.\n"
    assert sorted(path.name for path in checkout.iterdir()) == ["launch.py", "launcher", "orders"]
    assert list((checkout / "orders").iterdir()) == []


def test_clean_spares_a_state_elsewhere(checkout, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    (state / "woop.sqlite3").write_text("dear")
    result = clean(checkout, VAR=str(state))
    assert f"The state in {state} stays" in result.stdout
    assert (state / "woop.sqlite3").read_text() == "dear"
    assert not (checkout / "var").exists()


def test_clean_refuses_while_a_run_is_alive(checkout):
    with open(checkout / "var" / "run.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = clean(checkout)
    assert result.returncode == 1
    assert result.stderr.startswith("Woop is already running on ")
    assert (checkout / ".venv").exists()
