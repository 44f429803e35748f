"""The site of the back office: its dashboard and the pages that belong to no single model."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, register_converter
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from woop.access import Audience, actor_of
from woop.bulk_views import bulk_view
from woop.dashboard import dashboard_for
from woop.keys import KeyConverter
from woop.status_views import change_status_view

register_converter(KeyConverter, "key")


class BackOffice(UnfoldAdminSite):
    index_title = _("Overview")
    index_template = "woop/dashboard.html"
    empty_value_display = "–"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take only pages that are made for this site: what Django's own apps bring knows no shops."""
        if admin_class is not None and issubclass(admin_class, ModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("status/bulk/<str:kind>/", self.page(bulk_view), name="bulk-status"),
            path("language/", set_language, name="set-language"),
            path("status/<str:kind>/<key:pk>/", self.page(change_status_view), name="change-status"),
        ]

    def page(self, view: Callable[..., Any], audience: Audience = Audience.EVERYONE) -> Callable[..., Any]:
        """Open a view to those who are logged in and have a role."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not audience.admits(actor_of(request)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_view(guarded)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**dashboard_for(request), **(extra_context or {})})
