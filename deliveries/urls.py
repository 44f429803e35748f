from django.urls import path

from deliveries import api

urlpatterns = [
    path("orders/<str:number>/deliveries/", api.NewDeliveryView.as_view(), name="order-deliveries"),
    path("deliveries/<str:id>/", api.DeliveryView.as_view(), name="delivery"),
    path("deliveries/<str:id>/transitions/", api.DeliveryTransitions.as_view(), name="delivery-transitions"),
    path("deliveries/<str:id>/events/", api.DeliveryEvents.as_view(), name="delivery-events"),
    path("deliveries/<str:id>/status", api.PutStatusView.as_view(), name="delivery-status"),
]
