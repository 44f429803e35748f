import gc

import pytest

from woop.garbage import collector_paused


def test_collector_is_paused_and_goes_on_after_a_failure():
    with pytest.raises(ValueError, match="False"), collector_paused():
        raise ValueError(gc.isenabled())
    assert gc.isenabled()


def test_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_pauses_within_each_other():
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
