"""The history of one order, read beside the product: every event must fit what was before."""

from tests.reference import links
from tests.reference import statuses as s
from woop.models import StatusEvent

NUMBERS = ("order", "package", "line")


class History:
    """All statuses as the events alone tell them, checked event by event."""

    def __init__(self, order_id):
        self.order_id, self.sequence, self.now, self.floors = order_id, 0, {}, {}

    def read_on(self):
        """Take in what was written since the last time; answer these events."""
        events = StatusEvent.objects.filter(order=self.order_id, sequence__gt=self.sequence)
        events = list(events.order_by("sequence"))
        for event in events:
            self.take(event)
        return events

    def take(self, event):
        key = (event.object_type, event.object_id, event.field)
        assert event.sequence == self.sequence + 1, f"a gap before {event.sequence}"
        assert event.from_status == self.now.get(key), f"{event} does not follow {self.now.get(key)}"
        assert event.from_status != event.to_status, f"{event} changes nothing"
        assert event.cause is None or 0 < event.cause < event.sequence, f"{event} is caused by {event.cause}"
        assert event.source, f"{event} has no source"
        self.sequence = event.sequence
        self.now[key] = event.to_status
        if event.object_type in NUMBERS and event.field == "status":
            self.keep_scale(key, event)

    def keep_scale(self, key, event):
        """No fulfilment status goes down, but out of 98 by an override, never below the floor (D1)."""
        to = int(event.to_status)
        if event.from_status is not None:
            before = int(event.from_status)
            assert before != s.CANCELLED, f"{event} leaves 99"
            if before == s.ERROR and to != s.CANCELLED:
                assert event.source in links.PEOPLE, f"{event} by {event.source}"
                assert event.reason, f"{event} without a reason"
                assert to >= self.floors[key], f"{event} falls below {self.floors[key]}"
            else:
                assert to > before, f"{event} goes down"
        elif event.quantities and "split_from" in event.quantities:
            self.floors[key] = self.floors[(key[0], event.quantities["split_from"], key[2])]
        if to < s.ERROR:
            self.floors[key] = max(self.floors.get(key, 0), to)

    def says(self, state):
        """Check that the events alone tell the present state."""
        assert self.now == told_by(state)


def told_by(state):
    order = state.order
    told = {("order", order.id, "status"): str(order.status)}
    if order.delivery_status:
        told["order", order.id, "delivery_status"] = order.delivery_status
    if order.acceptance != "not_required":
        told["order", order.id, "acceptance"] = order.acceptance
    for kind in ("package", "line", "delivery", "collect"):
        rows = {"package": state.packages, "line": state.lines}
        rows |= {"delivery": state.deliveries, "collect": state.collects}
        told |= {(kind, pk, "status"): str(row.status) for pk, row in rows[kind].items()}
    return told
