"""Python's garbage collector, where it would only be in the way."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Let no collection interrupt the making of many rows that all live to the end.

    The collector would walk through the whole process again and again to find nothing. It sees to what
    was left afterwards. Threads that overlap only shorten each other's pause.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
