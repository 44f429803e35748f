"""Collects as clients send them."""

from rest_framework import serializers

from woop.api.fields import StrictSerializer, Text, Whole, many
from woop.api.objects import TransitionBody

MAX_ROWS = 1000
MAX_QUANTITY = 1_000_000


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
