"""Every event of a shop, in an order in which nothing is ever skipped.

Numbers are given out before commits: whoever reads "id greater than the last one seen" misses what a
slower transaction commits later. On PostgreSQL each event knows its transaction, and only those older
than every transaction still under way are shown; SQLite has one writer at a time.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from woop.actors import Actor
from woop.models import StatusEvent
from woop.sql import is_postgresql


@dataclass(frozen=True, slots=True)
class Position:
    """The last event that a client has seen: what comes after it is new."""

    transaction_id: int = 0
    event_id: int = 0


def read(actor: Actor, after: Position, limit: int) -> tuple[list[StatusEvent], Position]:
    """Return the next events and the position behind them, which stays where it is if there are none."""
    events = _visible(actor).filter(_later_than(after)).select_related("order")
    found = list(events.order_by("transaction_id", "id")[:limit])
    if not found:
        return found, after
    return found, Position(found[-1].transaction_id, found[-1].pk)


def _visible(actor: Actor) -> QuerySet[StatusEvent]:
    events = StatusEvent.objects.all()
    if actor.shop_id is not None:
        events = events.filter(shop_id=actor.shop_id)
    if actor.store_ids is not None:
        events = events.filter(order__store_id__in=actor.store_ids)
    if is_postgresql():
        events = events.filter(transaction_id__lt=_horizon())
    return events


def _later_than(position: Position) -> Q:
    same = Q(transaction_id=position.transaction_id, id__gt=position.event_id)
    later = Q(transaction_id__gt=position.transaction_id)
    # The first condition repeats what follows from the second: only it is what the index can begin with.
    return Q(transaction_id__gte=position.transaction_id) & (same | later)


def _horizon() -> int:
    """Return the oldest transaction that may still commit something."""
    with connection.cursor() as cursor:
        # The ORM has no words for snapshots.
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon: int = cursor.fetchone()[0]
    return horizon
