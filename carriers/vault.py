"""Credentials at rest: encrypted with the first key of CREDENTIAL_KEYS, readable with any of them."""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

MASK = "***"


class VaultError(Exception):
    """The keys in the settings open this no longer: one was thrown away too early."""


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in settings.CREDENTIAL_KEYS])


def seal(credentials: dict[str, str]) -> str:
    return _keys().encrypt(json.dumps(credentials).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(_keys().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise VaultError("No key in CREDENTIAL_KEYS opens these credentials.") from error
    return opened


def rotate(sealed: str) -> str:
    """Encrypt anew with the newest key; the old key can go once every account was rotated."""
    if not sealed:
        return ""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise VaultError("No key in CREDENTIAL_KEYS opens these credentials.") from error
