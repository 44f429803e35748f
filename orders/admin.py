"""Orders in the back office: the list, the page, and what the overview says about them."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter
from unfold.decorators import display

from orders import tones as tones
from orders import views
from orders.models import Order, OrderlineToPackage, Package
from orders.search import find_orders
from orders.selectors import orders_for
from orders.statuses import FAILURES, Acceptance, DeliveryStatusOfOrder, OrderStatus
from woop import bulk_views, dashboard, kinds
from woop.access import actor_of, scoped
from woop.actors import Actor
from woop.admin_base import ReadOnlyAdmin
from woop.admin_filters import ShopFilter, StoreFilter, status_filter
from woop.kinds import Kind
from woop.models import Alert, Shop
from woop.templatetags.woop import age, countdown, status_chip

D = DeliveryStatusOfOrder


# --- what these things are called ------------------------------------------------------------------


def _order_names(ids: Collection[int]) -> dict[int, str]:
    return dict(Order.objects.filter(pk__in=ids).values_list("pk", "number"))


def _package_names(ids: Collection[int]) -> dict[int, str]:
    rows = Package.objects.filter(pk__in=ids).only("pk", "position", "type")
    return {row.pk: str(row) for row in rows}


def _line_names(ids: Collection[int]) -> dict[int, str]:
    rows = OrderlineToPackage.objects.filter(pk__in=ids).select_related("orderline")
    return {row.pk: str(row) for row in rows}


ORDER_FIELDS = {"status": _("Fulfilment"), "delivery_status": _("Delivery"), "acceptance": _("Acceptance")}
kinds.register(Kind("order", Order, _("Order"), _("orders"), _order_names, ORDER_FIELDS))
kinds.register(Kind("package", Package, _("Package"), _("packages"), _package_names, {"status": _("Status")}))
kinds.register(Kind("line", OrderlineToPackage, _("Line"), _("lines"), _line_names, {"status": _("Status")}))


# --- the list --------------------------------------------------------------------------------------


class AttentionFilter(DropdownFilter):
    """Orders that a person should look at, for one reason or another."""

    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("alerts", _("Open alerts")),
            ("no_carrier", _("No carrier")),
            ("incomplete", _("Data missing")),
            ("not_delivered", _("Not delivered")),
            ("error", _("In error")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "alerts":
                return queryset.filter(pk__in=with_alerts(actor_of(request)))
            case "no_carrier":
                return queryset.filter(delivery_status__in=FAILURES)
            case "incomplete":
                return queryset.filter(delivery_status=D.TO_BE_COMPLETED)
            case "not_delivered":
                return queryset.filter(delivery_status=D.DELIVERY_UNCOMPLETED)
            case "error":
                return queryset.filter(status=OrderStatus.ERROR)
        return queryset


class ChannelFilter(TextFilter):
    """One channel, typed: what channels there are, nobody can know without reading every order."""

    title = _("channel")
    parameter_name = "channel"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = (self.value() or "").replace("\0", "")
        return queryset.filter(channel=value) if value else queryset


QUICK = (
    (_("All"), ""),
    (_("Wait for acceptance"), "acceptance=pending"),
    (_("Open alerts"), "attention=alerts"),
    (_("No carrier"), "attention=no_carrier"),
    (_("Being delivered"), f"delivery_status={D.BEING_DELIVERED}"),
    (_("Not delivered"), "attention=not_delivered"),
    (_("In error"), "attention=error"),
)


def with_alerts(actor: Actor) -> QuerySet[Any]:
    return scoped(Alert.objects.filter(resolved_at=None), actor).values("order_id")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    store_path = "store"
    list_display = (
        "number",
        "customer",
        "channel",
        "fulfilment",
        "delivery",
        "gate",
        "alerts",
        "placed",
    )
    list_select_related = ("store", "shop")
    list_filter = (
        AttentionFilter,
        status_filter("order", "status", _("fulfilment")),
        status_filter("order", "delivery_status", _("delivery")),
        status_filter("order", "acceptance", _("acceptance")),
        StoreFilter,
        ChannelFilter,
        ShopFilter,
    )
    search_fields = ("number",)
    search_help_text = _("Number, name, e-mail, phone, tracking number")
    list_before_template = "orders/_quick.html"
    actions = ("change_status",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        now = request.GET.urlencode()
        quick = [(title, query, query == now) for title, query in QUICK]
        return super().changelist_view(request, {"quick": quick, **(extra_context or {})})

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Order by what an index serves: the newest of one shop, or simply the newest."""
        return ("-id",) if actor_of(request).shop_id is None else ("-created_at", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=find_orders(actor_of(request), search_term)), False

    def prepare_rows(self, request: HttpRequest, rows: list[Order]) -> None:
        open_alerts = Alert.objects.filter(order__in=[row.pk for row in rows], resolved_at=None)
        numbers = dict(open_alerts.order_by().values_list("order").annotate(number=Count("pk")))
        for row in rows:
            row.open_alerts = numbers.get(row.pk, 0)  # type: ignore[attr-defined]

    @display(description=_("Customer"))
    def customer(self, order: Order) -> SafeString:
        """Show the person, and below it the store."""
        name, store = order.customer_name or order.recipient_name, order.store or ""
        return format_html('<span class="w-person">{}</span> <span class="w-subtle">{}</span>', name, store)

    @display(description=ORDER_FIELDS["status"])
    def fulfilment(self, order: Order) -> SafeString:
        return status_chip("order", "status", order.status)

    @display(description=ORDER_FIELDS["delivery_status"])
    def delivery(self, order: Order) -> SafeString:
        return status_chip("order", "delivery_status", order.delivery_status)

    @display(description=ORDER_FIELDS["acceptance"])
    def gate(self, order: Order) -> SafeString:
        if order.acceptance == Acceptance.NOT_REQUIRED:
            return SafeString("")
        chip = status_chip("order", "acceptance", order.acceptance)
        waits = order.acceptance == Acceptance.PENDING
        return chip + countdown(order.acceptance_deadline) if waits else chip

    @display(description=_("Alerts"))
    def alerts(self, order: Order) -> str:
        count = order.open_alerts  # type: ignore[attr-defined]
        return render_to_string("orders/_alert_badge.html", {"count": count}) if count else ""

    @display(description=_("Age"))
    def placed(self, order: Order) -> SafeString:
        return age(order.created_at)

    # --- pages -------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if actor_of(request).may_change else {}

    @admin.action(description=_("Change status"))
    def change_status(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse:
        ids = list(queryset.values_list("pk", flat=True)[: bulk_views.MOST + 1])
        is_cut = len(ids) > bulk_views.MOST
        return bulk_views.choose(request, "order", ids[: bulk_views.MOST], is_cut=is_cut)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        order = self.found(request, object_id)
        return views.order_page(request, order.pk)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.page
        own = [
            path("<key:pk>/live/", page(views.order_live), name="order-live"),
            path("<key:pk>/accept/", page(views.accept_view), name="order-accept"),
            path("<key:pk>/history/<key:before>/", page(views.order_history), name="order-history"),
            path("<key:pk>/packages/<key:package>/", page(views.package_lines), name="package-lines"),
            path("lines/<key:pk>/split/", page(views.split_view), name="split-line"),
        ]
        return own + super().get_urls()


# --- the overview ----------------------------------------------------------------------------------


def _list(query: str) -> Any:
    return lambda: f"{reverse('admin:orders_order_changelist')}?{query}"


def _with(**conditions: Any) -> Any:
    """Return the orders of a condition; by shop even for operators, for that is how they are indexed."""
    shops = Shop.objects.values("pk")
    return lambda actor: orders_for(actor).filter(shop__in=shops, **conditions)


dashboard.cards += [
    dashboard.Card(
        _("Wait for acceptance"),
        _with(acceptance=Acceptance.PENDING),
        _list("acceptance=pending"),
        tone="warn",
        icon="hourglass_top",
        rank=10,
    ),
    dashboard.Card(
        _("Without a carrier"),
        _with(delivery_status__in=FAILURES),
        _list("attention=no_carrier"),
        icon="no_crash",
        rank=30,
    ),
    dashboard.Card(
        _("Data missing"),
        _with(delivery_status=D.TO_BE_COMPLETED),
        _list("attention=incomplete"),
        tone="warn",
        icon="edit_note",
        rank=40,
    ),
    dashboard.Card(
        _("Orders in error"), _with(status=OrderStatus.ERROR), _list("attention=error"), icon="error", rank=60
    ),
]


def _waiting(actor: Actor) -> dict[str, Any]:
    waiting = orders_for(actor).filter(acceptance=Acceptance.PENDING).select_related("store", "shop")
    return {"orders": waiting.order_by("acceptance_deadline")[:8]}


dashboard.boards.append(dashboard.Board("orders/_waiting_board.html", _waiting, rank=10))
