"""Reading orders: the one entrance for whoever asks, and what pages need."""

from django.db.models import Q, QuerySet

from orders.models import Order, OrderlineToPackage, Package
from woop.actors import Actor


def orders_for(actor: Actor) -> QuerySet[Order]:
    """Return the orders that the actor may see at all."""
    orders: QuerySet[Order] = Order.objects.all()
    if actor.shop_id is not None:
        orders = orders.filter(shop_id=actor.shop_id)
    if actor.store_ids is not None:
        orders = orders.filter(store_id__in=actor.store_ids)
    return orders


def packages_for(actor: Actor) -> QuerySet[Package]:
    packages: QuerySet[Package] = Package.objects.filter(within(actor))
    return packages


def lines_for(actor: Actor) -> QuerySet[OrderlineToPackage]:
    lines: QuerySet[OrderlineToPackage] = OrderlineToPackage.objects.filter(within(actor))
    return lines


def within(actor: Actor) -> Q:
    """Return the condition that a row with an order is one that the actor may see."""
    condition = Q()
    if actor.shop_id is not None:
        condition &= Q(shop_id=actor.shop_id)
    if actor.store_ids is not None:
        condition &= Q(order__store_id__in=actor.store_ids)
    return condition
