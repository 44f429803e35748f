"""Deliveries as the rows that a change is planned on, and how they are read."""

from datetime import datetime
from typing import Any, ClassVar

from carriers.adapters.base import Capability
from carriers.registry import adapter_class
from deliveries.models import Delivery
from deliveries.statuses import ENDED, DeliveryStatus
from orders.nodes import OrderNode, PackageNode
from woop.nodes import Node, SideRow, Written, registry
from woop.sources import Source

PICKED_UP, REPLACED, CANCEL_REQUESTED, BOOKED = 1, 2, 4, 8


class DeliveryNode(Node):
    """`packages` are those that this attempt still moves; `earlier_packages` went on with another."""

    __slots__ = (
        "cancel_requested_at",
        "carrier",
        "dropoff_count",
        "earlier_packages",
        "flags",
        "order",
        "packages",
        "picked_up_at",
    )

    kind = "delivery"
    model = Delivery
    is_dated = True
    written: ClassVar = (
        Written("status", "text"),
        Written("picked_up_at", "timestamptz", "COALESCE(n.picked_up_at, t.picked_up_at)"),
        Written(
            "cancel_requested_at", "timestamptz", "COALESCE(n.cancel_requested_at, t.cancel_requested_at)"
        ),
    )

    def __init__(
        self, pk: int, order: OrderNode, status: str, carrier: str, dropoff_count: int = 1, flags: int = 0
    ) -> None:
        self.id = pk
        self.order = order
        self.status: Any = DeliveryStatus(status)
        self.carrier = carrier
        self.dropoff_count = dropoff_count
        self.flags = flags
        self.packages: list[PackageNode] = []
        self.earlier_packages: list[PackageNode] = []
        # Only what this change sets; what is stored already stays.
        self.picked_up_at: datetime | None = None
        self.cancel_requested_at: datetime | None = None

    @property
    def source(self) -> Source:
        return Source(self.carrier)

    @property
    def is_open(self) -> bool:
        return self.status not in ENDED and not self.is_replaced

    @property
    def is_picked_up(self) -> bool:
        return bool(self.flags & PICKED_UP)

    @property
    def is_replaced(self) -> bool:
        return bool(self.flags & REPLACED)

    @property
    def is_cancel_requested(self) -> bool:
        return bool(self.flags & CANCEL_REQUESTED)

    @property
    def is_booked(self) -> bool:
        """Tell whether the carrier knows of it."""
        return bool(self.flags & BOOKED)

    @property
    def can_be_cancelled_by_call(self) -> bool:
        return self.is_booked and Capability.CANCEL in adapter_class(self.carrier).capabilities

    def may_pass_table(self) -> bool:
        return bool(self.status != DeliveryStatus.CLOSED)


# Raw: one statement reads the deliveries and collects of any number of orders.
SELECT = """
SELECT 'delivery' AS kind, d.id, d.order_id, l.package_id, l.is_current, d.status, a.carrier AS memo,
       d.account_id AS owner_id, d.dropoff_count AS number,
       CASE WHEN d.picked_up_at IS NULL THEN 0 ELSE 1 END
       + CASE WHEN d.replaced_by_id IS NULL THEN 0 ELSE 2 END
       + CASE WHEN d.cancel_requested_at IS NULL THEN 0 ELSE 4 END
       + CASE WHEN d.carrier_ref = '' THEN 0 ELSE 8 END AS flags
FROM deliveries_delivery d
JOIN carriers_carrieraccount a ON a.id = d.account_id
LEFT JOIN deliveries_deliverypackage l ON l.delivery_id = d.id
WHERE d.{condition}
"""


def read_side(order: OrderNode, row: SideRow) -> None:
    """Add one row of the statement above: the first of a delivery makes its node."""
    deliveries = order.others.setdefault("delivery", [])
    if not deliveries or deliveries[-1].id != row.id:
        deliveries.append(DeliveryNode(row.id, order, row.status, row.memo, row.number, row.flags))
    if row.package_id is not None:
        attach(deliveries[-1], package_of(order, row.package_id), bool(row.is_current))


def package_of(order: OrderNode, package_id: int) -> PackageNode:
    return next(package for package in order.packages if package.id == package_id)


def attach(delivery: DeliveryNode, package: PackageNode, is_current: bool = True) -> None:
    if is_current:
        delivery.packages.append(package)
        package.delivery = delivery
    else:
        delivery.earlier_packages.append(package)


registry.kinds["delivery"] = DeliveryNode
registry.side_selects.append(SELECT)
registry.side_readers["delivery"] = read_side
