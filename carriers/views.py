"""Hooks in: stored, answered, and only then handled."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from carriers.inbox import Hook, receive_hook
from carriers.services import account_by_token

MAX_BODY = 1024 * 1024


@csrf_exempt
@require_POST
def hook(request: HttpRequest, carrier: str, token: str) -> JsonResponse:
    """Take in what a carrier pushes.

    Whatever was stored is answered with 200, garbage and repeats too: only a failure of our own may make
    the carrier send it again. Nothing tells a stranger which of carrier and token was wrong.
    """
    account = account_by_token(carrier, token)
    if account is None:
        return _answer(404, "not_found")
    # Read the stream itself: `request.body` has a limit of its own and another answer.
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return _answer(413, "too_large")
    if receive_hook(account, dict(request.headers), body) == Hook.REFUSED:
        return _answer(401, "bad_signature")
    return _answer(200, "stored")


def _answer(status: int, word: str) -> JsonResponse:
    return JsonResponse({"result": word}, status=status)
