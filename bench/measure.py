"""Taking times, side by side: in every round each way moves orders of its own by the same step."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import connection, transaction

Call = Callable[[list[int], Any], None]

LOCKING = ("FOR NO KEY UPDATE", "FOR UPDATE")


@dataclass
class Way:
    """One way to move orders: how it is called, and what was measured of it."""

    name: str
    call: Call
    times: list[float] = field(default_factory=list)  # seconds
    locks: list[float] = field(default_factory=list)
    statements: set[int] = field(default_factory=set)  # how many, BEGIN and COMMIT included
    note: str = ""

    def measure(self, ids: list[int], to: Any) -> None:
        watch = Watch(self.locks)
        with connection.execute_wrapper(watch):
            started = time.perf_counter()
            self.call(ids, to)
            self.times.append(time.perf_counter() - started)
        self.statements.add(watch.statements)

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def p99(self) -> float:
        return sorted(self.times)[round(len(self.times) * 0.99) - 1]


class Watch:
    """Counts statements, and notes how long orders stay locked: to the end of the commit."""

    def __init__(self, locks: list[float]) -> None:
        self.locks = locks
        self.statements = 0

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        started = time.perf_counter()
        result = execute(sql, *rest)
        self.statements += 1
        if any(words in sql for words in LOCKING):
            # The first statement of a transaction, which opens and ends with one more each.
            self.statements += 2
            transaction.on_commit(partial(self._note, time.perf_counter()))
        elif not connection.in_atomic_block:
            self._note(started)  # a statement that is its own transaction
        return result

    def _note(self, since: float) -> None:
        self.locks.append(time.perf_counter() - since)


def turns(ways: Sequence[Way], number: int) -> list[Way]:
    """Let each way be first as often as the others."""
    shift = number % len(ways)
    return [*ways[shift:], *ways[:shift]]
