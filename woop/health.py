"""/healthz: whether the database answers, whether the broker does, and when the clockwork last ticked."""

import logging
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from redis import Redis, RedisError

from woop import clock
from woop.models import Heartbeat

logger = logging.getLogger(__name__)

SWEEP_TOO_OLD = timedelta(seconds=30)
BROKER_TIMEOUT_S = 0.5


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 503 where work does not get done; a missing broker only makes it start later."""
    report: dict[str, Any] = {"status": "ok", "database": "ok", "broker": broker_state(), "sweep_age_s": None}
    try:
        beat = Heartbeat.objects.filter(name="sweep").first()
    except DatabaseError as error:
        logger.warning("The database does not answer: %s", error)
        return JsonResponse(report | {"status": "down", "database": "unreachable"}, status=503)
    age = None if beat is None else clock.now() - beat.beat_at
    report["sweep_age_s"] = None if age is None else round(max(age.total_seconds(), 0), 1)
    if age is None or age > SWEEP_TOO_OLD:
        return JsonResponse(report | {"status": "down"}, status=503)
    if report["broker"] != "ok":
        report["status"] = "degraded"
    return JsonResponse(report)


def broker_state() -> str:
    """Return "ok", "unreachable", or "none" where no broker is configured."""
    if not settings.REDIS_URL:
        return "none"
    try:
        _client(settings.REDIS_URL).ping()
    except (RedisError, OSError):
        return "unreachable"
    return "ok"


@cache
def _client(url: str) -> Redis:
    address = url.replace("redis+socket://", "unix://")
    return Redis.from_url(
        address, socket_timeout=BROKER_TIMEOUT_S, socket_connect_timeout=BROKER_TIMEOUT_S, retry=None
    )
