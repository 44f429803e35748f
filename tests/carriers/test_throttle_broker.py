"""The budget of an account is one for all workers, where there is a broker."""

import pytest
from django.conf import settings

from carriers import throttle

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.REDIS_URL, reason="no broker is running"),
]


def test_processes_share_the_budget(veloyd):
    veloyd.pk = 987_654_321  # no other test's budget
    veloyd.rate_per_minute = 5
    throttle._limiter.cache_clear()
    first = throttle.take(veloyd, 3)
    throttle._limiter.cache_clear()  # as another process starts

    assert (first, throttle.take(veloyd, 5)) == (3, 2)
    throttle._limiter(settings.REDIS_URL).storage.reset()
