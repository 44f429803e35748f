from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from woop.api.elsewhere import nothing_here
from woop.api.journal import JournalView
from woop.health import healthz

api_v1: list[URLPattern | URLResolver] = [
    path("", include("orders.urls")),
    path("", include("deliveries.urls")),
    path("", include("collect.urls")),
    path("journal/", JournalView.as_view(), name="journal"),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("", include("carriers.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include((api_v1, "api"))),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"^api/", nothing_here),
]

handler400 = "woop.api.elsewhere.bad_request"
handler403 = "woop.api.elsewhere.permission_denied"
handler404 = "woop.api.elsewhere.page_not_found"
handler500 = "woop.api.elsewhere.server_error"
