"""Every link row from a delivery to its packages and its order, against every status of both."""

import pytest

from deliveries.adding import add_delivery
from tests.reference import links
from tests.reference import statuses as s
from tests.reference.model import deliver
from tests.reference.state import Delivery
from tests.spec.build import order
from tests.spec.compare import agree, renamed, shape
from tests.spec.door import actor
from tests.spec.world import read
from woop.transitions import locked

pytestmark = pytest.mark.django_db


def start_of(to):
    """Answer a status from which the table lets everything go."""
    return s.DELAYED if to == s.BLOCKED else s.BLOCKED


def one(to, package, carrier="manual", lines=(0, 10, 16, 20, 98), replaced=False, **more):
    delivery = Delivery(1, [1], start_of(to), carrier, picked_up=package in s.LEFT, **more)
    if replaced:
        delivery.packages, delivery.earlier, delivery.replaced = [], [1], True
    return order(("homedelivery", package, lines), deliveries=[delivery])


@pytest.mark.parametrize("source", ["manual", "BO", "api"])
@pytest.mark.parametrize("to", s.DELIVERY)
def test_delivery_to_package_and_order(world, to, source):
    states = [one(to, package) for package in s.PACKAGE]
    states += [one(to, package, replaced=True) for package in (0, 2, 3)]
    agree(world.put(states), "delivery", to, source, reason="why")


@pytest.mark.parametrize("carrier", links.OWN_TABLE)
@pytest.mark.parametrize("package_to", [None, 2, 3, 4, 5, 98, 99])
def test_carriers_own_table_replaces_the_link(world, carrier, package_to):
    for to in (s.INIT, s.IN_TRANSIT, s.AVAILABLE, s.OK, s.BLOCKED, s.RETURNED, s.DELIVERY_CANCELLED):
        # A carrier's 99 after the arrival never comes to the door (D4): see test_messages.
        packages = [p for p in s.PACKAGE if not (package_to == 99 and p in (4, 5))]
        states = [one(to, package, carrier) for package in packages]
        states += [one(to, package, carrier, cancel_requested=True) for package in packages]
        states += [one(to, package, carrier, replaced=True) for package in packages]
        agree(world.put(states), "delivery", to, carrier, package_to=package_to, reason="c")


@pytest.mark.parametrize("to", s.DELIVERY)
def test_several_deliveries_of_one_order(world, to):
    """D7: the one that moves, another in every status, replaced or not, and a third that is over."""
    states = []
    for other in s.DELIVERY:
        for is_replaced in (False, True):
            for third in (None, s.FAILED):
                deliveries = [Delivery(1, [1], start_of(to)), Delivery(2, [2], other, replaced=is_replaced)]
                deliveries += [Delivery(3, [3], third)] if third else []
                packages = [("homedelivery", 0, [0])] * 3
                states.append(order(*packages, deliveries=deliveries))
    agree(world.put(states), "delivery", to, "manual", reason="why")


@pytest.mark.parametrize("to", s.DELIVERY)
def test_order_that_is_orchestrated_anew_or_cancelled(world, to):
    """What an old delivery says moves the order's word only where the table lets it go."""
    states = []
    for word in s.DELIVERY_STATUS:
        state = one(to, 0)
        state.order.delivery_status = word
        state.order.status = 99 if word == s.ORDER_CANCELLED else 5
        states.append(state)
    agree(world.put(states), "delivery", to, "manual", reason="why")


@pytest.mark.parametrize("override", [False, True])
def test_cancelled_order_and_its_deliveries(world, override):
    """D12: open ones that were not picked up go along, or their carrier is asked; the others refuse."""
    states = []
    for status in s.DELIVERY:
        for carrier in ("manual", "veloyd", "sendcloud"):
            for picked_up in (False, True):
                for booked in (False, True):
                    delivery = Delivery(1, [1], status, carrier, picked_up=picked_up)
                    delivery.confirms_cancel = booked and carrier in ("veloyd", "sendcloud")
                    states.append(order(("homedelivery", 1, [10]), deliveries=[delivery]))
    agree(world.put(states), "order", 99, override=override, reason="why")


@pytest.mark.parametrize("source", ["BO", "ML", "veloyd"])
def test_last_package_is_cancelled(world, source):
    """A roll-up that cancels the order cannot be refused: what cannot go along is left and reported."""
    states = [
        order(
            ("homedelivery", 1, [10]),
            ("collect", 99, [99]),
            deliveries=[Delivery(1, [1], status, picked_up=picked_up)],
        )
        for status in s.DELIVERY
        for picked_up in (False, True)
    ]
    agree(world.put(states), "package", 99, source)


def test_package_that_left_refuses(world):
    states = [
        order(("homedelivery", left, [30]), ("homedelivery", 1, [10]), ("collect", other, [0]), status=7)
        for left in s.LEFT
        for other in s.PACKAGE
    ]
    agree(world.put(states), "order", 99, reason="why")
    agree(world.put(states), "order", 99, "ML")
    agree(world.put(states), "order", 99, override=True, reason="why")


@pytest.mark.parametrize("carrier", ["manual", "veloyd"])
@pytest.mark.parametrize("earlier", sorted(set(s.DELIVERY) - s.OPEN_DELIVERY))
def test_new_attempt_takes_over(world, earlier, carrier):
    """Of several attempts at a package only the last one counts for the order and moves the package."""
    first = Delivery(1, [1, 2], earlier)
    states = world.put(
        [
            order(("homedelivery", 1, [10]), ("homedelivery", 1, [10]), deliveries=[first])
            for _packages in (1, 2)
        ]
    )
    for state, count in zip(states, (1, 2), strict=True):
        packages = list(state.packages)[:count]
        expected = deliver(state, packages, carrier)
        with locked("order", [state.order.id], by=actor("BO")) as (plan,):
            nodes = [node for node in plan.order.packages if node.id in packages]
            account = world.accounts["sent", carrier]
            ref = f"R{state.order.id}" if carrier in links.OWN_TABLE else ""
            add_delivery(plan, account, nodes, actor("BO").source, carrier_ref=ref)
        after = read([state.order.id])[0]
        wanted = renamed(expected.state, after)
        assert after == wanted, f"{shape(after)}, expected {shape(wanted)}"
        agree([after], "delivery", s.CLOSED if earlier != s.CLOSED else s.DELAYED, "manual", pick=0)
