"""New orders: their rows, their history, and how they are packed."""

from decimal import Decimal

import pytest

from collect.models import Collect
from orders.drafts import LineDraft, OrderDraft, PackageDraft
from orders.models import Order, Orderline, OrderlineToPackage, Package
from orders.services import NUMBER_ALPHABET, create_order
from orders.statuses import PackageType
from tests.factories import ADDRESS, agent, make_shop
from tests.orders.building import history_is_whole, order_of
from woop.errors import InvalidInput, RuleError
from woop.models import Job, StatusEvent
from woop.sources import Source

HOME, COLLECT, DIGITAL = PackageType.HOMEDELIVERY, PackageType.COLLECT, PackageType.DIGITAL
BOOK = LineDraft("BOOK", 3, Decimal("19.90"), "De avonden")
PEN = LineDraft("PEN", 1, Decimal("2.00"))
EBOOK = LineDraft("E-42", 2, Decimal("7.50"), kind="ebook")


def make(shop, *lines, **draft):
    return create_order(shop, OrderDraft(lines=lines, **{"data": ADDRESS} | draft), actor=agent(shop))


def contents(order):
    """Answer what is in which package."""
    return [
        (package.type, [(row.orderline.sku, row.quantity) for row in package.lines.order_by("id")])
        for package in order.packages.order_by("position")
    ]


def history(order):
    return [
        (event.object_type, event.field, event.from_status, event.to_status, event.source, event.cause)
        for event in order.events.order_by("sequence")
    ]


# --- rows and events -------------------------------------------------------------------------------


def test_order_with_its_rows(shop):
    order = make(shop, BOOK, EBOOK, number="A-1")
    assert (order.number, order.status, order.floor, order.delivery_status) == ("A-1", 5, 5, "ORDER_CREATED")
    assert (order.acceptance, order.acceptance_deadline, order.store) == ("not_required", None, None)
    assert (order.street, order.currency) == ("Rue du Port 1", "EUR")
    rows = order.lines.values_list("position", "sku", "title", "quantity", "unit_price", "kind")
    assert list(rows) == [
        (1, "BOOK", "De avonden", 3, Decimal("19.90"), "physical"),
        (2, "E-42", "", 2, Decimal("7.50"), "ebook"),
    ]
    assert {
        row.shop_id
        for model in (Order, Orderline, Package, OrderlineToPackage)
        for row in model.objects.all()
    } == {shop.pk}


def test_making_is_the_first_event_of_everything(shop):
    order = make(shop, BOOK, EBOOK)
    assert history(order) == [
        ("order", "status", None, "5", "BO", None),
        ("order", "delivery_status", None, "ORDER_CREATED", "BO", 1),
        ("package", "status", None, "0", "BO", 1),
        ("line", "status", None, "0", "BO", 3),
        ("package", "status", None, "0", "BO", 1),
        ("line", "status", None, "0", "BO", 5),
    ]
    assert order.version == 6
    assert history_is_whole(order)
    keys = StatusEvent.objects.filter(object_type="line").values_list("object_id", "quantities")
    assert list(keys) == [(row.pk, {"quantity": row.quantity}) for row in order.package_lines.order_by("id")]


def test_source_is_whoever_asked(shop):
    draft = OrderDraft(lines=(BOOK,), data=ADDRESS)
    order = create_order(shop, draft, actor=agent(shop, Source.API))
    assert set(order.events.values_list("source", "actor")) == {("api", "user:1")}


def test_number_is_made_where_none_is_given(shop):
    numbers = {make(shop, BOOK).number for _order in range(20)}
    assert len(numbers) == 20
    assert all(len(number) == 10 and set(number[1:]) <= set(NUMBER_ALPHABET) for number in numbers)


def test_number_exists_once_in_a_shop(shop):
    make(shop, BOOK, number="A-1")
    with pytest.raises(RuleError) as caught:
        make(shop, PEN, number="A-1")
    assert caught.value.refusal.code == "order_exists"
    assert Order.objects.count() == 1
    assert StatusEvent.objects.count() == 4
    make(make_shop(), BOOK, number="A-1")


def test_waiting_order_has_a_deadline(shop, at):
    order = make(shop, BOOK, requires_acceptance=True)
    assert order.acceptance == "pending"
    assert (order.acceptance_deadline - order.created_at).total_seconds() == 300
    assert ("order", "acceptance", None, "pending", "BO", 1) in history(order)


# --- what starts with it ---------------------------------------------------------------------------


def test_choice_of_a_carrier_starts_with_the_order(shop):
    order = make(shop, BOOK)
    job = Job.objects.get()
    assert (job.kind, job.order, job.shop, job.payload) == ("choose_carrier", order, shop, {"cause": 1})


@pytest.mark.parametrize("draft", [{"requires_acceptance": True}, {"data": {}}])
def test_choice_waits_for_acceptance_and_address(shop, draft):
    make(shop, BOOK, **draft)
    assert not Job.objects.exists()


@pytest.mark.parametrize("field", ["recipient_name", "street", "postal_code", "city", "country"])
def test_missing_part_of_the_address(shop, field):
    order = make(shop, BOOK, data=ADDRESS | {field: ""})
    assert order.delivery_status == "ORDER_TO_BE_COMPLETED"
    assert history(order)[-1] == (
        "order",
        "delivery_status",
        "ORDER_CREATED",
        "ORDER_TO_BE_COMPLETED",
        "delivery",
        1,
    )


def test_digital_order_has_no_delivery(shop):
    order = make(shop, EBOOK, data={})
    assert (order.delivery_status, contents(order)) == ("", [(DIGITAL, [("E-42", 2)])])
    assert not Job.objects.exists()


def test_collect_starts_with_the_order(shop):
    order = make(shop, BOOK, EBOOK, collect_store="store")
    assert (order.delivery_status, order.store.code) == ("", "store")
    assert contents(order) == [(COLLECT, [("BOOK", 3)]), (DIGITAL, [("E-42", 2)])]
    collect = Collect.objects.get()
    assert (collect.order, collect.store, collect.status) == (order, order.store, "COLLECT_INIT")
    assert [package.type for package in collect.packages.all()] == [COLLECT]
    assert history(order)[-1] == ("collect", "status", None, "COLLECT_INIT", "collect", 1)


def test_order_belongs_to_the_store_that_is_named(shop):
    assert make(shop, BOOK, store="store").store.code == "store"


@pytest.mark.parametrize(
    ("draft", "field"), [({"store": "none"}, "store"), ({"collect_store": "none"}, "collect")]
)
def test_store_that_does_not_exist(shop, draft, field):
    make_shop().stores.update(code="none")
    with pytest.raises(InvalidInput) as caught:
        make(shop, BOOK, **draft)
    assert caught.value.errors.keys() == {field}
    assert not Order.objects.exists()


# --- packing ---------------------------------------------------------------------------------------


def test_packed_by_kind(shop):
    order = make(shop, BOOK, EBOOK, PEN)
    assert contents(order) == [(HOME, [("BOOK", 3), ("PEN", 1)]), (DIGITAL, [("E-42", 2)])]


def test_packed_as_the_client_says(shop):
    boxes = (
        PackageDraft(HOME, (("BOOK", 2),), weight_g=900, length_mm=300, width_mm=200, height_mm=100),
        PackageDraft(COLLECT, (("PEN", 1), ("BOOK", 1))),
    )
    order = make(shop, BOOK, PEN, packages=boxes)
    assert contents(order) == [(HOME, [("BOOK", 2)]), (COLLECT, [("PEN", 1), ("BOOK", 1)])]
    first, second = order.packages.order_by("position")
    assert (first.position, first.weight_g, first.length_mm, first.width_mm, first.height_mm) == (
        1,
        900,
        300,
        200,
        100,
    )
    assert (second.position, second.weight_g) == (2, None)


def test_article_on_several_lines_is_packed_from_all_of_them(shop):
    boxes = (PackageDraft(HOME, (("BOOK", 4),)), PackageDraft(HOME, (("BOOK", 2),)))
    order = make(shop, BOOK, LineDraft("BOOK", 3, Decimal(1)), packages=boxes)
    assert contents(order) == [(HOME, [("BOOK", 3), ("BOOK", 1)]), (HOME, [("BOOK", 2)])]
    assert [sum(row.quantity for row in line.rows.all()) for line in order.lines.all()] == [3, 3]


@pytest.mark.parametrize(
    "boxes",
    [
        ((("BOOK", 2),),),  # too little
        ((("BOOK", 3),), (("BOOK", 1),)),  # too much
        ((("BOOK", 4),),),
        ((("BOOK", 3), ("PEN", 1)),),  # not ordered
        ((("BOOK", 3),), ()),  # empty
        ((("BOOK", 3),), (("BOOK", 0),)),
    ],
)
def test_packing_that_does_not_add_up(shop, boxes):
    with pytest.raises(InvalidInput) as caught:
        make(shop, BOOK, packages=tuple(PackageDraft(HOME, held) for held in boxes))
    assert caught.value.errors.keys() == {"packages"}
    assert str(caught.value.errors["packages"])
    assert not Order.objects.exists()
    assert not StatusEvent.objects.exists()


def test_quantities_add_up(shop):
    order = order_of(shop, (HOME, {"A": 2, "B": 1}), (HOME, {"A": 5}), (COLLECT, {"B": 3}))
    assert [(line.sku, line.quantity) for line in order.lines.all()] == [("A", 7), ("B", 4)]
    for line in order.lines.all():
        assert sum(row.quantity for row in line.rows.all()) == line.quantity
