import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from woop import clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@time_machine.travel(NOON, tick=False)
def test_now_is_aware_and_in_utc():
    assert clock.now() == NOON
    assert clock.now().utcoffset() == timedelta(0)


@time_machine.travel(NOON, tick=False)
def test_clock_can_stand_still_for_a_while():
    with clock.set_to(NOON - timedelta(hours=1)):
        assert clock.now() == NOON - timedelta(hours=1)
        with clock.set_to(NOON - timedelta(hours=2)):
            assert clock.now() == NOON - timedelta(hours=2)
        assert clock.now() == NOON - timedelta(hours=1)
    assert clock.now() == NOON


@time_machine.travel(NOON, tick=False)
def test_clock_goes_on_after_an_error():
    with pytest.raises(KeyError), clock.set_to(NOON - timedelta(hours=1)):
        raise KeyError
    assert clock.now() == NOON


@time_machine.travel(NOON, tick=False)
def test_clock_stands_in_one_thread_only():
    seen = []
    with clock.set_to(NOON - timedelta(hours=1)):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen == [NOON]
