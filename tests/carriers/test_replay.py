import hashlib
import hmac

import pytest

from carriers import inbox
from carriers.adapters.base import ParcelStatus
from carriers.inbox import Hook, Verdict, receive, receive_hook, replay
from carriers.models import CarrierMessage
from carriers.statuses import Channel, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(monkeypatch):
    seen = []

    def applier(message, *, dry_run=False):
        seen.append((message.raw_status, dry_run))
        return Verdict(State.LATE if dry_run else State.APPLIED)

    monkeypatch.setattr("carriers.inbox.work._applier", applier)
    return seen


def signed(body, key="secretkey"):
    return {"Sendcloud-Signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}


def rows():
    return list(CarrierMessage.objects.order_by("pk").values_list("state", "carrier_ref", "is_trusted"))


def test_preview_asks_and_writes_nothing(veloyd, seen):
    (message,) = receive(veloyd, Channel.POLL, [ParcelStatus("1", "4")])
    inbox.run_due()
    before = CarrierMessage.objects.values().get()

    (preview,) = replay([message], dry_run=True)

    assert preview.verdict == Verdict(State.LATE)
    assert seen == [("4", False), ("4", True)]
    assert CarrierMessage.objects.values().get() == before


def test_replay_applies_again(veloyd, seen):
    messages = receive(veloyd, Channel.POLL, [ParcelStatus("1", "4"), ParcelStatus("2", "7")])
    inbox.run_due()

    assert [preview.verdict.state for preview in replay(messages)] == ["received", "received"]
    assert inbox.run_due() == 2


def test_hook_that_was_refused_is_believed_once_the_key_is_right(sendcloud, seen, payload):
    body = payload("sendcloud/hook_delivered")
    assert receive_hook(sendcloud, signed(body, "new key"), body) == Hook.REFUSED
    refused = CarrierMessage.objects.get()

    (still,) = replay([refused])
    assert still.verdict == Verdict(State.IGNORED, "the signature is still wrong")

    sendcloud.credentials = {**sendcloud.credentials, "webhook_key": "new key"}
    sendcloud.save()
    refused = CarrierMessage.objects.get()
    (preview,) = replay([refused], dry_run=True)
    assert preview.verdict == Verdict(State.DUPLICATE, "read anew: 383707309")
    assert rows() == [("ignored", "", False)]

    replay([refused])
    inbox.run_due()

    assert rows() == [("duplicate", "", False), ("applied", "383707309", True)]
    assert seen == [("11", False)]


def test_hook_that_was_refused_and_came_again_is_not_applied_twice(sendcloud, seen, payload):
    body = payload("sendcloud/hook_delivered")
    receive_hook(sendcloud, {}, body)
    receive_hook(sendcloud, signed(body), body)
    inbox.run_due()
    CarrierMessage.objects.filter(is_trusted=False).update(
        headers={k.lower(): v for k, v in signed(body).items()}
    )

    replay(CarrierMessage.objects.filter(is_trusted=False))
    inbox.run_due()

    assert rows() == [("duplicate", "", False), ("applied", "383707309", True)]
    assert seen == [("11", False)]


def test_nothing_that_was_refused_is_ever_reopened(sendcloud, seen, payload):
    receive_hook(sendcloud, {}, payload("sendcloud/hook_delivered"))

    assert inbox.reopen([CarrierMessage.objects.get().pk]) == 0
    assert inbox.run_due() == 0


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b"garbage", Verdict(State.FAILED, "the hook is not JSON")),
        (b'{"action": "test_webhook"}', Verdict(State.IGNORED, "says nothing about a parcel")),
    ],
)
def test_hook_that_says_nothing_still_says_nothing(body, verdict, sendcloud, seen):
    receive_hook(sendcloud, signed(body), body)
    message = CarrierMessage.objects.get()
    assert (message.state, message.detail) == (verdict.state, verdict.detail)

    assert [preview.verdict for preview in replay([message])] == [verdict]
    assert inbox.run_due() == 0


def test_parcel_named_by_its_code_only_is_worked_on(veloyd, seen, payload):
    receive_hook(veloyd, {}, payload("veloyd/hook_code_only"))

    replay(CarrierMessage.objects.all())

    assert inbox.run_due() == 1
