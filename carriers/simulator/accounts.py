"""Who may call, and where their hooks go.

A key that was never seen is taken on, with the secret it came with: the demo needs no set-up. From then on
the secret must stay the same. A key or secret with the word "wrong" in it never works.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings


@dataclass
class Account:
    """An integration at Sendcloud (public and secret key), a merchant at Veloyd (API key, no secret).

    A `hook_url` that begins with a slash is a path of the Woop that the simulator was started for.
    """

    carrier: str
    key: str
    secret: str = ""
    hook_url: str = ""
    hook_key: str = ""

    @property
    def signing_key(self) -> str:
        return self.hook_key or self.secret


class Accounts:
    """Accounts by carrier and key. `file` may name some; it is read again whenever it was written."""

    def __init__(self, file: Path | None = None, *, is_strict: bool = False) -> None:
        self._file = file
        self._read_at = 0.0
        self._is_strict = is_strict
        self._accounts: dict[tuple[str, str], Account] = {}

    def all(self) -> list[Account]:
        self._read_file()
        return list(self._accounts.values())

    def get(self, carrier: str, key: str) -> Account | None:
        self._read_file()
        return self._accounts.get((carrier, key))

    def put(self, account: Account) -> None:
        self._accounts[account.carrier, account.key] = account

    def enter(self, carrier: str, key: str, secret: str = "") -> Account | None:
        """Return the account of a caller, None if it may not come in."""
        if not key or "wrong" in key or "wrong" in secret:
            return None
        known = self.get(carrier, key)
        if known is None and not self._is_strict:
            known = Account(carrier, key, secret)
            self.put(known)
        if known is None or (known.secret and known.secret != secret):
            return None
        known.secret = secret
        return known

    def _read_file(self) -> None:
        if self._file is None or not self._file.exists():
            return
        written_at = self._file.stat().st_mtime
        if written_at != self._read_at:
            self._read_at = written_at
            for row in json.loads(self._file.read_text() or "[]"):
                self.put(Account(**row))


def accounts_file() -> Path:
    """Return where the accounts of this run's simulator are written."""
    folder: Path = settings.VAR
    return folder / "simulator" / "accounts.json"


def write_account(file: Path, account: Account) -> None:
    """Add an account to the file that a simulator reads, or change it there."""
    rows: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    others = [row for row in rows if (row["carrier"], row["key"]) != (account.carrier, account.key)]
    rows = [*others, vars(account)]
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(rows, indent=1))
    draft.chmod(0o600)
    draft.replace(file)
