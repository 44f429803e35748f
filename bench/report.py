"""What the measurements say, as plain tables."""

import os
import platform
import statistics
from dataclasses import dataclass

import django
from django.db import connection

from bench.measure import Way

SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
DURABLE = {"fsync": "on", "synchronous_commit": "on"}
COLUMNS = "  {:<17}{:>12}{:>14}{:>14}{:>10}{:>14}   {}"
LONGEST_LOCK = 0.3  # seconds that a chunk of a bulk change may hold its orders


@dataclass(frozen=True)
class Limit:
    """A goal: at most so many times the floor, and so many milliseconds on top."""

    factor: float
    extra_ms: float = 0


@dataclass(frozen=True)
class Goal:
    text: str
    is_met: bool

    def __str__(self) -> str:
        return f"  {'met   ' if self.is_met else 'MISSED'}  {self.text}"


def heading() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS s(name)", [list(SETTINGS)]
        )
        settings = dict(cursor.fetchall())
        cursor.execute("SELECT current_setting('server_version')")
        (version,) = cursor.fetchone()
    print(
        f"Python {platform.python_version()}, Django {django.__version__}, PostgreSQL {version},"
        f" {os.cpu_count()} cores; " + ", ".join(f"{name} {value}" for name, value in settings.items())
    )
    if DURABLE.items() - settings.items():
        print("NOT DURABLE: this server may lose commits, so these figures are no measure of the product.")


def section(title: str, ways: list[Way], floor: Way) -> None:
    print(f"\n{title}")
    print(COLUMNS.format("", "statements", "p50 ms", "p99 ms", "× floor", "lock max ms", ""))
    for way in ways:
        print(
            COLUMNS.format(
                way.name,
                "-".join(f"{count:,}" for count in sorted({min(way.statements), max(way.statements)})),
                f"{way.p50 * 1000:,.2f}",
                f"{way.p99 * 1000:,.2f}",
                f"{way.p50 / floor.p50:.1f}",
                f"{max(way.locks) * 1000:,.1f}",
                way.note or f"{len(way.times)} times",
            )
        )


def time_goal(what: str, product: Way, floor: Way, limit: Limit) -> Goal:
    most = limit.factor * floor.p50 * 1000 + limit.extra_ms
    extra = f" + {limit.extra_ms:g} ms" if limit.extra_ms else ""
    taken = product.p50 * 1000
    text = f"{what}: {taken:,.1f} ms of at most {limit.factor:g} × floor{extra} = {most:,.1f} ms"
    return Goal(text, taken <= most)


def lock_goal(what: str, product: Way, floor: Way) -> Goal:
    usual, longest, least = statistics.median(product.locks), max(product.locks), max(floor.locks)
    text = (
        f"{what}: a chunk's lock was held at most {longest:.2f} of {LONGEST_LOCK} s"
        f" (half of them up to {usual:.2f} s; the floor at most {least:.2f} s)"
    )
    return Goal(text, longest <= LONGEST_LOCK)


def goals(found: list[Goal]) -> None:
    print("\nGoals")
    for goal in found:
        print(goal)
    load, cores = os.getloadavg()[1], os.cpu_count() or 1
    if load > cores:
        print(
            f"Others worked on this machine too ({load:.1f} processes on {cores} cores): measure again later."
        )
