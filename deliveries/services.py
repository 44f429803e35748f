"""Writing deliveries: made by hand, or asked for at a carrier."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from carriers.models import CarrierAccount
from deliveries.adding import add_delivery, waiting_packages
from deliveries.choice import CHOOSABLE, enqueue_booking, send_to_carrier
from deliveries.models import Delivery
from orders.models import Order, Package
from orders.nodes import PackageNode
from orders.statuses import Acceptance, DeliveryStatusOfOrder, OrderStatus
from woop import jobs
from woop.actors import Actor
from woop.errors import InvalidInput, RuleError, refuse
from woop.models import Job
from woop.plans import Plan
from woop.transitions import locked


def request_delivery(
    order: Order,
    *,
    actor: Actor,
    account_code: str = "",
    package_ids: list[int] | None = None,
    version: int | None = None,
) -> Delivery | None:
    """Have packages of an order delivered; None while a carrier has not answered yet.

    `account_code` names the carrier account; empty lets the choice run; "manual" makes the delivery at
    once. Without `package_ids`, all packages for home delivery that nobody carries. An integrated
    carrier is called after the commit, so never call this inside a transaction for one.
    """
    if not account_code:
        _request_choice(order, actor, version)
        return None
    account = CarrierAccount.objects.filter(shop_id=order.shop_id, code=account_code).first()
    if account is None:
        raise InvalidInput(carrier_account=_("There is no such carrier account."))
    if account.is_manual:
        return _make_by_hand(order, account, actor, package_ids, version)
    return _book_now(order, account, actor, package_ids, version)


def _request_choice(order: Order, actor: Actor, version: int | None) -> None:
    with locked("order", [order.pk], by=actor, version=version) as plans:
        plan = _checked(plans)
        verdict = plan.attempt(plan.order, DeliveryStatusOfOrder.TO_BE_QUOTED, "delivery_status")
        if verdict.refusal:
            raise RuleError(verdict.refusal)


def _make_by_hand(
    order: Order, account: CarrierAccount, actor: Actor, ids: list[int] | None, version: int | None
) -> Delivery:
    with locked("order", [order.pk], by=actor, version=version) as plans:
        plan = _checked(plans)
        row, _node = add_delivery(plan, account, chosen_packages(plan, ids), actor.source)
    return row


def _book_now(
    order: Order, account: CarrierAccount, actor: Actor, ids: list[int] | None, version: int | None
) -> Delivery | None:
    """Leave a job for each package (D14), and do the first at once rather than wait for a worker."""
    with locked("order", [order.pk], by=actor, version=version) as plans:
        plan = _checked(plans)
        rows = Package.objects.in_bulk([node.id for node in chosen_packages(plan, ids)])
        # A choice that waits must not book elsewhere while this carrier's answer is still unknown.
        cause = send_to_carrier(plan) if plan.order.delivery_status in CHOOSABLE else None
        keys = [enqueue_booking(plan, account, row, cause) for row in rows.values()]
    for key in keys:
        _do_now(key)
    reference = keys[0].split(":", 2)[2]
    made: Delivery | None = Delivery.objects.filter(account=account, external_reference=reference).first()
    return made


def _do_now(key: str) -> None:
    job = Job.objects.get(key=key)
    if jobs.claim_one(job):
        jobs.run(job)


def _checked(plans: list[Plan]) -> Plan:
    if not plans:
        raise Order.DoesNotExist
    order: Any = plans[0].order
    if order.acceptance == Acceptance.PENDING:
        raise refuse("acceptance_pending", _("The order waits for its acceptance."))
    if order.status == OrderStatus.CANCELLED:
        raise refuse("final", _("The order is cancelled."))
    return plans[0]


def chosen_packages(plan: Plan, ids: list[int] | None) -> list[PackageNode]:
    """Return the packages asked for, or all that wait; refuse those that cannot go."""
    waiting = waiting_packages(plan)
    if ids is None:
        if not waiting:
            raise refuse("no_package", _("No package of this order waits for a delivery."))
        return waiting
    by_id = {package.id: package for package in plan.order.packages}
    if not ids or any(pk not in by_id or by_id[pk].type != "homedelivery" for pk in ids):
        raise InvalidInput(packages=_("Name packages for home delivery of this order."))
    if any(by_id[pk] not in waiting for pk in ids):
        raise refuse("package_not_waiting", _("A package is under way already, or is not to be sent."))
    return [by_id[pk] for pk in dict.fromkeys(ids)]
