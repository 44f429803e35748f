"""Every status x every target x every source of every machine, as a preview through the real door."""

from itertools import groupby

import pytest
from django.db import connection

from tests.reference import statuses as s
from tests.spec import tables
from tests.spec.door import allowed_codes, ask, plain

pytestmark = pytest.mark.django_db

CASES = [
    *(case for kind in s.FULFILMENT for case in tables.fulfilment(kind)),
    *tables.delivery(),
    *tables.collect(),
    *tables.delivery_status(),
    *tables.acceptance(),
]


def _question(case):
    """What is asked; all cases that differ in the present status alone go through the door together."""
    return case.kind, case.field, str(case.to), case.source, case.override, case.reason


QUESTIONS = {key: list(cases) for key, cases in groupby(sorted(CASES, key=_question), key=_question)}


@pytest.fixture(scope="module")
def rows(world):
    """One order for each present status; answers the keys of the row that is asked about and of its line."""
    keys = list(dict.fromkeys(case.row for case in CASES))
    states = world.put([tables.alone(*key) for key in keys])
    connection.check_constraints()  # once, or each test's end does it for all these rows again
    return {
        key: (_row_of(state, key[0]), next(iter(state.lines)))
        for key, state in zip(keys, states, strict=True)
    }


def _row_of(state, kind):
    tables_of = {"order": {state.order.id: 0}, "package": state.packages, "line": state.lines}
    tables_of |= {"delivery": state.deliveries, "collect": state.collects}
    return next(iter(tables_of[kind]))


@pytest.mark.parametrize("question", list(QUESTIONS), ids=lambda q: "-".join(str(part) for part in q if part))
def test_every_cell(rows, question):
    cases = QUESTIONS[question]
    verdicts, moved = {}, set()
    for some in _together(cases):
        outcome = _preview(rows, some)
        verdicts |= {verdict.node.id: verdict for verdict in outcome.verdicts}
        moved |= {(e.node.kind, e.node.id, e.field, plain(e.to_status)) for e in outcome.moved}
    wrong = []
    for case in cases:
        verdict = verdicts[rows[case.row][0]]
        if not _agrees(case, verdict, moved):
            code = verdict.refusal.code if verdict.refusal else ""
            wrong.append(f"{case}: {verdict.result} {code}, expected {sorted(case.families) or 'moved'}")
    assert not wrong, "\n".join(wrong)


def _together(cases):
    """All at once, but a partial hand-over, which names its own lines."""
    return [[case] for case in cases] if cases[0].to == "COLLECT_PICK_UP_PARTIALLY" else [cases]


def _preview(rows, cases):
    first = cases[0]
    ids = [rows[case.row][0] for case in cases]
    how = {"field": first.field, "override": first.override, "reason": first.reason, "dry_run": True}
    if first.to == "COLLECT_PICK_UP_PARTIALLY":
        how["details"] = {"lines": [{"id": rows[first.row][1], "quantity": 1}]}
    return ask(first.kind, ids, first.to, first.source, **how)


def _agrees(case, verdict, moved):
    if case.families:
        return verdict.result == "refused" and verdict.refusal.code in allowed_codes(case.families)
    if case.present == case.to:
        return verdict.result == "already"
    return verdict.result == "moved" and (case.kind, verdict.node.id, case.field, case.to) in moved


def test_no_cell_is_forgotten():
    cells = {(c.kind, c.field, c.present, c.to) for c in CASES}
    wanted = {(kind, "status", a, b) for kind, scale in s.FULFILMENT.items() for a in scale for b in scale}
    wanted |= {("delivery", "status", a, b) for a in s.DELIVERY for b in s.DELIVERY}
    wanted |= {("collect", "status", a, b) for a in s.COLLECT for b in s.COLLECT}
    wanted |= {("order", "delivery_status", a, b) for a in s.DELIVERY_STATUS for b in s.DELIVERY_STATUS}
    wanted |= {("order", "acceptance", a, b) for a in s.ACCEPTANCE for b in s.ACCEPTANCE}
    assert cells == wanted
