from django.urls import path

from orders import api

urlpatterns = [
    path("orders/", api.OrdersView.as_view(), name="orders"),
    path("orders/bulk-transitions/", api.BulkTransitions.as_view(), name="bulk-transitions"),
    path("orders/<str:number>/", api.OrderView.as_view(), name="order"),
    path("orders/<str:number>/transitions/", api.OrderTransitions.as_view(), name="order-transitions"),
    path("orders/<str:number>/events/", api.OrderEvents.as_view(), name="order-events"),
    path("orders/<str:number>/accept/", api.AcceptView.as_view(), name="order-accept"),
    path("orders/<str:number>/reject/", api.RejectView.as_view(), name="order-reject"),
    path("packages/<str:id>/", api.PackageView.as_view(), name="package"),
    path("packages/<str:id>/transitions/", api.PackageTransitions.as_view(), name="package-transitions"),
    path("packages/<str:id>/events/", api.PackageEvents.as_view(), name="package-events"),
    path("lines/<str:id>/", api.LineView.as_view(), name="line"),
    path("lines/<str:id>/transitions/", api.LineTransitions.as_view(), name="line-transitions"),
    path("lines/<str:id>/events/", api.LineEvents.as_view(), name="line-events"),
    path("lines/<str:id>/split/", api.SplitView.as_view(), name="line-split"),
]
