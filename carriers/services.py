"""What is done to accounts and mappings."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from carriers import inbox, vault
from carriers.adapters.base import Capability
from carriers.models import MANUAL, CarrierAccount, StatusMapping
from carriers.registry import ADAPTERS, adapter_class
from woop.clock import now
from woop.models import Shop


class AccountError(Exception):
    """An account cannot be made or changed as asked, in a sentence for people."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a raw status sets; "" and None set nothing."""

    raw_status: str
    delivery_status: str = ""
    package_status: int | None = None
    is_alert: bool = False
    note: str = ""


# --- accounts ---
@transaction.atomic
def create_account(
    shop: Shop, carrier: str, *, code: str = "", credentials: dict[str, str] | None = None, **fields: Any
) -> CarrierAccount:
    """Make an account with the carrier's defaults and its whole table of statuses.

    `fields` are columns of CarrierAccount. An account that is polled as a list is due at once.
    """
    if carrier not in ADAPTERS:
        raise AccountError(_("There is no carrier %(carrier)s.") % {"carrier": carrier})
    adapter = adapter_class(carrier)
    unknown = set(credentials or {}) - set(adapter.credential_names)
    if unknown:
        raise AccountError(_("%(names)s: no such credential.") % {"names": ", ".join(sorted(unknown))})
    account = CarrierAccount(
        shop=shop,
        carrier=carrier,
        code=code or carrier,
        name=fields.pop("name", "") or adapter.name,
        rate_per_minute=fields.pop("rate_per_minute", None) or adapter.default_rate_per_minute,
        poll_interval_s=fields.pop("poll_interval_s", None) or adapter.default_poll_interval.total_seconds(),
        next_poll_at=now() if Capability.POLL_MANY in adapter.capabilities else None,
        **fields,
    )
    account.credentials = credentials or {}
    account.save(force_insert=True)
    seed_mappings(account)
    return account


def ensure_manual_account(shop: Shop) -> CarrierAccount:
    """Return the shop's account without integration, making it once. Safe to call twice at once."""
    account, _made = CarrierAccount.objects.get_or_create(
        shop=shop, code=MANUAL, defaults={"carrier": MANUAL, "name": adapter_class(MANUAL).name}
    )
    return account


def rotate_hook_token(account: CarrierAccount) -> str:
    """Give the account a new token and return it, once: only its digest is kept. The old one ends now."""
    token = secrets.token_urlsafe(32)
    account.hook_token_digest = digest_of(token)
    account.save(update_fields=["hook_token_digest"])
    return token


def hook_path(account: CarrierAccount, token: str) -> str:
    return reverse("carriers:hook", kwargs={"carrier": account.carrier, "token": token})


def account_by_token(carrier: str, token: str) -> CarrierAccount | None:
    """Return the account that a hook addresses. The digest is looked up, so that timing tells nothing."""
    digest = digest_of(token)
    account = CarrierAccount.objects.filter(carrier=carrier, hook_token_digest=digest).first()
    if account is None or not hmac.compare_digest(account.hook_token_digest, digest):
        return None
    return account


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def rotate_credentials() -> int:
    """Encrypt the credentials of every account with the newest key; return how many there were."""
    accounts = CarrierAccount.objects.exclude(sealed_credentials="").order_by("pk")
    for account in accounts:
        account.sealed_credentials = vault.rotate(account.sealed_credentials)
        account.save(update_fields=["sealed_credentials"])
    return len(accounts)


# --- mappings ---
def seed_mappings(account: CarrierAccount) -> None:
    """Write the carrier's default table; rows that staff made or changed stay."""
    rows = [
        StatusMapping(
            shop_id=account.shop_id,
            account=account,
            raw_status=raw,
            delivery_status=default.delivery,
            package_status=default.package,
            is_alert=default.alert,
            note=default.meaning,
        )
        for raw, default in adapter_class(account.carrier).statuses.items()
    ]
    StatusMapping.objects.bulk_create(rows, ignore_conflicts=True)


def mapping_for(account: CarrierAccount) -> dict[str, Effect]:
    """Return what each raw status of the account sets, read afresh: staff may have just changed it."""
    columns = ("raw_status", "delivery_status", "package_status", "is_alert", "note")
    rows = StatusMapping.objects.filter(account=account).values_list(*columns)
    return {row[0]: Effect(*row) for row in rows}


def save_mapping(account: CarrierAccount, effect: Effect) -> StatusMapping:
    """Add or change a row, and let the messages that waited for it be applied."""
    mapping, _made = StatusMapping.objects.update_or_create(
        account=account,
        raw_status=effect.raw_status,
        defaults={
            "shop_id": account.shop_id,
            "delivery_status": effect.delivery_status,
            "package_status": effect.package_status,
            "is_alert": effect.is_alert,
            "note": effect.note,
        },
    )
    inbox.reopen_mapped()
    return mapping
