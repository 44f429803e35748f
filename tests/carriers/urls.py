from django.urls import include, path

urlpatterns = [path("", include("carriers.urls"))]
