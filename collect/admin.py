"""Click & collect in the back office: the list, its part of an order's page, the partial hand-over."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from collect import tones as tones
from collect.models import Collect, CollectPackage
from collect.statuses import CollectStatus
from orders.models import Order, OrderlineToPackage
from orders.statuses import CANCELLED, ERROR
from woop import bulk_views, kinds, panels
from woop.access import actor_of
from woop.actors import Actor
from woop.admin_base import ReadOnlyAdmin
from woop.admin_filters import ShopFilter, StoreFilter, status_filter
from woop.kinds import Kind, Quantity
from woop.status_views import order_url
from woop.templatetags.woop import age, status_chip


def _names(ids: Collection[int]) -> dict[int, str]:
    rows = Collect.objects.filter(pk__in=ids).select_related("store")
    return {row.pk: str(row.store) for row in rows}


kinds.register(Kind("collect", Collect, _("Collect"), _("collects"), _names, {"status": _("Status")}))


def _pieces(pk: int) -> list[Quantity]:
    """Return the lines of which somebody may have taken only a part."""
    rows = OrderlineToPackage.objects.filter(package__collect_link__collect=pk)
    rows = rows.exclude(status__in=(ERROR, CANCELLED)).select_related("orderline").order_by("pk")
    return [Quantity(row.pk, row.orderline.title or row.orderline.sku, row.quantity) for row in rows]


kinds.quantities["collect", CollectStatus.PICK_UP_PARTIALLY] = _pieces


@admin.register(Collect)
class CollectAdmin(ReadOnlyAdmin):
    store_path = "order__store"
    list_display = ("order_number", "state", "store", "customer", "placed")
    list_select_related = ("order", "store")
    list_filter = (status_filter("collect", "status", _("status")), StoreFilter, ShopFilter)
    search_fields = ("order__number",)
    search_help_text = _("Order number")
    actions = ("change_status",)
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        orders = Order.objects.filter(number__in={term, term.upper()}).values("pk")
        return (queryset.filter(order__in=orders) if term else queryset), False

    @display(description=_("Order"))
    def order_number(self, collect: Collect) -> str:
        return collect.order.number

    @display(description=_("Status"))
    def state(self, collect: Collect) -> SafeString:
        return status_chip("collect", "status", collect.status)

    @display(description=_("Customer"))
    def customer(self, collect: Collect) -> str:
        return collect.order.customer_name or collect.order.recipient_name

    @display(description=_("Age"))
    def placed(self, collect: Collect) -> SafeString:
        return age(collect.created_at)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if actor_of(request).may_change else {}

    @admin.action(description=_("Change status"))
    def change_status(self, request: HttpRequest, queryset: QuerySet[Collect]) -> HttpResponse:
        ids = list(queryset.values_list("pk", flat=True)[: bulk_views.MOST + 1])
        is_cut = len(ids) > bulk_views.MOST
        return bulk_views.choose(request, "collect", ids[: bulk_views.MOST], is_cut=is_cut)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A collect is shown where it belongs: on the page of its order."""
        collect = self.found(request, object_id)
        return redirect(f"{order_url(collect.order_id)}#collect-{collect.pk}")


def _panel(order: Order, actor: Actor) -> dict[str, Any]:
    links = CollectPackage.objects.select_related("package").order_by("package__position")
    rows = Collect.objects.filter(order=order).select_related("store")
    rows = rows.prefetch_related(Prefetch("package_links", queryset=links)).order_by("-pk")
    return {"collects": rows, "may_change": actor.may_change}


panels.panels.append(panels.Panel("collect/_panel.html", _panel, rank=30))
