"""Accounts with carriers, what their codes mean, and every message that came from them.

How the other apps use this:

- `services.create_account` and `services.ensure_manual_account` make accounts;
  `registry.adapter_for(account)` opens the way to the carrier;
  `services.mapping_for(account)` says what a raw status sets.
- Everything that a carrier said goes through `inbox.receive`. The applier given to `inbox.set_applier`
  gets each message once it is committed, and writes the result with `inbox.settle`.
- The poller's columns of an account (`next_poll_at`, `poll_lease_until`, `poll_cursor`,
  `last_poll_ok_at`, `last_poll_error`) are read and written by the poller alone.
"""

from typing import TYPE_CHECKING

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from carriers import vault
from carriers.statuses import DELIVERY_WORDS, PACKAGE_STATUSES, Channel, State
from woop.clock import now

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MANUAL = "manual"


def _positive(*names: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            name=f"carriers_account_{name}_positive",
            condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gt": 0}),
        )
        for name in names
    ]


def _limit(label: "StrOrPromise") -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(label, null=True, blank=True, validators=[MinValueValidator(1)])


class CarrierAccount(models.Model):
    """A shop's contract with one carrier. `code` is what the API calls `carrier_account`.

    A disabled account is not chosen for new deliveries; what is under way with it goes on being tracked.
    A limit that is empty does not limit; `countries` empty means every country.
    """

    shop = models.ForeignKey(
        "woop.Shop", models.PROTECT, related_name="carrier_accounts", verbose_name=_("shop")
    )
    carrier = models.CharField(_("carrier"), max_length=32)
    code = models.SlugField(_("code"), max_length=64)
    name = models.CharField(_("name"), max_length=128)
    is_enabled = models.BooleanField(_("may be chosen"), default=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=100, help_text=_("The lowest is tried first.")
    )
    base_url = models.CharField(
        _("address"),
        max_length=255,
        blank=True,
        help_text=_("Empty: the carrier's own. “simulator”: the one of this run."),
    )
    sealed_credentials = models.TextField(blank=True, editable=False)

    max_weight_g = _limit(_("heaviest parcel (g)"))
    max_length_mm = _limit(_("longest parcel (mm)"))
    max_width_mm = _limit(_("widest parcel (mm)"))
    max_height_mm = _limit(_("highest parcel (mm)"))
    countries = models.JSONField(_("countries"), default=list, blank=True)
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    rate_per_minute = models.PositiveIntegerField(
        _("calls per minute"), default=60, validators=[MinValueValidator(1)]
    )

    hook_token_digest = models.CharField(max_length=64, blank=True, editable=False)

    poll_interval_s = models.PositiveIntegerField(
        _("seconds between polls"), default=600, validators=[MinValueValidator(1)]
    )
    next_poll_at = models.DateTimeField(_("next poll"), null=True, blank=True, db_index=True)
    poll_lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    poll_cursor = models.TextField(blank=True, editable=False)
    last_poll_ok_at = models.DateTimeField(_("last good poll"), null=True, blank=True)
    last_poll_error = models.TextField(_("last error"), blank=True)

    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("carrier account")
        verbose_name_plural = _("carrier accounts")
        ordering = ["shop", "priority", "id"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "code"], name="carriers_account_code_once"),
            models.UniqueConstraint(
                fields=["carrier", "hook_token_digest"],
                condition=~Q(hook_token_digest=""),
                name="carriers_account_token_once",
            ),
            *_positive("max_weight_g", "max_length_mm", "max_width_mm", "max_height_mm"),
            *_positive("rate_per_minute", "poll_interval_s"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def credentials(self) -> dict[str, str]:
        return vault.unseal(self.sealed_credentials)

    @credentials.setter
    def credentials(self, value: dict[str, str]) -> None:
        self.sealed_credentials = vault.seal(value)

    @property
    def is_manual(self) -> bool:
        """Whether nobody can be called: statuses come by hand, and it is never chosen automatically."""
        return self.carrier == MANUAL


class StatusMapping(models.Model):
    """What one raw status of one account sets: born from the adapter's table, then staff's to change.

    Empty sets nothing: the message is then only shown. A raw status without a row is quarantined.
    """

    shop = models.ForeignKey("woop.Shop", models.PROTECT, related_name="+", editable=False)
    account = models.ForeignKey(
        CarrierAccount, models.CASCADE, related_name="mappings", verbose_name=_("account")
    )
    raw_status = models.CharField(_("raw status"), max_length=64)
    delivery_status = models.CharField(
        _("delivery"), max_length=40, blank=True, choices=[(word, word) for word in DELIVERY_WORDS]
    )
    package_status = models.PositiveSmallIntegerField(
        _("package"), null=True, blank=True, choices=[(number, str(number)) for number in PACKAGE_STATUSES]
    )
    is_alert = models.BooleanField(_("raises an alert"), default=False)
    note = models.CharField(_("note"), max_length=255, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("status mapping")
        verbose_name_plural = _("status mappings")
        ordering = ["account", "raw_status"]
        constraints = [
            models.UniqueConstraint(fields=["account", "raw_status"], name="carriers_mapping_once"),
            models.CheckConstraint(
                name="carriers_mapping_delivery_known", condition=Q(delivery_status__in=["", *DELIVERY_WORDS])
            ),
            models.CheckConstraint(
                name="carriers_mapping_package_known",
                condition=Q(package_status__isnull=True) | Q(package_status__in=PACKAGE_STATUSES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.raw_status}: {self.note}"


class ParcelWatch(models.Model):
    """The last answer about one parcel, so that a poll that learns nothing new stores nothing.

    `changes` counts the different answers; it is part of the message's dedupe key, so that A, B, A are three.
    """

    shop = models.ForeignKey("woop.Shop", models.PROTECT, related_name="+")
    account = models.ForeignKey(CarrierAccount, models.CASCADE, related_name="+")
    carrier_ref = models.CharField(max_length=80)
    last_digest = models.CharField(max_length=64)
    changes = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "carrier_ref"], name="carriers_watch_once")]

    def __str__(self) -> str:
        return self.carrier_ref


class CarrierMessage(models.Model):
    """Everything that a carrier ever said, as raw as it came, and what became of it.

    `order_id` and `delivery_id` are plain numbers: this app knows neither. `occurred_at` is the carrier's
    time, None if it gives none. `is_trusted` is False for what came under a wrong signature: never applied.
    `is_hint` marks a hook that proves nothing: the parcel must be read.
    """

    shop = models.ForeignKey("woop.Shop", models.PROTECT, related_name="+", verbose_name=_("shop"))
    account = models.ForeignKey(
        CarrierAccount, models.PROTECT, related_name="messages", verbose_name=_("account")
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    received_at = models.DateTimeField(_("received"), default=now)
    body = models.BinaryField(_("body"), default=bytes)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    dedupe_key = models.CharField(max_length=255)
    receipt = models.UUIDField(
        editable=False
    )  # which call of `receive` stored it: tells fresh rows from repeats
    repeats = models.PositiveIntegerField(_("repeats"), default=0)
    is_hint = models.BooleanField(_("hint"), default=False)
    is_trusted = models.BooleanField(_("trusted"), default=True)

    carrier_ref = models.CharField(_("parcel"), max_length=80, blank=True)
    external_reference = models.CharField(_("our reference"), max_length=80, blank=True)
    raw_status = models.CharField(_("raw status"), max_length=64, blank=True)
    raw_text = models.CharField(_("raw text"), max_length=255, blank=True)
    occurred_at = models.DateTimeField(_("occurred"), null=True, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    tracking_url = models.CharField(_("tracking page"), max_length=500, blank=True)

    state = models.CharField(_("result"), max_length=12, choices=State.choices, default=State.RECEIVED)
    detail = models.TextField(_("detail"), blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=now)
    order_id = models.BigIntegerField(null=True, blank=True)
    delivery_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("carrier message")
        verbose_name_plural = _("carrier messages")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "dedupe_key"], name="carriers_message_once"),
            models.CheckConstraint(name="carriers_message_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="carriers_message_channel_known", condition=Q(channel__in=Channel.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], name="carriers_message_due", condition=Q(state=State.RECEIVED)
            ),
            models.Index(
                fields=["account", "raw_status"],
                name="carriers_message_unknown",
                condition=Q(state=State.UNKNOWN),
            ),
            models.Index(fields=["account", "is_trusted", "received_at"], name="carriers_message_trust"),
            models.Index(fields=["account", "carrier_ref", "id"], name="carriers_message_parcel"),
            models.Index(fields=["shop", "state", "-id"], name="carriers_message_shop_state"),
            models.Index(F("delivery_id"), F("id"), name="carriers_message_delivery"),
            models.Index(F("order_id"), F("id"), name="carriers_message_order"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.carrier_ref} {self.raw_status}".strip()
