"""What happens to orders with carriers, in few words."""

from datetime import timedelta

from carriers import inbox
from carriers.adapters.base import ParcelStatus
from carriers.models import CarrierMessage
from carriers.services import create_account
from carriers.statuses import Channel
from deliveries.models import Delivery
from deliveries.services import request_delivery
from orders.models import Order
from tests.factories import add_deliveries, agent, make_order
from tests.orders.building import state
from woop import jobs
from woop.models import Alert, Job, JobState


def work():
    """Do all that waits, retries included, until nothing is left; the clock does not count."""
    for _round in range(20):
        Job.objects.filter(state=JobState.WAITING).update(next_try_at="2020-01-01T00:00Z")
        if not jobs.run_due() + inbox.run_due():
            return
    raise AssertionError("there is always more to do")


def booked(order, account):
    """Have the order's packages booked at a carrier, and answer their deliveries."""
    request_delivery(order, actor=agent(order.shop), account_code=account.code)
    work()
    return list(Delivery.objects.filter(order=order).order_by("pk"))


def by_hand(order, **how):
    """Make a delivery without a carrier's help."""
    return request_delivery(order, actor=agent(order.shop), account_code="manual", **how)


def say(delivery, raw, at=None, minutes=0, **fields):
    """Bring in what a carrier says, and answer the message with its verdict; the first one for a repeat."""
    occurred = None if at is None else at + timedelta(minutes=minutes)
    item = ParcelStatus(delivery.carrier_ref, raw, occurred_at=occurred, **fields)
    body = f"{delivery.pk} {raw} {occurred} {CarrierMessage.objects.count()}".encode()
    for message in inbox.receive(delivery.account, Channel.HOOK, [item], body=body):
        inbox.apply(message)
    return CarrierMessage.objects.filter(carrier_ref=delivery.carrier_ref, raw_status=raw).get(
        occurred_at=occurred
    )


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def status(delivery):
    return Delivery.objects.values_list("status", flat=True).get(pk=delivery.pk)


def everything(order):
    """Answer all statuses of an order: fulfilment, delivery_status, its deliveries."""
    deliveries = [d.status for d in order.deliveries.order_by("pk")]
    return (*state(order), Order.objects.get(pk=order.pk).delivery_status, deliveries)


def alerts(order):
    return list(Alert.objects.filter(order=order).order_by("pk").values_list("code", flat=True))


def carried_by(shop, carrier, **order):
    """Answer a delivery that a carrier has taken on, without calling it."""
    account = shop.carrier_accounts.filter(carrier=carrier).first() or create_account(shop, carrier)
    made = make_order(shop, **order)
    (delivery,) = add_deliveries([made])
    reference = {"carrier_ref": f"{delivery.pk}", "external_reference": f"R{delivery.pk}"}
    Delivery.objects.filter(pk=delivery.pk).update(account=account, **reference)
    Order.objects.filter(pk=made.pk).update(delivery_status="ORDER_TO_DELIVER")
    return fresh(delivery)
