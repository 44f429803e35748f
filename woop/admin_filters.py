"""Filters with fixed choices: none of them ever reads the table to learn what there is."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from woop import kinds
from woop.access import actor_of, scoped
from woop.keys import key_of
from woop.machines import StrPromise
from woop.models import Shop, Store


class StatusFilter(DropdownFilter):
    """One status of a machine, from its own table of words."""

    kind = ""
    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrPromise]]:
        return [(str(status), word) for status, word in kinds.words(self.kind, self.field).items() if status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        status = kinds.read(self.kind, self.field, self.value())
        return queryset if status is None else queryset.filter(**{self.field: status})


def status_filter(kind: str, field: str, title: StrPromise) -> type[StatusFilter]:
    names = {"kind": kind, "field": field, "title": title, "parameter_name": field}
    return type(f"{kind.title()}{field.title()}Filter", (StatusFilter,), names)


class StoreFilter(DropdownFilter):
    """The stores that the user may see; `path` leads to the store."""

    title = _("store")
    parameter_name = "store"
    path = "store"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = scoped(Store.objects.select_related("shop"), actor_of(request), store="pk")
        is_operator = actor_of(request).shop_id is None
        return [(str(s.pk), f"{s.shop} · {s}" if is_operator else str(s)) for s in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = key_of(self.value())
        return queryset if key is None else queryset.filter(**{f"{self.path}_id": key})


class ShopFilter(DropdownFilter):
    """Only for the operators of the installation: everybody else has one shop."""

    title = _("shop")
    parameter_name = "shop"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        if actor_of(request).shop_id is not None:
            return []
        return [(str(shop.pk), str(shop)) for shop in Shop.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = key_of(self.value())
        return queryset if key is None else queryset.filter(shop_id=key)


class YesFilter(DropdownFilter):
    """A condition that can be asked for; subclasses say which rows it means."""

    yes: StrPromise = _("Yes")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrPromise]]:
        return [("1", self.yes)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.narrow(request, queryset) if self.value() == "1" else queryset

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        raise NotImplementedError


class ChoicesFilter(DropdownFilter):
    """One value of a column with fixed choices."""

    choices_class: type[models.TextChoices]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrPromise]]:
        return list(self.choices_class.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        known = value in self.choices_class.values
        return queryset.filter(**{self.parameter_name: value}) if known else queryset


def choices_filter(name: str, title: StrPromise, choices: type[models.TextChoices]) -> type[ChoicesFilter]:
    names = {"parameter_name": name, "title": title, "choices_class": choices}
    return type(f"{name.title()}Filter", (ChoicesFilter,), names)
