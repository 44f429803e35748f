"""Deliveries in the back office: the list, their part of an order's page, and what needs a person."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from deliveries import staff_views
from deliveries import tones as tones
from deliveries.models import Delivery, DeliveryPackage
from deliveries.statuses import DeliveryStatus
from orders.models import Order
from orders.search import also
from orders.selectors import within
from woop import bulk_views, dashboard, kinds, panels
from woop.access import Audience, actor_of
from woop.actors import Actor
from woop.admin_base import ReadOnlyAdmin
from woop.admin_filters import ShopFilter, StoreFilter, status_filter
from woop.keys import key_of
from woop.kinds import Kind
from woop.models import Shop
from woop.status_views import order_url
from woop.templatetags.woop import age, status_chip

FAILED = (
    DeliveryStatus.FAILED,
    DeliveryStatus.FAILED_WITH_RETRY,
    DeliveryStatus.FAILED_WITH_RETURN,
    DeliveryStatus.REFUSED,
    DeliveryStatus.NOT_COLLECTED,
    DeliveryStatus.BLOCKED,
)


def _names(ids: Collection[int]) -> dict[int, str]:
    rows = Delivery.objects.filter(pk__in=ids).select_related("account")
    return {row.pk: f"{row.account} {row.tracking_number}".strip() for row in rows}


kinds.register(Kind("delivery", Delivery, _("Delivery"), _("deliveries"), _names, {"status": _("Status")}))


def deliveries_for(actor: Actor) -> QuerySet[Delivery]:
    rows: QuerySet[Delivery] = Delivery.objects.filter(within(actor))
    return rows


def _orders_by_tracking(actor: Actor, term: str, shops: list[int]) -> QuerySet[Any]:
    """Find orders by a whole tracking number, or by the carrier's reference."""
    rows = deliveries_for(actor).filter(shop_id__in=shops, tracking_number__in={term, term.upper()})
    return rows.values_list("order_id", flat=True)


also.append(_orders_by_tracking)


# --- the list --------------------------------------------------------------------------------------


class AccountFilter(DropdownFilter):
    title = _("carrier")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Delivery._meta.get_field("account").related_model._default_manager.all()
        actor = actor_of(request)
        rows = rows if actor.shop_id is None else rows.filter(shop_id=actor.shop_id)
        return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = key_of(self.value())
        return queryset if key is None else queryset.filter(account_id=key)


class TroubleFilter(DropdownFilter):
    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("failed", _("Failed or blocked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value() == "failed"
        return queryset.filter(status__in=FAILED, replaced_by=None) if wanted else queryset


class DeliveryStoreFilter(StoreFilter):
    path = "order__store"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    store_path = "order__store"
    list_display = ("order_number", "state", "account", "tracking", "customer", "placed")
    list_select_related = ("order", "account")
    list_filter = (
        TroubleFilter,
        status_filter("delivery", "status", _("status")),
        AccountFilter,
        DeliveryStoreFilter,
        ShopFilter,
    )
    search_fields = ("tracking_number",)
    search_help_text = _("Order or tracking number")
    actions = ("change_status",)
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = queryset.filter(tracking_number__in={term, term.upper()}).values("pk")
        orders = Order.objects.filter(number__in={term, term.upper()}).values("pk")
        return queryset.filter(pk__in=found) | queryset.filter(order__in=orders), False

    @display(description=_("Order"))
    def order_number(self, delivery: Delivery) -> str:
        return delivery.order.number

    @display(description=_("Status"))
    def state(self, delivery: Delivery) -> SafeString:
        return status_chip("delivery", "status", delivery.status)

    @display(description=_("Tracking number"))
    def tracking(self, delivery: Delivery) -> str:
        if not delivery.tracking_url:
            return delivery.tracking_number
        return format_html(
            '<a class="w-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
            delivery.tracking_url,
            delivery.tracking_number or delivery.tracking_url,
        )

    @display(description=_("Customer"))
    def customer(self, delivery: Delivery) -> str:
        return delivery.order.customer_name or delivery.order.recipient_name

    @display(description=_("Age"))
    def placed(self, delivery: Delivery) -> SafeString:
        return age(delivery.created_at)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if actor_of(request).may_change else {}

    @admin.action(description=_("Change status"))
    def change_status(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse:
        ids = list(queryset.values_list("pk", flat=True)[: bulk_views.MOST + 1])
        is_cut = len(ids) > bulk_views.MOST
        return bulk_views.choose(request, "delivery", ids[: bulk_views.MOST], is_cut=is_cut)

    def get_urls(self) -> list[URLPattern]:
        apply = self.admin_site.page(staff_views.apply_view)
        return [path("messages/<key:pk>/apply/", apply, name="apply-message"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A delivery is shown where it belongs: on the page of its order."""
        delivery = self.found(request, object_id)
        return redirect(f"{order_url(delivery.order_id)}#delivery-{delivery.pk}")


# --- on the page of an order -----------------------------------------------------------------------


def _panel(order: Order, actor: Actor) -> dict[str, Any]:
    links = DeliveryPackage.objects.select_related("package").order_by("package__position")
    rows = Delivery.objects.filter(order=order).select_related("account", "replaced_by__account")
    rows = rows.prefetch_related(Prefetch("package_links", queryset=links)).order_by("-pk")
    return {"deliveries": rows, "may_change": actor.may_change}


panels.panels.append(panels.Panel("deliveries/_panel.html", _panel, rank=20))


# --- the overview ----------------------------------------------------------------------------------


def _failed(actor: Actor) -> QuerySet[Any]:
    shops = Shop.objects.values("pk")
    return deliveries_for(actor).filter(shop__in=shops, status__in=FAILED, replaced_by=None)


dashboard.cards.append(
    dashboard.Card(
        _("Failed deliveries"),
        _failed,
        lambda: f"{reverse('admin:deliveries_delivery_changelist')}?attention=failed",
        icon="local_shipping",
        audience=Audience.EVERYONE,
        rank=20,
    )
)
