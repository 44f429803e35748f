"""The model's own worked examples: one per sentence of the domain, counted by hand."""

import itertools
import random

import pytest

from tests.reference import links
from tests.reference import statuses as s
from tests.reference.messages import Message, receive
from tests.reference.model import request, split
from tests.reference.state import (
    Collect,
    Delivery,
    Line,
    Order,
    Package,
    State,
    roll_up_order,
    roll_up_package,
)


def order_with(*packages, status=5, **more):
    """Build a state from (type, package status, line statuses); ids count from 1."""
    state = State(order=Order(status=status, floor=status if status < 98 else 5), **more)
    line_id = 0
    for pk, (kind, status_of_package, lines) in enumerate(packages, 1):
        floor = status_of_package if status_of_package < 98 else 0
        state.packages[pk] = Package(pk, kind, status_of_package, floor)
        for line in lines:
            line_id += 1
            state.lines[line_id] = Line(line_id, pk, 2, line, line if line < 98 else 0)
    if any(p.type == "homedelivery" for p in state.packages.values()):
        state.order.delivery_status = "ORDER_CREATED"
    return state


def shape(state):
    packages = [p.status for p in state.packages.values()]
    return state.order.status, packages, [line.status for line in state.lines.values()]


def test_forward_jump_cascades_to_all_packages_and_lines():
    state = order_with(("homedelivery", 0, [0, 14]), ("collect", 0, [0]), ("digital", 0, [10]))
    assert shape(request(state, "order", 1, 8).state) == (8, [2, 2, 2], [20, 20, 22, 20])
    assert shape(request(state, "order", 1, 10).state) == (10, [3, 4, 4], [30, 30, 40, 40])
    assert shape(request(state, "order", 1, 99).state) == (99, [99] * 3, [99] * 4)
    assert shape(request(state, "order", 1, 98, reason="why").state) == (98, [0, 0, 0], [0, 14, 0, 10])


def test_every_child_that_is_left_is_reported():
    state = order_with(
        ("homedelivery", 0, [0, 98, 99, 22]),
        ("collect", 98, [0]),
        ("collect", 99, [99]),
        ("collect", 2, [22]),
    )
    result = request(state, "order", 1, 8)
    assert shape(result.state) == (8, [2, 98, 99, 2], [20, 98, 99, 22, 0, 99, 22])
    assert [(k.kind, k.id, k.code) for k in result.kept] == [
        ("line", 2, "error"),
        ("line", 3, "final"),
        ("line", 4, "higher"),
        ("package", 2, "error"),
        ("package", 3, "final"),
        ("package", 4, "already"),
    ]


def test_nothing_goes_down_and_99_is_final():
    assert request(order_with(("collect", 2, [22]), status=8), "order", 1, 7).refused == {"below"}
    assert request(order_with(("collect", 99, [99]), status=99), "order", 1, 98, reason="x").refused == {
        "final"
    }
    same = request(order_with(("collect", 2, [22]), status=8), "order", 1, 8)
    assert (same.refused, same.moved) == (frozenset(), [])


def test_out_of_98_needs_an_override_and_respects_the_floor():
    state = order_with(("homedelivery", 98, [20]), status=7)
    state.packages[1].floor = 1
    assert request(state, "package", 1, 2, source="veloyd").refused == {"error"}
    assert request(state, "package", 1, 2).refused == {"error"}
    assert request(state, "package", 1, 2, override=True).refused == {"reason"}
    assert request(state, "package", 1, 0, override=True, reason="found").refused == {"below"}
    back = request(state, "package", 1, 1, override=True, reason="found")
    assert shape(back.state) == (8, [2], [20])  # rolled up again at once
    assert [m.source for m in back.moved] == ["BO", "rollup", "rollup"]


@pytest.mark.parametrize(
    ("lines", "package"),
    [
        ([0, 0], 0),
        ([10, 0], 1),
        ([20, 14], 1),
        ([20, 22], 2),
        ([30, 20], 2),
        ([30, 40], 3),
        ([40, 50], 4),
        ([50, 50], 5),
        ([30, 98], 3),
        ([30, 99], 3),
        ([99, 99], 99),
        ([98, 99], 0),
        ([40, 0], 1),
    ],
)
def test_package_follows_its_lines(lines, package):
    rows = [Line(pk, 1, 1, status) for pk, status in enumerate(lines, 1)]
    assert roll_up_package(Package(1), rows) == package


def test_package_that_left_is_not_cancelled_by_its_lines():
    kept = request(order_with(("homedelivery", 3, [0, 99]), status=7), "line", 1, 99)
    assert shape(kept.state) == (10, [3], [99, 99])
    assert [(k.kind, k.id, k.code) for k in kept.kept] == [("package", 1, "left")]
    for present, how in ((3, {"override": True, "reason": "why"}), (98, {})):
        state = order_with(("homedelivery", present, [0, 99]), status=7)
        assert shape(request(state, "line", 1, 99, **how).state) == (99, [99], [99, 99])


@pytest.mark.parametrize(
    ("packages", "lines", "sent", "received"),
    [
        ([0, 0], [], 5, 5),
        ([1, 0], [], 7, 7),
        ([2, 1], [], 7, 7),
        ([2, 3], [], 8, 8),
        ([3, 3], [], 10, 8),
        ([3, 4], [], 10, 8),
        ([4, 4], [], 10, 10),
        ([4, 5], [], 8, 8),
        ([4, 98], [], 8, 8),
        ([4, 99], [], 10, 10),
        ([4, 4], [98], 8, 8),
        ([99, 99], [], 99, 99),
        ([98, 99], [], 5, 5),
        ([5, 5], [], 5, 5),
        ([4, 0], [], 7, 7),
    ],
)
def test_order_follows_its_packages(packages, lines, sent, received):
    for done_when, expected in (("sent", sent), ("received", received)):
        state = order_with(*[("homedelivery", p, lines) for p in packages], done_when=done_when)
        assert roll_up_order(state) == expected


def test_cancelling_what_left_is_refused_unless_overridden():
    state = order_with(("homedelivery", 3, [30]), ("homedelivery", 1, [10]), status=7)
    assert request(state, "order", 1, 99).refused == {"left"}
    forced = request(state, "order", 1, 99, override=True, reason="gone")
    assert shape(forced.state) == (99, [3, 99], [30, 99])
    assert [(k.id, k.code) for k in forced.kept] == [(1, "left")]
    assert request(state, "package", 1, 99).refused == {"left"}
    assert not request(state, "package", 1, 99, source="veloyd").refused
    assert request(state, "package", 1, 99, source="ML").refused == {"left"}


def test_waiting_lines_stay_when_no_person_asked():
    state = order_with(("homedelivery", 1, [10, 16]), status=7)
    state.deliveries[1] = Delivery(1, [1])
    by_carrier = request(state, "delivery", 1, s.PICK_UP_OK, source="manual")
    assert shape(by_carrier.state) == (10, [3], [30, 16])
    assert [(k.kind, k.id, k.code) for k in by_carrier.kept] == [("line", 2, "not_available")]
    assert shape(request(state, "package", 1, 3).state) == (10, [3], [30, 30])


def test_cancelled_order_takes_its_open_delivery_and_collect_along():
    state = order_with(("homedelivery", 1, [10]), ("collect", 2, [22]), status=7)
    state.deliveries[1] = Delivery(1, [1], s.TEAM_ASSIGNED)
    state.collects[1] = Collect(1, [2], "COLLECT_READY")
    result = request(state, "order", 1, 99)
    assert result.state.deliveries[1].status == s.DELIVERY_CANCELLED
    assert result.state.collects[1].status == "COLLECT_CANCELLED"
    assert result.state.order.delivery_status == s.ORDER_CANCELLED
    state.collects[1].status = "COLLECT_AWAITING"
    assert request(state, "order", 1, 99).refused == {"busy"}


def test_pending_order_moves_nowhere_but_out():
    state = order_with(("collect", 0, [0]))
    state.order.acceptance, state.order.deadline = "pending", 300.0
    assert request(state, "order", 1, 7).refused == {"pending"}
    assert request(state, "line", 1, 14, source="ML").refused == {"pending"}
    accept = {"field": "acceptance", "source": "BO"}
    assert not request(state, "order", 1, "accepted", now=299.999, **accept).refused
    assert request(state, "order", 1, "accepted", now=300.0, **accept).refused == {"expired"}
    timer = {"field": "acceptance", "source": "timer"}
    assert request(state, "order", 1, "time_expired", now=299.999, **timer).refused == {"expired"}
    expired = request(state, "order", 1, "time_expired", now=300.0, **timer)
    assert shape(expired.state) == (99, [99], [99])
    direct = request(state, "order", 1, 99)
    assert direct.state.order.acceptance == "cancelled_manually"


def test_split_keeps_status_and_sum():
    state = order_with(("collect", 2, [22]))
    halves = split(state, 1, 1, "new").state
    assert [(line.package, line.quantity, line.status) for line in halves.lines.values()] == [
        (1, 1, 22),
        (2, 1, 22),
    ]
    assert halves.quantities() == state.quantities()


def test_partial_hand_over_leaves_the_rest_to_a_follow_up():
    state = order_with(("collect", 2, [22, 22]), status=8)
    state.collects[1] = Collect(1, [1], "COLLECT_IN_PROGRESS")
    assert request(state, "collect", 1, "COLLECT_PICK_UP_PARTIALLY").refused == {"quantities"}
    result = request(state, "collect", 1, "COLLECT_PICK_UP_PARTIALLY", handed=((1, 1),))
    assert shape(result.state) == (8, [4, 2], [40, 22, 22])
    assert [line.package for line in result.state.lines.values()] == [1, 2, 2]
    assert result.state.collects[2] == Collect(2, [2], "COLLECT_REPLANNED", follows=1)


def walk(rng, length):
    """Answer messages with growing times, each legal after the one before."""
    status, messages = s.INIT, []
    for time in range(1, length + 1):
        legal = sorted(s.DELIVERY_MOVES[status] - {s.DELIVERY_CANCELLED, s.CLOSED})
        if not legal:
            break
        status = rng.choice(legal)
        messages.append(Message(f"m{time}", status, float(time)))
    return messages


@pytest.mark.parametrize("seed", range(60))
def test_messages_end_alike_in_any_order(seed):
    messages = walk(random.Random(seed), 4)
    ends = set()
    for order in itertools.permutations(messages):
        state = order_with(("homedelivery", 1, [10, 14]), status=7)
        state.deliveries[1] = Delivery(1, [1])
        state.order.delivery_status = s.TO_DELIVER
        for message in (*order, order[0], order[-1]):
            state, _ = receive(state, 1, message)
        end = state.deliveries[1]
        # The order itself may differ: sent and returned made it 10, returned alone counts for nothing.
        ends.add((end.status, end.clock, str(shape(state)[1:]), state.order.delivery_status))
    assert len(ends) == 1
    assert ends.pop()[0] == messages[-1].status


def test_every_open_delivery_may_be_cancelled():
    assert all(s.DELIVERY_CANCELLED in s.DELIVERY_MOVES[status] for status in s.OPEN_DELIVERY)
    assert set(links.DELIVERY_TO_ORDER) == set(s.DELIVERY)
