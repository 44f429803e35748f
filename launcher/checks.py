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
from contextlib import ExitStack
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


def _workers(arguments: list[str]) -> int:
    """Say over how many processes to spread: chosen tests and those on a given server share one.

    A test that looks at all transactions of its server must not meet those of another process.
    """
    options = ("-n", "--pdb", "-s", "--durations")
    if _paths(arguments) or any(part.startswith(options) for part in arguments):
        return 1
    return 1 if os.environ.get("DATABASE_URL") else min(os.cpu_count() or 1, 4)


def _pytest(env: dict[str, str], workers: int, arguments: list[str], *folders: str) -> int:
    spread = ["-n", str(workers), "--dist", "worksteal"] if workers > 1 else []
    chosen = _paths(arguments)
    code = _call(env, "-m", "pytest", "-q", *spread, *arguments, *([] if chosen else folders))
    return 0 if code == NOTHING_COLLECTED and arguments else code


def test(arguments: list[str]) -> int:
    """Run the suite on PostgreSQL, then its core on SQLite; never one in place of the other."""
    signal.signal(signal.SIGTERM, _interrupt)
    started, workers = time.monotonic(), _workers(arguments)
    with ExitStack() as stack:
        env = os.environ | {"VAR": stack.enter_context(tempfile.TemporaryDirectory())}
        what, which = _own_servers(stack, env, workers)
        _title(f"All tests on {what}, with {which}")
        full = _pytest(env, workers, arguments)
        _title(f"The core's tests on SQLite {sqlite3.sqlite_version}, with {which}")
        env = {name: value for name, value in env.items() if not name.startswith("DATABASE_URL")}
        core = _pytest(env, workers, arguments, *_core_folders())
    verdict = "Some tests FAILED" if full or core else "All tests passed"
    _title(f"{verdict}, after {time.monotonic() - started:.0f} s")
    return full or core


def _own_servers(stack: ExitStack, env: dict[str, str], workers: int) -> tuple[str, str]:
    """Give every process servers of its own, under the names that tests/settings.py looks for."""
    what = which = ""
    for number in range(workers):
        suffix = f"_gw{number}" if workers > 1 else ""
        env[f"DATABASE_URL{suffix}"], what = stack.enter_context(database())
        env[f"REDIS_URL{suffix}"], which = stack.enter_context(broker())
    return what, which


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
        env |= {"VAR": var, "LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "woop.settings"}
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
        env["DJANGO_SETTINGS_MODULE"] = "woop.settings"
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
