"""A carrier simulator for tests: the real one, on a free port, in a thread of its own.

    from tests.simulator import simulator, simulator_server  # noqa: F401  (fixtures)

    def test_something(simulator):
        account.base_url = simulator.sendcloud_url
        simulator.fault("500", on="create")
        simulator.set_status(simulator.parcel("order-1")["id"], "11")

Time stands still in it: parcels move when a test says so. `Simulator.start(speed=…)` makes others.
"""

import asyncio
import json
import threading
import urllib.request
from dataclasses import dataclass

import pytest

from carriers.simulator.app import Options, serve


@dataclass
class Simulator:
    port: int
    loop: asyncio.AbstractEventLoop
    task: asyncio.Task
    thread: threading.Thread

    @classmethod
    def start(cls, **options):
        options.setdefault("speed", 0)
        started, found = threading.Event(), {}

        def run():
            async def main():
                found["loop"] = asyncio.get_running_loop()
                found["task"] = asyncio.current_task()

                def ready(port):
                    found["port"] = port
                    started.set()

                await serve(Options(**options), "127.0.0.1", 0, ready)

            try:
                asyncio.run(main())
            except asyncio.CancelledError:
                pass

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        assert started.wait(10)
        return cls(found["port"], found["loop"], found["task"], thread)

    def stop(self):
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.thread.join(10)
        assert not self.thread.is_alive()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def sendcloud_url(self):
        return f"{self.url}/sendcloud/api/v2"

    @property
    def veloyd_url(self):
        return f"{self.url}/veloyd/api"

    def control(self, method, path, **fields):
        body = json.dumps(fields).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self.url}/control/{path}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def parcels(self, q=""):
        return self.control("GET", f"parcels?q={q}")["parcels"]

    def parcel(self, q):
        """Return the one parcel whose order number or reference contains `q`."""
        (found,) = self.parcels(q)
        return found

    def set_status(self, number, status, **more):
        return self.control("POST", f"parcels/{number}/status", status=status, **more)

    def advance(self, number):
        return self.control("POST", f"parcels/{number}/advance")

    def fault(self, kind, **fields):
        return self.control("POST", "faults", kind=kind, **fields)

    def account(self, carrier, key, **fields):
        return self.control("POST", "accounts", carrier=carrier, key=key, **fields)

    def calls(self, operation):
        return [call for call in self.control("GET", "calls")["calls"] if call["operation"] == operation]

    def hooks(self):
        return self.control("GET", "calls")["hooks"]


@pytest.fixture(scope="session")
def simulator_server():
    server = Simulator.start()
    yield server
    server.stop()


@pytest.fixture
def simulator(simulator_server):
    simulator_server.control("POST", "reset")
    return simulator_server
