"""Booking at the carrier and cancelling there: jobs that call out between two transactions."""

from django.utils.translation import gettext_lazy as _

from carriers import calls, inbox
from carriers.adapters.base import Address, Booked, Capability, CarrierError, Parcel
from carriers.models import CarrierAccount
from carriers.registry import adapter_class
from carriers.statuses import Channel
from deliveries.adding import add_delivery, waiting_packages
from deliveries.models import Delivery
from deliveries.nodes import DeliveryNode
from deliveries.statuses import DeliveryStatus
from orders.models import Package
from orders.statuses import DeliveryStatusOfOrder, OrderStatus
from woop import clock
from woop.actors import Actor
from woop.jobs import Park, TryAgain, handler
from woop.models import Job
from woop.plans import Plan
from woop.sources import Source
from woop.transitions import locked

DEFAULT_WEIGHT_G = 1000  # where the shop does not weigh: carriers insist on a number


@handler("book_delivery")
def book_delivery(job: Job) -> None:
    """Have one package carried. The delivery exists from the carrier's yes on."""
    account = CarrierAccount.objects.get(pk=job.payload["account"])
    package = Package.objects.select_related("order").get(pk=job.payload["package"])
    reference = job.payload["reference"]
    if Delivery.objects.filter(account=account, external_reference=reference).exists():
        return  # an earlier run came through and died before it could say so
    may_exist = bool(job.payload.get("may_exist"))
    if not may_exist and not _is_still_wanted(package):
        return
    _note_call(job, may_exist=True)  # before the call: a worker that dies in it leaves this behind
    try:
        booked = calls.book(account, parcel_of(package, account, reference), again=may_exist)
    except CarrierError as error:
        _handle_error(job, package, error)
    else:
        record_booking(package, account, job, booked)


def _note_call(job: Job, *, may_exist: bool) -> None:
    """Remember whether the carrier may have taken the parcel on without our knowing."""
    job.payload["may_exist"] = may_exist
    job.save(update_fields=["payload"])


def _is_still_wanted(package: Package) -> bool:
    with locked("package", [package.pk], by=Actor.system(Source.DELIVERY), dry_run=True) as plans:
        plan = plans[0]
        is_alive = plan.order.status != OrderStatus.CANCELLED
        return is_alive and any(node.id == package.pk for node in waiting_packages(plan))


def parcel_of(package: Package, account: CarrierAccount, reference: str) -> Parcel:
    order = package.order
    return Parcel(
        external_reference=reference,
        order_number=order.number,
        address=Address(
            name=order.recipient_name,
            street=order.street,
            postal_code=order.postal_code,
            city=order.city,
            country=order.country,
            email=order.customer_email,
            phone=order.customer_phone,
        ),
        weight_g=package.weight_g or int(account.settings.get("default_weight_g", DEFAULT_WEIGHT_G)),
        length_mm=package.length_mm,
        width_mm=package.width_mm,
        height_mm=package.height_mm,
    )


def record_booking(package: Package, account: CarrierAccount, job: Job, booked: Booked) -> None:
    """Make the delivery that the carrier has taken on, and let its first status in."""
    with locked("package", [package.pk], by=Actor.system(Source.DELIVERY)) as plans:
        plan = plans[0]
        node = next(node for node in plan.order.packages if node.id == package.pk)
        is_wanted = node in waiting_packages(plan) and plan.order.status != OrderStatus.CANCELLED
        row, delivery = add_delivery(
            plan,
            account,
            [node] if is_wanted else [],
            Source.DELIVERY,
            job.payload.get("cause"),
            carrier_ref=booked.carrier_ref,
            external_reference=job.payload["reference"],
            tracking_number=booked.tracking_number,
            tracking_url=booked.tracking_url,
            next_poll_at=clock.now() if polls_each_parcel(account) else None,
            replaced_by_id=None if is_wanted or node.delivery is None else node.delivery.id,
        )
        if not is_wanted:
            _call_off(plan, row, delivery)
    inbox.receive(account, Channel.ANSWER, [booked.status], body=booked.body)


def _call_off(plan: Plan, row: Delivery, delivery: DeliveryNode) -> None:
    """Cancel at the carrier what was booked while the order was cancelled or went another way."""
    plan.alert("booked_in_vain", _("This delivery was booked in vain and is being cancelled."), delivery)
    if delivery.can_be_cancelled_by_call:
        key = f"cancel_delivery:{row.external_reference}"
        plan.enqueue("cancel_delivery", key, reference=row.external_reference, account=row.account_id)
        row.cancel_requested_at = plan.context.recorded_at


def polls_each_parcel(account: CarrierAccount) -> bool:
    capabilities = adapter_class(account.carrier).capabilities
    return Capability.POLL_ONE in capabilities and Capability.POLL_MANY not in capabilities


def _handle_error(job: Job, package: Package, error: CarrierError) -> None:
    if error.unknown and error.permanent:
        _alert(package, "booking_unknown", error.detail)
        raise Park(str(error)) from error
    if not error.permanent:
        if not error.unknown:
            _note_call(job, may_exist=False)
        raise TryAgain(str(error)) from error
    refuse_delivery(package, error)


def refuse_delivery(package: Package, error: CarrierError) -> None:
    """The carrier said no: the order waits for another choice."""
    with locked("package", [package.pk], by=Actor.system(Source.DELIVERY)) as plans:
        plan = plans[0]
        if plan.order.delivery_status == DeliveryStatusOfOrder.TO_BE_SENT_TO_CARRIER:
            plan.move(
                plan.order,
                DeliveryStatusOfOrder.REFUSED_DELIVERY,
                Source.DELIVERY,
                field="delivery_status",
            )
        node = next(node for node in plan.order.packages if node.id == package.pk)
        plan.alert("booking_refused", error.detail, node)


def _alert(package: Package, code: str, detail: str) -> None:
    with locked("package", [package.pk], by=Actor.system(Source.DELIVERY)) as plans:
        node = next(node for node in plans[0].order.packages if node.id == package.pk)
        plans[0].alert(code, detail, node)


# --- cancelling at the carrier ---------------------------------------------------------------------


@handler("cancel_delivery")
def cancel_delivery(job: Job) -> None:
    """Ask the carrier to cancel. A yes ends the delivery, a no raises an alert (D12)."""
    delivery = _delivery_of(job)
    if not delivery.carrier_ref:
        return
    try:
        answer = calls.cancel(delivery.account, delivery.carrier_ref, again=job.attempts > 1)
    except CarrierError as error:
        if not error.permanent:
            raise TryAgain(str(error)) from error
        note_refused_cancellation(delivery, error.detail)
        return
    if answer.verdict in {"done", "gone"}:
        confirm_cancellation(delivery)
    elif answer.verdict in {"refused", "unknown_parcel"}:
        note_refused_cancellation(delivery, answer.detail)


def _delivery_of(job: Job) -> Delivery:
    deliveries = Delivery.objects.select_related("account")
    if "delivery" in job.payload:
        return deliveries.get(pk=job.payload["delivery"])
    return deliveries.get(account=job.payload["account"], external_reference=job.payload["reference"])


def confirm_cancellation(delivery: Delivery) -> None:
    """End a delivery that its carrier has cancelled at our request; its packages stay (D13)."""
    by = Actor(Source(delivery.account.carrier), f"account:{delivery.account_id}")
    with locked("delivery", [delivery.pk], by=by) as plans:
        for node in plans[0].order.others["delivery"]:
            if node.id == delivery.pk:
                plans[0].attempt(node, DeliveryStatus.CANCELLED)


def note_refused_cancellation(delivery: Delivery, detail: str) -> None:
    """The carrier will deliver all the same: a person must know."""
    with locked("delivery", [delivery.pk], by=Actor.system(Source.DELIVERY)) as plans:
        plan = plans[0]
        node = next(node for node in plan.order.others["delivery"] if node.id == delivery.pk)
        row = Delivery.objects.get(pk=delivery.pk)
        row.cancel_requested_at = None
        plan.edit(row, "cancel_requested_at")
        plan.alert("cancel_refused", detail or _("The carrier did not cancel."), node)
