"""Bringing what carriers say to their deliveries (D8, D9, D10).

Every message is stored already; here it is read, mapped and taken through the one door, and its verdict
says what became of it. A late or forbidden message stays on the timeline as not applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from carriers import inbox
from carriers.adapters.base import ParcelStatus
from carriers.inbox import NotYetError, Verdict
from carriers.models import CarrierAccount, CarrierMessage
from carriers.registry import adapter_class
from carriers.services import mapping_for
from carriers.statuses import Channel, State
from deliveries.cascades import note_pick_up, tell_packages
from deliveries.models import Delivery
from deliveries.nodes import DeliveryNode
from deliveries.statuses import PACKAGE_STATUS, PICKED_UP, DeliveryStatus, read_status
from orders.statuses import CANCELLED, ERROR, PackageStatus
from woop import clock
from woop.actors import Actor
from woop.errors import RuleError, refuse
from woop.identifiers import encode
from woop.models import Alert, Job, JobState
from woop.plans import Plan
from woop.sources import Source
from woop.transitions import locked

FUTURE_TOLERANCE = timedelta(seconds=60)  # below this it is only a clock that is not quite right
LEASE = timedelta(seconds=30)
ARRIVED = frozenset({PackageStatus.RECEIVED, PackageStatus.UNKNOWN})
EDITED = ("carrier_clock", "tracking_number", "tracking_url", "cancel_requested_at")


class UnknownStatus(Exception):
    """A partner sent a word that is no status in any accepted spelling (D10)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a message means: a delivery status or "", and what it sets on packages.

    `own_table` tells that the carrier's own table speaks for the packages, be it "nothing".
    """

    status: DeliveryStatus | None
    package_status: int | None
    own_table: bool
    alert: str = ""
    note: str = ""


# --- reading ---------------------------------------------------------------------------------------


def read(message: CarrierMessage) -> Said | None:
    """Return what a message means, None for a raw status that nobody has mapped (D9)."""
    if message.channel == Channel.PUT:
        return _read_put(message.raw_status)
    effect = mapping_for(message.account).get(message.raw_status)
    if effect is None:
        return None
    status = DeliveryStatus(effect.delivery_status) if effect.delivery_status else None
    alert = "carrier_alert" if effect.is_alert else ""
    return Said(status, effect.package_status, True, alert, effect.note)


def _read_put(raw: str) -> Said | None:
    word, _slash, sub = raw.partition("/")
    found = read_status(word, sub)
    if found is None:
        return None
    status, alert = found
    return Said(status, PACKAGE_STATUS.get(status), False, alert, raw if alert else "")


def find_delivery(message: CarrierMessage) -> Delivery | None:
    """Find the delivery by what we know of it, then by the carrier's key, our reference, its tracking."""
    deliveries = Delivery.objects.filter(account_id=message.account_id)
    if message.delivery_id:
        return deliveries.filter(pk=message.delivery_id).first()
    keys = Q()
    if message.carrier_ref:
        keys |= Q(carrier_ref=message.carrier_ref)
    if message.external_reference:
        keys |= Q(external_reference=message.external_reference)
    if message.tracking_number and not keys:
        keys = Q(tracking_number=message.tracking_number)
    return deliveries.filter(keys).order_by("pk").first() if keys else None


def time_of(message: CarrierMessage) -> datetime:
    """Return when it happened: the carrier's time, never later than the receipt."""
    occurred = message.occurred_at
    return min(occurred, message.received_at) if occurred else message.received_at


# --- applying --------------------------------------------------------------------------------------


def apply_message(message: CarrierMessage, *, dry_run: bool = False) -> Verdict:
    """Apply one stored message through the door; nothing is written in a dry run."""
    delivery = find_delivery(message)
    if delivery is None:
        return _without_delivery(message)
    verdict = Verdict(State.RECEIVED, "", delivery.order_id, delivery.pk)
    if message.is_hint:
        if not dry_run:
            Delivery.objects.filter(pk=delivery.pk).update(next_poll_at=clock.now())
        return replace(verdict, state=State.APPLIED, detail=_("The parcel is being read."))
    said = read(message)
    with locked("delivery", [delivery.pk], by=actor_of(message), dry_run=dry_run) as plans:
        return replace(verdict, **_Application(plans[0], message, delivery.pk, dry_run).apply(said))


def _without_delivery(message: CarrierMessage) -> Verdict:
    """A hook may overtake the answer to our booking: as long as one is under way, wait for it."""
    is_booking = Job.objects.filter(
        kind="book_delivery",
        payload__account=message.account_id,
        state__in=[JobState.WAITING, JobState.RUNNING],
    ).exists()
    if is_booking and message.received_at > clock.now() - timedelta(minutes=10):
        raise NotYetError("no delivery yet: a booking at this carrier is under way")
    return Verdict(State.IGNORED, _("No delivery of ours has this parcel."))


def actor_of(message: CarrierMessage) -> Actor:
    account = message.account
    return Actor(Source(account.carrier), f"account:{account.pk}", shop_id=account.shop_id)


class _Application:
    """One message on its way through the door, with the order locked."""

    def __init__(self, plan: Plan, message: CarrierMessage, delivery_id: int, dry_run: bool) -> None:
        self.plan = plan
        self.message = message
        self.dry_run = dry_run
        self.node: DeliveryNode = next(
            node for node in plan.order.others["delivery"] if node.id == delivery_id
        )
        self.row = Delivery.objects.get(pk=delivery_id)  # read under the lock, for its clock

    def apply(self, said: Said | None) -> dict[str, Any]:
        if said is None:
            detail = _("Nobody has said yet what “%(raw)s” means.") % {"raw": self.message.raw_status}
            self._set_context(self.message)
            self.plan.alert("unknown_status", detail, self.node)
            return {"state": State.UNKNOWN, "detail": detail}
        self._set_context(self.message)
        self._note_details(said)
        state, detail = self._take(self.message, said)
        if state == State.APPLIED:
            self._try_forbidden_again()
        if self.row.carrier_clock is not None:
            self.plan.edit(self.row, *EDITED)
        return {"state": state, "detail": str(detail)}

    def _set_context(self, message: CarrierMessage) -> None:
        self.plan.context = replace(
            self.plan.context,
            occurred_at=time_of(message),
            message_id=message.pk,
            reason=message.raw_text,
        )

    def _take(self, message: CarrierMessage, said: Said) -> tuple[State, Any]:
        occurred, last = time_of(message), self.row.carrier_clock
        if last is not None and occurred < last:
            self._tell_late(said)
            return State.LATE, _("It happened before what is known already.")
        if said.status is None:
            self._tell(said)
            return (State.APPLIED if self.plan.events else State.NO_CHANGE), said.note
        if self._comes_after_arrival(said):
            detail = _("The carrier cancelled what the customer has received.")
            if message is self.message:  # once, not at each later try
                self.plan.alert("cancelled_after_arrival", detail, self.node)
            return State.FORBIDDEN, detail
        if said.status == self.node.status:
            self.row.carrier_clock = occurred
            self._tell(said)
            return State.NO_CHANGE, ""
        self.plan.details = {"package_status": said.package_status} if said.own_table else {}
        verdict = self.plan.attempt(self.node, said.status)
        if verdict.refusal:
            return State.FORBIDDEN, verdict.refusal.detail
        self.row.carrier_clock = occurred
        return State.APPLIED, ""

    def _comes_after_arrival(self, said: Said) -> bool:
        """A carrier may cancel a package up to Sent; after that its message counts for nothing (D4)."""
        if said.package_status != CANCELLED or self.node.is_cancel_requested:
            return False
        return any(package.status in ARRIVED for package in self.node.packages)

    def _tell(self, said: Said) -> None:
        """Let the packages know even if the delivery itself stays where it is."""
        if said.package_status is not None:
            source = self.node.source if said.own_table else Source.DELIVERY
            tell_packages(self.plan, self.node, said.package_status, source, None)

    def _tell_late(self, said: Said) -> None:
        """A late message still says where the goods have been, so that any order of arrival ends alike."""
        if said.status in PICKED_UP:
            note_pick_up(self.plan, self.node)
        if said.package_status not in (ERROR, CANCELLED):
            self._tell(said)

    def _note_details(self, said: Said) -> None:
        message, raw = self.message, self.message.raw_status
        if said.alert:
            self.plan.alert(said.alert, said.note or raw, self.node)
        if message.occurred_at and message.occurred_at > message.received_at + FUTURE_TOLERANCE:
            self.plan.alert("time_in_future", _("The carrier's time lay in the future."), self.node)
        if raw in adapter_class(message.account.carrier).cancel_refused_statuses:
            self.row.cancel_requested_at = None
            self.plan.alert("cancel_refused", _("The carrier did not cancel."), self.node)
        self._note_tracking(message)

    def _note_tracking(self, message: CarrierMessage) -> None:
        """Take a tracking number once; another one later is for a person to judge."""
        if message.tracking_number and not self.row.tracking_number:
            self.row.tracking_number = message.tracking_number
        elif message.tracking_number and message.tracking_number != self.row.tracking_number:
            detail = _("The carrier names another tracking number: %(number)s.")
            self.plan.alert(
                "tracking_number_differs", detail % {"number": message.tracking_number}, self.node
            )
        self.row.tracking_url = self.row.tracking_url or message.tracking_url

    def _try_forbidden_again(self) -> None:
        """What was forbidden may be legal now: later ones again, oldest first, until nothing moves."""
        waiting = CarrierMessage.objects.filter(delivery_id=self.node.id, state=State.FORBIDDEN)
        later = sorted(waiting.select_related("account"), key=lambda m: (time_of(m), m.pk))
        moved = True
        while moved:
            moved = False
            for message in [m for m in later if time_of(m) >= self.row.carrier_clock]:
                said = read(message)
                self._set_context(message)
                if said is None or self._take(message, said)[0] == State.FORBIDDEN:
                    continue
                later.remove(message)
                moved = True
                if not self.dry_run:
                    inbox.settle(message, Verdict(State.APPLIED))
                break


def resolve_unknown(message: CarrierMessage, actor: str) -> None:
    """Close the alerts about a raw status that has a meaning by now."""
    Alert.objects.filter(message_id=message.pk, code="unknown_status", resolved_at=None).update(
        resolved_at=clock.now(), resolved_by=actor
    )


def apply_and_resolve(message: CarrierMessage, *, dry_run: bool = False) -> Verdict:
    verdict = apply_message(message, dry_run=dry_run)
    if verdict.state != State.UNKNOWN and not dry_run:
        resolve_unknown(message, actor_of(message).reference)
    return verdict


inbox.set_applier(apply_and_resolve)


# --- partners and people ---------------------------------------------------------------------------


def put_status(
    delivery: Delivery,
    *,
    status: str,
    sub_status: str = "",
    occurred_at: datetime | None = None,
    comment: str = "",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> CarrierMessage:
    """Store what a partner puts, apply it, and return the message with its verdict.

    A repeat (same status and date) returns the first message. Raises UnknownStatus.
    """
    if read_status(status, sub_status) is None:
        raise UnknownStatus(status)
    raw = "/".join(word for word in (status.strip().upper(), sub_status.strip().upper()) if word)
    account: CarrierAccount = delivery.account
    item = ParcelStatus(
        carrier_ref=delivery.carrier_ref or encode("delivery", delivery.pk),
        raw_status=raw,
        raw_text=comment[:255],
        occurred_at=occurred_at,
        body=body,
    )
    with transaction.atomic():
        fresh = inbox.receive(account, Channel.PUT, [item], body=body, headers=headers)
        if not fresh:
            return _first_of(delivery, raw, occurred_at)
        message = fresh[0]
        # Ours to apply now: no worker may take it meanwhile.
        message.delivery_id, message.order_id = delivery.pk, delivery.order_id
        message.next_try_at = clock.now() + LEASE
        message.save(update_fields=["delivery_id", "order_id", "next_try_at"])
    inbox.apply(message)
    return message


def _first_of(delivery: Delivery, raw: str, occurred_at: datetime | None) -> CarrierMessage:
    messages = CarrierMessage.objects.filter(
        account=delivery.account, delivery_id=delivery.pk, raw_status=raw, occurred_at=occurred_at
    )
    return messages.earliest("pk")


def apply_by_hand(message: CarrierMessage, *, actor: Actor, reason: str) -> CarrierMessage:
    """Apply a message that was late or forbidden, past the table but never out of CLOSED (D8).

    Wants the override permission and a reason; raises RuleError otherwise.
    """
    said, delivery = read(message), find_delivery(message)
    if delivery is None or said is None or said.status is None:
        raise refuse("nothing_to_apply", _("This message says nothing that could be applied."))
    with locked(
        "delivery",
        [delivery.pk],
        by=actor,
        reason=reason,
        override=True,
        message_id=message.pk,
        occurred_at=time_of(message),
    ) as plans:
        if not plans:
            raise Delivery.DoesNotExist
        plan = plans[0]
        node = next(node for node in plan.order.others["delivery"] if node.id == delivery.pk)
        plan.details = {"package_status": said.package_status} if said.own_table else {}
        verdict = plan.attempt(node, said.status)
        if verdict.refusal:
            raise RuleError(verdict.refusal)
        row = Delivery.objects.get(pk=delivery.pk)
        row.carrier_clock = max(filter(None, (row.carrier_clock, time_of(message))))
        plan.edit(row, "carrier_clock")
        inbox.settle(message, Verdict(State.APPLIED, _("Applied by hand.")))
    return message
