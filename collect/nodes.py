"""Collects as the rows that a change is planned on, and how they are read."""

from typing import Any, ClassVar

from collect.models import Collect
from collect.statuses import ENDED, INTERRUPTED, CollectStatus
from orders.nodes import OrderNode, PackageNode
from woop.nodes import Node, SideRow, Written, registry


class CollectNode(Node):
    __slots__ = ("interrupted_status", "order", "packages", "store_id")

    kind = "collect"
    model = Collect
    is_dated = True
    written: ClassVar = (Written("status", "text"), Written("interrupted_status", "text"))

    def __init__(self, pk: int, order: OrderNode, status: str, interrupted: str, store_id: int) -> None:
        self.id = pk
        self.order = order
        self.status: Any = CollectStatus(status)
        self.interrupted_status = interrupted
        self.store_id = store_id
        self.packages: list[PackageNode] = []

    def take(self, field: str, to: Any) -> None:
        """Remember what was interrupted, through DELAYED and BLOCKED alike, until it goes on."""
        if to in INTERRUPTED:
            self.interrupted_status = self.interrupted_status or self.status
        else:
            self.interrupted_status = ""
        self.status = to

    @property
    def is_open(self) -> bool:
        return self.status not in ENDED


# Raw: one statement reads the deliveries and collects of any number of orders.
SELECT = """
SELECT 'collect' AS kind, c.id, c.order_id, l.package_id, TRUE AS is_current, c.status,
       c.interrupted_status AS memo, c.store_id AS owner_id, 1 AS number, 0 AS flags
FROM collect_collect c
LEFT JOIN collect_collectpackage l ON l.collect_id = c.id
WHERE c.{condition}
"""


def read_side(order: OrderNode, row: SideRow) -> None:
    """Add one row of the statement above: the first of a collect makes its node."""
    collects = order.others.setdefault("collect", [])
    if not collects or collects[-1].id != row.id:
        collects.append(CollectNode(row.id, order, row.status, row.memo, row.owner_id))
    if row.package_id is not None:
        collects[-1].packages.append(next(p for p in order.packages if p.id == row.package_id))


registry.kinds["collect"] = CollectNode
registry.side_selects.append(SELECT)
registry.side_readers["collect"] = read_side
