"""Every error of the API as `application/problem+json` (RFC 9457), with a code for programs."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import DataError, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions

from woop.api.answers import json_bytes, note_json
from woop.errors import InvalidInput, RuleError
from woop.machines import StrPromise
from woop.outcomes import Refusal

logger = logging.getLogger("django.request")

CONTENT_TYPE = "application/problem+json"

# Refusals of the rules are 409 except where the client lacks a right, a value or the present version.
STATUS_OF_REFUSAL = {
    "version_conflict": 412,
    "override_not_permitted": 403,
    "not_permitted": 403,
    "quantities_required": 422,
    "unknown_line": 422,
    "quantity_too_high": 422,
}
CODE_OF_STATUS = {
    400: "malformed",
    401: "key_invalid",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
}
NOT_FOUND = gettext_lazy("There is nothing here, or not for this key.")
TRY_AGAIN_S = 1


class Problem(Exception):
    """An error on its way to the client. `members` are further members of the answer's object."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: StrPromise,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def response(self) -> HttpResponse:
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": str(self.detail),
            "code": self.code,
            **self.members,
        }
        response = HttpResponse(json_bytes(body), status=self.status, content_type=CONTENT_TYPE)
        for name, value in self.headers.items():
            response[name] = value
        return response


def invalid(errors: Any) -> Problem:
    """Return the 422 that names each field that cannot be."""
    if not isinstance(errors, Mapping):
        errors = {"non_field_errors": errors}
    return Problem(422, "invalid", _("Some values are not valid."), errors=_plain(errors))


def refused(refusal: Refusal) -> Problem:
    status = STATUS_OF_REFUSAL.get(refusal.code, 409)
    members: dict[str, Any] = {
        "blocking": [note_json(note) for note in refusal.blocking],
        "allowed": refusal.allowed,
    }
    if status == 422:
        members["errors"] = {"lines": [str(refusal.detail)]}
    return Problem(status, refusal.code, refusal.detail, **members)


def _plain(errors: Any) -> Any:
    if isinstance(errors, Mapping):
        return {str(name): _plain(value) for name, value in errors.items()}
    if isinstance(errors, list | tuple):
        return [_plain(value) for value in errors]
    return str(errors)


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer any exception of a view: this is the exception handler of Django REST framework."""
    return problem_of(error).response()


def problem_of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RuleError():
            return refused(error.refusal)
        case InvalidInput():
            return invalid({name: [text] for name, text in error.errors.items()})
        case exceptions.ValidationError():
            return invalid(error.detail)
        case exceptions.APIException():
            return _of_framework(error)
        case Http404() | ObjectDoesNotExist():
            return not_found_problem()
        case DjangoPermissionDenied():
            return Problem(403, "not_permitted", _("This is not allowed."))
        case RequestDataTooBig():
            return too_large()
        case SuspiciousOperation() | UnreadablePostError():
            return Problem(400, "malformed", _("The request could not be read."))
        case OperationalError():
            return _busy(error)
        case DataError():
            logger.warning("A value passed the checks but not the database", exc_info=error)
            return Problem(422, "invalid", _("A value is out of range."), errors={})
    logger.error("An API call failed", exc_info=error)
    return failure()


def _of_framework(error: exceptions.APIException) -> Problem:
    status = error.status_code
    headers = {}
    if challenge := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, round(wait)))
    if isinstance(error, exceptions.NotFound):
        return not_found_problem()
    code = "key_missing" if isinstance(error, exceptions.NotAuthenticated) else CODE_OF_STATUS.get(status)
    return Problem(status, code or "error", str(error.detail), headers=headers)


def _busy(error: Exception) -> Problem:
    """A lock that took too long, or a database that is away: nothing was changed."""
    logger.warning("The database could not serve a call: %s", error)
    retry = {"Retry-After": str(TRY_AGAIN_S)}
    return Problem(503, "busy", _("Please try again in a moment: nothing was changed."), headers=retry)


def not_found_problem() -> Problem:
    return Problem(404, "not_found", NOT_FOUND)


def too_large() -> Problem:
    return Problem(413, "too_large", _("A body may have 1 MiB at most."))


def failure() -> Problem:
    return Problem(500, "error", _("This failed on our side. It has been noted."))
