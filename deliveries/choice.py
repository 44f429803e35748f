"""Choosing the carrier of an order: the first enabled account whose limits fit."""

from datetime import datetime, timedelta
from typing import Any

from carriers.models import MANUAL, CarrierAccount
from deliveries.adding import waiting_packages
from deliveries.statuses import derive_order_status
from orders.models import Package
from orders.nodes import OrderNode
from orders.services import missing_fields
from orders.statuses import FAILURES, Acceptance, DeliveryStatusOfOrder, OrderStatus
from woop import clock, machines
from woop.actors import Actor
from woop.jobs import TryAgain, handler
from woop.models import Job
from woop.plans import Plan
from woop.sources import Source
from woop.transitions import locked

D = DeliveryStatusOfOrder

# A shop without integrations makes its deliveries by hand: not at once a failure.
GRACE = timedelta(seconds=5)

CHOOSABLE = frozenset({D.CREATED, D.UPDATED, D.TO_BE_QUOTED, D.DELIVERY_UNCOMPLETED, *FAILURES})
LIMITS = {
    "weight_g": "max_weight_g",
    "length_mm": "max_length_mm",
    "width_mm": "max_width_mm",
    "height_mm": "max_height_mm",
}


@handler("choose_carrier")
def choose_carrier(job: Job) -> None:
    """Walk the order from its creation to the request at the carrier; does nothing the second time."""
    assert job.order_id is not None
    with locked("order", [job.order_id], by=Actor.system(Source.DELIVERY)) as plans:
        for plan in plans:
            if may_choose(plan.order):
                choose(plan, job.payload.get("cause"), job.created_at)


def may_choose(order: OrderNode) -> bool:
    """Tell whether the choice is still wanted: nobody made the delivery by hand or cancelled meanwhile."""
    statuses = [d.status for d in order.others.get("delivery", ()) if not d.is_replaced and d.is_open]
    return (
        order.delivery_status in CHOOSABLE
        and order.acceptance not in (Acceptance.PENDING, Acceptance.CANCELLED_MANUALLY)
        and order.status != OrderStatus.CANCELLED
        and derive_order_status(statuses) is None
    )


def choose(plan: Plan, cause: int | None, asked_at: datetime) -> None:
    """Find the account and leave a booking for each package; every step is caused by the one before."""
    packages = {node.id: node for node in waiting_packages(plan)}
    rows = list(Package.objects.filter(pk__in=packages).select_related("order").order_by("position"))
    if not rows or missing_fields(rows[0].order):
        return
    account = first_fitting(rows)
    if account is None and not has_integrations(plan.order.shop_id) and asked_at > clock.now() - GRACE:
        raise TryAgain("nobody can be called: a delivery made by hand is awaited for a moment")
    if account is None:
        _pass_through(plan, cause, D.WITH_NO_CARRIER_ELIGIBLE)
        return
    cause = send_to_carrier(plan, cause)
    for row in rows:
        enqueue_booking(plan, account, row, cause)


def send_to_carrier(plan: Plan, cause: int | None = None) -> int | None:
    """Take the order to where the carrier's answer is awaited: from here on no other choice begins."""
    return _pass_through(plan, cause, D.TO_BE_QUOTED, D.QUOTED, D.TO_BE_SENT_TO_CARRIER)


def _pass_through(plan: Plan, cause: int | None, *targets: D) -> int | None:
    """Go to each status in turn, by way of TO_BE_QUOTED where the first one cannot be reached directly."""

    def step(target: D) -> int:
        return plan.move(plan.order, target, Source.DELIVERY, cause, field="delivery_status").sequence

    for target in targets:
        current = plan.order.delivery_status
        if current == target:
            continue
        if machines.find(plan.order.model, "delivery_status", current, target) is None:
            cause = step(D.TO_BE_QUOTED)
        cause = step(target)
    return cause


def enqueue_booking(plan: Plan, account: CarrierAccount, package: Package, cause: int | None = None) -> str:
    """Leave the booking of one package as work; its key is our reference at the carrier, for ever."""
    # Cut, for carriers keep eighty characters; the package's key makes it unique all the same.
    reference = f"{plan.order.number[:40]}-{package.position}-{package.pk}.{plan.order.version}"
    key = f"book:{account.pk}:{reference}"
    plan.enqueue(
        "book_delivery", key, package=package.pk, account=account.pk, reference=reference, cause=cause
    )
    return key


def first_fitting(packages: list[Package]) -> CarrierAccount | None:
    """Return the shop's first enabled account that can carry every package; never the manual one."""
    accounts = CarrierAccount.objects.filter(shop_id=packages[0].shop_id, is_enabled=True)
    for account in accounts.order_by("priority", "id"):
        if not account.is_manual and all(fits(account, package) for package in packages):
            return account
    return None


def has_integrations(shop_id: int) -> bool:
    """Tell whether the shop has any carrier that can be called."""
    accounts = CarrierAccount.objects.filter(shop_id=shop_id, is_enabled=True)
    return bool(accounts.exclude(carrier=MANUAL).exists())


def fits(account: CarrierAccount, package: Any) -> bool:
    """Tell whether a package is within the limits; what is not known does not count against it."""
    country = package.order.country
    if account.countries and country not in account.countries:
        return False
    for measure, limit in LIMITS.items():
        value, most = getattr(package, measure), getattr(account, limit)
        if value is not None and most is not None and value > most:
            return False
    return True
