"""What outcomes, events and errors look like: for the description of the API only.

They are written by `answers.py` without a serializer per row; a test holds the two together.
"""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

KINDS = ("order", "package", "line", "delivery", "collect")


class Shape(serializers.Serializer[Any]):
    """Never used to read or write."""


STATUS = {"oneOf": [{"type": "integer"}, {"type": "string"}]}


@extend_schema_field(STATUS)
class Status(serializers.Field):
    """A number for the fulfilment, a word for the others."""


@extend_schema_field(OpenApiTypes.OBJECT)
class FreeObject(serializers.Field):
    """An object whose members depend on the case."""


class KindField(serializers.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=KINDS, **kwargs)


class NoteShape(Shape):
    type = KindField(allow_null=True)
    id = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class MovedShape(Shape):
    type = KindField()
    id = serializers.CharField(allow_null=True, help_text="Null for a row that a preview would make.")
    field = serializers.CharField()
    to = Status()
    source = serializers.CharField()  # type: ignore[assignment]
    sequence = serializers.IntegerField()
    cause = serializers.IntegerField(allow_null=True, help_text="The sequence of the event that caused it.")

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Status(allow_null=True)}  # a word of the language


class KeptShape(Shape):
    type = KindField()
    id = serializers.CharField(allow_null=True)
    status = Status()
    code = serializers.CharField()
    detail = serializers.CharField()


class OutcomeShape(Shape):
    applied = serializers.BooleanField(help_text="False in a dry run.")
    version = serializers.IntegerField()
    moved = MovedShape(many=True)
    kept = KeptShape(many=True)
    warnings = NoteShape(many=True)


class TargetShape(Shape):
    field = serializers.CharField()
    to = Status()
    name = serializers.CharField()
    allowed = serializers.BooleanField()
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    blocking = NoteShape(many=True, required=False)


class TransitionList(Shape):
    version = serializers.IntegerField()
    results = TargetShape(many=True)
    cursor = serializers.CharField(allow_null=True)


class EventShape(Shape):
    order = serializers.CharField(help_text="Its number.")
    sequence = serializers.IntegerField(help_text="Counts per order, from 1, without gaps.")
    type = KindField()
    id = serializers.CharField()
    field = serializers.CharField(help_text="“data” where no status changed.")
    to = Status()
    source = serializers.CharField()  # type: ignore[assignment]
    actor = serializers.CharField()
    reason = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    cause = serializers.IntegerField(allow_null=True)
    quantities = FreeObject(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Status(allow_null=True)}


class EventPage(Shape):
    results = EventShape(many=True)
    cursor = serializers.CharField(allow_null=True)


class JournalPage(Shape):
    results = EventShape(many=True)
    cursor = serializers.CharField(help_text="Never null: ask with it again for what comes next.")


class ProblemShape(Shape):
    """RFC 9457, served as `application/problem+json`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="For people.")
    code = serializers.CharField(help_text="For programs.")
    errors = FreeObject(  # type: ignore[assignment]
        required=False, help_text="Per field, where input is invalid."
    )
    blocking = NoteShape(many=True, required=False, help_text="The records in the way.")
    allowed = serializers.ListField(child=Status(), required=False, help_text="What is possible instead.")


statuses_example = OpenApiExample(
    "Preview of a cancellation",
    value={"to": 99, "reason": "The customer called", "dry_run": True},
    request_only=True,
)
