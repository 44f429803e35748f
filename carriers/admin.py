"""Carriers in the back office: accounts with their mappings, and every message with what became of it."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display

from carriers import inbox, staff_views
from carriers import order_panel as order_panel
from carriers import tones as tones
from carriers.adapters.base import Capability
from carriers.forms import PREFIX, AccountForm, credential_fields, credential_names, status_choices
from carriers.models import CarrierAccount, CarrierMessage, StatusMapping
from carriers.registry import adapter_class
from carriers.services import create_account
from carriers.statuses import Channel, State
from woop import dashboard, kinds
from woop.access import Audience, actor_of, scoped
from woop.actors import Actor
from woop.admin_base import ReadOnlyAdmin, ScopedAdmin, Scoping
from woop.admin_filters import ShopFilter, choices_filter
from woop.keys import key_of
from woop.status_views import order_url
from woop.templatetags.woop import age, moment, status_chip

kinds.register(
    kinds.Kind("message", CarrierMessage, _("Message"), _("messages"), lambda ids: {}, {"state": _("Result")})
)
kinds.actor_names["account"] = lambda ids: dict(
    CarrierAccount.objects.filter(pk__in=ids).values_list("pk", "name")
)


# --- accounts --------------------------------------------------------------------------------------


class MappingInline(Scoping, TabularInline):
    """What each raw status of the account sets; empty sets nothing and only shows the message."""

    model = StatusMapping
    audience = Audience.MANAGERS
    can_add = can_delete_rows = True
    extra = 0
    tab = True
    hide_title = True
    fields = ("raw_status", "note", "delivery_status", "package_status", "is_alert")

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if kind := {"delivery_status": "delivery", "package_status": "package"}.get(db_field.name):
            kwargs["choices"] = status_choices(kind)
        return super().formfield_for_choice_field(db_field, request, **kwargs)


@admin.register(CarrierAccount)
class CarrierAccountAdmin(ScopedAdmin):
    audience = Audience.MANAGERS
    can_add = True
    form = AccountForm
    inlines = (MappingInline,)
    list_display = ("name", "carrier_name", "code", "is_enabled", "priority", "last_poll", "problem")
    list_filter = (ShopFilter,)
    actions_detail = ("new_hook_address",)
    ordering = ("shop", "priority", "id")
    warn_unsaved_form = True

    @display(description=_("Carrier"))
    def carrier_name(self, account: CarrierAccount) -> str:
        return adapter_class(account.carrier).name

    @display(description=_("Last good poll"))
    def last_poll(self, account: CarrierAccount) -> SafeString:
        return age(account.last_poll_ok_at)

    @display(description=_("Last error"))
    def problem(self, account: CarrierAccount) -> SafeString:
        error = account.last_poll_error
        return format_html('<span class="w-clip" title="{}">{}</span>', error, error)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("shop", "carrier", "code", "name", "base_url")})]
        keys = tuple(PREFIX + name for name in credential_names(obj))
        limits = ("max_weight_g", "max_length_mm", "max_width_mm", "max_height_mm", "countries")
        calls = ("base_url", "rate_per_minute", "poll_interval_s", "settings")
        state = ("next_poll_at", "last_poll_ok_at", "last_poll_error")
        groups: list[tuple[Any, dict[str, Any]]] = [
            (None, {"fields": ("shop", "carrier", "code", "name", "is_enabled", "priority")}),
            (_("Keys"), {"fields": keys, "classes": ["tab"]}),
            (_("Limits"), {"fields": limits, "classes": ["tab"]}),
            (_("Calls"), {"fields": calls, "classes": ["tab"]}),
            (_("Polling"), {"fields": state, "classes": ["tab"]}),
        ]
        return [group for group in groups if group[1]["fields"]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        names = super().get_readonly_fields(request, obj)
        fixed = ("carrier", "code", "next_poll_at", "last_poll_ok_at", "last_poll_error")
        return (*names, *fixed) if obj else names

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = type("AccountForm", (AccountForm,), credential_fields(obj))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: CarrierAccount, form: Any, change: bool) -> None:
        if change:
            obj.credentials = form.entered()
            obj.save()
            return
        made = create_account(obj.shop, obj.carrier, code=obj.code, name=obj.name, base_url=obj.base_url)
        obj.__dict__.update(made.__dict__)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Write the mappings; the messages that waited for one are applied at once."""
        for mapping in formset.save(commit=False):
            mapping.shop_id = form.instance.shop_id
            mapping.save()
        for mapping in formset.deleted_objects:
            mapping.delete()
        inbox.reopen_mapped()

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer a hook address only where a carrier has something to send to it."""
        account = self.get_object(request, str(object_id))
        hooks = {Capability.WEBHOOK, Capability.WEBHOOK_HINT}
        has_hooks = account is not None and hooks & adapter_class(account.carrier).capabilities
        found: list[Any] = super().get_actions_detail(request, object_id)
        return found if has_hooks else []

    @action(description=_("New hook address"), icon="webhook", permissions=["change"])
    def new_hook_address(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return staff_views.new_hook_address(request, self.found(request, object_id))


# --- messages --------------------------------------------------------------------------------------


class AccountFilter(DropdownFilter):
    title = _("account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = scoped(CarrierAccount.objects.all(), actor_of(request))
        return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = key_of(self.value())
        return queryset if key is None else queryset.filter(account_id=key)


@admin.register(CarrierMessage)
class CarrierMessageAdmin(ReadOnlyAdmin):
    audience = Audience.OFFICE
    list_display = ("received", "account", "channel", "parcel", "raw", "result", "why", "order_link")
    list_select_related = ("account",)
    list_filter = (
        choices_filter("state", _("result"), State),
        AccountFilter,
        choices_filter("channel", _("channel"), Channel),
        ShopFilter,
    )
    search_fields = ("carrier_ref",)
    search_help_text = _("The carrier's number of a parcel")
    actions = ("replay",)
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("account", "channel", "received", "occurred_at", "repeats", "order_link")}),
        (_("What it says"), {"fields": ("carrier_ref", "raw_status", "raw_text", "tracking_number")}),
        (_("What became of it"), {"fields": ("result", "detail", "handled_at", "attempts", "is_trusted")}),
        (_("As it came"), {"fields": ("raw_headers", "raw_body")}),
    )
    readonly_fields = ("received", "result", "order_link", "raw_headers", "raw_body")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        accounts = scoped(CarrierAccount.objects.all(), actor_of(request)).values("pk")
        found = queryset.filter(account__in=accounts, carrier_ref=term) if term else queryset
        return found, False

    def prepare_rows(self, request: HttpRequest, rows: list[CarrierMessage]) -> None:
        numbers = kinds.names_of("order", {row.order_id for row in rows if row.order_id})
        for row in rows:
            row.order_number = numbers.get(row.order_id or 0, "")  # type: ignore[attr-defined]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if actor_of(request).may_change else {}

    @display(description=_("Received"))
    def received(self, message: CarrierMessage) -> SafeString:
        return moment(message.received_at)

    @display(description=_("Parcel"))
    def parcel(self, message: CarrierMessage) -> str:
        return message.carrier_ref or message.tracking_number

    @display(description=_("Says"))
    def raw(self, message: CarrierMessage) -> str:
        return f"{message.raw_status} {message.raw_text}".strip()

    @display(description=_("Result"))
    def result(self, message: CarrierMessage) -> SafeString:
        return status_chip("message", "state", message.state)

    @display(description=_("Why"))
    def why(self, message: CarrierMessage) -> SafeString:
        return format_html('<span class="w-clip" title="{}">{}</span>', message.detail, message.detail)

    @display(description=_("Order"))
    def order_link(self, message: CarrierMessage) -> SafeString:
        if not message.order_id:
            return SafeString("")
        number = getattr(message, "order_number", "") or _("Open the order")
        return format_html('<a class="w-link" href="{}">{}</a>', order_url(message.order_id), number)

    @display(description=_("Headers"))
    def raw_headers(self, message: CarrierMessage) -> SafeString:
        lines = "\n".join(f"{name}: {value}" for name, value in message.headers.items())
        return format_html('<pre class="w-raw">{}</pre>', lines)

    @display(description=_("Body"))
    def raw_body(self, message: CarrierMessage) -> SafeString:
        return format_html('<pre class="w-raw">{}</pre>', readable(bytes(message.body)))

    @admin.action(description=_("Replay, with a preview first"))
    def replay(self, request: HttpRequest, queryset: QuerySet[CarrierMessage]) -> HttpResponse:
        ids = list(queryset.values_list("pk", flat=True)[: staff_views.MOST])
        return staff_views.show_replay(request, ids)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.page
        replay = page(staff_views.replay_view, Audience.OFFICE)
        return [path("replay/", replay, name="replay-messages"), *super().get_urls()]


def readable(body: bytes) -> str:
    """Return a body for people: JSON with line ends, anything else as it is."""
    text = body.decode("utf-8", errors="replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


# --- the overview ----------------------------------------------------------------------------------


def _with(*states: State) -> Any:
    return lambda actor: messages_for(actor).filter(state__in=states)


def messages_for(actor: Actor) -> QuerySet[Any]:
    return scoped(CarrierMessage.objects.all(), actor)


def _list(query: str) -> Any:
    return lambda: f"{reverse('admin:carriers_carriermessage_changelist')}?{query}"


dashboard.cards += [
    dashboard.Card(
        _("Unknown codes"),
        _with(State.UNKNOWN),
        _list("state=unknown"),
        icon="help",
        audience=Audience.OFFICE,
        rank=70,
    ),
    dashboard.Card(
        _("Failed messages"),
        _with(State.FAILED),
        _list("state=failed"),
        icon="sms_failed",
        audience=Audience.OFFICE,
        rank=75,
    ),
    dashboard.Card(
        _("Accounts in trouble"),
        lambda actor: scoped(CarrierAccount.objects.exclude(last_poll_error=""), actor),
        lambda: reverse("admin:carriers_carrieraccount_changelist"),
        icon="cloud_off",
        audience=Audience.MANAGERS,
        rank=78,
    ),
]
