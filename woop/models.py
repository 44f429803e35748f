"""What every app stands on: tenants, who may enter, the history, and work that must still happen."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from woop.sources import Source

MONEY: dict[str, Any] = {"max_digits": 12, "decimal_places": 2, "validators": [MinValueValidator(Decimal(0))]}


class DoneWhen(models.TextChoices):
    SENT = "sent", _("all packages are sent")
    RECEIVED = "received", _("all packages are received")


class Shop(models.Model):
    """A retailer: the tenant that every other row belongs to."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    # Decision D2: when an order counts as done.
    done_when = models.CharField(
        _("an order is done when"), max_length=10, choices=DoneWhen.choices, default=DoneWhen.SENT
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(done_when__in=DoneWhen.values), name="shop_done_when_known")
        ]

    def __str__(self) -> str:
        return self.name or self.code


class Store(models.Model):
    """A site of a shop, where orders are prepared and handed over."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="stores", verbose_name=_("shop"))
    code = models.SlugField(_("code"))
    name = models.CharField(_("name"), max_length=120)
    city = models.CharField(_("city"), max_length=80, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ["shop", "code"]
        constraints = [models.UniqueConstraint(fields=["shop", "code"], name="store_code_once_per_shop")]

    def __str__(self) -> str:
        return self.name or self.code


class Role(models.TextChoices):
    AGENT = "agent", _("Agent")
    SUPERVISOR = "supervisor", _("Supervisor")
    STORE_STAFF = "store_staff", _("Store staff")
    READ_ONLY = "read_only", _("Read only")


class Membership(models.Model):
    """The role of a user in a shop, or in one of its stores."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="memberships", verbose_name=_("shop"))
    store = models.ForeignKey(
        Store, models.CASCADE, null=True, blank=True, related_name="memberships", verbose_name=_("store")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("colleague")
        verbose_name_plural = _("colleagues")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.UniqueConstraint(fields=["user", "shop", "store"], name="membership_once_per_store"),
            models.UniqueConstraint(
                fields=["user", "shop"], condition=Q(store=None), name="membership_once_per_shop"
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.STORE_STAFF) | Q(store__isnull=False), name="store_staff_has_store"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    def clean(self) -> None:
        if self.store and self.store.shop_id != self.shop_id:
            raise ValidationError({"store": _("This store belongs to another shop.")})
        others = Membership.objects.filter(user=self.user).exclude(pk=self.pk)
        if others.exclude(shop=self.shop).exists():
            raise ValidationError({"user": _("This user works in another shop already.")})


class ApiKey(models.Model):
    """A consumer's key: random enough that a plain digest protects it at rest."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="api_keys", verbose_name=_("shop"))
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("beginning"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    stores = models.ManyToManyField(Store, blank=True, related_name="api_keys", verbose_name=_("stores"))
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["shop", "name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class IdempotencyKey(models.Model):
    """The answer to a write that a client marked, kept for a day so that a retry changes nothing."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="idempotency_keys")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key


class StatusEvent(models.Model):
    """One immutable line per status change of any object, and per object that was made.

    `sequence` counts per order from 1 without gaps; `cause` is the sequence of the event of the same
    order that brought this one about. `actor` names a row, never a person. The database refuses
    UPDATE and DELETE here. There are no database foreign keys: the table only grows, and old months
    must be detachable.
    """

    shop = models.ForeignKey(Shop, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    order = models.ForeignKey(
        "orders.Order", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="events"
    )
    sequence = models.PositiveIntegerField(_("number"))
    object_type = models.CharField(max_length=10)
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=16)
    from_status = models.CharField(max_length=40, null=True)
    to_status = models.CharField(max_length=40)
    source = models.CharField(_("source"), max_length=12, choices=Source.choices)
    actor = models.CharField(max_length=40)
    reason = models.TextField(_("reason"), blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    cause = models.PositiveIntegerField(null=True)
    quantities = models.JSONField(null=True)
    message_id = models.BigIntegerField(null=True)
    # The writing transaction on PostgreSQL, 0 elsewhere: the journal reads in the order of commits.
    transaction_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("history")
        ordering = ["order", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sequence"], name="event_sequence_once_per_order"),
            models.CheckConstraint(condition=Q(sequence__gt=0), name="event_sequence_positive"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="event_source_known"),
        ]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="event_of_object"),
            models.Index(fields=["shop", "transaction_id", "id"], name="event_journal"),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}: {self.from_status} → {self.to_status}"


class Alert(models.Model):
    """Something about an order that a person should look at."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", models.CASCADE, related_name="alerts")
    object_type = models.CharField(max_length=10)
    object_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=40)
    detail = models.TextField(blank=True)
    message_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["shop", "created_at"], condition=Q(resolved_at=None), name="alert_open")
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    PARKED = "parked", _("Parked")


class Job(models.Model):
    """Work that must still happen. It may run twice: handlers change nothing the second time."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", models.CASCADE, null=True, blank=True, related_name="jobs")
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=120, unique=True)
    payload = models.JSONField(_("payload"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state=JobState.WAITING), name="job_due"),
            models.Index(fields=["lease_until"], condition=Q(state=JobState.RUNNING), name="job_leased"),
            models.Index(fields=["shop"], condition=Q(state=JobState.PARKED), name="job_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Heartbeat(models.Model):
    """When a sweep last ran: how old the youngest beat is tells whether the clockwork lives."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at}"


class Maintenance(models.Model):
    """The one switch that lets an operator past the database's second wall (see the operating guide)."""

    is_open = models.BooleanField(default=False)
    opened_by = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return "open" if self.is_open else "closed"
