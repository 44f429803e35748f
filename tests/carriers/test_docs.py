"""The page about carriers names what there is."""

import re
from pathlib import Path

from carriers.registry import ADAPTERS, adapter_class
from carriers.simulator.faults import CALLS, HOOKS
from carriers.simulator.scenarios import POSTAL_MARKERS, SCENARIOS
from carriers.statuses import State

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "carriers.md").read_text()


def test_every_life_is_on_the_page():
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w*) ?\| .+ \|$", PAGE, re.MULTILINE))

    assert {name for name in rows if name in SCENARIOS} == set(SCENARIOS)
    assert {rows[name]: name for name in SCENARIOS if rows[name]} == POSTAL_MARKERS


def test_everything_else_is_on_the_page():
    for word in [*CALLS, *HOOKS, *State.values]:
        assert f"`{word}`" in PAGE
    for carrier in ADAPTERS:
        for name in adapter_class(carrier).credential_names:
            assert f"`{name}`" in PAGE
