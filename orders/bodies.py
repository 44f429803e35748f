"""Orders as clients send them: the values checked, and made into a draft."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from orders.drafts import LineDraft, OrderDraft, PackageDraft
from orders.models import LineKind
from orders.statuses import Acceptance, DeliveryStatusOfOrder, Logistics, OrderStatus, PackageType
from woop.api.fields import (
    Country,
    Currency,
    Degrees,
    Email,
    Flag,
    Language,
    Money,
    StrictSerializer,
    Text,
    Whole,
    many,
    phone_number,
)
from woop.api.objects import ToField
from woop.api.pages import SincePageQuery

MAX_LINES = 1000
MAX_BULK = 1000
MAX_QUANTITY = 1_000_000
MAX_WEIGHT_G = 10_000_000
MAX_SIZE_MM = 100_000

# A number is part of an address, so it may hold nothing that means something there.
NUMBER = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9._~:@!$*+,;=()'-]{1,64}")
RESERVED_NUMBERS = frozenset({"bulk-transitions"})

CUSTOMER_COLUMNS = {
    "name": "customer_name",
    "email": "customer_email",
    "phone": "customer_phone",
    "language": "customer_language",
}
ADDRESS_COLUMNS = {"name": "recipient_name"} | {
    name: name for name in ("street", "postal_code", "city", "country", "latitude", "longitude")
}


def optional(max_length: int) -> Text:
    return Text(required=False, allow_blank=True, max_length=max_length)


def size(most: int, **kwargs: Any) -> Whole:
    return Whole(min_value=1, max_value=most, **{"required": False, "allow_null": True} | kwargs)


class NumberField(Text):
    default_error_messages = {
        "unusable": _("Use letters, digits and . _ ~ : @ ! $ * + , ; = ( ) ' - only, 64 at most.")
    }

    def to_internal_value(self, data: Any) -> str:
        number = super().to_internal_value(data)
        if number and (not NUMBER.fullmatch(number) or number in RESERVED_NUMBERS):
            self.fail("unusable")
        return number


class CustomerBody(StrictSerializer):
    name = optional(120)
    email = Email(required=False, allow_blank=True, max_length=254)
    phone = optional(32)
    language = Language(required=False, allow_blank=True)


class AddressBody(StrictSerializer):
    name = optional(120)
    street = optional(200)
    postal_code = optional(20)
    city = optional(80)
    country = Country(required=False, allow_blank=True)
    latitude = Degrees(90, required=False, allow_null=True)
    longitude = Degrees(180, required=False, allow_null=True)


class NewLineBody(StrictSerializer):
    sku = Text(max_length=64)
    title = Text(required=False, default="", allow_blank=True, max_length=255)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)
    unit_price = Money(required=False, default="0.00")
    kind = serializers.ChoiceField(choices=LineKind.choices, required=False, default=LineKind.PHYSICAL)


class PackedLineBody(StrictSerializer):
    sku = Text(max_length=64)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)


class NewPackageBody(StrictSerializer):
    type = serializers.ChoiceField(choices=PackageType.choices)
    weight_g = size(MAX_WEIGHT_G)
    length_mm = size(MAX_SIZE_MM)
    width_mm = size(MAX_SIZE_MM)
    height_mm = size(MAX_SIZE_MM)
    lines = many(PackedLineBody, least=1, most=MAX_LINES)


class CollectBody(StrictSerializer):
    store = Text(max_length=50)


class NewOrderBody(StrictSerializer):
    number = NumberField(required=False, default="", allow_blank=True, help_text="Made if you give none.")
    channel = Text(required=False, default="", allow_blank=True, max_length=40)
    store = Text(required=False, default="", allow_blank=True, max_length=50)
    customer = CustomerBody(required=False, default=dict)
    shipping_address = AddressBody(required=False, default=dict)
    currency = Currency(required=False, default="EUR")
    lines = many(NewLineBody, least=1, most=MAX_LINES)
    packages = many(NewPackageBody, most=MAX_LINES, required=False, default=list)
    collect = CollectBody(required=False, default=None, allow_null=True)
    requires_acceptance = Flag(required=False, default=False)
    logistics = serializers.ChoiceField(
        choices=Logistics.choices, required=False, default="", allow_blank=True
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        normalise_phone(attrs["customer"], attrs["shipping_address"].get("country", ""))
        if attrs["collect"] and not _has_something_to_collect(attrs):
            raise serializers.ValidationError({"collect": [_("Nothing of this order is to be collected.")]})
        return attrs


def _has_something_to_collect(body: Mapping[str, Any]) -> bool:
    if body["packages"]:
        return any(package["type"] == PackageType.COLLECT for package in body["packages"])
    return any(line["kind"] != LineKind.EBOOK for line in body["lines"])


def normalise_phone(customer: dict[str, Any], country: str) -> None:
    """Turn the phone number into E.164, in place; the country helps with one written nationally."""
    if not customer.get("phone"):
        return
    try:
        customer["phone"] = phone_number(customer["phone"], country)
    except ValueError:
        text = _("This is no phone number. Write it with its country, as in +33612345678.")
        raise serializers.ValidationError({"customer": {"phone": [text]}}) from None


def columns_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order's columns that customer and address give."""
    customer, address = body.get("customer", {}), body.get("shipping_address", {})
    return {CUSTOMER_COLUMNS[name]: value for name, value in customer.items()} | {
        ADDRESS_COLUMNS[name]: value for name, value in address.items()
    }


def draft_of(body: Mapping[str, Any]) -> OrderDraft:
    data = columns_of(body) | {name: body[name] for name in ("channel", "currency", "logistics")}
    return OrderDraft(
        lines=tuple(LineDraft(**line) for line in body["lines"]),
        number=body["number"],
        packages=tuple(_package_draft(package) for package in body["packages"]),
        collect_store=body["collect"]["store"] if body["collect"] else "",
        store=body["store"],
        requires_acceptance=body["requires_acceptance"],
        data=data,
    )


def _package_draft(package: Mapping[str, Any]) -> PackageDraft:
    lines = tuple((line["sku"], line["quantity"]) for line in package["lines"])
    sizes = {name: value for name, value in package.items() if name not in ("type", "lines")}
    return PackageDraft(PackageType(package["type"]), lines, **sizes)


# --- changes ---------------------------------------------------------------------------------------


class WeightBody(StrictSerializer):
    id = Text(max_length=40)
    weight_g = size(MAX_WEIGHT_G, required=True, allow_null=False)


class OrderChangeBody(StrictSerializer):
    """What is not named stays as it is."""

    customer = CustomerBody(required=False)
    shipping_address = AddressBody(required=False)
    packages = many(WeightBody, most=MAX_LINES, required=False)


class ReasonBody(StrictSerializer):
    reason = Text(required=False, default="", allow_blank=True, max_length=1000)


class BulkBody(StrictSerializer):
    orders = serializers.ListField(
        child=Text(max_length=64), min_length=1, max_length=MAX_BULK, help_text="Numbers, 1,000 at most."
    )
    to = ToField()
    reason = Text(required=False, default="", allow_blank=True, max_length=1000)
    dry_run = Flag(required=False, default=False)


class SplitBody(StrictSerializer):
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)
    package = Text(required=False, default=None, allow_null=True, max_length=40, help_text="An id, or “new”.")


class OrderQuery(SincePageQuery):
    status = serializers.ChoiceField(choices=OrderStatus.choices, required=False)
    delivery_status = serializers.ChoiceField(choices=DeliveryStatusOfOrder.choices, required=False)
    acceptance = serializers.ChoiceField(choices=Acceptance.choices, required=False)
    store = serializers.CharField(required=False, max_length=50)
    channel = serializers.CharField(required=False, max_length=40)
    q = serializers.CharField(
        required=False, max_length=200, help_text="Number, name, e-mail, phone or tracking number."
    )
