"""Orders as clients read them, written by hand: a page has thousands of values, and a serializer per row
costs more than the database. `shapes.py` describes the same; a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from orders.models import Order, Orderline, OrderlineToPackage, Package
from orders.selectors import orders_for
from orders.services import missing_fields
from orders.statuses import BEFORE_DELIVERY
from woop.actors import Actor
from woop.identifiers import encode
from woop.models import Alert

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an order's JSON that another app fills, what it looks like, and what to read along for it."""

    write: Callable[[Any], Any]
    shape: Callable[[], serializers.Field]
    prefetch: Callable[[], Prefetch]


order_sections: dict[str, Section] = {}


def whole_orders(actor: Actor) -> QuerySet[Order]:
    """Return the orders that the actor may see, with all that their JSON reads: a fixed number of queries."""
    rows = OrderlineToPackage.objects.select_related("orderline")
    alerts = Alert.objects.filter(resolved_at=None).order_by("created_at", "id")
    return (
        orders_for(actor)
        .select_related("store")
        .prefetch_related(
            "lines",
            "packages",
            Prefetch("packages__lines", queryset=rows),
            Prefetch("alerts", queryset=alerts),
            *(section.prefetch() for section in order_sections.values()),
        )
    )


def order_json(order: Order) -> Json:
    """Return the whole order, with everything below it."""
    return {
        "number": order.number,
        "channel": order.channel,
        "store": order.store.code if order.store else None,
        "status": order.status,
        "delivery_status": order.delivery_status,
        "acceptance": {"state": order.acceptance, "deadline": order.acceptance_deadline},
        "version": order.version,
        "logistics": order.logistics,
        "customer": _customer_json(order),
        "shipping_address": _address_json(order),
        "missing_fields": _missing(order),
        "currency": order.currency,
        "lines": [_orderline_json(line) for line in order.lines.all()],
        "packages": [package_json(package) for package in order.packages.all()],
        **{name: section.write(order) for name, section in order_sections.items()},
        "alerts": [_alert_json(alert, order) for alert in order.alerts.all()],
        "created_at": order.created_at,
        "modified_at": order.modified_at,
    }


def _customer_json(order: Order) -> Json:
    return {
        "name": order.customer_name,
        "email": order.customer_email,
        "phone": order.customer_phone,
        "language": order.customer_language,
    }


def _address_json(order: Order) -> Json:
    return {
        "name": order.recipient_name,
        "street": order.street,
        "postal_code": order.postal_code,
        "city": order.city,
        "country": order.country,
        "latitude": None if order.latitude is None else float(order.latitude),
        "longitude": None if order.longitude is None else float(order.longitude),
    }


def _missing(order: Order) -> list[str]:
    """Name what the home delivery still lacks: only then the order can go to a carrier."""
    return missing_fields(order) if order.delivery_status in BEFORE_DELIVERY else []


def _orderline_json(line: Orderline) -> Json:
    return {
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": f"{line.unit_price:.2f}",
        "kind": line.kind,
    }


def package_json(package: Package) -> Json:
    return {
        "id": encode("package", package.pk),
        "type": package.type,
        "status": package.status,
        "weight_g": package.weight_g,
        "length_mm": package.length_mm,
        "width_mm": package.width_mm,
        "height_mm": package.height_mm,
        "lines": [line_json(line) for line in package.lines.all()],
    }


def line_json(line: OrderlineToPackage) -> Json:
    """Return a quantity of one article in one package."""
    return {
        "id": encode("line", line.pk),
        "sku": line.orderline.sku,
        "title": line.orderline.title,
        "quantity": line.quantity,
        "status": line.status,
    }


def _alert_json(alert: Alert, order: Order) -> Json:
    kind, pk = alert.object_type, alert.object_id
    return {
        "code": alert.code,
        "detail": alert.detail,
        "type": kind,
        "id": order.number if kind == "order" else encode(kind, pk) if pk else None,
        "created_at": alert.created_at,
    }


# --- one by one ------------------------------------------------------------------------------------


def package_detail_json(package: Package) -> Json:
    return package_json(package) | belonging(package.order)


def line_detail_json(line: OrderlineToPackage) -> Json:
    return line_json(line) | {"package": encode("package", line.package_id)} | belonging(line.order)


def belonging(order: Order) -> Json:
    """Return what an object that stands alone says of its order."""
    return {"order": order.number, "version": order.version}
