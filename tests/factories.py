"""Shops and orders for tests: small orders through the services, huge ones straight into the tables."""

from decimal import Decimal
from itertools import count, cycle

from carriers.services import ensure_manual_account
from collect.models import Collect, CollectPackage
from deliveries.models import Delivery, DeliveryPackage
from orders.drafts import LineDraft, OrderDraft, PackageDraft
from orders.models import Order, Orderline, OrderlineToPackage, Package
from orders.services import create_order
from orders.statuses import PackageType
from woop.actors import Actor
from woop.clock import now
from woop.models import Shop, Store
from woop.sources import Source

ADDRESS = {
    "customer_name": "Ada Morel",
    "recipient_name": "Ada Morel",
    "street": "Rue du Port 1",
    "postal_code": "29200",
    "city": "Brest",
    "country": "FR",
}
EVERY_TYPE = tuple(PackageType)

_numbers = count(1)


def make_shop(**columns):
    """Make a shop with one store and the account of the carrier without integration."""
    shop = Shop.objects.create(**{"code": f"shop-{next(_numbers)}", "name": "Shop"} | columns)
    Store.objects.create(shop=shop, code="store", name="Store")
    ensure_manual_account(shop)
    return shop


def agent(shop, source=Source.BO, **rights):
    return Actor(source, "user:1", shop.pk, **rights)


def supervisor(shop):
    return agent(shop, can_override=True)


def make_order(shop, packages=1, lines=1, types=(PackageType.HOMEDELIVERY,), **draft):
    """Make one order, whose packages take the types in turn, as a client would."""
    skus = [f"SKU-{line}" for line in range(1, lines + 1)]
    kinds = cycle(types)
    wanted = OrderDraft(
        lines=tuple(LineDraft(sku, packages, Decimal("9.90")) for sku in skus),
        packages=tuple(
            PackageDraft(next(kinds), tuple((sku, 1) for sku in skus)) for _package in range(packages)
        ),
        **{"data": ADDRESS} | draft,
    )
    return create_order(shop, wanted, actor=agent(shop))


def make_orders(shop, number, packages=1, lines=1, types=(PackageType.HOMEDELIVERY,)):
    """Make many confirmed orders, or huge ones, past the services: they have no history yet."""
    moment = now()
    common = {"shop": shop, "delivery_status": "ORDER_CREATED", "created_at": moment, "modified_at": moment}
    orders = Order.objects.bulk_create(
        Order(number=f"T{next(_numbers)}", **common, **ADDRESS) for _order in range(number)
    )
    boxes = Package.objects.bulk_create(
        Package(shop=shop, order=order, position=position, type=types[position % len(types)])
        for order in orders
        for position in range(1, packages + 1)
    )
    articles = Orderline.objects.bulk_create(
        Orderline(shop=shop, order=order, position=n, sku=f"SKU-{n}", quantity=packages, unit_price=1)
        for order in orders
        for n in range(1, lines + 1)
    )
    _fill(shop, orders, boxes, articles)
    return orders


def _fill(shop, orders, boxes, articles):
    held = {order.pk: [] for order in orders}
    for article in articles:
        held[article.order_id].append(article)
    OrderlineToPackage.objects.bulk_create(
        OrderlineToPackage(shop=shop, order_id=box.order_id, package=box, orderline=article, quantity=1)
        for box in boxes
        for article in held[box.order_id]
    )


def add_deliveries(orders):
    """Give each package for home delivery a delivery of its own, past the services."""
    shop, moment = orders[0].shop, now()
    account = ensure_manual_account(shop)
    boxes = Package.objects.filter(order__in=orders, type=PackageType.HOMEDELIVERY).order_by("pk")
    common = {"shop": shop, "account": account, "created_at": moment, "modified_at": moment}
    deliveries = Delivery.objects.bulk_create(Delivery(order_id=box.order_id, **common) for box in boxes)
    DeliveryPackage.objects.bulk_create(
        DeliveryPackage(shop=shop, delivery=delivery, package=box)
        for delivery, box in zip(deliveries, boxes, strict=True)
    )
    return deliveries


def add_collects(orders):
    """Give each order a collect of all its packages of that type, past the services."""
    shop, moment = orders[0].shop, now()
    common = {"shop": shop, "store": shop.stores.first(), "created_at": moment, "modified_at": moment}
    collects = Collect.objects.bulk_create(Collect(order=order, **common) for order in orders)
    by_order = {collect.order_id: collect for collect in collects}
    CollectPackage.objects.bulk_create(
        CollectPackage(shop=shop, collect=by_order[box.order_id], package=box)
        for box in Package.objects.filter(order__in=orders, type=PackageType.COLLECT)
    )
    return collects
