"""Orders with everything below them, as plain rows in memory: what a change is planned on.

A model instance costs ten times as much as such a row, and a cascade may touch ten thousand. The apps
declare their kinds of rows here when they are ready; this module knows none of them.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, NamedTuple

from django.db import connection, models

from woop import sql


class Written(NamedTuple):
    """A column that a change writes: its type, and how the new value `t` meets the stored one `n`."""

    name: str
    type: str
    value: str = ""

    @property
    def assignment(self) -> str:
        return f"{self.name} = {self.value or f't.{self.name}'}"


class Node:
    """One row: its identity and what the rules look at."""

    __slots__ = ("id", "status")

    kind: ClassVar[str]
    model: ClassVar[type[models.Model]]
    written: ClassVar[tuple[Written, ...]]
    is_dated: ClassVar[bool] = False  # has a `modified_at`

    id: int
    status: Any

    def take(self, field: str, to: Any) -> None:
        """Take on a status, with what changes on the row itself because of it."""
        setattr(self, field, to)

    def may_pass_table(self) -> bool:
        """Tell whether an override may go past the table of moves here (D8)."""
        return False


class RootNode(Node):
    """An order: what the door itself must know of it."""

    __slots__ = ("others", "shop_id", "store_id", "version")

    shop_id: int
    store_id: int | None
    version: int
    others: dict[str, list[Any]]  # deliveries and collects, by kind

    def of_kind(self, kind: str) -> Iterable[Node]:
        """Return every row of a kind in this order, the order itself included."""
        raise NotImplementedError


class SideRow(NamedTuple):
    """One package of a delivery or collect, as every side kind selects it, in this order."""

    kind: str
    id: int
    order_id: int
    package_id: int | None
    is_current: bool | None
    status: str
    memo: str
    owner_id: int
    number: int
    flags: int


class Registry:
    """What the apps have declared; filled once, in their `apps.py`."""

    def __init__(self) -> None:
        self.kinds: dict[str, type[Node]] = {}
        self.read_roots: Callable[[str, Iterable[int], bool], dict[int, Any]]
        self.read_children: Callable[[dict[int, Any]], None]
        self.side_selects: list[str] = []
        self.side_readers: dict[str, Callable[[Any, SideRow], None]] = {}


registry = Registry()


def load(kind: str, ids: Iterable[int], *, lock: bool) -> dict[int, Any]:
    """Read whole orders, found by their own or a descendant's primary key.

    The orders are locked first, in a statement of its own and in key order: what is read afterwards
    cannot change, and nothing that was added meanwhile is missed.
    """
    roots = registry.read_roots(kind, ids, lock)
    if roots:
        registry.read_children(roots)
        _read_sides(roots)
    return roots


def _read_sides(roots: dict[int, Any]) -> None:
    if not registry.side_selects:
        return
    condition = sql.any_of("order_id")
    statement = " UNION ALL ".join(select.format(condition=condition) for select in registry.side_selects)
    numbers = sql.number_list(roots)
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY 1, 2, 4", [numbers] * len(registry.side_selects))
        for values in cursor.fetchall():
            row = SideRow(*values)
            registry.side_readers[row.kind](roots[row.order_id], row)
