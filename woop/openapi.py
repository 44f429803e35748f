"""How the API describes itself: the settings of drf-spectacular."""

from typing import Any

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Woop API",
    "DESCRIPTION": "Orders, their packages and lines, deliveries and click & collect: read them, ask what"
    " they may become, preview it and do it. Errors are problems (RFC 9457) with a `code` for programs.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "orders.statuses.OrderStatus",
        "PackageStatus": "orders.statuses.PackageStatus",
        "LineStatus": "orders.statuses.LineStatus",
        "OrderDeliveryStatus": "orders.statuses.DeliveryStatusOfOrder",
        "DeliveryStatus": "deliveries.statuses.DeliveryStatus",
        "CollectStatus": "collect.statuses.CollectStatus",
        "AcceptanceState": "orders.statuses.Acceptance",
        "PackageType": "orders.statuses.PackageType",
        "LineKind": "orders.models.LineKind",
        "Logistics": "orders.statuses.Logistics",
        "ObjectType": "woop.api.shapes.KINDS",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
}
