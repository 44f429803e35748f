"""The description of the API: what every operation has in common."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from woop.api.shapes import ProblemShape

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Chosen by you, once per write: a repeat within 24 hours gets the first answer.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that you have seen: 412 if the order has changed since.",
)


class Schema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        if self.method in {"GET", "HEAD"}:
            return []
        return [IDEMPOTENCY_KEY, IF_MATCH] if self._addresses_an_order() else [IDEMPOTENCY_KEY]

    def _addresses_an_order(self) -> bool:
        return "{" in self.path

    def get_tags(self) -> list[str]:
        """Group by the thing that the address names first."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        media = ["application/problem+json"]
        problem = self._get_response_for_code(ProblemShape, "default", media, direction)
        return responses | {"default": {**problem, "description": "Refused, and why."}}


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "woop.api.keys.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key of your shop."}
