"""Make an account and the simulator known to each other, for demos and rehearsals."""

import secrets
from pathlib import Path

from carriers import services
from carriers.models import CarrierAccount
from carriers.registry import SIMULATOR, adapter_class
from carriers.simulator.accounts import Account, accounts_file, write_account


def link(account: CarrierAccount, file: Path | None = None) -> None:
    """Point the account at the simulator of this run, and the simulator's hooks back.

    An account without credentials gets some that only the simulator knows.
    The simulator may be running already or not yet: it reads its accounts again when they change.
    """
    names = adapter_class(account.carrier).credential_names
    if not account.credentials:
        account.credentials = {name: f"sim-{secrets.token_hex(12)}" for name in names}
    account.base_url = SIMULATOR
    account.save(update_fields=["sealed_credentials", "base_url"])
    path = services.hook_path(account, services.rotate_hook_token(account))
    keys = account.credentials
    known = Account(
        carrier=account.carrier,
        key=keys.get("public_key") or keys["api_key"],
        secret=keys.get("secret_key", ""),
        hook_key=keys.get("webhook_key", ""),
        hook_url=path,
    )
    write_account(file or accounts_file(), known)
