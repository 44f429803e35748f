"""The shop itself in the back office: its stores, staff and keys, its alerts, jobs and history."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from woop import alerts, dashboard, jobs, kinds, services
from woop.access import Audience, actor_of, scoped
from woop.actors import Actor
from woop.admin_base import ReadOnlyAdmin, ScopedAdmin
from woop.admin_filters import ShopFilter, choices_filter
from woop.forms import ApiKeyForm
from woop.models import Alert, ApiKey, Job, JobState, Membership, Role, Shop, StatusEvent, Store
from woop.sources import Source
from woop.staff import MembershipForm, save_membership
from woop.status_views import order_url
from woop.templatetags.woop import age, kind_title, moment, status_chip
from woop.timeline import actors

kinds.register(kinds.Kind("job", Job, _("Job"), _("jobs"), lambda ids: {}, {"state": _("State")}))
kinds.colour(
    "job",
    "state",
    {JobState.RUNNING: "busy", JobState.DONE: "good", JobState.PARKED: "bad", JobState.WAITING: "idle"},
)


def link(url: str, text: object) -> SafeString:
    return format_html('<a class="w-link" href="{}">{}</a>', url, text)


# --- settings --------------------------------------------------------------------------------------


@admin.register(Shop)
class ShopAdmin(ScopedAdmin):
    audience = Audience.MANAGERS
    shop_path = "pk"
    list_display = ("name", "code", "done_when")
    fields = ("code", "name", "done_when")
    readonly_fields = ("code",)


@admin.register(Store)
class StoreAdmin(ScopedAdmin):
    audience = Audience.MANAGERS
    can_add = True
    store_path = "pk"
    list_display = ("name", "code", "city", "timezone", "shop")
    list_select_related = ("shop",)
    list_filter = (ShopFilter,)
    fields = ("shop", "code", "name", "city", "timezone")


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    audience = Audience.MANAGERS
    can_add = can_delete_rows = True
    form = MembershipForm
    list_display = ("user", "full_name", "role", "store", "last_login")
    list_select_related = ("user", "store", "shop")
    list_filter = (choices_filter("role", _("role"), Role), ShopFilter)
    fields = ("shop", "username", "first_name", "last_name", "password", "role", "store")

    @display(description=_("Name"))
    def full_name(self, membership: Membership) -> str:
        return membership.user.get_full_name()

    @display(description=_("Last seen"))
    def last_login(self, membership: Membership) -> SafeString:
        return age(membership.user.last_login)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody shuts himself out."""
        is_own = obj is not None and obj.user_id == request.user.pk
        return not is_own and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        save_membership(obj, form.cleaned_data.get("password", ""))


@admin.register(ApiKey)
class ApiKeyAdmin(ScopedAdmin):
    """Keys are made and revoked, never changed: their text is shown once."""

    audience = Audience.MANAGERS
    can_add = True
    form = ApiKeyForm
    list_display = ("name", "prefix", "scope_list", "last_used", "state")
    list_filter = (ShopFilter,)
    fields = ("shop", "name", "scopes", "stores")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    @display(description=_("Scopes"))
    def scope_list(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @display(description=_("Last used"))
    def last_used(self, key: ApiKey) -> SafeString:
        return age(key.last_used_at)

    @display(description=_("State"), label={"on": "success", "off": "danger"})
    def state(self, key: ApiKey) -> tuple[str, Any]:
        return ("off", _("Revoked")) if key.revoked_at else ("on", _("In use"))

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            services.revoke_api_key(key)
        messages.success(request, _("The keys are revoked; they open nothing any more."))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        data = form.cleaned_data
        key, text = services.create_api_key(
            data["shop"], name=data["name"], scopes=data["scopes"], stores=data["stores"]
        )
        obj.__dict__.update(key.__dict__)
        request.new_key = text  # type: ignore[attr-defined]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The stores were written with the key."""

    def response_add(self, request: HttpRequest, obj: ApiKey, *_args: Any) -> HttpResponse:
        """Show the text in the answer itself: it must not lie about in a session or a message."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new key"),
            "opts": self.opts,
            "key": obj,
            "text": request.new_key,  # type: ignore[attr-defined]
            "list_url": reverse("admin:woop_apikey_changelist"),
        }
        return TemplateResponse(request, "woop/key_made.html", context, headers={"Cache-Control": "no-store"})


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """For the operators of the installation; shops have their staff."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_filter = ("is_staff", "is_superuser", "is_active")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Name"), {"fields": ("first_name", "last_name", "email")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    filter_horizontal = ()


# --- what is to be done ----------------------------------------------------------------------------


class AlertState(DropdownFilter):
    """Open ones, unless somebody asks for the others."""

    title = _("state")
    parameter_name = "state"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("resolved", _("Resolved"))]

    def value(self) -> str:
        return super().value() or "open"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(resolved_at__isnull=self.value() != "resolved")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    store_path = "order__store"
    list_display = ("what", "order_link", "about", "raised", "closed")
    list_select_related = ("order",)
    list_filter = (AlertState, ShopFilter)
    list_display_links = None
    actions = ("resolve",)

    def prepare_rows(self, request: HttpRequest, rows: list[Alert]) -> None:
        names = actors(row.resolved_by for row in rows)
        for row in rows:
            row.closed_by = names.get(row.resolved_by, "")  # type: ignore[attr-defined]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if actor_of(request).may_change else {}

    @display(description=_("Alert"))
    def what(self, alert: Alert) -> str:
        return alert.detail or alert.code

    @display(description=_("Order"))
    def order_link(self, alert: Alert) -> SafeString:
        return link(order_url(alert.order_id), alert.order)

    @display(description=_("About"))
    def about(self, alert: Alert) -> str:
        return kind_title(alert.object_type)

    @display(description=_("Raised"))
    def raised(self, alert: Alert) -> SafeString:
        return age(alert.created_at)

    @display(description=_("Resolved"))
    def closed(self, alert: Alert) -> SafeString:
        if alert.resolved_at is None:
            return SafeString("")
        return format_html("{} {}", moment(alert.resolved_at), alert.closed_by)  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        resolve = self.admin_site.page(self.resolve_one)
        return [path("<key:pk>/resolve/", resolve, name="alert-resolve"), *super().get_urls()]

    def resolve_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        alert = self.found(request, str(pk))
        if request.method != "POST" or not actor_of(request).may_change:
            raise PermissionDenied
        alerts.resolve(Alert.objects.filter(pk=alert.pk), actor=actor_of(request))
        return redirect(order_url(alert.order_id))

    @admin.action(description=_("Mark as resolved"))
    def resolve(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        done = alerts.resolve(queryset, actor=actor_of(request))
        text = ngettext("%d alert is resolved.", "%d alerts are resolved.", done) % done
        messages.success(request, text)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    audience = Audience.OFFICE
    list_display = ("kind", "chip", "order_link", "attempts", "next_try", "problem", "since")
    list_select_related = ("order",)
    list_filter = (choices_filter("state", _("state"), JobState), ShopFilter)
    fields = (
        "kind",
        "key",
        "state",
        "attempts",
        "payload",
        "last_error",
        "created_at",
        "next_try_at",
        "done_at",
    )
    actions = ("try_again",)
    ordering = ("-id",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if actor_of(request).may_change else {}

    @display(description=_("State"))
    def chip(self, job: Job) -> SafeString:
        return status_chip("job", "state", job.state)

    @display(description=_("Order"))
    def order_link(self, job: Job) -> SafeString:
        return link(order_url(job.order_id), job.order) if job.order_id else SafeString("")

    @display(description=_("Next try"))
    def next_try(self, job: Job) -> SafeString:
        return moment(job.next_try_at) if job.state == JobState.WAITING else SafeString("")

    @display(description=_("Last error"))
    def problem(self, job: Job) -> SafeString:
        return format_html('<span class="w-clip" title="{}">{}</span>', job.last_error, job.last_error)

    @display(description=_("Age"))
    def since(self, job: Job) -> SafeString:
        return age(job.created_at)

    @admin.action(description=_("Try parked jobs again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        done = jobs.replay(queryset)
        text = ngettext("%d job is tried again.", "%d jobs are tried again.", done) % done
        messages.success(request, text)


@admin.register(StatusEvent)
class StatusEventAdmin(ReadOnlyAdmin):
    """The whole history as it was written; the page of an order tells it better."""

    audience = Audience.MANAGERS
    list_display = (
        "sequence",
        "order_link",
        "thing",
        "before",
        "after",
        "source",
        "who",
        "reason",
        "recorded",
    )
    list_select_related = ("order",)
    list_filter = (choices_filter("source", _("source"), Source), ShopFilter)
    list_display_links = None
    ordering = ("-id",)

    def prepare_rows(self, request: HttpRequest, rows: list[StatusEvent]) -> None:
        names = actors(row.actor for row in rows)
        for row in rows:
            row.who = names.get(row.actor, row.actor)  # type: ignore[attr-defined]

    @display(description=_("Order"))
    def order_link(self, event: StatusEvent) -> SafeString:
        return link(order_url(event.order_id), event.order)

    @display(description=_("Thing"))
    def thing(self, event: StatusEvent) -> str:
        return kind_title(event.object_type)

    @display(description=_("From"))
    def before(self, event: StatusEvent) -> SafeString:
        return status_chip(event.object_type, event.field, event.from_status)

    @display(description=_("To"))
    def after(self, event: StatusEvent) -> SafeString:
        return status_chip(event.object_type, event.field, event.to_status)

    @display(description=_("Who"))
    def who(self, event: StatusEvent) -> str:
        return event.who  # type: ignore[attr-defined]

    @display(description=_("When"))
    def recorded(self, event: StatusEvent) -> SafeString:
        return moment(event.recorded_at)


# --- the overview ----------------------------------------------------------------------------------


def _open_alerts(actor: Actor) -> QuerySet[Any]:
    return scoped(Alert.objects.filter(resolved_at=None), actor, store="order__store")


def _newest_alerts(actor: Actor) -> dict[str, Any]:
    return {"alerts": _open_alerts(actor).select_related("order").order_by("-created_at", "-id")[:8]}


def _parked(actor: Actor) -> QuerySet[Any]:
    return scoped(Job.objects.filter(state=JobState.PARKED), actor)


dashboard.cards += [
    dashboard.Card(
        _("Open alerts"),
        _open_alerts,
        lambda: reverse("admin:woop_alert_changelist"),
        icon="notifications",
        rank=0,
    ),
    dashboard.Card(
        _("Parked jobs"),
        _parked,
        lambda: f"{reverse('admin:woop_job_changelist')}?state=parked",
        icon="checklist",
        audience=Audience.OFFICE,
        rank=80,
    ),
]
dashboard.boards.append(dashboard.Board("woop/_alerts_board.html", _newest_alerts, rank=20))
