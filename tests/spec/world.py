"""Put a model's state into the database, as it is, and read it back; many at once, past the door."""

from dataclasses import dataclass, field
from itertools import count

from carriers.services import create_account, ensure_manual_account
from collect.models import Collect, CollectPackage
from deliveries.models import Delivery, DeliveryPackage
from orders.models import Order, Orderline, OrderlineToPackage, Package
from tests.reference import state as model
from woop.clock import now
from woop.models import Shop, Store

_numbers = count(1)


@dataclass
class World:
    """Two shops that differ in what makes an order done, each with a store and one account per carrier."""

    shops: dict = field(default_factory=dict)
    stores: dict = field(default_factory=dict)
    accounts: dict = field(default_factory=dict)

    @classmethod
    def make(cls):
        world = cls()
        for done_when in ("sent", "received"):
            shop = Shop.objects.create(code=f"shop-{done_when}", done_when=done_when)
            world.shops[done_when] = shop
            world.stores[done_when] = Store.objects.create(shop=shop, code="store")
            world.accounts[done_when, "manual"] = ensure_manual_account(shop)
            for carrier in ("veloyd", "sendcloud"):
                world.accounts[done_when, carrier] = create_account(shop, carrier)
        return world

    def put(self, states):
        """Store states with their statuses as they are; answer the same states with the real keys."""
        orders = Order.objects.bulk_create([self._order(state) for state in states])
        pairs = list(zip(orders, states, strict=True))
        orderlines = self._orderlines(pairs)
        packages = self._packages(pairs)
        self._lines(pairs, packages, orderlines)
        self._deliveries(pairs, packages)
        self._collects(pairs, packages)
        return read([order.pk for order in orders])

    def _order(self, state):
        order, moment = state.order, now()
        return Order(
            shop=self.shops[state.done_when],
            number=f"T{next(_numbers)}",
            status=order.status,
            floor=order.floor,
            delivery_status=order.delivery_status,
            acceptance=order.acceptance,
            acceptance_deadline=order.deadline or (moment if order.acceptance == "pending" else None),
            created_at=moment,
            modified_at=moment,
        )

    def _orderlines(self, pairs):
        rows = [
            Orderline(
                shop=order.shop,
                order=order,
                position=orderline,
                sku=f"S{orderline}",
                quantity=quantity,
                unit_price=1,
            )
            for order, state in pairs
            for orderline, quantity in state.quantities().items()
        ]
        return {(row.order_id, row.position): row for row in Orderline.objects.bulk_create(rows)}

    def _packages(self, pairs):
        keys = [(order.pk, p.id) for order, state in pairs for p in state.packages.values()]
        rows = [
            Package(shop=order.shop, order=order, position=p.id, type=p.type, status=p.status, floor=p.floor)
            for order, state in pairs
            for p in state.packages.values()
        ]
        return dict(zip(keys, Package.objects.bulk_create(rows), strict=True))

    def _lines(self, pairs, packages, orderlines):
        OrderlineToPackage.objects.bulk_create(
            OrderlineToPackage(
                shop=order.shop,
                order=order,
                package=packages[order.pk, line.package],
                orderline=orderlines[order.pk, line.orderline],
                quantity=line.quantity,
                status=line.status,
                floor=line.floor,
            )
            for order, state in pairs
            for line in state.lines.values()
        )

    def _deliveries(self, pairs, packages):
        wanted = [(order, state, d) for order, state in pairs for d in state.deliveries.values()]
        rows = Delivery.objects.bulk_create([self._delivery(order, state, d) for order, state, d in wanted])
        links = [
            DeliveryPackage(
                shop=order.shop,
                delivery=row,
                package=packages[order.pk, pk],
                is_current=pk in delivery.packages,
            )
            for row, (order, _, delivery) in zip(rows, wanted, strict=True)
            for pk in (*delivery.packages, *delivery.earlier)
        ]
        DeliveryPackage.objects.bulk_create(links)
        for row, (_, _, delivery) in zip(rows, wanted, strict=True):
            if delivery.replaced:  # by whichever: only that there is one counts
                Delivery.objects.filter(pk=row.pk).update(replaced_by=row.pk)

    def _delivery(self, order, state, delivery):
        moment = now()
        return Delivery(
            shop=order.shop,
            order=order,
            account=self.accounts[state.done_when, delivery.carrier],
            status=delivery.status,
            carrier_ref=f"R{next(_numbers)}" if delivery.confirms_cancel else "",
            dropoff_count=2 if delivery.several_drop_offs else 1,
            picked_up_at=moment if delivery.picked_up else None,
            cancel_requested_at=moment if delivery.cancel_requested else None,
            created_at=moment,
            modified_at=moment,
        )

    def _collects(self, pairs, packages):
        wanted = [(order, state, c) for order, state in pairs for c in state.collects.values()]
        moment = now()
        rows = Collect.objects.bulk_create(
            Collect(
                shop=order.shop,
                order=order,
                store=self.stores[state.done_when],
                status=collect.status,
                interrupted_status=collect.interrupted,
                created_at=moment,
                modified_at=moment,
            )
            for order, state, collect in wanted
        )
        CollectPackage.objects.bulk_create(
            CollectPackage(shop=order.shop, collect=row, package=packages[order.pk, pk])
            for row, (order, _, collect) in zip(rows, wanted, strict=True)
            for pk in collect.packages
        )


def read(order_ids):
    """Answer the states of these orders, in this order, as the database has them now."""
    found = {
        row.pk: model.State(_read_order(row), done_when=row.shop.done_when)
        for row in Order.objects.filter(pk__in=order_ids).select_related("shop")
    }
    _read_packages(found)
    _read_deliveries(found)
    _read_collects(found)
    return [found[pk] for pk in order_ids]


def _read_order(row):
    return model.Order(
        row.status, row.floor, row.delivery_status, row.acceptance, row.acceptance_deadline, row.pk
    )


def _read_packages(found):
    for row in Package.objects.filter(order__in=found).order_by("pk"):
        found[row.order_id].packages[row.pk] = model.Package(row.pk, row.type, row.status, row.floor)
    for row in OrderlineToPackage.objects.filter(order__in=found).order_by("pk"):
        found[row.order_id].lines[row.pk] = model.Line(
            row.pk, row.package_id, row.quantity, row.status, row.floor, row.orderline_id
        )


def _read_deliveries(found):
    rows = (
        Delivery.objects.filter(order__in=found).select_related("account").prefetch_related("package_links")
    )
    for row in rows.order_by("pk"):
        found[row.order_id].deliveries[row.pk] = model.Delivery(
            row.pk,
            [link.package_id for link in row.package_links.all() if link.is_current],
            row.status,
            row.account.carrier,
            earlier=[link.package_id for link in row.package_links.all() if not link.is_current],
            several_drop_offs=row.dropoff_count > 1,
            picked_up=row.picked_up_at is not None,
            replaced=row.replaced_by_id is not None,
            cancel_requested=row.cancel_requested_at is not None,
            confirms_cancel=bool(row.carrier_ref),
            clock=row.carrier_clock,
        )


def _read_collects(found):
    rows = Collect.objects.filter(order__in=found).prefetch_related("package_links")
    for row in rows.order_by("pk"):
        found[row.order_id].collects[row.pk] = model.Collect(
            row.pk,
            [link.package_id for link in row.package_links.all()],
            row.status,
            row.interrupted_status,
            row.follows_id,
        )
