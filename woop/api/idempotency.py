"""A write that carries an `Idempotency-Key` is done once: a repeat gets the first answer.

The key is claimed and committed before the write; the answer is stored in the transaction of the
write itself. So a call that dies leaves either both or neither, and after a minute the key is free.
"""

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from woop import clock
from woop.api.problems import Problem
from woop.models import ApiKey, IdempotencyKey
from woop.services import ANSWERS_KEPT

LOCK = timedelta(seconds=60)
MAX_LENGTH = 255
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Retry-After")

Handler = Callable[[], HttpResponse]
ErrorHandler = Callable[[Exception], HttpResponse]


def key_of(request: Request) -> str:
    """Return the client's key, "" without one."""
    key: str = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > MAX_LENGTH or not key.isprintable():
        raise Problem(400, "idempotency_key_malformed", _("An Idempotency-Key has 1 to 255 characters."))
    return key


def digest_of(request: Request, body: bytes) -> str:
    head = f"{request.method} {request.get_full_path()}\n".encode("utf-8", "surrogateescape")
    return hashlib.sha256(head + body).hexdigest()


def once(
    api_key: ApiKey, key: str, digest: str, *, handle: Handler, on_error: ErrorHandler, atomic: bool
) -> HttpResponse:
    """Do a write unless it was done already; `atomic` keeps write and answer in one transaction.

    A refusal is an answer too and is replayed; a failure of ours is none, and frees the key at once.
    """
    claim = _claim(api_key, key, digest)
    if claim.status_code is not None:
        return _replay(claim)
    try:
        with transaction.atomic() if atomic else nullcontext():
            response = handle()
            _store(claim, response)
        return response
    except Exception as error:
        response = on_error(error)
    if response.status_code >= 500:
        _free(claim)
    else:
        _store(claim, response)
    return response


def _claim(api_key: ApiKey, key: str, digest: str) -> IdempotencyKey:
    """Take the key, or return its row with the answer that it has."""
    now = clock.now()
    fresh = {"request_digest": digest, "created_at": now, "locked_until": now + LOCK}
    row, is_new = IdempotencyKey.objects.get_or_create(api_key=api_key, key=key, defaults=fresh)
    if is_new:
        return row
    is_old = row.created_at <= now - ANSWERS_KEPT
    is_free = is_old or (row.status_code is None and row.locked_until <= now)
    if not is_free:
        _check_same(row, digest)
        return row
    stale = IdempotencyKey.objects.filter(
        pk=row.pk, locked_until=row.locked_until, status_code=row.status_code
    )
    if not stale.update(status_code=None, headers={}, body=b"", **fresh):
        raise _in_flight()
    return IdempotencyKey.objects.get(pk=row.pk)


def _check_same(row: IdempotencyKey, digest: str) -> None:
    if row.request_digest != digest:
        raise Problem(
            422,
            "idempotency_key_reused",
            _("This Idempotency-Key was used for another request."),
            errors={"Idempotency-Key": [_("Use a new key for a new request.")]},
        )
    if row.status_code is None:
        raise _in_flight()


def _in_flight() -> Problem:
    detail = _("The first call with this Idempotency-Key is still under way.")
    return Problem(409, "idempotency_in_flight", detail, headers={"Retry-After": "1"})


def _store(claim: IdempotencyKey, response: HttpResponse) -> None:
    """Keep the answer; whoever took the key over meanwhile, because we were slow, has won."""
    mine = IdempotencyKey.objects.filter(pk=claim.pk, locked_until=claim.locked_until, status_code=None)
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    if not mine.update(status_code=response.status_code, headers=headers, body=response.content):
        raise _in_flight()


def _free(claim: IdempotencyKey) -> None:
    IdempotencyKey.objects.filter(pk=claim.pk, locked_until=claim.locked_until, status_code=None).delete()


def _replay(row: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(bytes(row.body), status=row.status_code)
    for name, value in row.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response
