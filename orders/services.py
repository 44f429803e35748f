"""Writing orders: making, changing, accepting, splitting. Statuses go through the one door."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from orders.drafts import OrderDraft
from orders.models import Order, Orderline, OrderlineToPackage, Package
from orders.nodes import LineNode, OrderNode, PackageNode
from orders.packing import Placed, check_skus, pack
from orders.splitting import PackagePair, add_package, split_row
from orders.statuses import Acceptance, DeliveryStatusOfOrder, PackageType
from woop import clock
from woop.actors import Actor
from woop.errors import InvalidInput, RuleError, refuse
from woop.models import Shop, Store
from woop.outcomes import Context, Outcome
from woop.plans import Plan
from woop.sources import Source
from woop.transitions import apply, change_status, locked

ACCEPTANCE_TIME = timedelta(minutes=5)
NUMBER_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

# What a carrier must know; an order without it is kept and waits to be completed.
NEEDED_FOR_DELIVERY = {
    "recipient_name": "name",
    "street": "street",
    "postal_code": "postal_code",
    "city": "city",
    "country": "country",
}

D = DeliveryStatusOfOrder


def create_order(shop: Shop, draft: OrderDraft, *, actor: Actor) -> Order:
    """Record an order with its packages and lines, and start what follows from it.

    Raises InvalidInput for values that cannot be, RuleError `order_exists` for a number that is taken.
    """
    check_skus(draft)
    placed = pack(draft)
    collect_store = _store(shop, draft.collect_store, "collect")
    order = _new_order(shop, draft, placed, collect_store or _store(shop, draft.store, "store"))
    try:
        with transaction.atomic():
            plan = _plan_new_order(order, draft, placed, actor)
            plan.details |= {"order": order, "collect_store": collect_store}
            plan.follow_made(plan.events[0])
            apply([plan])
    except IntegrityError as error:
        if "order_number_once_per_shop" in str(error) or "orders_order.number" in str(error):
            raise refuse("order_exists", _("An order with this number exists already.")) from error
        raise
    order.refresh_from_db()
    return order


def _store(shop: Shop, code: str, field: str) -> Store | None:
    if not code:
        return None
    store = Store.objects.filter(shop=shop, code=code).first()
    if store is None:
        raise InvalidInput(**{field: _("There is no such store.")})
    return store


def new_number() -> str:
    return "W" + "".join(secrets.choice(NUMBER_ALPHABET) for _digit in range(9))


def _new_order(shop: Shop, draft: OrderDraft, placed: Placed, store: Store | None) -> Order:
    now = clock.now()
    has_home_delivery = any(package.type == PackageType.HOMEDELIVERY for package, _held in placed)
    waits = draft.requires_acceptance
    order: Order = Order(
        shop=shop,
        store=store,
        number=draft.number or new_number(),
        delivery_status=D.CREATED if has_home_delivery else "",
        acceptance=Acceptance.PENDING if waits else Acceptance.NOT_REQUIRED,
        acceptance_deadline=now + ACCEPTANCE_TIME if waits else None,
        created_at=now,
        modified_at=now,
        **draft.data,
    )
    return order


def _plan_new_order(order: Order, draft: OrderDraft, placed: Placed, actor: Actor) -> Plan:
    """Plan the rows of a new order, each with the event of its making."""
    now = order.created_at
    node = OrderNode(
        0,
        order.shop_id,
        order.store_id,
        order.number,
        order.status,
        order.floor,
        order.delivery_status,
        order.acceptance,
        order.acceptance_deadline,
        0,
        order.shop.done_when,
    )
    plan = Plan(node, actor, Context(actor.reference, "", now, now))
    plan.add(order, node)
    first = plan.made(node, actor.source)
    for field in ("delivery_status", "acceptance"):
        if getattr(node, field) not in ("", Acceptance.NOT_REQUIRED):
            plan.made(node, actor.source, first.sequence, field=field)
    orderlines = _plan_orderlines(plan, order, draft)
    plan.details["package_rows"] = _plan_packages(plan, order, placed, orderlines, first.sequence)
    return plan


def _plan_orderlines(plan: Plan, order: Order, draft: OrderDraft) -> list[Orderline]:
    rows = [
        Orderline(
            shop_id=order.shop_id,
            order=order,
            position=position,
            sku=line.sku,
            title=line.title,
            quantity=line.quantity,
            unit_price=line.unit_price,
            kind=line.kind,
        )
        for position, line in enumerate(draft.lines, start=1)
    ]
    for row in rows:
        plan.add(row)
    return rows


def _plan_packages(
    plan: Plan, order: Order, placed: Placed, orderlines: list[Orderline], cause: int
) -> dict[PackageNode, Package]:
    rows: dict[PackageNode, Package] = {}
    for position, (draft, held) in enumerate(placed, start=1):
        row = Package(
            shop_id=order.shop_id,
            order=order,
            position=position,
            type=draft.type,
            weight_g=draft.weight_g,
            length_mm=draft.length_mm,
            width_mm=draft.width_mm,
            height_mm=draft.height_mm,
        )
        node = PackageNode(0, plan.order, draft.type, row.status, row.floor)
        plan.order.packages.append(node)
        plan.add(row, node)
        rows[node] = row
        made = plan.made(node, plan.by.source, cause)
        for index, quantity in held:
            _plan_line(plan, order, (row, node), orderlines[index], quantity, made.sequence)
    return rows


def _plan_line(
    plan: Plan, order: Order, package: PackagePair, orderline: Orderline, quantity: int, cause: int
) -> None:
    row = OrderlineToPackage(
        shop_id=order.shop_id, order=order, package=package[0], orderline=orderline, quantity=quantity
    )
    node = LineNode(0, package[1], row.status, row.floor)
    package[1].lines.append(node)
    plan.add(row, node)
    plan.made(node, plan.by.source, cause, quantities={"quantity": quantity})


def missing_fields(order: Order) -> list[str]:
    """Name what a home delivery still lacks, as the API spells it."""
    return [name for column, name in NEEDED_FOR_DELIVERY.items() if not getattr(order, column)]


# --- the gate --------------------------------------------------------------------------------------


def accept_order(order_id: int, *, actor: Actor, reason: str = "", version: int | None = None) -> Outcome:
    return _decide(order_id, Acceptance.ACCEPTED, actor, reason, version)


def reject_order(order_id: int, *, actor: Actor, reason: str = "", version: int | None = None) -> Outcome:
    return _decide(order_id, Acceptance.CANCELLED_MANUALLY, actor, reason, version)


def _decide(order_id: int, to: Acceptance, actor: Actor, reason: str, version: int | None) -> Outcome:
    versions = None if version is None else {order_id: version}
    return change_status(
        "order", [order_id], to, by=actor, field="acceptance", reason=reason, versions=versions
    )


def expire_acceptances(limit: int = 500) -> int:
    """Cancel what nobody accepted in time; an order accepted meanwhile is left alone."""
    due = Order.objects.filter(acceptance=Acceptance.PENDING, acceptance_deadline__lte=clock.now()).order_by(
        "acceptance_deadline"
    )
    ids = list(due.values_list("pk", flat=True)[:limit])
    outcome = change_status(
        "order", ids, Acceptance.TIME_EXPIRED, by=Actor.system(Source.TIMER), field="acceptance"
    )
    return len(outcome.of("moved"))


# --- changing data ---------------------------------------------------------------------------------

IMMUTABLE_AFTER = _("The goods have been picked up: nothing can be changed any more.")


def update_order(
    order: Order,
    data: dict[str, Any],
    weights: dict[int, int] | None = None,
    *,
    actor: Actor,
    version: int | None = None,
) -> Order:
    """Change customer, address and package weights while nothing was picked up.

    `weights` maps package keys to grams. The change is an event, which names the fields but no values.
    """
    with locked("order", [order.pk], by=actor, version=version) as plans:
        if not plans:
            raise Order.DoesNotExist
        plan = plans[0]
        _check_changeable(plan)
        row = Order.objects.get(pk=order.pk)
        changed = [name for name, value in data.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, data[name])
        packages = _weigh(plan, row, weights or {})
        if changed or packages:
            _plan_update(plan, row, changed, packages)
    updated: Order = Order.objects.get(pk=order.pk)
    return updated


def _check_changeable(plan: Plan) -> None:
    if any(delivery.is_picked_up for delivery in plan.order.others.get("delivery", ())):
        raise refuse("picked_up", IMMUTABLE_AFTER)


def _weigh(plan: Plan, order: Order, weights: dict[int, int]) -> list[Package]:
    rows = list(order.packages.filter(pk__in=weights))
    if len(rows) != len(weights):
        raise InvalidInput(packages=_("There is no such package."))
    changed = [row for row in rows if row.weight_g != weights[row.pk]]
    for row in changed:
        row.weight_g = weights[row.pk]
    return changed


def _plan_update(plan: Plan, row: Order, changed: list[str], packages: list[Package]) -> None:
    row.modified_at = plan.context.recorded_at
    plan.edit(row, *changed, "modified_at")
    for package in packages:
        plan.edit(package, "weight_g")
    names = sorted([*changed, *(["weight_g"] if packages else [])])
    event = plan.noted(plan.order, plan.by.source, {"changed": names})
    plan.details["order"] = row
    plan.follow_changed(event)


# --- splitting -------------------------------------------------------------------------------------


def split_line(
    line_id: int,
    quantity: int,
    *,
    actor: Actor,
    package: int | str | None = None,
    version: int | None = None,
) -> tuple[OrderlineToPackage, OrderlineToPackage]:
    """Divide a line by quantity (D6); `package` is a key of the same order, "new", or None for its own."""
    with locked("line", [line_id], by=actor, version=version) as plans:
        if not plans:
            raise OrderlineToPackage.DoesNotExist
        plan = plans[0]
        line = next(node for node in plan.order.of_kind("line") if node.id == line_id)
        row = OrderlineToPackage.objects.get(pk=line_id)
        if not 0 < quantity < row.quantity:
            raise InvalidInput(quantity=_("Take at least one piece, and leave at least one."))
        half, event = split_row(plan, line, row, quantity, _split_target(plan, line, package), actor.source)
        plan.follow(event)
    return OrderlineToPackage.objects.get(pk=line_id), half


def _split_target(plan: Plan, line: LineNode, package: int | str | None) -> PackagePair:
    own = line.package
    if package == "new":
        return add_package(plan, own, plan.by.source)
    node = own if package is None else next((p for p in plan.order.packages if p.id == package), None)
    if node is None:
        raise InvalidInput(package=_("There is no such package in this order."))
    if node.type != own.type:
        raise InvalidInput(package=_("Choose a package of the same type."))
    return Package.objects.get(pk=node.id), node


def single(outcome: Outcome) -> Outcome:
    """Return the outcome of a change of one object, or raise its refusal."""
    if outcome.refusal is not None:
        raise RuleError(outcome.refusal)
    return outcome
