"""Collects: a customer's request to pick up packages in a store."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from collect.statuses import COLLECT_MOVES, CollectStatus
from orders.models import Order, Package
from woop.machines import Move, StatusModel
from woop.models import Shop, Store


class Collect(StatusModel):
    """A hand-over in a store. Its status changes through `woop.transitions` only.

    `interrupted_status` is what DELAYED or BLOCKED interrupted; `follows` links the rest of a partial
    hand-over to the first collect (D11).
    """

    machines: ClassVar[dict[str, tuple[Move, ...]]] = {"status": COLLECT_MOVES}

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="collects")
    store = models.ForeignKey(Store, models.PROTECT, related_name="collects")
    packages = models.ManyToManyField(Package, through="CollectPackage", related_name="collects")
    status = FSMField(
        _("status"),
        max_length=40,
        choices=CollectStatus.choices,
        default=CollectStatus.INIT,
        protected=True,
    )
    interrupted_status = models.CharField(max_length=40, choices=CollectStatus.choices, blank=True)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        verbose_name = _("collect")
        verbose_name_plural = _("collects")
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CollectStatus.values), name="collect_status_known"),
            models.CheckConstraint(
                condition=Q(interrupted_status__in=["", *CollectStatus.values]),
                name="collect_interrupted_known",
            ),
        ]
        indexes = [models.Index(fields=["store", "status"], name="collect_of_store")]

    def __str__(self) -> str:
        return f"{self.store} {self.pk}"


class CollectPackage(models.Model):
    """Which packages a collect hands over; a package is handed over by one collect only."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    collect = models.ForeignKey(Collect, models.CASCADE, related_name="package_links")
    package = models.OneToOneField(Package, models.CASCADE, related_name="collect_link")

    def __str__(self) -> str:
        return f"{self.collect_id}: {self.package_id}"
