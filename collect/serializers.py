"""Collects as clients send and read them."""

from django.db.models import Prefetch
from rest_framework import serializers

from collect.models import Collect, CollectPackage
from collect.statuses import CollectStatus
from orders.serializers import Section, order_sections
from woop.api.fields import PublicId, StrictSerializer, Text, Whole, many
from woop.api.objects import TransitionBody
from woop.identifiers import encode

MAX_ROWS = 1000
MAX_QUANTITY = 1_000_000


class CollectSerializer(serializers.ModelSerializer[Collect]):
    id = PublicId("collect")
    status = serializers.ChoiceField(choices=CollectStatus.choices)
    store = serializers.CharField(source="store.code")
    slot = serializers.SerializerMethodField()
    packages = serializers.SerializerMethodField()
    follows = serializers.SerializerMethodField()

    class Meta:
        model = Collect
        fields: tuple[str, ...] = (
            *("id", "status", "store", "slot", "packages", "follows", "created_at", "modified_at"),
        )

    def get_slot(self, collect: Collect) -> str | None:
        """When it is planned; stores without slots have none."""
        return None

    def get_packages(self, collect: Collect) -> list[str]:
        return [encode("package", link.package_id) for link in collect.package_links.all()]

    def get_follows(self, collect: Collect) -> str | None:
        """The collect of which this one is the rest."""
        return encode("collect", collect.follows_id) if collect.follows_id else None


class CollectDetailSerializer(CollectSerializer):
    order = serializers.CharField(source="order.number")
    version = serializers.IntegerField(source="order.version")

    class Meta(CollectSerializer.Meta):
        fields = (*CollectSerializer.Meta.fields, "order", "version")


def links() -> Prefetch:
    return Prefetch("package_links", queryset=CollectPackage.objects.order_by("package_id"))


def _prefetch() -> Prefetch:
    rows = Collect.objects.select_related("store").prefetch_related(links()).order_by("pk")
    return Prefetch("collects", queryset=rows)


order_sections["collects"] = Section(lambda: CollectSerializer(many=True), _prefetch)


# --- what clients send -----------------------------------------------------------------------------


class NewCollectBody(StrictSerializer):
    store = Text(max_length=50, help_text="Its code.")
    packages = serializers.ListField(
        child=Text(max_length=40),
        required=False,
        min_length=1,
        max_length=MAX_ROWS,
        help_text="Ids; without them, all packages of the type collect that no collect has yet.",
    )


class HandedLineBody(StrictSerializer):
    id = Text(max_length=40)
    quantity = Whole(min_value=0, max_value=MAX_QUANTITY)


class CollectTransitionBody(TransitionBody):
    lines = many(
        HandedLineBody,
        most=MAX_ROWS,
        required=False,
        help_text="What was handed over: for COLLECT_PICK_UP_PARTIALLY.",
    )
