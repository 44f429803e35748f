"""D6 and D11: splitting rows by quantity, and the partial hand-over that needs it."""

from tests.reference import statuses as s
from tests.reference.state import Collect, Line, Package


def divide(state, line_id, quantity, package="same"):
    """Make two rows of one line, both in its status; answer the new one.

    `package` is "same", "new" or the id of another package of the same type.
    """
    line = state.lines[line_id]
    assert 0 < quantity < line.quantity
    home = state.packages[line.package]
    if package == "new":
        package = new_package(state, home).id
    target = line.package if package == "same" else package
    assert state.packages[target].type == home.type
    return new_line(state, line, quantity, target)


def new_package(state, like):
    """Make a package that is as far as the one that something is taken out of."""
    pk = max(state.packages) + 1
    state.packages[pk] = Package(pk, like.type, like.status, like.floor)
    return state.packages[pk]


def new_line(state, line, quantity, package):
    line.quantity -= quantity
    pk = max(state.lines) + 1
    state.lines[pk] = Line(pk, package, quantity, line.status, line.floor, line.orderline)
    return state.lines[pk]


def split_off(state, collect, handed):
    """Leave in the collect's packages what was handed over; the rest goes to a follow-up collect."""
    follow_up = Collect(max(state.collects) + 1, [], "COLLECT_REPLANNED", follows=collect.id)
    state.collects[follow_up.id] = follow_up
    for pk in list(collect.packages):
        lines = [line for line in state.lines_of(pk) if line.status != s.CANCELLED]
        rest = [line for line in lines if handed.get(line.id, 0) < line.quantity]
        if rest and not any(handed.get(line.id) for line in lines):
            collect.packages.remove(pk)
            follow_up.packages.append(pk)
        elif rest:
            other = new_package(state, state.packages[pk])
            follow_up.packages.append(other.id)
            move_rest(state, rest, handed, other.id)


def move_rest(state, rest, handed, package):
    for line in rest:
        if handed.get(line.id):
            new_line(state, line, line.quantity - handed[line.id], package)
        else:
            line.package = package
