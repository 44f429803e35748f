"""Everything that the handlers share: one pretended world."""

from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from carriers.simulator.accounts import Account, Accounts
from carriers.simulator.faults import Faults
from carriers.simulator.hooks import HookSender
from carriers.simulator.parcels import ParcelStore


@dataclass(frozen=True)
class Call:
    """A call that came in, for the page and for tests."""

    carrier: str
    operation: str
    path: str
    status: int


@dataclass
class World:
    store: ParcelStore
    accounts: Accounts
    faults: Faults
    hooks: HookSender
    page_size: int = 100
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=1000))


WORLD = web.AppKey("world", World)
ACCOUNT = web.RequestKey("account", Account)
