"""Collects as clients read them."""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers

from collect.models import Collect, CollectPackage
from collect.statuses import CollectStatus
from orders.models import Order
from orders.serializers import Json, Section, belonging, order_sections
from woop.api.shapes import Shape
from woop.identifiers import encode


def collect_json(collect: Collect) -> Json:
    return {
        "id": encode("collect", collect.pk),
        "status": collect.status,
        "store": collect.store.code,
        "slot": None,  # stores work without slots for now
        "packages": [encode("package", link.package_id) for link in collect.package_links.all()],
        "follows": encode("collect", collect.follows_id) if collect.follows_id else None,
        "created_at": collect.created_at,
        "modified_at": collect.modified_at,
    }


def collect_detail_json(collect: Collect) -> Json:
    return collect_json(collect) | belonging(collect.order)


def links() -> Prefetch:
    return Prefetch("package_links", queryset=CollectPackage.objects.order_by("package_id"))


def _of_order(order: Order) -> list[Json]:
    return [collect_json(collect) for collect in order.collects.all()]


def _prefetch() -> Prefetch:
    rows = Collect.objects.select_related("store").prefetch_related(links()).order_by("pk")
    return Prefetch("collects", queryset=rows)


# --- for the description ---------------------------------------------------------------------------


class CollectShape(Shape):
    id = serializers.CharField()
    status = serializers.ChoiceField(choices=CollectStatus.choices)
    store = serializers.CharField(help_text="Its code.")
    slot = serializers.CharField(allow_null=True)
    packages = serializers.ListField(child=serializers.CharField(), help_text="Ids.")
    follows = serializers.CharField(
        allow_null=True, help_text="The id of the collect of which this one is the rest."
    )
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()


class CollectDetailShape(CollectShape):
    order = serializers.CharField(help_text="Its number.")
    version = serializers.IntegerField()


def _shape() -> Any:
    return CollectShape(many=True)


order_sections["collects"] = Section(_of_order, _shape, _prefetch)
