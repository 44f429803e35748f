from django.urls import path

from collect import api

urlpatterns = [
    path("orders/<str:number>/collects/", api.NewCollectView.as_view(), name="order-collects"),
    path("collects/<str:id>/", api.CollectView.as_view(), name="collect"),
    path("collects/<str:id>/transitions/", api.CollectTransitions.as_view(), name="collect-transitions"),
    path("collects/<str:id>/events/", api.CollectEvents.as_view(), name="collect-events"),
]
