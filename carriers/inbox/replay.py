"""Do it again: after a mending of a parser, a key or a rule, with the preview first."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from carriers.adapters.base import CarrierError
from carriers.inbox import work
from carriers.inbox.store import receive
from carriers.inbox.work import Verdict
from carriers.models import CarrierMessage
from carriers.registry import adapter_for
from carriers.statuses import Channel, State


@dataclass(frozen=True, slots=True)
class Preview:
    """What a replay does, or with `dry_run` would do, with one message."""

    message: CarrierMessage
    verdict: Verdict


def replay(messages: Iterable[CarrierMessage], *, dry_run: bool = False) -> list[Preview]:
    """Have messages worked on again. A dry run asks the applier and writes nothing.

    A hook that could not be read or believed is read anew from its raw bytes, under today's keys; what
    it says is then stored as a message of its own.
    """
    return [Preview(message, _replay(message, dry_run)) for message in messages]


def _replay(message: CarrierMessage, dry_run: bool) -> Verdict:
    if message.channel == Channel.HOOK and (not message.is_trusted or _says_nothing(message)):
        return _read_again(message, dry_run)
    if not dry_run:
        work.reopen([message.pk])
        return Verdict(State.RECEIVED)
    return work.preview(message)


def _says_nothing(message: CarrierMessage) -> bool:
    return not message.carrier_ref and not message.tracking_number


def _read_again(message: CarrierMessage, dry_run: bool) -> Verdict:
    adapter = adapter_for(message.account)
    body = bytes(message.body)
    if not adapter.verify(message.headers, body):
        return Verdict(State.IGNORED, "the signature is still wrong")
    try:
        items = adapter.parse_webhook(body)
    except CarrierError as error:
        return Verdict(State.FAILED, error.detail)
    if not items:
        return Verdict(State.IGNORED, "says nothing about a parcel")
    verdict = Verdict(State.DUPLICATE, "read anew: " + ", ".join(item.carrier_ref for item in items))
    if not dry_run:
        with transaction.atomic():
            receive(message.account, Channel.HOOK, items, body=body, headers=message.headers)
            work.settle(message, verdict)
    return verdict
