"""Orders, their lines, and how they are packed."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMIntegerField

from orders.statuses import (
    ACCEPTANCE_MOVES,
    DELIVERY_STATUS_MOVES,
    LINE_MOVES,
    ORDER_MOVES,
    PACKAGE_MOVES,
    Acceptance,
    DeliveryStatusOfOrder,
    LineStatus,
    Logistics,
    OrderStatus,
    PackageStatus,
    PackageType,
)
from woop.machines import Move, StatusModel
from woop.models import MONEY, Shop, Store


class Order(StatusModel):
    """What a customer bought, and the lock of everything below it.

    `status` is the fulfilment, `delivery_status` the orchestration and delivery (empty without a home
    delivery), `acceptance` the gate. They change through `woop.transitions` only. `version` is the
    sequence of the order's last event; `floor` the highest regular status it has had (D1).
    """

    machines: ClassVar[dict[str, tuple[Move, ...]]] = {
        "status": ORDER_MOVES,
        "delivery_status": DELIVERY_STATUS_MOVES,
        "acceptance": ACCEPTANCE_MOVES,
    }

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="orders")
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="orders")
    number = models.CharField(_("number"), max_length=64)
    channel = models.CharField(_("channel"), max_length=40, blank=True)

    status = FSMIntegerField(
        _("status"), choices=OrderStatus.choices, default=OrderStatus.CONFIRMED, protected=True
    )
    floor = models.PositiveSmallIntegerField(default=OrderStatus.CONFIRMED, editable=False)
    delivery_status = FSMField(
        _("delivery status"),
        max_length=32,
        choices=DeliveryStatusOfOrder.choices,
        default="",
        blank=True,
        protected=True,
    )
    acceptance = FSMField(
        _("acceptance"),
        max_length=20,
        choices=Acceptance.choices,
        default=Acceptance.NOT_REQUIRED,
        protected=True,
    )
    acceptance_deadline = models.DateTimeField(null=True, blank=True)
    logistics = models.CharField(max_length=10, choices=Logistics.choices, default="", blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    customer_name = models.CharField(_("name"), max_length=120, blank=True)
    customer_email = models.EmailField(_("e-mail"), blank=True)
    customer_phone = models.CharField(_("phone"), max_length=32, blank=True)
    customer_language = models.CharField(_("language"), max_length=8, blank=True)
    recipient_name = models.CharField(_("recipient"), max_length=120, blank=True)
    street = models.CharField(_("street"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")

    created_at = models.DateTimeField(_("created"))
    modified_at = models.DateTimeField(_("modified"))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "number"], name="order_number_once_per_shop"),
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
            models.CheckConstraint(
                condition=Q(delivery_status__in=["", *DeliveryStatusOfOrder.values]),
                name="order_delivery_status_known",
            ),
            models.CheckConstraint(
                condition=Q(acceptance__in=Acceptance.values), name="order_acceptance_known"
            ),
            models.CheckConstraint(
                condition=~Q(acceptance=Acceptance.PENDING) | Q(acceptance_deadline__isnull=False),
                name="order_pending_has_deadline",
            ),
            models.CheckConstraint(condition=Q(logistics__in=Logistics.values), name="order_logistics_known"),
        ]
        indexes = [
            models.Index(fields=["shop", "-created_at", "-id"], name="order_newest"),
            models.Index(fields=["shop", "status", "-created_at"], name="order_by_status"),
            models.Index(fields=["shop", "delivery_status", "-created_at"], name="order_by_delivery"),
            models.Index(fields=["shop", "channel", "-created_at"], name="order_by_channel"),
            models.Index(
                fields=["shop", "-created_at"],
                condition=Q(acceptance=Acceptance.PENDING),
                name="order_waiting",
            ),
            models.Index(fields=["shop", "modified_at", "id"], name="order_modified"),
            models.Index(fields=["store", "-created_at"], name="order_of_store"),
            models.Index(fields=["shop", "customer_email"], name="order_by_email"),
            models.Index(fields=["shop", "customer_phone"], name="order_by_phone"),
            models.Index(fields=["shop", "customer_name"], name="order_by_name"),
            models.Index(
                fields=["acceptance_deadline"],
                condition=Q(acceptance=Acceptance.PENDING),
                name="order_acceptance_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LineKind(models.TextChoices):
    PHYSICAL = "physical", _("Physical")
    EBOOK = "ebook", _("eBook")


class Orderline(models.Model):
    """One article of an order."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(max_length=64)
    title = models.CharField(max_length=255, blank=True)
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    unit_price = models.DecimalField(**MONEY)
    kind = models.CharField(max_length=10, choices=LineKind.choices, default=LineKind.PHYSICAL)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orderline_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orderline_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="orderline_price_not_negative"),
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="orderline_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title or self.sku}"


class Package(StatusModel):
    """What is packed together. Its status changes through `woop.transitions` only."""

    machines: ClassVar[dict[str, tuple[Move, ...]]] = {"status": PACKAGE_MOVES}

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="packages")
    position = models.PositiveSmallIntegerField()
    type = models.CharField(_("type"), max_length=12, choices=PackageType.choices)
    status = FSMIntegerField(
        _("status"), choices=PackageStatus.choices, default=PackageStatus.CONFIRMED, protected=True
    )
    floor = models.PositiveSmallIntegerField(default=PackageStatus.CONFIRMED, editable=False)
    weight_g = models.PositiveIntegerField(null=True, blank=True)
    length_mm = models.PositiveIntegerField(null=True, blank=True)
    width_mm = models.PositiveIntegerField(null=True, blank=True)
    height_mm = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("package")
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="package_position_once"),
            models.CheckConstraint(condition=Q(status__in=PackageStatus.values), name="package_status_known"),
            models.CheckConstraint(condition=Q(type__in=PackageType.values), name="package_type_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.position}"


class OrderlineToPackage(StatusModel):
    """A quantity of one order line in one package: the "line" of the API and of the history.

    The quantities of an order line over its rows always add up to what was ordered, until split (D6)
    and after.
    """

    machines: ClassVar[dict[str, tuple[Move, ...]]] = {"status": LINE_MOVES}

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="package_lines")
    package = models.ForeignKey(Package, models.CASCADE, related_name="lines")
    orderline = models.ForeignKey(Orderline, models.CASCADE, related_name="rows")
    quantity = models.PositiveIntegerField()
    status = FSMIntegerField(
        _("status"), choices=LineStatus.choices, default=LineStatus.CONFIRMED, protected=True
    )
    floor = models.PositiveSmallIntegerField(default=LineStatus.CONFIRMED, editable=False)

    class Meta:
        verbose_name = _("line")
        ordering = ["package", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LineStatus.values), name="line_status_known"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.orderline.title or self.orderline.sku}"
