"""Adding a delivery to an order, within a plan: by hand, or when a carrier has taken it on."""

from typing import Any

from carriers.models import CarrierAccount
from deliveries.cascades import derive_delivery_status
from deliveries.models import Delivery, DeliveryPackage
from deliveries.nodes import BOOKED, REPLACED, DeliveryNode, attach
from orders.models import Package
from orders.nodes import PackageNode
from woop.plans import Plan
from woop.sources import Source


def add_delivery(
    plan: Plan,
    account: CarrierAccount,
    packages: list[PackageNode],
    source: Source,
    cause: int | None = None,
    **columns: Any,
) -> tuple[Delivery, DeliveryNode]:
    """Plan a delivery that takes the packages over from earlier attempts. The order must be locked."""
    now = plan.context.recorded_at
    row = Delivery(
        shop_id=plan.order.shop_id,
        order_id=plan.order.id,
        account=account,
        created_at=now,
        modified_at=now,
        **columns,
    )
    flags = (BOOKED if row.carrier_ref else 0) | (REPLACED if row.replaced_by_id else 0)
    node = DeliveryNode(0, plan.order, row.status, account.carrier, row.dropoff_count, flags)
    _take_over(plan, row, packages)
    plan.order.others.setdefault("delivery", []).append(node)
    plan.add(row, node)
    for package in packages:
        link = DeliveryPackage(shop_id=plan.order.shop_id, delivery=row, package=Package(pk=package.id))
        plan.add(link)
        attach(node, package)
    derive_delivery_status(plan, plan.made(node, source, cause))
    return row, node


def _take_over(plan: Plan, row: Delivery, packages: list[PackageNode]) -> None:
    """End earlier attempts at these packages; one that has no package left is replaced (D7)."""
    ids = {package.id for package in packages}
    # At once, for the database allows one current attempt a package.
    DeliveryPackage.objects.filter(package__in=ids, is_current=True).update(is_current=False)
    for earlier in plan.order.others.get("delivery", ()):
        moved = [package for package in earlier.packages if package.id in ids]
        for package in moved:
            earlier.packages.remove(package)
            earlier.earlier_packages.append(package)
        if moved and not earlier.packages:
            earlier.flags |= REPLACED
            replaced = Delivery.objects.get(pk=earlier.id)
            replaced.replaced_by = row
            plan.edit(replaced, "replaced_by")


def waiting_packages(plan: Plan) -> list[PackageNode]:
    """Return the packages for home delivery that nobody carries yet."""
    return [
        package
        for package in plan.order.packages
        if package.type == "homedelivery"
        and package.status < 3
        and (package.delivery is None or not package.delivery.is_open)
    ]
