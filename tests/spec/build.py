"""Short words for the states that the tables need."""

from tests.reference import statuses as s
from tests.reference.links import link_delivery_status
from tests.reference.state import Line, Order, Package, State, roll_up_order


def floor_of(kind, status):
    return status if status < s.ERROR else s.CONFIRMED[kind]


def order(*packages, status=None, deliveries=(), collects=(), **more):
    """Build a state from (type, status, line statuses); its own status follows from the packages."""
    state = State(order=Order(), **more)
    for pk, (kind, present, lines) in enumerate(packages, 1):
        state.packages[pk] = Package(pk, kind, present, floor_of("package", present))
        for line in lines:
            key = len(state.lines) + 1
            state.lines[key] = Line(key, pk, 3, line, floor_of("line", line), orderline=key)
    state.deliveries = {d.id: d for d in deliveries}
    state.collects = {c.id: c for c in collects}
    state.order.status = roll_up_order(state) if status is None else status
    state.order.floor = floor_of("order", state.order.status)
    if any(p.type == "homedelivery" for p in state.packages.values()):
        word = link_delivery_status(state.deliveries.values(), state.order.status)
        state.order.delivery_status = word or "ORDER_CREATED"
    return state
