"""Deliveries as clients send and read them."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carriers.models import CarrierMessage
from carriers.statuses import State
from deliveries.models import Delivery, DeliveryPackage
from deliveries.statuses import DeliveryStatus, pair_of
from orders.serializers import Section, order_sections
from woop.api.fields import Moment, PublicId, StrictSerializer, Text
from woop.identifiers import encode

MAX_PACKAGES = 1000


class PairSerializer(serializers.Serializer[Delivery]):
    """The newer form of a status: a word, and a second one that says more (D10)."""

    status = serializers.SerializerMethodField()
    sub_status = serializers.SerializerMethodField()

    def get_status(self, delivery: Delivery) -> str:
        return pair_of(delivery.status)[0]

    def get_sub_status(self, delivery: Delivery) -> str | None:
        return pair_of(delivery.status)[1]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    id = PublicId("delivery")
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    pair = PairSerializer(source="*")
    carrier = serializers.CharField(source="account.carrier")
    carrier_account = serializers.CharField(source="account.code")
    tracking_url = serializers.CharField()
    packages = serializers.SerializerMethodField()
    replaced_by = serializers.SerializerMethodField()

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            *("id", "status", "pair", "carrier", "carrier_account", "tracking_number", "tracking_url"),
            *("packages", "replaced_by", "picked_up_at", "cancel_requested_at", "created_at", "modified_at"),
        )

    def get_packages(self, delivery: Delivery) -> list[str]:
        return [encode("package", link.package_id) for link in delivery.package_links.all()]

    def get_replaced_by(self, delivery: Delivery) -> str | None:
        """The delivery that took its packages over."""
        return encode("delivery", delivery.replaced_by_id) if delivery.replaced_by_id else None


class DeliveryDetailSerializer(DeliverySerializer):
    order = serializers.CharField(source="order.number")
    version = serializers.IntegerField(source="order.version")

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "order", "version")


def links() -> Prefetch:
    return Prefetch("package_links", queryset=DeliveryPackage.objects.order_by("package_id"))


def _prefetch() -> Prefetch:
    rows = Delivery.objects.select_related("account").prefetch_related(links()).order_by("pk")
    return Prefetch("deliveries", queryset=rows)


order_sections["deliveries"] = Section(lambda: DeliverySerializer(many=True), _prefetch)


# --- what clients send -----------------------------------------------------------------------------


class NewDeliveryBody(StrictSerializer):
    carrier_account = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=64,
        help_text="Its code; “manual” is the carrier without integration; empty lets the choice run.",
    )
    packages = serializers.ListField(
        child=Text(max_length=40),
        required=False,
        min_length=1,
        max_length=MAX_PACKAGES,
        help_text="Ids; without them, all packages for home delivery that nobody carries.",
    )


class PutStatusBody(StrictSerializer):
    """A status word in any accepted spelling; `subStatus` is another spelling of `sub_status`."""

    status = Text(max_length=60)
    sub_status = Text(required=False, default="", allow_blank=True, max_length=60)
    subStatus = Text(required=False, default="", allow_blank=True, max_length=60)  # noqa: N815
    date = Moment(required=False, default=None, allow_null=True, help_text="When it happened.")
    comment = Text(required=False, default="", allow_blank=True, max_length=1000)
    code = Text(required=False, default="", allow_blank=True, max_length=100)


@extend_schema_field({"type": "string", "enum": list(State.values)})
class StateField(serializers.CharField):
    """What became of a message."""


class MessageSerializer(serializers.ModelSerializer[CarrierMessage]):
    id = PublicId("message")
    result = StateField(source="state")

    class Meta:
        model = CarrierMessage
        fields: tuple[str, ...] = ("id", "result", "detail", "received_at")


class PutAnswerSerializer(MessageSerializer):
    delivery = DeliveryDetailSerializer()

    class Meta(MessageSerializer.Meta):
        fields = (*MessageSerializer.Meta.fields, "delivery")
