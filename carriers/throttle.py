"""How many calls an account may make now. Shared by all workers through Redis, else per process."""

import logging
from functools import cache

from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import RedisError

from carriers.models import CarrierAccount

log = logging.getLogger(__name__)
BROKER_TIMEOUT_S = 0.5


def take(account: CarrierAccount, wanted: int = 1) -> int:
    """Take up to `wanted` calls out of the account's minute and return how many were granted.

    Without the broker each process counts for itself: too fast by the number of workers, for as long
    as it is away. Polling less would be worse than a 429, which is heeded anyway.
    """
    item = RateLimitItemPerMinute(account.rate_per_minute)
    try:
        return _take(_limiter(settings.REDIS_URL), item, str(account.pk), wanted)
    except RedisError:
        log.warning("the broker is away: counting the calls of account %s in this process", account.pk)
        return _take(_limiter(""), item, str(account.pk), wanted)


def _take(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItemPerMinute, key: str, wanted: int
) -> int:
    granted = min(wanted, limiter.get_window_stats(item, "carriers", key).remaining)
    if granted <= 0:
        return 0
    return granted if limiter.hit(item, "carriers", key, cost=granted) else 0


@cache
def _limiter(url: str) -> SlidingWindowCounterRateLimiter:
    if not url:
        return SlidingWindowCounterRateLimiter(MemoryStorage())
    scheme, _, rest = url.partition("://")
    if scheme in {"unix", "redis+socket"}:
        url = f"redis+unix://{rest}"
    storage = storage_from_string(
        url, socket_timeout=BROKER_TIMEOUT_S, socket_connect_timeout=BROKER_TIMEOUT_S
    )
    return SlidingWindowCounterRateLimiter(storage)
