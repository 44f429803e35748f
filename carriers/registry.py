"""Which carriers there are. A new one: a folder in `adapters/`, a line here, payloads, a page of docs."""

from functools import cache
from importlib import import_module

from django.conf import settings

from carriers.adapters.base import Adapter, Connection
from carriers.models import CarrierAccount

ADAPTERS: dict[str, str] = {
    "manual": "carriers.adapters.manual.ManualAdapter",
    "sendcloud": "carriers.adapters.sendcloud.adapter.SendcloudAdapter",
    "veloyd": "carriers.adapters.veloyd.adapter.VeloydAdapter",
}


# As the address of an account: the simulator of this run, wherever it listens this time.
SIMULATOR = "simulator"


@cache
def adapter_class(carrier: str) -> type[Adapter]:
    """Return the adapter of a carrier code; KeyError if nobody wrote one."""
    module, _, name = ADAPTERS[carrier].rpartition(".")
    found: type[Adapter] = getattr(import_module(module), name)
    return found


def adapter_for(account: CarrierAccount) -> Adapter:
    """Return the account's adapter, to be used with `async with`. Decrypts its credentials; reads no row."""
    base_url = account.base_url
    if base_url == SIMULATOR:
        base_url = settings.SIMULATOR_URL + adapter_class(account.carrier).simulator_path
    connection = Connection(
        account=f"{account.carrier}:{account.pk}",
        base_url=base_url,
        credentials=account.credentials,
        settings=account.settings,
    )
    return adapter_class(account.carrier)(connection)


def carrier_choices() -> list[tuple[str, str]]:
    return [(code, adapter_class(code).name) for code in ADAPTERS]
