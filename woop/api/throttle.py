"""How many calls a key may make a minute, counted per web process: a broker that hangs must not matter."""

import time

from django.conf import settings
from django.utils.translation import gettext as _
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from woop.api.problems import Problem
from woop.models import ApiKey

_limiter = FixedWindowRateLimiter(MemoryStorage())


def count_call(key: ApiKey) -> None:
    item = RateLimitItemPerMinute(settings.API_CALLS_PER_MINUTE)
    if _limiter.hit(item, "api", str(key.pk)):
        return
    reset = _limiter.get_window_stats(item, "api", str(key.pk)).reset_time
    wait = {"Retry-After": str(max(1, round(reset - time.time())))}
    raise Problem(429, "too_many_requests", _("This key makes too many calls."), headers=wait)
