"""Deliveries: one transport of packages of one order by one carrier account."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from carriers.models import CarrierAccount
from deliveries.statuses import DELIVERY_MOVES, DeliveryStatus
from orders.models import Order, Package
from woop.machines import Move, StatusModel
from woop.models import Shop


class Delivery(StatusModel):
    """One transport. Its status changes through `woop.transitions` only.

    `picked_up_at` is set once, by the first status that says so (D12). `carrier_clock` is the time of
    the last carrier event that counted (D8). A delivery that was `replaced_by` another one no longer
    counts for its order (D7); one with `cancel_requested_at` ends without touching its packages (D13).
    """

    machines: ClassVar[dict[str, tuple[Move, ...]]] = {"status": DELIVERY_MOVES}

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="deliveries")
    account = models.ForeignKey(CarrierAccount, models.PROTECT, related_name="deliveries")
    packages = models.ManyToManyField(Package, through="DeliveryPackage", related_name="deliveries")
    status = FSMField(
        _("status"),
        max_length=40,
        choices=DeliveryStatus.choices,
        default=DeliveryStatus.INIT,
        protected=True,
    )
    carrier_ref = models.CharField(max_length=80, blank=True)  # the carrier's own identifier
    external_reference = models.CharField(max_length=80, blank=True)  # ours, sent to the carrier
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    tracking_url = models.URLField(max_length=500, blank=True)
    dropoff_count = models.PositiveSmallIntegerField(default=1)
    picked_up_at = models.DateTimeField(null=True, blank=True)
    carrier_clock = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replaces")
    next_poll_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="delivery_status_known"
            ),
            models.CheckConstraint(condition=Q(dropoff_count__gt=0), name="delivery_dropoffs_positive"),
            models.UniqueConstraint(
                fields=["account", "carrier_ref"],
                condition=~Q(carrier_ref=""),
                name="delivery_carrier_ref_once",
            ),
            models.UniqueConstraint(
                fields=["account", "external_reference"],
                condition=~Q(external_reference=""),
                name="delivery_external_reference_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "next_poll_at"],
                condition=Q(next_poll_at__isnull=False),
                name="delivery_poll_due",
            ),
            models.Index(fields=["shop", "tracking_number"], name="delivery_by_tracking"),
            models.Index(fields=["shop", "status"], name="delivery_by_status"),
        ]

    def __str__(self) -> str:
        return self.tracking_number or f"{self.account} {self.pk}"


class DeliveryPackage(models.Model):
    """Which packages a delivery carries; of several attempts only the current one moves its package."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="package_links")
    package = models.ForeignKey(Package, models.CASCADE, related_name="delivery_links")
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "package"], name="delivery_package_once"),
            models.UniqueConstraint(
                fields=["package"], condition=Q(is_current=True), name="package_in_one_attempt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.package_id}"
