"""Who asks: a key of a shop, and what its scopes let it do."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from woop.api.problems import Problem
from woop.models import ApiKey
from woop.services import find_api_key


class Consumer:
    """The user of a request that came with a key."""

    is_authenticated = True
    is_active = True
    is_anonymous = False
    pk = None

    def __init__(self, key: ApiKey) -> None:
        self.key = key

    def __str__(self) -> str:
        return str(self.key)


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`."""

    def authenticate(self, request: Request) -> tuple[Consumer, ApiKey] | None:
        header = get_authorization_header(request).decode("latin-1").split()
        if not header:
            return None
        if len(header) != 2 or header[0].lower() != "bearer":
            raise AuthenticationFailed(_("Send the key as “Authorization: Bearer <key>”."))
        key = find_api_key(header[1])
        if key is None:
            raise AuthenticationFailed(_("This key is not known, or was revoked."))
        return Consumer(key), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="woop"'


def require_scope(key: ApiKey, scope: str) -> None:
    if scope not in key.scopes:
        detail = _("This key lacks the scope %(scope)s.") % {"scope": scope}
        members: dict[str, Any] = {"scope": scope}
        raise Problem(403, "scope_missing", detail, **members)
