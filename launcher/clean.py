"""`make clean`: remove what the other commands made in this checkout."""

import os
import shutil
from pathlib import Path

from launcher.state import State

ROOT = Path(__file__).resolve().parent.parent
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis", "htmlcov")


def clean() -> None:
    """Remove the environment, the caches and the checkout's own state, unless a run still uses it.

    A state folder elsewhere (VAR) may be somebody's only copy of their data: it stays.
    """
    given = Path(os.environ.get("VAR") or ROOT / "var").absolute()
    os.environ["VAR"] = str(ROOT / "var")
    State.from_environment(ROOT).lock()
    for name in ("var", ".venv", *CACHES):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in ROOT.rglob("__pycache__"):
        shutil.rmtree(folder, ignore_errors=True)
    print("Clean: the environment, the caches and the state in var/ are gone.")
    if given != ROOT / "var":
        print(f"The state in {given} stays: remove it yourself if you want to.")
