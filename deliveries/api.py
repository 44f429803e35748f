"""Deliveries over HTTP, and the door for carriers that speak to us."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from carriers.models import CarrierAccount
from deliveries.bodies import DeliveryTransitionBody, NewDeliveryBody, PutStatusBody
from deliveries.models import Delivery
from deliveries.selectors import deliveries_for
from deliveries.serializers import (
    DeliveryDetailShape,
    PutAnswerShape,
    delivery_detail_json,
    links,
    message_json,
)
from deliveries.services import request_delivery
from deliveries.statuses import read_status
from deliveries.tracking import UnknownStatus, put_status
from orders.api import OneOrder, present_json
from orders.models import Order
from orders.shapes import OrderShape
from woop import clock
from woop.actors import Actor
from woop.api.answers import answer
from woop.api.objects import EventsView, ObjectView, TransitionsView
from woop.api.problems import Problem, problem_of
from woop.api.shapes import OutcomeShape
from woop.identifiers import decode
from woop.models import Alert

SECRET_HEADERS = frozenset({"Authorization", "Cookie"})


class OneDelivery:
    kind: ClassVar = "delivery"
    read_scope: ClassVar = "deliveries:read"
    write_scope: ClassVar = "deliveries:write"
    actor: Actor

    def rows(self) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = (
            deliveries_for(self.actor).select_related("order", "account").prefetch_related(links())
        )
        return rows


class DeliveryView(OneDelivery, ObjectView):
    @extend_schema(operation_id="deliveries_read", responses=DeliveryDetailShape)
    def get(self, request: Request, id: str) -> HttpResponse:
        """One delivery."""
        delivery: Delivery = self.find()
        return answer(delivery_detail_json(delivery), version=delivery.order.version)


class DeliveryTransitions(OneDelivery, TransitionsView):
    body_class: ClassVar = DeliveryTransitionBody

    def target(self, body: dict[str, Any]) -> Any:
        """Read pairs and older words as well (D10)."""
        to = body["to"]
        found = read_status(to, sub_status_of(body)) if isinstance(to, str) else None
        return to if found is None else found[0].value

    @extend_schema(
        request=DeliveryTransitionBody,
        responses=OutcomeShape,
        examples=[
            OpenApiExample("Picked up", value={"to": "DELIVERY_PICK_UP_OK"}, request_only=True),
            OpenApiExample(
                "As a pair", value={"to": "DELIVERY_KO", "sub_status": "REFUSED"}, request_only=True
            ),
        ],
    )
    def post(self, request: Request, **address: str) -> HttpResponse:
        """Change the status, with all that follows from it. With `dry_run`, say what would follow."""
        return super().post(request, **address)


class DeliveryEvents(OneDelivery, EventsView):
    pass


class NewDeliveryView(OneOrder, ObjectView):
    read_scope: ClassVar = "deliveries:read"
    write_scope: ClassVar = "deliveries:write"

    @extend_schema(
        operation_id="deliveries_create",
        request=NewDeliveryBody,
        responses={
            201: DeliveryDetailShape,
            202: OpenApiResponse(OrderShape, description="The carrier has not answered yet."),
        },
        examples=[
            OpenApiExample("Without integration", value={"carrier_account": "manual"}, request_only=True)
        ],
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Have packages delivered: by the named account, or by the one that the choice finds."""
        order = self.find()
        version, body, began = self.seen_version(), self.read(NewDeliveryBody), clock.now()
        made = request_delivery(
            order,
            actor=self.actor,
            account_code=body["carrier_account"],
            package_ids=package_keys(body),
            version=version,
        )
        if made is None:
            refuse_if_the_carrier_did(order, began)
            data = present_json(self.actor, order.pk)
            return answer(data, status=202, version=data["version"])
        delivery = OneDelivery.rows(self).get(pk=made.pk)  # type: ignore[arg-type]
        data = delivery_detail_json(delivery)
        location = reverse("api:delivery", args=[data["id"]])
        return answer(data, status=201, version=delivery.order.version, location=location)

    def in_one_transaction(self) -> bool:
        """Booking calls the carrier, and nobody may wait for a carrier inside a transaction."""
        try:
            body: Any = self.request.data
            code = body.get("carrier_account", "")
        except (APIException, AttributeError):
            return True  # it will be refused
        accounts = CarrierAccount.objects.filter(shop=self.key.shop, code=str(code))
        return all(account.is_manual for account in accounts)


def refuse_if_the_carrier_did(order: Order, began: datetime) -> None:
    """Pass a carrier's no on to the client, which would otherwise wait for a delivery that never comes."""
    alerts = Alert.objects.filter(order=order, code="booking_refused", created_at__gte=began)
    if alert := alerts.first():
        detail = _("The carrier does not take it: %(why)s") % {"why": alert.detail}
        raise Problem(409, "carrier_refused", detail)


def package_keys(body: dict[str, Any]) -> list[int] | None:
    """Return the keys of the packages that a client names; 0 is the key of none."""
    if "packages" not in body:
        return None
    return [decode("package", text) or 0 for text in body["packages"]]


class PutStatusView(OneDelivery, ObjectView):
    """For carriers that speak to us; `message` says in the answer what was wrong, besides `detail`."""

    write_scope: ClassVar = "carrier:status"

    @extend_schema(
        operation_id="deliveries_put_status",
        request=PutStatusBody,
        responses={202: PutAnswerShape},
        examples=[
            OpenApiExample(
                "Failed, will be tried again",
                value={
                    "status": "DELIVERY_KO",
                    "sub_status": "FAILED_WITH_RETRY",
                    "date": "2026-05-04T10:00:00+02:00",
                    "comment": "Nobody at home",
                },
                request_only=True,
            )
        ],
    )
    def put(self, request: Request, id: str) -> HttpResponse:
        """Tell the status of a delivery. It is stored and applied before this answers."""
        delivery: Delivery = self.find()
        self.seen_version()
        body = self.read(PutStatusBody)
        message = put_status(
            delivery,
            status=body["status"],
            sub_status=sub_status_of(body),
            occurred_at=body["date"],
            comment=body["comment"],
            body=self.body,
            headers={k: v for k, v in request.headers.items() if k not in SECRET_HEADERS},
        )
        present = self.find()
        return answer(message_json(message, present), status=202, version=present.order.version)

    def in_one_transaction(self) -> bool:
        """What a carrier said stays stored even if applying it fails."""
        return False

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """A malformed or unknown status is 400 here, whatever it is elsewhere."""
        return super().handle_exception(status_problem(exc))


def sub_status_of(body: dict[str, Any]) -> str:
    one, other = body["sub_status"], body["subStatus"]
    if one and other and one.upper() != other.upper():
        raise serializers.ValidationError({"sub_status": [_("It is given twice, and differently.")]})
    return one or other


def status_problem(error: Exception) -> Exception:
    """Add `message` to every refusal, and make what is wrong with the status itself a 400."""
    if isinstance(error, UnknownStatus):
        error = Problem(400, "unknown_status", _("This is no status of a delivery: %s.") % str(error)[:60])
    problem = problem_of(error) if not isinstance(error, Http404) else problem_of(Http404())
    wrong = problem.members.get("errors", {})
    if problem.status == 422 and {"status", "sub_status", "subStatus"} & set(wrong):
        problem = Problem(400, "malformed_status", _("The status is malformed."), **problem.members)
    problem.members.setdefault("message", str(problem.detail))
    return problem
