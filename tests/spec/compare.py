"""The same request to the model and to the door, as a preview and for real: they must say the same."""

from django.db import transaction

from tests.reference.model import request
from tests.spec.door import allowed_codes, ask, events, kept
from tests.spec.world import read


def disagreements(states, kind, to, source="BO", pick=None, **how):
    """Ask for the same move in many orders; answer every difference between model and door.

    `pick` chooses the row of each state by its position among its kind, the first by default.
    """
    ids = [row_of(state, kind, pick or 0) for state in states]
    results = [
        request(state, kind, pk, to, source=source, **how) for state, pk in zip(states, ids, strict=True)
    ]
    preview = ask(kind, ids, to, source, dry_run=True, **door_words(how))
    with transaction.atomic():
        real = ask(kind, ids, to, source, **door_words(how))
        after = read([state.order.id for state in states])
        transaction.set_rollback(True)
    found = []
    for state, pk, expected, now in zip(states, ids, results, after, strict=True):
        for name, outcome in (("preview", preview), ("real", real)):
            found += [
                f"{name} of {shape(state)}: {text}" for text in differences(state, pk, expected, outcome)
            ]
        if strip(now) != strip(expected.state):
            found.append(f"after {shape(state)}: {shape(now)}, expected {shape(expected.state)}")
    return found


def agree(states, kind, to, source="BO", **how):
    """Fail with the first few differences between model and door."""
    found = disagreements(states, kind, to, source, **how)
    assert not found, "\n".join(["", *found[:6], f"({len(found)} differences)"])


def door_words(how):
    how = dict(how)
    if "package_to" in how:
        how["details"] = {"package_status": how.pop("package_to")}
    if "handed" in how:
        how["details"] = {"lines": [{"id": pk, "quantity": n} for pk, n in how.pop("handed")]}
    how.pop("now", None)
    return how


def row_of(state, kind, position):
    rows = {"order": [state.order.id], "package": state.packages, "line": state.lines}
    rows |= {"delivery": state.deliveries, "collect": state.collects}
    return list(rows[kind])[position]


def differences(state, pk, expected, outcome):
    verdict = next(v for v in outcome.verdicts if v.order.id == state.order.id and v.node.id == pk)
    if expected.refused:
        if verdict.result == "refused" and verdict.refusal.code in allowed_codes(expected.refused):
            return
        yield f"{verdict.result} {_code(verdict)}, expected refused {sorted(expected.refused)}"
        return
    if verdict.result != ("moved" if expected.moved else "already"):
        yield f"{verdict.result} {_code(verdict)}, expected {len(expected.moved)} moves"
        return
    yield from _set_difference(
        "moved", causes(state, events(outcome, state.order.id)), _expected(state, expected)
    )
    yield from _set_difference("kept", {k for k in kept(outcome) if _of(state, k)}, set(expected.kept))


def _code(verdict):
    return verdict.refusal.code if verdict.refusal else ""


def _expected(state, expected):
    return causes(state, expected.events())


def causes(state, moves):
    """Let a roll-up name any of the children that moved as its cause: they are all as good."""
    return {(*move[:6], _level(state, move) if move[5] == "rollup" else move[6]) for move in moves}


def _level(state, move):
    kind, pk, _, _, _, _, cause = move
    if cause is None:
        return "none"
    if cause[:2] == (kind, pk):
        return "itself"
    if kind == "package":
        return "child" if cause[0] == "line" and state.lines[cause[1]].package == pk else f"foreign {cause}"
    return "child" if cause[0] in ("line", "package") else f"foreign {cause}"


def _of(state, row):
    rows = {"order": [state.order.id], "package": state.packages, "line": state.lines}
    rows |= {"delivery": state.deliveries, "collect": state.collects}
    return row.id in rows[row.kind]


def _set_difference(word, found, expected):
    if found - expected:
        yield f"{word} too much: {sorted(map(str, found - expected))}"
    if expected - found:
        yield f"{word} too little: {sorted(map(str, expected - found))}"


def strip(state):
    """Leave out what only the model or only the database knows."""
    state = state.copy()
    for delivery in state.deliveries.values():
        delivery.seen, delivery.waiting, delivery.clock = set(), [], None
        delivery.packages, delivery.earlier = sorted(delivery.packages), sorted(delivery.earlier)
        delivery.cancel_requested = delivery.cancel_requested and delivery.confirms_cancel
    return state


def shape(state):
    lines = {pk: [(r.status, r.quantity) for r in state.lines_of(pk)] for pk in state.packages}
    packages = [(p.type[:4], p.status, lines[pk]) for pk, p in state.packages.items()]
    others = [(d.status, d.picked_up, d.replaced, d.cancel_requested) for d in state.deliveries.values()]
    others += [(c.status, c.interrupted) for c in state.collects.values()]
    order = state.order
    return (order.status, order.floor, order.delivery_status, order.acceptance, packages, others)


def renamed(expected, found):
    """Answer the expected state with the database's keys for the rows that were made meanwhile."""
    expected = expected.copy()
    for kind in ("packages", "lines", "deliveries", "collects"):
        wanted, real = getattr(expected, kind), getattr(found, kind)
        names = dict(
            zip(sorted(wanted.keys() - real.keys()), sorted(real.keys() - wanted.keys()), strict=False)
        )
        setattr(expected, kind, {names.get(pk, pk): row for pk, row in wanted.items()})
        for row in getattr(expected, kind).values():
            row.id = names.get(row.id, row.id)
        if kind == "packages":
            _rename_packages(expected, names)
    return expected


def _rename_packages(state, names):
    for line in state.lines.values():
        line.package = names.get(line.package, line.package)
    for row in (*state.deliveries.values(), *state.collects.values()):
        row.packages = [names.get(pk, pk) for pk in row.packages]
