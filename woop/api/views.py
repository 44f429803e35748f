"""The base of every view: who asks, what they may, what they sent, and that a write is done once."""

from typing import Any, ClassVar

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from woop.actors import Actor
from woop.api import idempotency
from woop.api.bodies import AlwaysJSON, StrictJSONParser, drain, read_body
from woop.api.keys import KeyAuthentication, require_scope
from woop.api.throttle import count_call
from woop.models import ApiKey
from woop.permissions import actor_for_key
from woop.services import note_use

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class ApiView(APIView):
    """Views of the API read, call one service, and answer with `answer`.

    Reads want `read_scope`, writes `write_scope`. A view that talks to others inside its call says so
    in `in_one_transaction`, and its answer is then kept after the call instead of with it.
    """

    authentication_classes = (KeyAuthentication,)
    permission_classes = ()
    parser_classes = (StrictJSONParser,)
    content_negotiation_class = AlwaysJSON
    metadata_class = None

    read_scope: ClassVar[str]
    write_scope: ClassVar[str]
    key: ApiKey
    actor: Actor
    body: bytes = b""

    def dispatch(self, http: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        self.args, self.kwargs = args, kwargs
        request = self.initialize_request(http, *args, **kwargs)
        self.request = request
        self.headers = self.default_response_headers
        try:
            self.initial(request, *args, **kwargs)
            response = self._answer(request)
        except Exception as error:
            response = self.handle_exception(error)
        drain(http)
        self.response = self.finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not isinstance(request.auth, ApiKey):
            raise NotAuthenticated
        self.key = request.auth
        count_call(self.key)
        method = request.method or ""
        if method.lower() not in self.http_method_names or not hasattr(self, method.lower()):
            raise MethodNotAllowed(method)
        require_scope(self.key, self.read_scope if method in READING else self.write_scope)
        if method not in READING:
            self.body = read_body(request._request)
        self.actor = actor_for_key(self.key)
        self._note_use()

    def _note_use(self) -> None:
        try:
            note_use(self.key)
        except OperationalError:
            return  # a database that is busy writing can still be read

    def _answer(self, request: Request) -> HttpResponse:
        handler = getattr(self, (request.method or "").lower())
        key = "" if request.method in READING else idempotency.key_of(request)
        if not key:
            found: HttpResponse = handler(request, *self.args, **self.kwargs)
            return found
        return idempotency.once(
            self.key,
            key,
            idempotency.digest_of(request, self.body),
            handle=lambda: handler(request, *self.args, **self.kwargs),
            on_error=self.handle_exception,
            atomic=self.in_one_transaction(),
        )

    def in_one_transaction(self) -> bool:
        """Tell whether this write and its answer can be kept together: not where it calls a carrier."""
        return True

    def read(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Return the checked body."""
        return self._checked(serializer(data=self.request.data, context={"view": self}))

    def query(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Return the checked parameters of the address."""
        return self._checked(serializer(data=self.request.query_params.dict(), context={"view": self}))

    @staticmethod
    def _checked(serializer: BaseSerializer[Any]) -> dict[str, Any]:
        serializer.is_valid(raise_exception=True)
        checked: dict[str, Any] = serializer.validated_data
        return checked
