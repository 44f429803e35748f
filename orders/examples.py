"""Bodies that work, for the description of the API."""

from drf_spectacular.utils import OpenApiExample

_CUSTOMER = {"name": "Ada Smit", "email": "ada@example.org", "phone": "+31612345678", "language": "nl"}
_ADDRESS = {
    "name": "Ada Smit",
    "street": "Lange Straat 12b",
    "postal_code": "1011 AB",
    "city": "Amsterdam",
    "country": "NL",
    "latitude": 52.3731,
    "longitude": 4.8926,
}
_BOOK = {"sku": "9789000000001", "title": "De avonden", "quantity": 2, "unit_price": "19.90"}
_EBOOK = {"sku": "E-42", "title": "Max Havelaar", "quantity": 1, "unit_price": "7.50", "kind": "ebook"}

NEW_ORDERS = [
    OpenApiExample(
        "Home delivery, packed for you",
        value={
            "number": "1001",
            "channel": "web",
            "customer": _CUSTOMER,
            "shipping_address": _ADDRESS,
            "currency": "EUR",
            "lines": [_BOOK, _EBOOK],
        },
        request_only=True,
    ),
    OpenApiExample(
        "Your own packages",
        value={
            "customer": _CUSTOMER,
            "shipping_address": _ADDRESS,
            "lines": [_BOOK],
            "packages": [
                {"type": "homedelivery", "weight_g": 450, "lines": [{"sku": "9789000000001", "quantity": 1}]},
                {"type": "homedelivery", "weight_g": 450, "lines": [{"sku": "9789000000001", "quantity": 1}]},
            ],
        },
        request_only=True,
    ),
    OpenApiExample(
        "Click & collect, to be accepted within five minutes",
        value={
            "customer": _CUSTOMER,
            "lines": [_BOOK],
            "collect": {"store": "centrum"},
            "requires_acceptance": True,
        },
        request_only=True,
    ),
]
CHANGE = OpenApiExample(
    "Another address",
    value={"shipping_address": {"street": "Korte Straat 3", "postal_code": "1011 AC"}},
    request_only=True,
)
BULK = OpenApiExample(
    "Preview for two orders",
    value={"orders": ["1001", "1002"], "to": 8, "reason": "", "dry_run": True},
    request_only=True,
)
SPLIT = OpenApiExample(
    "One piece into a package of its own", value={"quantity": 1, "package": "new"}, request_only=True
)
