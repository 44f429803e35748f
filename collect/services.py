"""Writing collects."""

from django.utils.translation import gettext_lazy as _

from collect.cascades import add_collect
from collect.models import Collect
from orders.models import Order, Package
from orders.nodes import PackageNode
from orders.statuses import Acceptance, OrderStatus
from woop.actors import Actor
from woop.errors import InvalidInput, refuse
from woop.models import Store
from woop.plans import Plan
from woop.transitions import locked


def create_collect(
    order: Order,
    store: Store,
    *,
    actor: Actor,
    package_ids: list[int] | None = None,
    version: int | None = None,
) -> Collect:
    """Ask a store to hand packages over; without a slot the collect starts at COLLECT_INIT.

    Without `package_ids`, all packages of type collect that no collect has yet.
    """
    with locked("order", [order.pk], by=actor, version=version) as plans:
        if not plans:
            raise Order.DoesNotExist
        plan = plans[0]
        _check_order(plan)
        if store.shop_id != plan.order.shop_id:
            raise InvalidInput(store=_("There is no such store."))
        nodes = _chosen(plan, package_ids)
        rows = Package.objects.in_bulk([node.id for node in nodes])
        collect, _event = add_collect(
            plan, Order.objects.get(pk=order.pk), store, nodes, [rows[node.id] for node in nodes]
        )
    return collect


def _check_order(plan: Plan) -> None:
    order = plan.order
    if order.acceptance == Acceptance.PENDING:
        raise refuse("acceptance_pending", _("The order waits for its acceptance."))
    if order.status == OrderStatus.CANCELLED:
        raise refuse("final", _("The order is cancelled."))


def _chosen(plan: Plan, ids: list[int] | None) -> list[PackageNode]:
    taken = {p.id for collect in plan.order.others.get("collect", ()) for p in collect.packages}
    free = {p.id: p for p in plan.order.packages if p.type == "collect" and p.id not in taken}
    if ids is None:
        if not free:
            raise refuse("no_package", _("No package of this order waits for a collect."))
        return list(free.values())
    known = {p.id for p in plan.order.packages if p.type == "collect"}
    if not ids or not set(ids) <= known:
        raise InvalidInput(packages=_("Name packages for store pick-up of this order."))
    if not set(ids) <= free.keys():
        raise refuse("package_not_waiting", _("A package has its collect already."))
    return [free[pk] for pk in dict.fromkeys(ids)]
