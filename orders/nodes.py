"""Orders, packages and lines as the rows that a change is planned on, and how they are read."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.db import connection

from orders.models import Order, OrderlineToPackage, Package
from orders.statuses import ERROR
from woop import sql
from woop.nodes import Node, RootNode, Written, registry


class LineNode(Node):
    __slots__ = ("floor", "package")

    kind = "line"
    model = OrderlineToPackage
    written: ClassVar = (Written("status", "integer"), Written("floor", "integer"))

    def __init__(self, pk: int, package: "PackageNode", status: int, floor: int) -> None:
        self.id = pk
        self.package = package
        self.status = status
        self.floor = floor

    def take(self, field: str, to: Any) -> None:
        self.status = to
        if to < ERROR:
            self.floor = to


class PackageNode(Node):
    __slots__ = ("delivery", "floor", "lines", "order", "type")

    kind = "package"
    model = Package
    written: ClassVar = LineNode.written

    def __init__(self, pk: int, order: "OrderNode", type: str, status: int, floor: int) -> None:
        self.id = pk
        self.order = order
        self.type = type
        self.status = status
        self.floor = floor
        self.lines: list[LineNode] = []
        self.delivery: Any = None  # the current attempt

    take = LineNode.take


class OrderNode(RootNode):
    __slots__ = (
        "acceptance",
        "acceptance_deadline",
        "delivery_status",
        "done_when",
        "floor",
        "number",
        "packages",
    )

    kind = "order"
    model = Order
    is_dated = True
    written: ClassVar = (
        Written("status", "integer"),
        Written("floor", "integer"),
        Written("delivery_status", "text"),
        Written("acceptance", "text"),
        Written("version", "integer"),
    )

    def __init__(self, pk: int, shop_id: int, store_id: int | None, number: str, *state: Any) -> None:
        self.id = pk
        self.shop_id = shop_id
        self.store_id = store_id
        self.number = number
        self.status, self.floor, self.delivery_status, self.acceptance = state[:4]
        deadline, self.version, self.done_when = state[4:]
        self.acceptance_deadline = sql.moment(deadline)
        self.packages: list[PackageNode] = []
        self.others: dict[str, list[Any]] = {}

    def take(self, field: str, to: Any) -> None:
        setattr(self, field, to)
        if field == "status" and to < ERROR:
            self.floor = to

    def of_kind(self, kind: str) -> Iterable[Node]:
        if kind == "order":
            return (self,)
        if kind == "package":
            return self.packages
        if kind == "line":
            return self.lines()
        return self.others.get(kind, ())

    def lines(self) -> Iterator[LineNode]:
        for package in self.packages:
            yield from package.lines


def read_roots(kind: str, ids: Iterable[int], lock: bool) -> dict[int, OrderNode]:
    """Read, and lock, the orders that have these rows. Raw: the ORM costs more than the statement."""
    if kind == "order":
        condition = sql.any_of("o.id")
    else:
        table = registry.kinds[kind].model._meta.db_table
        condition = f"o.id IN (SELECT order_id FROM {table} WHERE {sql.any_of('id')})"
    # Children may be added beside us only by whoever holds this lock; their foreign keys do not need it.
    locking = " FOR NO KEY UPDATE OF o" if lock and sql.is_postgresql() else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.id, o.shop_id, o.store_id, o.number, o.status, o.floor, o.delivery_status,"
            " o.acceptance, o.acceptance_deadline, o.version, s.done_when"
            f" FROM orders_order o JOIN woop_shop s ON s.id = o.shop_id WHERE {condition}"
            f" ORDER BY o.id{locking}",
            [sql.number_list(ids)],
        )
        return {row[0]: OrderNode(*row) for row in cursor.fetchall()}


def read_children(roots: dict[int, OrderNode]) -> None:
    """Read all packages, then all lines, of the orders."""
    numbers, condition = sql.number_list(roots), sql.any_of("order_id")
    packages: dict[int, PackageNode] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, order_id, type, status, floor FROM orders_package WHERE {condition}"
            " ORDER BY order_id, position",
            [numbers],
        )
        for pk, order_id, *rest in cursor.fetchall():
            packages[pk] = package = PackageNode(pk, roots[order_id], *rest)
            package.order.packages.append(package)
        cursor.execute(
            f"SELECT id, package_id, status, floor FROM orders_orderlinetopackage WHERE {condition}"
            " ORDER BY id",
            [numbers],
        )
        for pk, package_id, status, floor in cursor.fetchall():
            package = packages[package_id]
            package.lines.append(LineNode(pk, package, status, floor))


registry.kinds |= {node.kind: node for node in (OrderNode, PackageNode, LineNode)}
registry.read_roots = read_roots
registry.read_children = read_children
