"""D8: what carriers say, late, twice and in any order, compared with the model and with itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import links
from tests.reference import statuses as s
from tests.reference.messages import receive
from tests.reference.state import Delivery
from tests.spec.build import order
from tests.spec.carriers import RAW, message_of, moment, say
from tests.spec.compare import shape, strip
from tests.spec.profile import bounded
from tests.spec.world import read

pytestmark = pytest.mark.django_db
CARRIERS = ("manual", "veloyd", "sendcloud")
ABOUT_CANCELLING = {"94", "1999", "2001"}


def on_its_way(carrier):
    delivery = Delivery(1, [1], carrier=carrier, confirms_cancel=carrier != "manual")
    return order(("homedelivery", 1, [10, 16]), deliveries=[delivery])


def meaning(carrier, raw):
    return (raw, links.DELIVERY_TO_PACKAGE.get(raw)) if carrier == "manual" else RAW[carrier][raw]


def words(carrier):
    return s.DELIVERY if carrier == "manual" else tuple(RAW[carrier])


@st.composite
def legal_messages(draw):
    """Messages with growing times, each legal after the one before, and none that cancels or fails."""
    carrier = draw(st.sampled_from(CARRIERS))
    present, told = s.INIT, []
    for minute in range(1, draw(st.integers(2, 5)) + 1):
        legal = s.delivery_targets(present) | {present}
        raws = [raw for raw in words(carrier) if _is_legal(meaning(carrier, raw), legal)]
        if not raws:
            break
        told.append((draw(st.sampled_from(raws)), minute))
        present = meaning(carrier, told[-1][0])[0]
    orders = draw(st.lists(st.permutations(told), min_size=2, max_size=3))
    twice = draw(st.lists(st.sampled_from(told), max_size=2)) if told else []
    return carrier, told, [[*some, *twice] for some in orders]


def _is_legal(meaning, legal):
    return meaning[0] in legal and meaning[1] not in (s.ERROR, s.CANCELLED)


@bounded(15)
@given(legal_messages())
def test_messages_of_a_delivery_end_alike_in_any_order(world, told):
    carrier, in_order, others = told
    ends = []
    for messages in (in_order, *others):
        state = world.put([on_its_way(carrier)])[0]
        for raw, minute in messages:
            say(next(iter(state.deliveries)), carrier, raw, minute)
        ends.append(_end(read([state.order.id])[0]))
    assert [end for end in ends if end != ends[0]] == []


def _end(state):
    """Where everything is but the order: it counts no package at 5, but may have been done before."""
    delivery = next(iter(state.deliveries.values()))
    packages = [p.status for p in state.packages.values()]
    lines = [line.status for line in state.lines.values()]
    word = state.order.delivery_status
    return delivery.status, delivery.clock, delivery.picked_up, packages, lines, word


@st.composite
def any_messages(draw):
    """Anything at any time; a time belongs to one message, for equal times leave the order open."""
    carrier = draw(st.sampled_from(CARRIERS))
    raws = [raw for raw in words(carrier) if raw not in ABOUT_CANCELLING]
    minutes = st.integers(1, 9)
    told = draw(
        st.lists(st.tuples(st.sampled_from(raws), minutes), min_size=1, max_size=8, unique_by=lambda m: m[1])
    )
    return carrier, told + draw(st.lists(st.sampled_from(told), max_size=2))


@bounded(15)
@given(any_messages())
def test_messages_do_what_the_model_says(world, told):
    carrier, messages = told
    state = world.put([on_its_way(carrier)])[0]
    delivery = next(iter(state.deliveries))
    for raw, minute in messages:
        before = state
        state, expected = receive(state, delivery, message_of(carrier, raw, minute))
        said = say(delivery, carrier, raw, minute)
        now = read([state.order.id])[0]
        context = f"{raw} at {minute} on {shape(before)}"
        assert said == expected or _both_nothing(said, expected, before, state), context
        assert strip(now) == strip(state), f"{context}: {shape(now)}, expected {shape(state)}"
        assert now.deliveries[delivery].clock == state.deliveries[delivery].clock, context


def _both_nothing(said, expected, before, after):
    """Where nothing was said about the delivery itself, "applied" may mean its packages."""
    return {said, expected} == {"applied", "no_change"} and before.deliveries == after.deliveries


@pytest.mark.parametrize("carrier", links.OWN_TABLE)
def test_cancelled_by_the_carrier_after_the_arrival(world, carrier):
    """D4: its message is not applied and raises an alert."""
    from woop.models import Alert

    raw = {"veloyd": "9", "sendcloud": "2000"}[carrier]
    for package in (4, 5):
        before = on_its_way(carrier)
        before.packages[1].status = before.packages[1].floor = package
        before.deliveries[1].status = s.AVAILABLE
        state = world.put([before])[0]
        assert say(next(iter(state.deliveries)), carrier, raw, 1) == "forbidden"
        assert strip(read([state.order.id])[0]) == strip(state)
        assert Alert.objects.filter(order=state.order.id).count() == 1


@pytest.mark.parametrize(("carrier", "raw"), [(c, raw) for c in links.OWN_TABLE for raw in RAW[c]])
def test_every_code(world, carrier, raw):
    """Each code alone, on a delivery from which everything is legal."""
    before = on_its_way(carrier)
    before.deliveries[1].status = s.BLOCKED
    before.order.delivery_status = s.BEING_DELIVERED
    state = world.put([before])[0]
    delivery = next(iter(state.deliveries))
    say(delivery, carrier, raw, 1)
    word, package = RAW[carrier][raw]
    after = read([state.order.id])[0]
    assert after.deliveries[delivery].status == (word or s.BLOCKED)
    assert [p.status for p in after.packages.values()] == [package or 1]


def test_time_in_the_future_is_the_time_of_receipt(world):
    from woop.clock import now
    from woop.models import Alert

    state = world.put([on_its_way("sendcloud")])[0]
    delivery = next(iter(state.deliveries))
    in_a_year = 60 * 24 * 3650
    assert moment(in_a_year) > now()
    say(delivery, "sendcloud", "22", in_a_year)
    after = read([state.order.id])[0].deliveries[delivery]
    assert (after.status, after.clock <= now()) == (s.PICK_UP_OK, True)
    assert list(Alert.objects.filter(order=state.order.id).values_list("code", flat=True)) == [
        "time_in_future"
    ]
