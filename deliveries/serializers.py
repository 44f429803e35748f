"""Deliveries as clients read them."""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers

from carriers.models import CarrierMessage
from carriers.statuses import State
from deliveries.models import Delivery, DeliveryPackage
from deliveries.statuses import DeliveryStatus, pair_of
from orders.models import Order
from orders.serializers import Json, Section, belonging, order_sections
from woop.api.shapes import Shape
from woop.identifiers import encode


def delivery_json(delivery: Delivery) -> Json:
    word, sub = pair_of(delivery.status)
    return {
        "id": encode("delivery", delivery.pk),
        "status": delivery.status,
        "pair": {"status": word, "sub_status": sub},
        "carrier": delivery.account.carrier,
        "carrier_account": delivery.account.code,
        "tracking_number": delivery.tracking_number,
        "tracking_url": delivery.tracking_url,
        "packages": [encode("package", link.package_id) for link in delivery.package_links.all()],
        "replaced_by": encode("delivery", delivery.replaced_by_id) if delivery.replaced_by_id else None,
        "picked_up_at": delivery.picked_up_at,
        "cancel_requested_at": delivery.cancel_requested_at,
        "created_at": delivery.created_at,
        "modified_at": delivery.modified_at,
    }


def delivery_detail_json(delivery: Delivery) -> Json:
    return delivery_json(delivery) | belonging(delivery.order)


def message_json(message: CarrierMessage, delivery: Delivery) -> Json:
    """Return what became of a message that a carrier put, and where its delivery is now."""
    return {
        "id": encode("message", message.pk),
        "result": message.state,
        "detail": message.detail,
        "received_at": message.received_at,
        "delivery": delivery_detail_json(delivery),
    }


def links() -> Prefetch:
    return Prefetch("package_links", queryset=DeliveryPackage.objects.order_by("package_id"))


def _of_order(order: Order) -> list[Json]:
    return [delivery_json(delivery) for delivery in order.deliveries.all()]


def _prefetch() -> Prefetch:
    rows = Delivery.objects.select_related("account").prefetch_related(links()).order_by("pk")
    return Prefetch("deliveries", queryset=rows)


# --- for the description ---------------------------------------------------------------------------


class PairShape(Shape):
    """The newer form of a status: a word, and a second one that says more (D10)."""

    status = serializers.CharField()
    sub_status = serializers.CharField(allow_null=True)


class DeliveryShape(Shape):
    id = serializers.CharField()
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    pair = PairShape()
    carrier = serializers.CharField()
    carrier_account = serializers.CharField(help_text="Its code.")
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField()
    packages = serializers.ListField(child=serializers.CharField(), help_text="Ids.")
    replaced_by = serializers.CharField(
        allow_null=True, help_text="The id of the delivery that took its packages over."
    )
    picked_up_at = serializers.DateTimeField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()


class DeliveryDetailShape(DeliveryShape):
    order = serializers.CharField(help_text="Its number.")
    version = serializers.IntegerField()


class PutAnswerShape(Shape):
    id = serializers.CharField()
    result = serializers.ChoiceField(choices=State.choices)
    detail = serializers.CharField()
    received_at = serializers.DateTimeField()
    delivery = DeliveryDetailShape()


def _shape() -> Any:
    return DeliveryShape(many=True)


order_sections["deliveries"] = Section(_of_order, _shape, _prefetch)
