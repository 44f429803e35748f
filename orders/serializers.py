"""Orders as clients read them. The apps above add their sections: see `order_sections`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers

from orders.models import LineKind, Order, Orderline, OrderlineToPackage, Package
from orders.services import missing_fields
from orders.statuses import (
    Acceptance,
    DeliveryStatusOfOrder,
    LineStatus,
    Logistics,
    OrderStatus,
    PackageStatus,
    PackageType,
)
from woop.api.fields import PublicId
from woop.api.shapes import KINDS, NoteShape, OutcomeShape, Status
from woop.identifiers import encode
from woop.models import Alert


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an order's JSON that another app fills: its field, and what to read along for it."""

    field: Callable[[], serializers.Field]
    prefetch: Callable[[], Prefetch | str]


order_sections: dict[str, Section] = {}


class OrderlineSerializer(serializers.ModelSerializer[Orderline]):
    kind = serializers.ChoiceField(choices=LineKind.choices)

    class Meta:
        model = Orderline
        fields = ("sku", "title", "quantity", "unit_price", "kind")


class LineSerializer(serializers.ModelSerializer[OrderlineToPackage]):
    """A quantity of one article in one package."""

    id = PublicId("line")
    sku = serializers.CharField(source="orderline.sku")
    title = serializers.CharField(source="orderline.title")
    status = serializers.ChoiceField(choices=LineStatus.choices)

    class Meta:
        model = OrderlineToPackage
        fields: tuple[str, ...] = ("id", "sku", "title", "quantity", "status")


class LineDetailSerializer(LineSerializer):
    order = serializers.CharField(source="order.number")
    package = PublicId("package", source="package_id")
    version = serializers.IntegerField(source="order.version")

    class Meta(LineSerializer.Meta):
        fields = (*LineSerializer.Meta.fields, "order", "package", "version")


class PackageSerializer(serializers.ModelSerializer[Package]):
    id = PublicId("package")
    type = serializers.ChoiceField(choices=PackageType.choices)
    status = serializers.ChoiceField(choices=PackageStatus.choices)
    lines = LineSerializer(many=True)

    class Meta:
        model = Package
        fields: tuple[str, ...] = (
            *("id", "type", "status", "weight_g", "length_mm", "width_mm", "height_mm"),
            "lines",
        )


class PackageDetailSerializer(PackageSerializer):
    order = serializers.CharField(source="order.number")
    version = serializers.IntegerField(source="order.version")

    class Meta(PackageSerializer.Meta):
        fields = (*PackageSerializer.Meta.fields, "order", "version")


class SplitAnswerSerializer(serializers.Serializer[Any]):
    lines = LineDetailSerializer(many=True)
    version = serializers.IntegerField()


class AlertSerializer(serializers.ModelSerializer[Alert]):
    type = serializers.ChoiceField(choices=KINDS, source="object_type")
    id = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = ("code", "detail", "type", "id", "created_at")

    def get_id(self, alert: Alert) -> str | None:
        """The public id of the row that it is about: the number, where that is the order."""
        if alert.object_type == "order":
            return str(alert.order.number)
        return encode(alert.object_type, alert.object_id) if alert.object_id else None


class AcceptanceSerializer(serializers.Serializer[Order]):
    state = serializers.ChoiceField(choices=Acceptance.choices, source="acceptance")
    deadline = serializers.DateTimeField(source="acceptance_deadline", allow_null=True)


class CustomerSerializer(serializers.Serializer[Order]):
    name = serializers.CharField(source="customer_name")
    email = serializers.CharField(source="customer_email")
    phone = serializers.CharField(source="customer_phone")
    language = serializers.CharField(source="customer_language")


class AddressSerializer(serializers.Serializer[Order]):
    name = serializers.CharField(source="recipient_name")
    street = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)


class OrderSerializer(serializers.ModelSerializer[Order]):
    """The whole order, with everything below it."""

    store = serializers.CharField(source="store.code", default=None, allow_null=True)
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    delivery_status = serializers.ChoiceField(choices=DeliveryStatusOfOrder.choices, allow_blank=True)
    acceptance = AcceptanceSerializer(source="*")
    logistics = serializers.ChoiceField(choices=Logistics.choices, allow_blank=True)
    customer = CustomerSerializer(source="*")
    shipping_address = AddressSerializer(source="*")
    missing_fields = serializers.SerializerMethodField()
    lines = OrderlineSerializer(many=True)
    packages = PackageSerializer(many=True)

    class Meta:
        model = Order
        fields = (
            *("number", "channel", "store", "status", "delivery_status", "acceptance", "version"),
            *("logistics", "customer", "shipping_address", "missing_fields", "currency", "lines"),
            *("packages", "created_at", "modified_at"),
        )

    def get_fields(self) -> dict[str, Any]:
        sections = {name: section.field() for name, section in order_sections.items()}
        return {**super().get_fields(), **sections, "alerts": AlertSerializer(many=True)}

    def get_missing_fields(self, order: Order) -> list[str]:
        """What the home delivery still lacks: only then the order can go to a carrier."""
        if order.delivery_status != DeliveryStatusOfOrder.TO_BE_COMPLETED:
            return []
        return missing_fields(order)


def prefetches() -> list[Prefetch | str]:
    """Return what the JSON of orders reads, so that a page costs the same number of queries as one."""
    rows = OrderlineToPackage.objects.select_related("orderline")
    open_alerts = Alert.objects.filter(resolved_at=None).order_by("created_at", "id")
    return [
        "lines",
        "packages",
        Prefetch("packages__lines", queryset=rows),
        Prefetch("alerts", queryset=open_alerts),
        *(section.prefetch() for section in order_sections.values()),
    ]


class DecidedOrderSerializer(OrderSerializer):
    """The order, together with what moved."""

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **OutcomeShape().get_fields()}


class VerdictSerializer(serializers.Serializer[Any]):
    order = serializers.CharField(help_text="Its number.")
    verdict = serializers.ChoiceField(choices=("moved", "already", "refused", "unknown"))
    version = serializers.IntegerField(required=False)
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    blocking = NoteShape(many=True, required=False)
    allowed = serializers.ListField(child=Status(), required=False)


class BulkAnswerSerializer(serializers.Serializer[Any]):
    applied = serializers.BooleanField()
    results = VerdictSerializer(many=True)


class OrderPageSerializer(serializers.Serializer[Any]):
    results = OrderSerializer(many=True)
    cursor = serializers.CharField(allow_null=True)
