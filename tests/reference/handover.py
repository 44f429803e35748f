"""D6 and D11: splitting rows by quantity, and the partial hand-over that needs it."""

from tests.reference.state import Collect, Line, Package


def split(state, line_id, quantity, package="same"):
    """Answer a new state with one line as two; `package` is "same", "new" or the id of another one."""
    state = state.copy()
    line = state.lines[line_id]
    assert 0 < quantity < line.quantity
    home = state.packages[line.package]
    if package == "new":
        package = new_package(state, home).id
    target = line.package if package == "same" else package
    assert state.packages[target].type == home.type
    new_line(state, line, quantity, target)
    return state


def new_package(state, like):
    pk = max(state.packages) + 1
    state.packages[pk] = Package(pk, like.type, like.status, like.floor)
    return state.packages[pk]


def new_line(state, line, quantity, package):
    line.quantity -= quantity
    pk = max(state.lines) + 1
    state.lines[pk] = Line(pk, package, quantity, line.status, line.floor, line.orderline)
    return state.lines[pk]


def split_off(run, collect):
    """Leave in the collect's packages what was handed over; the rest goes to a follow-up collect."""
    state, handed = run.state, dict(run.ask.handed)
    home = state.packages[collect.packages[0]]
    rest = new_package(state, home)
    for line in [row for pk in collect.packages for row in state.lines_of(pk)]:
        left = line.quantity - handed.get(line.id, 0)
        if left == line.quantity:
            line.package = rest.id
        elif left:
            new_line(state, line, left, rest.id)
    pk = max(state.collects) + 1
    state.collects[pk] = Collect(pk, [rest.id], "COLLECT_REPLANNED", follows=collect.id)
