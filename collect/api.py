"""Click & collect over HTTP."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from collect.bodies import CollectTransitionBody, NewCollectBody
from collect.models import Collect
from collect.selectors import collects_for
from collect.serializers import CollectDetailShape, collect_detail_json, links
from collect.services import create_collect
from deliveries.api import package_keys
from orders.api import OneOrder
from woop.actors import Actor
from woop.api.answers import answer
from woop.api.objects import EventsView, ObjectView, TransitionsView
from woop.api.shapes import OutcomeShape
from woop.identifiers import decode
from woop.models import Store


class OneCollect:
    kind: ClassVar = "collect"
    read_scope: ClassVar = "collects:read"
    write_scope: ClassVar = "collects:write"
    actor: Actor

    def rows(self) -> QuerySet[Collect]:
        rows: QuerySet[Collect] = (
            collects_for(self.actor).select_related("order", "store").prefetch_related(links())
        )
        return rows


class CollectView(OneCollect, ObjectView):
    @extend_schema(operation_id="collects_read", responses=CollectDetailShape)
    def get(self, request: Request, id: str) -> HttpResponse:
        """One collect."""
        collect: Collect = self.find()
        return answer(collect_detail_json(collect), version=collect.order.version)


class CollectTransitions(OneCollect, TransitionsView):
    body_class = CollectTransitionBody

    @extend_schema(
        request=CollectTransitionBody,
        responses=OutcomeShape,
        examples=[
            OpenApiExample(
                "Partly handed over",
                value={
                    "to": "COLLECT_PICK_UP_PARTIALLY",
                    "lines": [{"id": "k3G7QAe51F", "quantity": 1}],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, **address: str) -> HttpResponse:
        """Change the status; COLLECT_PICK_UP_PARTIALLY wants the quantities in `lines`."""
        return super().post(request, **address)

    def details(self, body: dict[str, Any]) -> dict[str, Any] | None:
        if "lines" not in body:
            return None
        return {
            "lines": [
                {"id": decode("line", line["id"]) or 0, "quantity": line["quantity"]}
                for line in body["lines"]
            ]
        }


class CollectEvents(OneCollect, EventsView):
    pass


class NewCollectView(OneOrder, ObjectView):
    read_scope: ClassVar = "collects:read"
    write_scope: ClassVar = "collects:write"

    @extend_schema(
        operation_id="collects_create",
        request=NewCollectBody,
        responses={201: CollectDetailShape},
        examples=[OpenApiExample("At a store", value={"store": "centrum"}, request_only=True)],
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Have packages handed over by a store. It starts with checking the stock."""
        order = self.find()
        version, body = self.seen_version(), self.read(NewCollectBody)
        made = create_collect(
            order,
            self._store(body["store"]),
            actor=self.actor,
            package_ids=package_keys(body),
            version=version,
        )
        collect = OneCollect.rows(self).get(pk=made.pk)  # type: ignore[arg-type]
        data = collect_detail_json(collect)
        location = reverse("api:collect", args=[data["id"]])
        return answer(data, status=201, version=collect.order.version, location=location)

    def _store(self, code: str) -> Store:
        stores = Store.objects.filter(shop=self.key.shop, code=code)
        if self.actor.store_ids is not None:
            stores = stores.filter(pk__in=self.actor.store_ids)
        store = stores.first()
        if store is None:
            raise serializers.ValidationError({"store": [_("There is no such store.")]})
        return store
