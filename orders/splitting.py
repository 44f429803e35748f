"""Dividing lines by quantity (D6): the sum of an order line over its rows never changes."""

from orders.models import OrderlineToPackage, Package
from orders.nodes import LineNode, PackageNode
from woop.outcomes import Event
from woop.plans import Plan
from woop.sources import Source

PackagePair = tuple[Package, PackageNode]


def add_package(plan: Plan, like: PackageNode, source: Source, cause: int | None = None) -> PackagePair:
    """Plan a new package of the same type and status as another one of the order."""
    position = Package.objects.filter(order_id=plan.order.id).count() + 1
    position += sum(1 for row, _node in plan.new_rows if isinstance(row, Package))
    row = Package(
        shop_id=plan.order.shop_id,
        order_id=plan.order.id,
        position=position,
        type=like.type,
        status=like.status,
        floor=like.floor,
    )
    node = PackageNode(0, plan.order, like.type, like.status, like.floor)
    plan.order.packages.append(node)
    plan.add(row, node)
    plan.made(node, source, cause, quantities={"split_from": like.id})
    return row, node


def split_row(
    plan: Plan,
    line: LineNode,
    row: OrderlineToPackage,
    quantity: int,
    to: PackagePair,
    source: Source,
    cause: int | None = None,
) -> tuple[OrderlineToPackage, Event]:
    """Plan a second row with `quantity` pieces of the first, in the same status."""
    package_row, package = to
    left = row.quantity - quantity
    half = OrderlineToPackage(
        shop_id=row.shop_id,
        order_id=row.order_id,
        package=package_row,
        orderline_id=row.orderline_id,
        quantity=quantity,
        status=line.status,
        floor=line.floor,
    )
    node = LineNode(0, package, line.status, line.floor)
    package.lines.append(node)
    row.quantity = left
    plan.edit(row, "quantity")
    plan.add(half, node)
    quantities = {"quantity": quantity, "split_from": line.id, "left": left}
    return half, plan.made(node, source, cause, quantities=quantities)


def move_row(plan: Plan, line: LineNode, row: OrderlineToPackage, to: PackagePair) -> None:
    """Plan to put a whole row into another package of the same order."""
    package_row, package = to
    line.package.lines.remove(line)
    package.lines.append(line)
    line.package = package
    row.package = package_row
    plan.edit(row, "package")
