"""The partial hand-over (D11): what was handed over stays and is done, the rest waits for another day."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from collect.models import Collect, CollectPackage
from collect.nodes import CollectNode
from collect.statuses import CollectStatus
from orders.cascades import lead
from orders.models import OrderlineToPackage
from orders.nodes import LineNode, PackageNode
from orders.splitting import add_package, move_row, split_row
from orders.statuses import CANCELLED, ERROR, PackageStatus
from woop.outcomes import Event, Refusal
from woop.plans import Plan
from woop.sources import Source


def read_quantities(plan: Plan, collect: Any) -> Refusal | None:
    """Check the quantities that were handed over and keep them, with the rows, in the plan's details.

    `details["lines"]` is a list of {"id": primary key, "quantity": pieces}; a line that is not named
    was not handed over.
    """
    given = plan.details.get("lines")
    if not given:
        return Refusal("quantities_required", _("Say how many of each line were handed over."))
    rows = {row.pk: row for row in _rows_of(collect)}
    handed = {line["id"]: line["quantity"] for line in given}
    if len(handed) != len(given) or not handed.keys() <= rows.keys():
        return Refusal("unknown_line", _("Name each line of this collect at most once."))
    if any(not 0 <= quantity <= rows[pk].quantity for pk, quantity in handed.items()):
        return Refusal("quantity_too_high", _("No more can be handed over than there is."))
    if any(quantity and rows[pk].status in (ERROR, CANCELLED) for pk, quantity in handed.items()):
        return Refusal("line_not_available", _("A line in error or cancelled cannot be handed over."))
    if not any(handed.values()):
        return Refusal("nothing_handed_over", _("Nothing was handed over."))
    open_rows = [row for row in rows.values() if row.status != CANCELLED]
    if all(handed.get(row.pk, 0) == row.quantity for row in open_rows):
        return Refusal("everything_handed_over", _("Everything was handed over: the hand-over is complete."))
    plan.details |= {"handed": handed, "rows": rows}
    return None


def _rows_of(collect: CollectNode) -> list[OrderlineToPackage]:
    packages = [package.id for package in collect.packages]
    return list(OrderlineToPackage.objects.filter(package__in=packages).order_by("id"))


def hand_over_in_part(plan: Plan, event: Event) -> None:
    """Split, make the follow-up collect, and take what was handed over to Received."""
    collect: CollectNode = event.node
    follow_up, follow_up_node = _follow_up(plan, collect, event)
    for package in list(collect.packages):
        _divide(plan, package, collect, (follow_up, follow_up_node), event)
    plan.made(follow_up_node, Source.COLLECT, event.sequence)
    for package in collect.packages:
        lead(plan, package, PackageStatus.RECEIVED, Source.COLLECT, event.sequence)


def _follow_up(plan: Plan, collect: CollectNode, event: Event) -> tuple[Collect, CollectNode]:
    now = plan.context.recorded_at
    row = Collect(
        shop_id=plan.order.shop_id,
        order_id=plan.order.id,
        store_id=collect.store_id,
        status=CollectStatus.REPLANNED,
        follows_id=collect.id,
        created_at=now,
        modified_at=now,
    )
    node = CollectNode(0, plan.order, row.status, "", collect.store_id)
    plan.order.others["collect"].append(node)
    plan.add(row, node)
    return row, node


def _divide(
    plan: Plan,
    package: PackageNode,
    collect: CollectNode,
    follow_up: tuple[Collect, CollectNode],
    event: Event,
) -> None:
    """Leave in the package what was handed over, and send the rest on to the follow-up collect."""
    handed, rows = plan.details["handed"], plan.details["rows"]
    waiting = [line for line in package.lines if line.status != CANCELLED]
    rest = [line for line in waiting if handed.get(line.id, 0) < rows[line.id].quantity]
    if not rest:
        return
    row, node = follow_up
    if len(rest) == len(waiting) and not any(handed.get(line.id) for line in rest):
        collect.packages.remove(package)
        node.packages.append(package)
        link = CollectPackage.objects.get(package_id=package.id)
        link.collect = row
        plan.edit(link, "collect")
        return
    new_row, new_node = add_package(plan, package, Source.COLLECT, event.sequence)
    node.packages.append(new_node)
    plan.add(CollectPackage(shop_id=plan.order.shop_id, collect=row, package=new_row))
    for line in rest:
        _send_on(plan, line, rows[line.id], handed.get(line.id, 0), (new_row, new_node), event)


def _send_on(
    plan: Plan,
    line: LineNode,
    row: OrderlineToPackage,
    handed: int,
    to: tuple[Any, PackageNode],
    event: Event,
) -> None:
    if handed:
        split_row(plan, line, row, row.quantity - handed, to, Source.COLLECT, event.sequence)
    else:
        move_row(plan, line, row, to)
