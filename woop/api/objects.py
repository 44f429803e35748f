"""Reading, transitions and events of any object: the same for all kinds, each app says which rows."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from woop import clock, machines
from woop.actors import Actor
from woop.api.answers import answer, event_json, note_json, outcome_json
from woop.api.fields import Flag, PastMoment, StrictSerializer, Text
from woop.api.pages import PageQuery, page_of
from woop.api.problems import Problem
from woop.api.shapes import STATUS, EventPage, OutcomeShape, TransitionList, statuses_example
from woop.api.versions import conflict, require_version, seen_versions
from woop.api.views import ApiView
from woop.errors import RuleError
from woop.identifiers import decode
from woop.models import StatusEvent
from woop.nodes import Node, load, registry
from woop.outcomes import Context, Outcome
from woop.plans import Plan, judge
from woop.transitions import change_status


@extend_schema_field(STATUS)
class ToField(serializers.Field):
    """A status of any field: a number for the fulfilment, a word for the others."""

    default_error_messages = {"invalid": _("Give a status: a number or a word.")}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class TransitionBody(StrictSerializer):
    to = ToField(help_text="The status to go to. It decides which field changes.")
    reason = Text(required=False, default="", allow_blank=True, max_length=1000)
    override = Flag(required=False, default=False, help_text="Needs the scope orders:override and a reason.")
    dry_run = Flag(required=False, default=False, help_text="Say what would happen, and write nothing.")
    occurred_at = PastMoment(required=False, default=None, allow_null=True)


class ObjectView(ApiView):
    """A view of one object. `kind` is the door's word for it, `rows` the entrance for whoever asks."""

    kind: ClassVar[str]
    order: Any = None  # the order of the object, once it was found

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def find(self) -> Any:
        """Return the addressed object; one of another shop does not exist."""
        if self.kind == "order":
            number = self.kwargs["number"]
            found = None if "\0" in number else self.rows().filter(number=number).first()
        else:
            pk = decode(self.kind, self.kwargs["id"])
            found = None if pk is None else self.rows().filter(pk=pk).first()
        if found is None:
            raise Http404
        self.order = found if self.kind == "order" else found.order
        return found

    def seen_version(self) -> int | None:
        return require_version(self.request, self.order)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """A version that moved while we waited for the lock: say what has changed."""
        if isinstance(exc, RuleError) and exc.refusal.code == "version_conflict" and self.order is not None:
            exc = conflict(self.order, seen_versions(self.request))
        response: HttpResponse = super().handle_exception(exc)
        return response


class TransitionsView(ObjectView):
    """What an object may become, and making it so."""

    body_class: ClassVar[type[TransitionBody]] = TransitionBody

    @extend_schema(responses=TransitionList)
    def get(self, request: Request, **address: str) -> HttpResponse:
        """Every status that this object could have instead: allowed, or why not."""
        row = self.find()
        version, targets = judged(self.kind, row.pk, self.order.pk, self.actor)
        return answer({"version": version, "results": targets, "cursor": None}, version=version)

    @extend_schema(request=TransitionBody, responses=OutcomeShape, examples=[statuses_example])
    def post(self, request: Request, **address: str) -> HttpResponse:
        """Change the status, with all that follows from it. With `dry_run`, say what would follow."""
        row = self.find()
        version = self.seen_version()
        body = self.read(self.body_class)
        to = self.target(body)
        field = field_of(self.kind, to)
        if body["override"] and not self.actor.can_override:
            detail = _("An override needs the scope orders:override.")
            raise Problem(403, "scope_missing", detail, scope="orders:override")
        outcome = change_status(
            self.kind,
            [row.pk],
            to,
            by=self.actor,
            field=field,
            reason=body["reason"],
            dry_run=body["dry_run"],
            override=body["override"],
            occurred_at=body["occurred_at"],
            versions=None if version is None else {self.order.pk: version},
            details=self.details(body),
        )
        return answer_outcome(outcome, self.order)

    def target(self, body: dict[str, Any]) -> Any:
        """Return the status that was asked for, in our own spelling."""
        return body["to"]

    def details(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """Return what rules need besides the target."""
        return None


class EventsView(ObjectView):
    @extend_schema(parameters=[PageQuery], responses=EventPage)
    def get(self, request: Request, **address: str) -> HttpResponse:
        """The history of this object, oldest first."""
        row = self.find()
        events = StatusEvent.objects.filter(**self.history_of(row)).select_related("order")
        found, cursor = page_of(events, ("sequence",), self.query(PageQuery))
        page = {"results": [event_json(event) for event in found], "cursor": cursor}
        return answer(page, version=self.order.version)

    def history_of(self, row: Model) -> dict[str, Any]:
        if self.kind == "order":
            return {"order": row.pk}
        return {"order": self.order.pk, "object_type": self.kind, "object_id": row.pk}


# --- asking the door -------------------------------------------------------------------------------


def names_of(model: Any, field: str) -> dict[Any, Any]:
    """Return every status of a field with what people call it."""
    return dict(model._meta.get_field(field).flatchoices)


def field_of(kind: str, to: Any) -> str:
    """Return the field whose status this is: numbers and words of the fields of a kind never meet."""
    model: Any = registry.kinds[kind].model
    for field in model.machines:
        if to in names_of(model, field):
            name: str = field
            return name
    raise serializers.ValidationError({"to": [_("There is no such status here.")]})


def answer_outcome(outcome: Outcome, order: Any, **more: Any) -> HttpResponse:
    """Answer what the door said about one object; `more` stands before it in the answer."""
    if outcome.missing:
        raise Http404
    if outcome.refusal is not None:
        raise RuleError(outcome.refusal)
    version = outcome.versions[order.pk]
    present = version if outcome.applied else version - len(outcome.moved)
    return answer(more | outcome_json(outcome, version), version=present)


def judged(kind: str, pk: int, order_id: int, actor: Actor) -> tuple[int, list[dict[str, Any]]]:
    """Ask the rules about every status that one object does not have: read once, nothing locked."""
    roots = load("order", [order_id], lock=False)
    if order_id not in roots:
        raise Http404
    now = clock.now()
    plan = Plan(roots[order_id], actor, Context(actor.reference, "", now, now))
    node = next((node for node in plan.order.of_kind(kind) if node.id == pk), None)
    if node is None:
        raise Http404
    model: Any = node.model
    return plan.order.version, [
        _judged(plan, node, field, target)
        for field in model.machines
        for target in machines.targets(model, field)
        if getattr(node, field) != target
    ]


def _judged(plan: Plan, node: Node, field: str, target: Any) -> dict[str, Any]:
    refusal = judge(plan, node, field, target)
    name = str(names_of(node.model, field)[target])
    found = {"field": field, "to": target, "name": name, "allowed": refusal is None}
    if refusal is not None:
        found |= {
            "code": refusal.code,
            "detail": str(refusal.detail),
            "blocking": [note_json(note) for note in refusal.blocking],
        }
    return found
