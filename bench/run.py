"""What is measured, in which order, and what must come out equal."""

import gc
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench import floor, naive, report
from bench.measure import Way, turns
from bench.report import Goal, Limit
from bench.world import Size, World, portraits
from orders.statuses import OrderStatus
from woop.actors import Actor
from woop.sources import Source
from woop.transitions import change_status

STEPS = (OrderStatus.PROCESSING, OrderStatus.PROCESSED, OrderStatus.DONE)
ACTOR, REASON = "user:1", "bench"


@dataclass(frozen=True)
class Single:
    """Orders moved one by one. The naive way is slow and takes part in the first rounds only."""

    size: Size
    rounds: int
    naive_rounds: int
    limit: Limit

    def __str__(self) -> str:
        return f"one order of {self.size}"


@dataclass(frozen=True)
class Bulk:
    """Many orders moved by one call. The naive way moves a sample, one by one."""

    orders: int
    rounds: int
    sample: int
    size: Size
    limit: Limit

    def __str__(self) -> str:
        return f"{self.orders:,} orders of {self.size} at once"


SMALL, MIDDLE, HUGE = Size(3, 4), Size(50, 20), Size(100, 99)
FULL = (
    Single(SMALL, 150, 150, Limit(4, extra_ms=2)),
    Single(MIDDLE, 15, 2, Limit(2)),
    Single(HUGE, 5, 1, Limit(2)),
    Bulk(1_000, 3, 30, SMALL, Limit(2)),
    Bulk(10_000, 1, 30, SMALL, Limit(2)),
)
QUICK = (
    Single(SMALL, 40, 40, Limit(4, extra_ms=2)),
    Single(MIDDLE, 5, 1, Limit(2)),
    Single(HUGE, 2, 0, Limit(2)),
    Bulk(1_000, 1, 10, SMALL, Limit(2)),
)


def everything(*, quick: bool) -> int:
    """Run all sections; answer 1 when the ways did not end alike."""
    floor.install()
    world = World()
    report.heading()
    goals: list[Goal] = []
    for part in QUICK if quick else FULL:
        race = Race(world, part.size)
        if isinstance(part, Single):
            race.run_single(part)
        else:
            race.run_bulk(part)
        report.section(str(part).capitalize(), race.ways, race.floor)
        if different := race.what_differs():
            print(f"  NOT EQUAL: {' and '.join(different)} of these ways.")
            return 1
        print("  All ways ended in equal states with equal histories.")
        goals += race.goals(part)
    report.goals(goals)
    return 0


class Race:
    """The three ways on orders of one size. Each has orders of its own, made alike."""

    def __init__(self, world: World, size: Size) -> None:
        self.world = world
        self.size = size
        by = Actor(Source.BO, ACTOR, world.shop.pk)
        self.product = Way("Woop", partial(move_by_product, by=by))
        self.floor = Way("SQL floor", partial(floor.move_orders, actor=ACTOR, reason=REASON))
        self.naive = Way("naive django-fsm", partial(move_naively, by=by))
        self.orders: dict[str, list[int]] = {}

    @property
    def ways(self) -> list[Way]:
        return [way for way in (self.product, self.floor, self.naive) if way.times]

    def run_single(self, part: Single) -> None:
        ways = [self.product, self.floor, self.naive]
        rounds = {way.name: part.rounds for way in ways} | {self.naive.name: part.naive_rounds}
        self.orders = {name: self.world.fill(self.size, number) for name, number in rounds.items()}
        self._settle()
        for number in range(part.rounds):
            for step, to in enumerate(STEPS):
                for way in turns(ways, number + step):
                    if number < rounds[way.name]:
                        way.measure([self.orders[way.name][number]], to)

    def run_bulk(self, part: Bulk) -> None:
        ways = [self.product, self.floor]
        for number in range(part.rounds):
            batches = {way.name: self.world.fill(self.size, part.orders) for way in ways}
            self._settle()
            for step, to in enumerate(STEPS):
                for way in turns(ways, number + step):
                    way.measure(batches[way.name], to)
            for name, batch in batches.items():
                self.orders.setdefault(name, []).extend(batch)
        self._extrapolate(part)

    def _extrapolate(self, part: Bulk) -> None:
        """Let the naive way move a sample: its time grows with the number of orders and nothing else."""
        sample = self.world.fill(self.size, part.sample)
        self.orders[self.naive.name] = sample
        for to in STEPS:
            self.naive.measure(sample, to)
        factor = part.orders / part.sample
        self.naive.times = [taken * factor for taken in self.naive.times]
        self.naive.statements = {round(count * factor) for count in self.naive.statements}
        self.naive.note = f"extrapolated from {part.sample} orders"

    def _settle(self) -> None:
        self.world.settle()
        gc.collect()

    def what_differs(self) -> list[str]:
        """Name what did not come out alike, [] when all did."""
        found = [portraits(ids) for ids in self.orders.values()]
        sides = zip(("the states", "the histories"), zip(*found, strict=True), strict=True)
        return [what for what, digests in sides if len(set().union(*digests)) != 1]

    def goals(self, part: Single | Bulk) -> list[Goal]:
        goals = [report.time_goal(str(part), self.product, self.floor, part.limit)]
        if isinstance(part, Bulk):
            goals.append(report.lock_goal(str(part), self.product, self.floor))
        return goals


def move_by_product(ids: list[int], to: Any, *, by: Actor) -> None:
    change_status("order", ids, to, by=by, reason=REASON)


def move_naively(ids: list[int], to: Any, *, by: Actor) -> None:
    for pk in ids:
        naive.move_order(pk, to, by, REASON)
