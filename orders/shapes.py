"""What orders look like, for the description of the API: see `serializers.py`."""

from typing import Any

from rest_framework import serializers

from orders.models import LineKind
from orders.serializers import order_sections
from orders.statuses import (
    Acceptance,
    DeliveryStatusOfOrder,
    LineStatus,
    Logistics,
    OrderStatus,
    PackageStatus,
    PackageType,
)
from woop.api.shapes import KindField, NoteShape, OutcomeShape, Shape, Status


class OrderlineShape(Shape):
    sku = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.DecimalField(max_digits=12, decimal_places=2)
    kind = serializers.ChoiceField(choices=LineKind.choices)


class LineShape(Shape):
    id = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    status = serializers.ChoiceField(choices=LineStatus.choices)


class LineDetailShape(LineShape):
    package = serializers.CharField(help_text="Its id.")
    order = serializers.CharField(help_text="Its number.")
    version = serializers.IntegerField()


class PackageShape(Shape):
    id = serializers.CharField()
    type = serializers.ChoiceField(choices=PackageType.choices)
    status = serializers.ChoiceField(choices=PackageStatus.choices)
    weight_g = serializers.IntegerField(allow_null=True)
    length_mm = serializers.IntegerField(allow_null=True)
    width_mm = serializers.IntegerField(allow_null=True)
    height_mm = serializers.IntegerField(allow_null=True)
    lines = LineShape(many=True)


class PackageDetailShape(PackageShape):
    order = serializers.CharField(help_text="Its number.")
    version = serializers.IntegerField()


class SplitAnswerShape(Shape):
    lines = LineDetailShape(many=True)
    version = serializers.IntegerField()


class AlertShape(Shape):
    code = serializers.CharField()
    detail = serializers.CharField()
    type = KindField()
    id = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class AcceptanceShape(Shape):
    state = serializers.ChoiceField(choices=Acceptance.choices)
    deadline = serializers.DateTimeField(allow_null=True)


class CustomerShape(Shape):
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField(help_text="E.164.")
    language = serializers.CharField()


class AddressShape(Shape):
    name = serializers.CharField()
    street = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1 alpha-2.")
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)


class OrderShape(Shape):
    """The whole order, with everything below it."""

    number = serializers.CharField()
    channel = serializers.CharField()
    store = serializers.CharField(allow_null=True, help_text="Its code.")
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    delivery_status = serializers.ChoiceField(
        choices=DeliveryStatusOfOrder.choices, allow_blank=True, help_text="Empty without a home delivery."
    )
    acceptance = AcceptanceShape()
    version = serializers.IntegerField(help_text="The sequence of its last event: the ETag.")
    logistics = serializers.ChoiceField(choices=Logistics.choices, allow_blank=True)
    customer = CustomerShape()
    shipping_address = AddressShape()
    missing_fields = serializers.ListField(
        child=serializers.CharField(), help_text="What ORDER_TO_BE_COMPLETED waits for."
    )
    currency = serializers.CharField()
    lines = OrderlineShape(many=True)
    packages = PackageShape(many=True)
    alerts = AlertShape(many=True)
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        sections = {name: section.shape() for name, section in order_sections.items()}
        return {**super().get_fields(), **sections}


class DecidedOrderShape(OrderShape):
    """The order, together with what moved."""

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **OutcomeShape().get_fields()}


class OrderPageShape(Shape):
    results = OrderShape(many=True)
    cursor = serializers.CharField(allow_null=True)


class VerdictShape(Shape):
    order = serializers.CharField(help_text="Its number.")
    verdict = serializers.ChoiceField(choices=("moved", "already", "refused", "unknown"))
    version = serializers.IntegerField(required=False)
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    blocking = NoteShape(many=True, required=False)
    allowed = serializers.ListField(child=Status(), required=False)


class BulkAnswerShape(Shape):
    applied = serializers.BooleanField()
    results = VerdictShape(many=True)
