"""Everything that can speak against a request, each rule alone; the families of reasons are plain words.

unknown   no such status                     below     lower than now, or than the floor
source    this source may not set it         final     nothing leaves this status
error     98 is left by override only        illegal   the table has no such move
reason    a reason is missing                override  who asks may not override
pending   the order is not accepted yet      left      packages have left the house (D4)
busy      a delivery or a collect is in the way (D12)
expired   too late, or too early, for the deadline
"""

from tests.reference import links
from tests.reference import statuses as s


def objections(state, ask):
    """Answer the set of families that speak against a request; empty means that it is done."""
    if ask.to not in _known(ask):
        return frozenset({"unknown"})
    if ask.present(state) == ask.to:
        return frozenset()
    check = {
        ("order", "status"): _order,
        ("package", "status"): _package,
        ("line", "status"): _fulfilment,
        ("delivery", "status"): _delivery,
        ("collect", "status"): _collect,
        ("order", "acceptance"): _acceptance,
        ("order", "delivery_status"): _delivery_status,
    }[ask.kind, ask.field]
    return frozenset(check(state, ask) | _override(ask))


def _known(ask):
    return {
        "status": {**s.FULFILMENT, "delivery": s.DELIVERY, "collect": s.COLLECT}.get(ask.kind),
        "acceptance": s.ACCEPTANCE,
        "delivery_status": s.DELIVERY_STATUS,
    }[ask.field]


def _override(ask):
    found = set()
    if ask.override and not (ask.source in links.PEOPLE and ask.may_override):
        found.add("override")
    if ask.override and not ask.reason:
        found.add("reason")
    return found


# ── fulfilment ────────────────────────────────────────────────────────────────────────────────────────
def _fulfilment(state, ask):
    row = state.get(ask.kind, ask.id)
    found = set()
    if ask.to not in links.MAY_SET.get(ask.source, {}).get(ask.kind, ()):
        found.add("source")
    if row.status == s.CANCELLED:
        found.add("final")
    elif row.status == s.ERROR:
        found |= _out_of_error(row, ask)
    elif ask.to < row.status:
        found.add("below")
    if ask.to == s.ERROR and ask.source in links.PEOPLE and not ask.reason:
        found.add("reason")
    if state.order.acceptance == "pending" and ask.to not in (s.CONFIRMED[ask.kind], s.ERROR, s.CANCELLED):
        found.add("pending")
    return found


def _out_of_error(row, ask):
    """D1: to 99 for everybody; else by override only, and never below the floor."""
    if ask.to == s.CANCELLED:
        return set()
    found = set() if ask.override else {"error"}
    return found | ({"below"} if ask.to < row.floor else set())


def _order(state, ask):
    found = _fulfilment(state, ask)
    if ask.to == s.CANCELLED and state.order.acceptance == "pending":
        # The same as rejecting: at the deadline it is the timer's.
        found |= {"expired"} if ask.now is not None and ask.now >= state.order.deadline else set()
    if ask.to == s.CANCELLED and not ask.override:
        found |= {"left"} if any(p.status in s.LEFT for p in state.packages.values()) else set()
        found |= {"busy"} if uncancellable(state) else set()
    return found


def _package(state, ask):
    found = _fulfilment(state, ask)
    row = state.get("package", ask.id)
    if ask.to == s.CANCELLED and row.status in s.LEFT and not ask.override:
        may = row.status == 3 and ask.source in links.CARRIERS
        found |= set() if may else {"left"}
    return found


def uncancellable(state):
    """D12: open deliveries that were picked up, and collects whose customer is being served or waits."""
    return [("delivery", d.id) for d in state.deliveries.values() if is_open(d) and d.picked_up] + [
        ("collect", c.id)
        for c in state.collects.values()
        if c.status not in s.ENDED_COLLECT
        and "COLLECT_CANCELLED" not in s.collect_targets(c.status, c.interrupted)
    ]


def is_open(delivery):
    """One that was replaced by another no longer speaks for its order (D7)."""
    return delivery.status in s.OPEN_DELIVERY and not delivery.replaced


# ── the tables ────────────────────────────────────────────────────────────────────────────────────────
def _delivery(state, ask):
    row = state.get("delivery", ask.id)
    found = set()
    if ask.source not in links.DELIVERY_SETTERS and not (
        ask.source == "cascade" and ask.to == s.DELIVERY_CANCELLED
    ):
        found.add("source")
    if row.status == s.CLOSED:
        found.add("final")
    elif ask.to not in s.delivery_targets(row.status, row.several_drop_offs) and not ask.override:
        found.add("illegal")
    if (row.status, ask.to) in s.NEEDS_REASON and not ask.reason:
        found.add("reason")
    if state.order.acceptance == "pending" and ask.to not in (s.DELIVERY_CANCELLED, s.CLOSED):
        found.add("pending")
    return found


def _collect(state, ask):
    row = state.get("collect", ask.id)
    found = set()
    if ask.to not in links.COLLECT_SETTERS.get(ask.source, ()):
        found.add("source")
    if row.status in s.ENDED_COLLECT:
        found.add("final")
    elif ask.to not in s.collect_targets(row.status, row.interrupted):
        found.add("illegal")
    if ask.to == "COLLECT_PICK_UP_PARTIALLY" and not ask.handed:
        found.add("quantities")
    if state.order.acceptance == "pending" and ask.to != "COLLECT_CANCELLED":
        found.add("pending")
    return found


def _acceptance(state, ask):
    order = state.order
    found = set()
    if ask.to not in links.ACCEPTANCE_SETTERS.get(ask.source, ()):
        found.add("source")
    if ask.to not in s.ACCEPTANCE_MOVES[order.acceptance]:
        found.add("illegal")
    elif order.deadline is not None and ask.now is not None:
        late = ask.now >= order.deadline
        if late != (ask.to == "time_expired"):
            found.add("expired")
    if ask.to == "cancelled_manually" and order.acceptance == "pending" and uncancellable(state):
        found.add("busy")
    return found


def _delivery_status(state, ask):
    present, found = state.order.delivery_status, set()
    if ask.to not in links.DELIVERY_STATUS_SETTERS.get(ask.source, ()):
        found.add("source")
    derived = present in s.DERIVED and ask.to in s.DERIVED
    if ask.to not in s.DELIVERY_STATUS_MOVES.get(present, ()) and not derived:
        found.add("illegal")
    # As long as deliveries speak for the order, its word is not for people to end.
    if ask.to == s.ORDER_CANCELLED and present in s.DERIVED:
        found.add("illegal")
    return found
