"""`make test`, `lint`, `bench` and `e2e`."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from launcher.servers import broker, database
from launcher.state import give_up

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _call(env: dict[str, str], *arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, check=False).returncode


def _core_folders() -> list[str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    left_out = config["tool"]["woop"]["not_on_sqlite"]
    folders = sorted(
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").iterdir() if path.is_dir()
    )
    return [
        folder for folder in folders if folder not in left_out and any((ROOT / folder).rglob("test_*.py"))
    ]


def _title(text: str) -> None:
    print(f"\n== {text}", flush=True)


NOTHING_COLLECTED = 5  # pytest's exit code


def _paths(arguments: list[str]) -> list[str]:
    return [part for part in arguments if not part.startswith("-") and (ROOT / part.split("::")[0]).exists()]


def _pytest(env: dict[str, str], arguments: list[str], *folders: str) -> int:
    """Run the chosen tests one after the other, and whole suites on every core."""
    chosen = _paths(arguments)
    alone = chosen or any(part.startswith(("-n", "--pdb", "--durations")) for part in arguments)
    spread = [] if alone else ["-n", "auto", "--maxprocesses", "4"]
    code = _call(env, "-m", "pytest", "-q", *spread, *arguments, *([] if chosen else folders))
    return 0 if code == NOTHING_COLLECTED and arguments else code


def test(arguments: list[str]) -> int:
    """Run the suite on PostgreSQL, then its core on SQLite; never one in place of the other."""
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    with database() as (address, what), broker() as (bell, which), tempfile.TemporaryDirectory() as var:
        env = {**os.environ, "REDIS_URL": bell, "VAR": var}
        _title(f"All tests on {what}, with {which}")
        full = _pytest(env | {"DATABASE_URL": address}, arguments)
        _title(f"The core's tests on SQLite {sqlite3.sqlite_version}, with {which}")
        env["DATABASE_URL"] = f"sqlite:///{var}/woop.sqlite3"
        core = _pytest(env, arguments, *_core_folders())
    result = full or core
    verdict = "Some tests FAILED" if result else "All tests passed"
    _title(f"{verdict}, after {time.monotonic() - started:.0f} s")
    return result


def lint(arguments: list[str]) -> int:
    """Run every check even when one fails, so that one call shows all there is to mend."""
    if arguments:
        give_up("`lint` takes no arguments.")
    imports = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-logo'])"
    steps = {
        "format": ["-m", "ruff", "format", "--check", "."],
        "style": ["-m", "ruff", "check", "."],
        "imports": ["-c", imports],
        "types": ["-m", "mypy", *_packages()],
        "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
        "API description": ["manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull],
    }
    with tempfile.TemporaryDirectory() as var:
        env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        env |= {"VAR": var, "LOG_LEVEL": "WARNING"}
        failed = []
        for name, command in steps.items():
            _title(name)
            if _call(env, *command) != 0:
                failed.append(name)
    _title(f"NOT in order: {', '.join(failed)}" if failed else "All in order")
    return 1 if failed else 0


def _packages() -> list[str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [*config["tool"]["importlinter"]["root_packages"], "launcher"]


def bench(arguments: list[str]) -> int:
    """Measure on a PostgreSQL that keeps its promises (fsync), on this machine, in one run."""
    signal.signal(signal.SIGTERM, _interrupt)
    if not (ROOT / "bench" / "__main__.py").exists():
        give_up("There is nothing to measure yet: bench/ is empty.")
    with (
        database(durable=True) as (address, what),
        broker() as (bell, which),
        tempfile.TemporaryDirectory() as var,
    ):
        _title(f"Measured on {what} with durable settings, and {which}")
        env = os.environ | {"DATABASE_URL": address, "REDIS_URL": bell, "VAR": var, "LOG_LEVEL": "WARNING"}
        return _call(env, "-m", "bench", *arguments)


def e2e(arguments: list[str]) -> int:
    """Run the tests in a real browser and the drills that kill real processes."""
    signal.signal(signal.SIGTERM, _interrupt)
    browser = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        give_up("No Chromium here: `apt install chromium`, or name another one in BROWSER_PATH.")
    with database() as (address, what), broker() as (bell, which), tempfile.TemporaryDirectory() as var:
        _title(f"Browser tests and drills on {what}, with {which} and {browser}")
        # Playwright's own event loop runs in the thread of the tests, which Django would take for async code.
        env = os.environ | {
            "DATABASE_URL": address,
            "REDIS_URL": bell,
            "VAR": var,
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        }
        env["BROWSER_PATH"] = browser
        folders = (
            [] if _paths(arguments) else [f for f in ("tests/e2e", "tests/drills") if (ROOT / f).is_dir()]
        )
        return _call(env, "-m", "pytest", "-q", "-m", "e2e or drill", *arguments, *folders)
