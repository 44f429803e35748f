"""Orders with quantities, and what became of them, in few words."""

from decimal import Decimal

from orders.drafts import LineDraft, OrderDraft, PackageDraft
from orders.models import Order
from orders.services import create_order
from orders.statuses import PackageType
from tests.factories import ADDRESS, agent, supervisor
from woop.transitions import change_status

KINDS = {"Order": "order", "Package": "package", "OrderlineToPackage": "line"}
KINDS |= {"Delivery": "delivery", "Collect": "collect"}


def order_of(shop, *packages, **draft):
    """Make an order of packages, each (type, {sku: quantity}) with measures to follow."""
    wanted = {}
    for _type, held, *_measures in packages:
        for sku, quantity in held.items():
            wanted[sku] = wanted.get(sku, 0) + quantity
    draft = {"data": ADDRESS} | draft
    lines = tuple(LineDraft(sku, quantity, Decimal("5.00")) for sku, quantity in wanted.items())
    boxes = tuple(
        PackageDraft(PackageType(type), tuple(held.items()), *measures) for type, held, *measures in packages
    )
    return create_order(shop, OrderDraft(lines=lines, packages=boxes, **draft), actor=agent(shop))


def move(row, to, *, by=None, **how):
    """Take one row to a status, as a supervisor of its shop unless somebody else is named."""
    kind = KINDS[type(row).__name__]
    return change_status(kind, [row.pk], to, by=by or supervisor(row.shop), **how)


def must_move(row, to, **how):
    outcome = move(row, to, **how)
    assert outcome.refusal is None, outcome.refusal
    return outcome


def state(order):
    """Answer all fulfilment statuses of an order, from the top."""
    order = Order.objects.get(pk=order.pk)
    packages = [package.status for package in order.packages.order_by("position")]
    return order.status, packages, [line.status for line in order.package_lines.order_by("id")]


def history_is_whole(order):
    """Tell whether the sequences count to the version of the order, without gaps."""
    order = Order.objects.get(pk=order.pk)
    sequences = list(order.events.order_by("sequence").values_list("sequence", flat=True))
    return sequences == list(range(1, order.version + 1))


def story(outcome):
    """Answer what moved, in the order of the events."""
    return [(event.node.kind, event.from_status, event.to_status, event.source) for event in outcome.moved]


def left(outcome):
    """Answer what was left alone, and why."""
    return [(kept.node.kind, kept.status, kept.code) for kept in outcome.kept]


def warned(outcome):
    return [note.code for note in outcome.warnings]


def codes(outcome):
    return [verdict.refusal and verdict.refusal.code for verdict in outcome.verdicts]
