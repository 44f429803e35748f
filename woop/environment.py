"""Read the environment for the settings, and fail loudly on nonsense."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def flag(name: str, default: bool) -> bool:
    text = env.str(name, default="").strip().lower()
    if text in {"", "1", "0", "true", "false", "yes", "no", "on", "off"}:
        return default if text == "" else text in {"1", "true", "yes", "on"}
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")


def number(name: str, default: int, low: int, high: int) -> int:
    text = env.str(name, default="").strip()
    if text == "":
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def choice(name: str, default: str, allowed: set[str]) -> str:
    text = env.str(name, default="") or default
    if text not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(allowed))}, not {text!r}.")
    return text


def address(name: str, default: str, schemes: set[str]) -> str:
    text = env.str(name, default="").strip() or default
    if text and urlsplit(text).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must start with one of {', '.join(sorted(schemes))} and ://.")
    return text


def noted_broker(note: Path) -> str:
    """Return the broker that a living `make run` on this state folder wrote down for manage.py beside it."""
    text = note.read_text().strip() if note.exists() else ""
    return text if text and Path(urlsplit(text).path).exists() else ""


def secret(name: str, file: Path, make: Callable[[], str]) -> str:
    """Return the environment's value, else that of the file, which the first run creates.

    The file is linked into place complete, so that of several processes that start at once
    all read the same secret and none reads half of it.
    """
    text: str = env.str(name, default="").strip()
    if text:
        return text
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(make())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    text = file.read_text().strip()
    if not text:
        raise ImproperlyConfigured(f"{file} is empty: restore it, or delete it to have a new {name} made.")
    return text
