"""Store what came in: every repeat once, every change always, nothing lost and nothing secret."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from carriers.adapters.base import Adapter, GarbageError, Hint, ParcelStatus
from carriers.inbox.work import ring
from carriers.models import CarrierAccount, CarrierMessage, ParcelWatch
from carriers.registry import adapter_for
from carriers.statuses import Channel, State
from carriers.vault import MASK
from woop.clock import now

SECRET_WORDS = ("authorization", "cookie", "token", "secret", "key", "password")
MAX_HEADERS = 40
MAX_REFUSED_BODY = 64 * 1024
MAX_REFUSED_PER_HOUR = 60  # whoever knows the address must not be able to fill the disk


class Hook(StrEnum):
    """How a hook was taken in, for the answer."""

    STORED = "stored"
    REFUSED = "refused"


def receive(
    account: CarrierAccount,
    channel: Channel,
    items: Sequence[ParcelStatus | Hint],
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> list[CarrierMessage]:
    """Store what a carrier says about parcels and return the messages that are new.

    A hook is new unless its dedupe key was seen; what was read is new if it differs from the last
    answer about that parcel. What the API put without a date is always new: the client says it now.
    """
    # One order for everybody, or two readers of the same parcels would wait for each other for ever.
    items = sorted(items, key=lambda item: item.carrier_ref)
    with transaction.atomic():
        keyed = _keyed(account, channel, items, body)
        if not keyed:
            return []
        receipt = uuid4()
        rows = [
            _row(account, channel, item, key, receipt, body=item_body(item, body), headers=masked(headers))
            for key, item in keyed.items()
        ]
        CarrierMessage.objects.bulk_create(rows, ignore_conflicts=True)
        fresh = list(CarrierMessage.objects.filter(account=account, receipt=receipt).order_by("pk"))
        if len(fresh) < len(rows):
            _repeat(account, receipt, list(keyed))
        ring()
    return fresh


def item_body(item: ParcelStatus | Hint, body: bytes) -> bytes:
    return item.body if isinstance(item, ParcelStatus) and item.body else body


def _keyed(
    account: CarrierAccount, channel: Channel, items: Sequence[ParcelStatus | Hint], body: bytes
) -> dict[str, ParcelStatus | Hint]:
    if channel in {Channel.POLL, Channel.ANSWER}:
        return _changed(account, [item for item in items if isinstance(item, ParcelStatus)])
    adapter = adapter_for(account)
    return {f"{channel}/{_told_key(adapter, channel, item, body)}": item for item in items}


def _told_key(adapter: Adapter, channel: Channel, item: ParcelStatus | Hint, body: bytes) -> str:
    if channel == Channel.PUT and isinstance(item, ParcelStatus) and item.occurred_at is None:
        return str(uuid4())
    return adapter.dedupe_key(item, body)


def _changed(account: CarrierAccount, items: Sequence[ParcelStatus]) -> dict[str, ParcelStatus | Hint]:
    """Return the answers that differ from the last one about their parcel, and remember them."""
    refs = {item.carrier_ref for item in items}
    watches = {
        watch.carrier_ref: watch
        for watch in ParcelWatch.objects.filter(account=account, carrier_ref__in=refs)
    }
    moved: dict[str, ParcelWatch] = {}
    keyed: dict[str, ParcelStatus | Hint] = {}
    for item in items:
        digest = _digest(item)
        watch = watches.get(item.carrier_ref)
        if watch is None:
            watch = ParcelWatch(
                shop_id=account.shop_id, account=account, carrier_ref=item.carrier_ref, changes=0
            )
        if watch.last_digest == digest:
            continue
        watch.last_digest, watch.changes = digest, watch.changes + 1
        watches[item.carrier_ref] = moved[item.carrier_ref] = watch
        keyed[f"read/{item.carrier_ref}/{watch.changes}/{digest[:32]}"] = item
    ParcelWatch.objects.bulk_create(
        moved.values(),
        update_conflicts=True,
        unique_fields=["account", "carrier_ref"],
        update_fields=["last_digest", "changes"],
    )
    return keyed


def _digest(item: ParcelStatus) -> str:
    told = (item.raw_status, item.tracking_number, item.tracking_url, item.occurred_at)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _row(
    account: CarrierAccount,
    channel: Channel,
    item: ParcelStatus | Hint | None,
    key: str,
    receipt: UUID,
    *,
    body: bytes,
    headers: dict[str, str],
) -> CarrierMessage:
    row = CarrierMessage(
        shop_id=account.shop_id,
        account=account,
        channel=channel,
        dedupe_key=key,
        receipt=receipt,
        body=body,
        headers=headers,
        is_hint=isinstance(item, Hint),
    )
    if item is not None:
        row.carrier_ref, row.raw_status = item.carrier_ref, item.raw_status
        row.tracking_number = item.tracking_number
    if isinstance(item, ParcelStatus):
        row.raw_text, row.external_reference = item.raw_text, item.external_reference
        row.occurred_at, row.tracking_url = item.occurred_at, item.tracking_url
    return row


def _repeat(account: CarrierAccount, receipt: UUID, keys: list[str]) -> None:
    """Count repeats. A repeated hint is worked on again: what it points to may have changed since."""
    repeated = CarrierMessage.objects.filter(account=account, dedupe_key__in=keys).exclude(receipt=receipt)
    repeated.update(repeats=F("repeats") + 1)
    repeated.filter(is_hint=True, is_trusted=True).update(
        state=State.RECEIVED, attempts=0, next_try_at=now(), detail=""
    )


# --- hooks ---
def receive_hook(account: CarrierAccount, headers: Mapping[str, str], body: bytes) -> Hook:
    """Store a hook, whatever it is, and say whether its sender may believe that it was heard."""
    adapter = adapter_for(account)
    lower = {name.lower(): value for name, value in headers.items()}
    if not adapter.verify(lower, body):
        _keep_refused(account, lower, adapter.redacted(body))
        return Hook.REFUSED
    try:
        items = adapter.parse_webhook(body)
    except GarbageError as error:
        verdict = (State.FAILED, error.detail)
    else:
        if items:
            receive(account, Channel.HOOK, items, body=body, headers=lower)
            return Hook.STORED
        verdict = (State.IGNORED, "says nothing about a parcel")
    _keep(account, lower, adapter.redacted(body), "other", *verdict)
    return Hook.STORED


def _keep_refused(account: CarrierAccount, headers: Mapping[str, str], body: bytes) -> None:
    lately = CarrierMessage.objects.filter(
        account=account, is_trusted=False, received_at__gt=now() - timedelta(hours=1)
    )
    if lately.count() < MAX_REFUSED_PER_HOUR:
        detail = "the signature is missing or wrong"
        _keep(account, headers, body[:MAX_REFUSED_BODY], "refused", State.IGNORED, detail, trusted=False)


def _keep(
    account: CarrierAccount,
    headers: Mapping[str, str],
    body: bytes,
    kind: str,
    state: State,
    detail: str,
    *,
    trusted: bool = True,
) -> None:
    """Keep a hook that will not be applied, once however often it comes."""
    key = f"{kind}/{hashlib.sha256(body).hexdigest()}"
    row = _row(account, Channel.HOOK, None, key, uuid4(), body=body, headers=masked(headers))
    row.state, row.detail, row.is_trusted, row.handled_at = state, detail, trusted, now()
    with transaction.atomic():
        CarrierMessage.objects.bulk_create([row], ignore_conflicts=True)
        CarrierMessage.objects.filter(account=account, dedupe_key=key).exclude(receipt=row.receipt).update(
            repeats=F("repeats") + 1
        )


def masked(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Return headers fit for keeping: a signature proves something later, a secret would only leak."""
    return {
        name[:100]: MASK if any(word in name.lower() for word in SECRET_WORDS) else value[:500]
        for name, value in list((headers or {}).items())[:MAX_HEADERS]
    }
