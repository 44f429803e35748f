"""`make clean`: remove what the other commands made, after asking whether a run still uses it."""

import shutil
from pathlib import Path

from launcher.state import State

ROOT = Path(__file__).resolve().parent.parent
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis", "htmlcov")


def clean() -> None:
    state = State.from_environment(ROOT)
    state.lock()  # refuses while a run is alive
    for folder in (state.var, ROOT / ".venv", *(ROOT / name for name in CACHES)):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in ROOT.rglob("__pycache__"):
        shutil.rmtree(folder, ignore_errors=True)
    print("Clean: the environment, the state and all caches are gone.")
