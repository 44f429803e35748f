"""The one screen that `make run` prints: where to go, and as whom."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from launcher.state import State


def demo_access(state: State) -> dict[str, Any]:
    try:
        return dict(json.loads((state.var / "demo.json").read_text()))
    except (OSError, ValueError):
        return {}


def welcome(state: State, env: Mapping[str, str], say: Callable[[str], None]) -> None:
    lines = [
        "",
        "  Woop is running. Ctrl-C stops it.",
        "",
        f"  Admin       {state.address}/admin/",
        f"  API docs    {state.address}/api/docs/",
        f"  Simulator   http://localhost:{env['SIMULATOR_PORT']}/",
        f"  State       {state.var} (logs in log/)",
    ]
    access = demo_access(state) if state.demo else {}
    if logins := access.get("logins"):
        lines += ["", "  Log in as"]
        wide = max(len(str(login[0])) for login in logins) + 2
        lines += [f"    {login[0]:<{wide}}password {login[1]:<14}{login[2]}" for login in logins]
    elif not state.demo:
        lines += [
            "",
            "  No demo data: make the first account with `.venv/bin/python manage.py createsuperuser`.",
        ]
    if key := access.get("api_key"):
        lines += [
            "",
            f"  API key     {key}",
            f"    curl -H 'Authorization: Bearer {key}' {state.address}/api/v1/orders/",
        ]
    say("\n".join([*lines, ""]))
