"""Writing what every app stands on: shops with their stores, and the keys of consumers."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from woop import clock
from woop.errors import InvalidInput
from woop.models import ApiKey, IdempotencyKey, Shop, Store
from woop.permissions import SCOPES

KEY_PREFIX = "woop_"
MAX_NAME = 80
SHOWN_OF_KEY = 12  # characters, so that people can tell keys apart
USE_NOTED_EVERY = timedelta(minutes=1)
ANSWERS_KEPT = timedelta(hours=24)


# --- shops -----------------------------------------------------------------------------------------


def create_shop(code: str, *, name: str = "", stores: Iterable[str] = ()) -> Shop:
    """Make a shop with its stores. Its carrier account of the kind `manual` is the caller's to add."""
    shop = Shop(code=code, name=name or code)
    shop.full_clean()
    with transaction.atomic():
        shop.save()
        for store_code in dict.fromkeys(stores):
            store = Store(shop=shop, code=store_code, name=store_code)
            store.full_clean()
            store.save()
    return shop


# --- keys ------------------------------------------------------------------------------------------


def create_api_key(
    shop: Shop, *, name: str, scopes: Iterable[str] = SCOPES, stores: Iterable[Store] = ()
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which is kept nowhere: only its digest is."""
    wanted = set(scopes)
    if unknown := wanted - set(SCOPES):
        raise InvalidInput(
            scopes=_("There is no such scope: %(names)s.") % {"names": ", ".join(sorted(unknown))}
        )
    if len(name) > MAX_NAME:
        raise InvalidInput(name=_("A name has 80 characters at most."))
    stores = list(stores)
    if any(store.shop_id != shop.pk for store in stores):
        raise InvalidInput(stores=_("This store belongs to another shop."))
    text = KEY_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.create(
            shop=shop,
            name=name,
            prefix=text[:SHOWN_OF_KEY],
            digest=digest_of(text),
            scopes=[scope for scope in SCOPES if scope in wanted],
            created_at=clock.now(),
        )
        key.stores.set(stores)
    return key, text


def revoke_api_key(key: ApiKey) -> None:
    """End a key at once; what it did stays in the history under its number."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])


def find_api_key(text: str) -> ApiKey | None:
    """Return the living key with this text. The digest is looked up, so that timing tells nothing."""
    keys = ApiKey.objects.select_related("shop").prefetch_related("stores")
    return keys.filter(digest=digest_of(text), revoked_at=None).first()


def note_use(key: ApiKey) -> None:
    """Note, at most once a minute, that a key is in use."""
    now = clock.now()
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        unused = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(unused, pk=key.pk).update(last_used_at=now)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def forget_answers(limit: int = 10_000) -> int:
    """Delete answers to writes that no client can ask for any more; return how many there were."""
    old = IdempotencyKey.objects.filter(created_at__lt=clock.now() - ANSWERS_KEPT).order_by("created_at")
    ids = list(old.values_list("pk", flat=True)[:limit])
    return IdempotencyKey.objects.filter(pk__in=ids).delete()[0]
