"""The launcher's `run` before it starts anything: refusals are one sentence, and nothing is left behind."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.state import free_port
from launcher.valkey import SOCKET_PATH_LIMIT, socket_path

ROOT = Path(__file__).resolve().parent.parent.parent


def run(var, **environment):
    return subprocess.run(
        [sys.executable, "-m", "launcher", "run"],
        cwd=ROOT,
        env=os.environ | {"VAR": str(var)} | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_used_port_is_a_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run(tmp_path, PORT=str(port))
    assert result.returncode == 1
    assert result.stderr.startswith(f"Port {port} is in use by another program:")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "broker.url").exists()


def test_second_run_names_the_first(tmp_path):
    with open(tmp_path / "run.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write(json.dumps({"pid": 4711, "address": "http://localhost:8000"}))
        held.flush()
        result = run(tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(
        f"Woop is already running on {tmp_path} (process 4711, http://localhost:8000):"
    )
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("PORT", "70000"), ("DEMO", "maybe"), ("SIMULATOR_PORT", "0")]
)
def test_nonsense_in_the_environment_is_a_sentence(tmp_path, name, value):
    result = run(
        tmp_path, **{"PORT": "0", name: value} if name == "PORT" else {name: value, "PORT": str(free_port())}
    )
    assert result.returncode == 1
    assert result.stderr.startswith(f"{name} must be")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "DATABASE_URL",
            "postgresql://woop@127.0.0.1:1/woop",
            "The database of DATABASE_URL cannot be used: ",
        ),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "The broker of REDIS_URL cannot be used: "),
        ("REDIS_URL", "localhost:6379", "REDIS_URL is not an address of a broker: "),
        ("DATABASE_URL", "mysql://localhost/woop", "DATABASE_URL must start with one of "),
        ("SECRET_KEY", "short", "SECRET_KEY must have at least 32 characters."),
    ],
)
def test_wrong_server_is_a_sentence(tmp_path, name, value, sentence):
    port = str(free_port())
    result = run(tmp_path, **{"DATABASE_URL": "", "REDIS_URL": "", "PORT": port, name: value})
    assert result.returncode == 1
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "broker.url").exists()


def test_unwritable_state_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    result = run(tmp_path / "file" / "var")
    assert result.returncode == 1
    assert result.stderr == f"Woop cannot write its state folder {tmp_path}/file/var: Not a directory.\n"


@pytest.mark.parametrize("name", ["deep/" * 30, "with a space", "été"])
def test_awkward_state_folder_has_its_socket_elsewhere(tmp_path, name):
    folder = tmp_path / name
    path = socket_path(folder)
    assert path == socket_path(folder)
    assert path.parent != folder
    assert len(os.fsencode(path)) <= SOCKET_PATH_LIMIT
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.parent.rmdir()


def test_plain_state_folder_has_its_socket_inside():
    assert socket_path(Path("/srv/woop/var")) == Path("/srv/woop/var/valkey.sock")
