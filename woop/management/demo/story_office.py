"""The back office and its machines: fulfilment by hand, CB, Medialog, eBooks, errors and overrides."""

from woop.management.demo.catalogue import EBOOKS, PREORDER
from woop.management.demo.floor import Floor
from woop.management.demo.past import Story, hours, minutes


def packed_at_cb(floor: Floor, status: str) -> Story:
    """CB picks and packs; its notes are all that moves the package. It ends in `status`."""
    order = floor.order(floor.basket(3))
    yield minutes(3)
    floor.by_hand(order)
    package = order.packages.get()
    yield hours(1)
    floor.move(package, 1, floor.warehouse)
    if status == "processing":
        return
    yield hours(3)
    first, *others = floor.lines(order)
    if status == "short":  # CB will not deliver one of them; the rest of the box is sent
        floor.move(first, 98, floor.warehouse, reason="CB NUIT: not in stock")
    else:
        floor.move(first, 30, floor.warehouse)
    for line in others:
        floor.move(line, 30, floor.warehouse)


def step_by_step(floor: Floor, *steps: int) -> Story:
    """An agent takes an order through its statuses; own couriers will drive it."""
    order = floor.order()
    yield minutes(3)
    floor.by_hand(order)
    for status in steps:
        yield hours(floor.dice.uniform(0.5, 3))
        floor.move(order, status, floor.agent)


def split_in_two(floor: Floor) -> Story:
    """A part of a line goes into a package of its own, and the first package leaves without it."""
    order = floor.order([(floor.articles[2], 4), (floor.articles[5], 1)])
    yield minutes(3)
    floor.by_hand(order)
    first, second = floor.lines(order)
    yield hours(1)
    half = floor.split(first, 3, package="new")
    floor.move(half, 14, floor.medialog, reason="Purchase order 4502")
    yield hours(2)
    for line in (first, second):
        floor.move(line, 30, floor.agent)


def errors(floor: Floor, released: bool) -> Story:
    """Something is wrong with the whole order; a supervisor may have taken it out of error."""
    order = floor.order()
    yield minutes(3)
    floor.by_hand(order)
    yield minutes(40)
    floor.move(order, 7, floor.agent)
    yield hours(1)
    floor.move(order, 98, floor.agent, reason="The address does not exist; the customer does not answer.")
    if released:
        yield hours(2)
        floor.move(
            order, 8, floor.supervisor, override=True, reason="The customer called: number 12, not 21."
        )


def damaged(floor: Floor, released: bool) -> Story:
    """A package is damaged in the house."""
    order = floor.order(floor.basket(2))
    yield minutes(3)
    floor.by_hand(order)
    package = order.packages.get()
    yield hours(1)
    floor.move(package, 98, floor.warehouse, reason="CB ONT: box crushed")
    if released:
        yield hours(2)
        floor.move(package, 2, floor.supervisor, override=True, reason="Packed again, nothing was broken.")


def cancelled(floor: Floor, by_client: bool = False) -> Story:
    order = floor.order()
    yield minutes(3)
    floor.by_hand(order)
    yield minutes(30)
    floor.move(order, 99, floor.client if by_client else floor.agent, reason="Ordered by mistake")


def cancelled_after_all(floor: Floor) -> Story:
    """Half of it has left already: only an override cancels the rest, and what left stays as it is."""
    order = floor.order([(floor.articles[1], 2), (floor.articles[6], 1)])
    yield minutes(3)
    delivery = floor.by_hand(order)
    first, _second = floor.lines(order)
    floor.split(first, 1, package="new")
    for status in ("PICK_UP_STARTED", "PICK_UP_OK"):
        yield minutes(40)
        floor.put(delivery, status)
    yield hours(1)
    reason = "Chargeback: do not send the second parcel."
    floor.move(order, 99, floor.supervisor, override=True, reason=reason)


def done_by_hand(floor: Floor) -> Story:
    """The parcel came back, and the office closes the order all the same."""
    order = floor.order()
    yield minutes(3)
    delivery = floor.by_hand(order)
    for status in ("PICK_UP_OK", "IN_TRANSIT", "RETURNED_TO_SENDER"):
        yield hours(3)
        floor.put(delivery, status)
    yield hours(9)
    floor.move(order, 10, floor.agent, reason="Refunded")


# --- eBooks -----------------------------------------------------------------------------------------


def ebook(floor: Floor, outcome: int) -> Story:
    """A book that is a link: delivered at once (40), on its way to appear (10), or failing (98)."""
    title = PREORDER if outcome == 10 else floor.dice.choice(EBOOKS[:-1])
    order = floor.order([(title, 1)])
    yield minutes(1)
    reason = "eBook service: no licence left" if outcome == 98 else ""
    floor.move(floor.lines(order)[0], outcome, floor.ebooks, reason=reason)


def ebook_and_parcel(floor: Floor) -> Story:
    """One order, two worlds: the link is there within a minute, the book tomorrow."""
    order = floor.order([(EBOOKS[1], 1), *floor.basket(1)])
    yield minutes(1)
    digital = order.packages.get(type="digital").lines.get()
    floor.move(digital, 40, floor.ebooks)
    floor.work(order)
    yield from floor.carriers.live(order.number)
