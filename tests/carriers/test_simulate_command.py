"""manage.py simulate_carriers as a process: starts, serves, remembers, ends when told."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]


def start(*options):
    command = [sys.executable, "manage.py", "simulate_carriers", *options]
    # No database behind this address: the simulator must not look for one.
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_told_to_stop(stop, tmp_path):
    process = start("--port", "0", "--speed", "0", "--state", str(tmp_path / "parcels.json"))
    try:
        line = process.stdout.readline()
        assert line.startswith("Carriers: http://127.0.0.1:")
        with urllib.request.urlopen(line.split()[1], timeout=10) as answer:
            assert b"Pretended carriers" in answer.read()
        process.send_signal(stop)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.stdout.close()


def test_it_says_where_it_is(monkeypatch, capsys):
    async def serve(options, host, port, ready):
        assert (options.speed, options.is_strict, port) == (3.0, True, settings.SIMULATOR_PORT)
        assert options.own_url == f"http://127.0.0.1:{settings.PORT}"
        assert options.state == settings.VAR / "simulator" / "parcels.json"
        assert options.accounts == settings.VAR / "simulator" / "accounts.json"
        ready(4321)

    monkeypatch.setattr("carriers.management.commands.simulate_carriers.serve", serve)

    call_command("simulate_carriers", speed=3.0, strict=True)

    assert capsys.readouterr().out.startswith("Carriers: http://127.0.0.1:4321/")


def test_it_says_when_the_port_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Cannot listen on 127.0.0.1:{port}"):
            call_command("simulate_carriers", port=port, speed=0)
