"""Ask the real door what the model was asked, and say its answer in the model's words."""

from tests.reference import links
from tests.reference.state import Kept
from woop.actors import Actor
from woop.sources import Source
from woop.transitions import change_status

FAMILIES = {
    "unknown": {"unknown_status"},
    "source": {"source_not_allowed"},
    "error": {"override_needed"},
    "reason": {"reason_required"},
    "pending": {"acceptance_pending"},
    "below": {"status_below", "below_floor"},
    "final": {"final"},
    "illegal": {"not_possible", "not_resumable", "single_dropoff", "derived", "final"},
    "override": {"override_not_permitted"},
    "left": {"package_left"},
    "busy": {"delivery_under_way", "customer_being_served"},
    "expired": {"acceptance_expired", "acceptance_not_expired"},
    "quantities": {"quantities_required"},
}
KEPT = {
    "held": "not_available",
    "customer_being_served": "served",
    "not_cancellable": "served",
    "cancel_requested": "asked",
}


def actor(source, may_override=True):
    """Answer an actor of any source; only people have the right to override to give away."""
    return Actor(Source(source), source, can_override=may_override and source in links.PEOPLE)


def allowed_codes(families):
    return {code for family in families for code in FAMILIES[family]}


def ask(kind, ids, to, source, may_override=True, **how):
    return change_status(kind, ids, to, by=actor(source, may_override), **how)


def plain(value):
    return value.value if hasattr(value, "value") else value


def events(outcome, order_id=None):
    """Answer what moved, each with the row that its cause moved, as the model says it."""
    moved = [event for event in outcome.moved if order_id in (None, event.order.id)]
    about = {(e.order.id, e.sequence): (e.node.kind, e.node.id, e.field) for e in moved}
    return {
        (
            e.node.kind,
            e.node.id,
            e.field,
            plain(e.from_status),
            plain(e.to_status),
            plain(e.source),
            None if e.cause is None else about[e.order.id, e.cause],
        )
        for e in moved
    }


def kept(outcome):
    return {Kept(k.node.kind, k.node.id, KEPT.get(k.code, k.code)) for k in outcome.kept}
