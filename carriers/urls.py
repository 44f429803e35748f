from django.urls import path

from carriers import views

app_name = "carriers"
urlpatterns = [path("hooks/<slug:carrier>/<str:token>/", views.hook, name="hook")]
