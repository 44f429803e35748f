"""The way that Django makes easy: load each row, call its django-fsm transition, save it, write its event."""

from typing import Any

from django.db import models, transaction

from orders.cascades import ORDER_TO_PACKAGE, PACKAGE_TO_LINE
from orders.models import Order
from woop.actors import Actor
from woop.clock import now
from woop.models import StatusEvent
from woop.sources import Source


def move_order(order_id: int, to: Any, by: Actor, reason: str) -> None:
    """Move one order and everything below it, in one transaction, an object at a time."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        moved = _move(order, order, "order", to, by.source, None, by, reason)
        for package in order.packages.all():
            target = ORDER_TO_PACKAGE[to][package.type]
            if package.status >= target:
                continue
            cause = _move(order, package, "package", target, Source.CASCADE, moved, by, reason)
            for line in package.lines.all():
                goal = PACKAGE_TO_LINE[target][package.type]
                if line.status < goal:
                    _move(order, line, "line", goal, Source.CASCADE, cause, by, reason)
        order.modified_at = now()
        _save(order)


def _move(order: Order, row: Any, kind: str, to: Any, source: Source, cause: int | None, *rest: Any) -> int:
    by, reason = rest
    before = row.status
    getattr(row, f"status_to_{to.name.lower()}")()
    row.floor = to
    if row is not order:  # the order is saved once, at the end, with its version
        _save(row)
    order.version += 1
    moment = now()
    StatusEvent(
        shop_id=order.shop_id,
        order=order,
        sequence=order.version,
        object_type=kind,
        object_id=row.pk,
        field="status",
        from_status=before,
        to_status=to,
        source=source,
        actor=by.reference,
        reason=reason,
        occurred_at=moment,
        recorded_at=moment,
        cause=cause,
        transaction_id=1,  # the door's events know their transaction; asking for it here would cost a trip
    ).save()
    return order.version


def _save(row: models.Model) -> None:
    # Plain django-fsm: without the savepoint that our models' optimistic lock puts around each save.
    models.Model.save(row)
