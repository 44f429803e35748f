"""What every list and form of the back office has in common: the scope, the roles, and the size.

Permissions come from the membership of the user (`woop.access`), never from Django's own per model.
"""

from typing import Any

from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.forms import HiddenInput
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.views import ChangeList as UnfoldChangeList

from woop.access import Audience, actor_of, scoped
from woop.actors import Actor
from woop.models import Shop, Store

COUNT_CAP = 10_000


class CappedPaginator(Paginator):
    """A paginator that never counts millions: beyond the cap it only says that there is more."""

    template_name = "woop/_pagination.html"

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: COUNT_CAP + 1].count())

    @property
    def is_capped(self) -> bool:
        return self.count > COUNT_CAP


class WoopChangeList(UnfoldChangeList):
    """A list that lets its admin add to the rows of the page, with a constant number of queries."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count  # known no better: no "of … in total"
        rows: list[Any] = list(self.result_list)  # type: ignore[has-type]
        self.result_list = rows
        self.model_admin.prepare_rows(request, rows)


class Scoping:
    """The part that lists, forms and inlines share: who may, and which rows there are."""

    audience = Audience.EVERYONE
    editors = Audience.MANAGERS
    shop_path = "shop"
    store_path = ""
    is_read_only = False
    can_add = False
    can_delete_rows = False

    model: type[models.Model]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.audience.admits(actor_of(request)) and self.is_within(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        actor = actor_of(request)
        may = self.editors.admits(actor) and actor.may_change
        return not self.is_read_only and may and self.is_within(request, obj)

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return self.can_add and self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete_rows and self.has_change_permission(request, obj)

    def is_within(self, request: HttpRequest, obj: Any) -> bool:
        """Tell whether a row is of the actor's shop; rows of an inline come with their parent."""
        shop_id = getattr(obj, "shop_id", None)
        actor = actor_of(request)
        return shop_id is None or actor.shop_id is None or shop_id == actor.shop_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return scoped(rows, actor_of(request), shop=self.shop_path, store=self.store_path)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", related_rows(db_field.remote_field.model, actor_of(request)))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer no way to make or change what a form only chooses."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", related_rows(db_field.remote_field.model, actor_of(request)))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


def related_rows(model: type[models.Model], actor: Actor) -> QuerySet[Any]:
    """Return what an actor may choose from in a form."""
    rows = model._default_manager.all()
    if model is Shop:
        return scoped(rows, actor, shop="pk")
    if model is Store:
        return scoped(rows, actor, store="pk")
    return scoped(rows, actor) if any(f.name == "shop" for f in model._meta.fields) else rows


class ScopedAdmin(Scoping, ModelAdmin):
    """A list and a form of rows that belong to a shop."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = None
    list_per_page = 50
    list_max_show_all = 0
    list_fullwidth = True
    list_filter_submit = True
    sortable_by: tuple[str, ...] = ()  # a list keeps the order that an index serves

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WoopChangeList

    def prepare_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """Add to the rows of one page what the list shows besides."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give the form its shop: whoever works in one shop neither sees nor chooses it."""
        form = super().get_form(request, obj, change=change, **kwargs)
        actor = actor_of(request)
        field = form.base_fields.get("shop")
        if field is not None and actor.shop_id is not None:
            field.initial, field.disabled, field.widget = actor.shop_id, True, HiddenInput()
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the shop of a row that is there."""
        names = tuple(super().get_readonly_fields(request, obj))
        has_shop = obj is not None and actor_of(request).shop_id is None
        return (*names, "shop") if has_shop and self.shop_path == "shop" and "shop" not in names else names

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["show_save_and_add_another"] = False
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, *_args: Any) -> HttpResponse:
        """Answer 404 for rows that are not there, or are another shop's: which one, nobody learns."""
        raise Http404

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """Return a row within the scope for a page of our own."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return row


class ReadOnlyAdmin(ScopedAdmin):
    """Rows to look at: nobody adds, changes or deletes them in a form."""

    is_read_only = True
