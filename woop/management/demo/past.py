"""The days before now, played in the order of time.

A story is a generator: it does something through the product's own services and yields how long nothing
happens then. What would happen after the present is not done: such an order is found in mid-life.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from woop import clock

Story: TypeAlias = Iterator[timedelta]


class Past:
    def __init__(self, present: datetime) -> None:
        self.present = present
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._told = 0

    def begin(self, ago: timedelta, story: Story) -> None:
        """Let a story begin so long before the present."""
        self._told += 1
        heapq.heappush(self._waiting, (self.present - ago, self._told, story))

    def play(self) -> None:
        while self._waiting:
            moment, number, story = heapq.heappop(self._waiting)
            with clock.set_to(moment):
                pause = next(story, None)
            if pause is not None and moment + pause <= self.present:
                heapq.heappush(self._waiting, (moment + pause, number, story))


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
