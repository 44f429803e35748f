import pytest
from redis import ConnectionError as BrokerGone

from carriers import throttle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(settings):
    settings.REDIS_URL = ""
    throttle._limiter.cache_clear()


def test_an_account_has_its_budget_and_no_more(veloyd, sendcloud):
    veloyd.rate_per_minute = 5

    assert [throttle.take(veloyd, 3), throttle.take(veloyd, 3), throttle.take(veloyd)] == [3, 2, 0]
    assert throttle.take(sendcloud, 30) == 30


def test_budget_that_somebody_else_took_meanwhile(veloyd, monkeypatch):
    limiter = throttle._limiter("")
    monkeypatch.setattr(limiter, "hit", lambda *args, **kwargs: False)

    assert throttle.take(veloyd, 3) == 0


def test_without_the_broker_every_process_counts_for_itself(veloyd, settings, monkeypatch):
    veloyd.rate_per_minute = 2
    settings.REDIS_URL = "unix:///nowhere/broker.sock"

    assert [throttle.take(veloyd), throttle.take(veloyd), throttle.take(veloyd)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("unix:///run/broker.sock", "redis+unix:///run/broker.sock"),
        ("redis+socket:///run/broker.sock", "redis+unix:///run/broker.sock"),
    ],
)
def test_broker_is_addressed_as_the_library_likes_it(url, given, veloyd, settings, monkeypatch):
    asked = []

    def storage(address, **options):
        asked.append(address)
        raise BrokerGone

    monkeypatch.setattr(throttle, "storage_from_string", storage)
    settings.REDIS_URL = url

    assert throttle.take(veloyd) == 1
    assert asked == [given]
