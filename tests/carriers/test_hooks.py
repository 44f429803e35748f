"""The address that carriers push to."""

import hashlib
import hmac

import pytest
from django.test import Client

from carriers import inbox, services
from carriers.models import CarrierMessage

pytestmark = pytest.mark.django_db
MIB = 1024 * 1024


@pytest.fixture
def push(client):
    """Push a body to an account's hook as its carrier would; `sign` False leaves the signature out."""

    def send(account, body, *, key="secretkey", sign=True, path=None, **headers):
        path = path or services.hook_path(account, account.plain_token)
        if sign and account.carrier == "sendcloud":
            headers["Sendcloud-Signature"] = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        return client.post(path, body, content_type="application/json", headers=headers)

    return send


@pytest.fixture(autouse=True)
def _tokens(sendcloud, veloyd):
    for account in (sendcloud, veloyd):
        account.plain_token = services.rotate_hook_token(account)


@pytest.fixture
def bell(monkeypatch):
    rung = []
    monkeypatch.setattr("woop.doorbell.ring", rung.append)
    return rung


def test_path_names_carrier_and_token(sendcloud):
    assert services.hook_path(sendcloud, "t0k") == "/hooks/sendcloud/t0k/"


def test_hook_is_stored_answered_and_rung_for(push, sendcloud, payload, bell):
    body = payload("sendcloud/hook_delivered")

    answer = push(sendcloud, body)

    assert (answer.status_code, answer.json()) == (200, {"result": "stored"})
    message = CarrierMessage.objects.get()
    assert (message.channel, message.state, message.raw_status) == ("hook", "received", "11")
    assert bytes(message.body) == body
    assert message.headers["sendcloud-signature"]
    assert bell == [inbox.TASK]


def test_hook_of_veloyd_is_a_hint(push, veloyd, payload):
    assert push(veloyd, payload("veloyd/hook_minimal")).status_code == 200

    message = CarrierMessage.objects.get()
    assert (message.is_hint, message.carrier_ref, message.raw_status) == (True, "5512034", "3")


def test_repeat_is_answered_and_stored_once(push, sendcloud, payload):
    for _ in range(3):
        assert push(sendcloud, payload("sendcloud/hook_delivered")).status_code == 200

    assert CarrierMessage.objects.get().repeats == 2


def test_disabled_account_is_still_told(push, sendcloud, payload):
    sendcloud.is_enabled = False
    sendcloud.save()

    assert push(sendcloud, payload("sendcloud/hook_delivered")).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/hooks/sendcloud/nonsense/", "/hooks/veloyd/{token}/", "/hooks/dhl/{token}/", "/hooks/sendcloud/é/"],
)
def test_wrong_address_is_404(path, push, sendcloud, payload):
    path = path.format(token=sendcloud.plain_token)

    assert push(sendcloud, payload("sendcloud/hook_delivered"), path=path).status_code == 404
    assert not CarrierMessage.objects.exists()


def test_old_token_ends_with_the_new_one(push, sendcloud, payload):
    old = services.hook_path(sendcloud, sendcloud.plain_token)
    sendcloud.plain_token = services.rotate_hook_token(sendcloud)

    assert push(sendcloud, payload("sendcloud/hook_delivered"), path=old).status_code == 404
    assert push(sendcloud, payload("sendcloud/hook_delivered")).status_code == 200
    assert sendcloud.plain_token not in sendcloud.hook_token_digest


def test_wrong_signature_is_401_and_kept_without_being_believed(push, sendcloud, payload, bell):
    body = payload("sendcloud/hook_delivered")

    for answer in (push(sendcloud, body, key="guessed"), push(sendcloud, body, sign=False)):
        assert (answer.status_code, answer.json()) == (401, {"result": "bad_signature"})

    message = CarrierMessage.objects.get()
    assert (message.state, message.is_trusted, message.repeats) == ("ignored", False, 1)
    assert (message.carrier_ref, message.raw_status) == ("", "")
    assert bytes(message.body) == body
    assert bell == []


def test_refused_hooks_cannot_fill_the_disk(push, sendcloud):
    for number in range(70):
        body = b"%d" % number + b"x" * 100_000
        assert push(sendcloud, body, sign=False).status_code == 401

    assert CarrierMessage.objects.count() == 60
    assert {len(bytes(message.body)) for message in CarrierMessage.objects.all()} == {64 * 1024}


@pytest.mark.parametrize("body", [b"", b"not json", b"\x00\xff", b"[]"])
def test_garbage_is_kept(body, push, sendcloud, bell):
    assert push(sendcloud, body).status_code == 200
    assert push(sendcloud, body).status_code == 200

    message = CarrierMessage.objects.get()
    assert (message.state, message.is_trusted, message.repeats) == ("failed", True, 1)
    assert bytes(message.body) == body
    assert bell == []


def test_credentials_are_not_kept(push, sendcloud, payload):
    body = payload("sendcloud/hook_credentials")

    assert push(sendcloud, body, key="brought-along").status_code == 401
    assert push(sendcloud, body).status_code == 200

    assert [bytes(message.body) for message in CarrierMessage.objects.all()] == [b"", b""]


def test_body_over_a_mebibyte_is_413(push, sendcloud):
    assert push(sendcloud, b"x" * MIB, sign=False).status_code == 401
    CarrierMessage.objects.all().delete()

    answer = push(sendcloud, b"x" * (MIB + 1))

    assert (answer.status_code, answer.json()) == (413, {"result": "too_large"})
    assert not CarrierMessage.objects.exists()


def test_only_post(client, sendcloud):
    assert client.get(services.hook_path(sendcloud, sendcloud.plain_token)).status_code == 405


def test_carriers_have_no_csrf_token(sendcloud, payload):
    client = Client(enforce_csrf_checks=True)
    path = services.hook_path(sendcloud, sendcloud.plain_token)

    answer = client.post(path, payload("sendcloud/hook_delivered"), content_type="application/json")

    assert answer.status_code == 401


def test_digest_of_another_account_is_compared(sendcloud, monkeypatch):
    monkeypatch.setattr("carriers.services.digest_of", lambda token: sendcloud.hook_token_digest)
    monkeypatch.setattr("hmac.compare_digest", lambda one, other: False)

    assert services.account_by_token("sendcloud", "x") is None
