import json
from datetime import UTC, datetime

import pytest

from carriers.adapters.base import CancelAnswer, CarrierError, GarbageError, ParcelStatus
from carriers.adapters.http import Answer
from carriers.adapters.sendcloud import parser
from carriers.adapters.sendcloud.statuses import STATUSES
from tests.carriers.conftest import make_parcel

SECOND = datetime(2026, 11, 21, 11, 40, 31, tzinfo=UTC)


def answer(status, body):
    return Answer(status, body, {})


# --- what we send ---
def test_payload_speaks_kilograms_and_centimetres():
    parcel = make_parcel(length_mm=305, width_mm=200)

    assert parser.parcel_payload(parcel, {}) == {
        "parcel": {
            "name": "Ada Smit",
            "address": "Lange Straat",
            "house_number": "12b",
            "postal_code": "1011 AB",
            "city": "Amsterdam",
            "country": "NL",
            "email": "ada@example.org",
            "telephone": "+31612345678",
            "weight": "1.250",
            "order_number": "1001",
            "external_reference": "order-1/1",
            "request_label": True,
            "length": "30.5",
            "width": "20.0",
        }
    }


def test_payload_follows_the_settings_of_the_account():
    fields = parser.parcel_payload(make_parcel(), {"shipping_method_id": 8, "request_label": False})["parcel"]

    assert fields["shipment"] == {"id": 8}
    assert fields["request_label"] is False


# --- a parcel ---
def test_parcel_of_a_single_read(decoded):
    status = parser.parcel_status(decoded("sendcloud/parcel")["parcel"])

    assert status == ParcelStatus(
        carrier_ref="383707309",
        raw_status="7",
        raw_text="Being sorted",
        external_reference="order-1/1",
        occurred_at=SECOND.replace(microsecond=999_000),
        tracking_number="3SYZXG3829104",
        tracking_url="https://tracking.example/forward?carrier=postnl&code=3SYZXG3829104",
    )
    assert json.loads(status.body)["id"] == 383707309


def test_parcel_whose_announcement_failed(decoded):
    status = parser.parcel_status(decoded("sendcloud/failed_announcement")["parcel"])

    assert (status.raw_status, status.tracking_number, status.tracking_url) == ("1002", "", "")


@pytest.mark.parametrize("raw", STATUSES)
def test_every_status_is_read(raw, decoded):
    parcel = {**decoded("sendcloud/parcel")["parcel"], "status": {"id": int(raw), "message": "whatever"}}

    assert parser.parcel_status(parcel).raw_status == raw


@pytest.mark.parametrize(
    "parcel",
    [
        None,
        [],
        {},
        {"id": None, "status": {"id": 1}},
        {"id": True, "status": {"id": 1}},
        {"id": "../../integrations", "status": {"id": 1}},
        {"id": 1},
        {"id": 1, "status": None},
        {"id": 1, "status": {"id": None}},
        {"id": 1, "status": 11},
    ],
)
def test_parcel_that_cannot_be_read(parcel):
    with pytest.raises(GarbageError):
        parser.parcel_status(parcel)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("21-11-2026 11:40:31", SECOND.replace(microsecond=999_000)),
        ("2026-11-21T12:40:31+01:00", SECOND.replace(microsecond=999_000)),
        ("2026-11-21T11:40:31.250Z", SECOND.replace(microsecond=250_000)),
        ("31-02-2026 11:40:31", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_dates_come_in_two_forms(written, read):
    assert parser.updated_at({"date_updated": written}) == read


# --- lists ---
def test_page_keeps_what_can_be_read_and_counts_the_rest(decoded):
    page = parser.page(decoded("sendcloud/list_page"))

    assert [(status.carrier_ref, status.raw_status) for status in page.statuses] == [
        ("383707310", "92"),
        ("383707309", "11"),
    ]
    assert page.refused == 1
    assert page.next_cursor == "cD0zODM3MDczMDg="


def test_page_without_parcels_is_garbage():
    with pytest.raises(GarbageError):
        parser.page({"next": None})


@pytest.mark.parametrize("url", [None, "", 7, "https://panel.example/parcels?updated_after=x"])
def test_last_page_has_no_cursor(url):
    assert parser.next_cursor(url) == ""


# --- cancelling ---
@pytest.mark.parametrize(
    ("status", "name", "verdict"),
    [
        (200, "cancel_done", CancelAnswer("done", "Parcel has been cancelled")),
        (202, "cancel_queued", CancelAnswer("requested", "Parcel cancellation has been queued")),
        (400, "cancel_failed", CancelAnswer("refused", "This shipment is already being cancelled.")),
        (404, "unauthorized", CancelAnswer("unknown_parcel", "Invalid username/password.")),
        (410, "cancel_deleted", CancelAnswer("gone", "Parcel has been deleted")),
    ],
)
def test_answers_to_a_cancellation(status, name, verdict, payload):
    assert parser.cancel_answer(answer(status, payload(f"sendcloud/{name}"))) == verdict


def test_answer_to_a_cancellation_that_says_nothing():
    with pytest.raises(CarrierError) as caught:
        parser.cancel_answer(answer(502, b"<html>"))
    assert caught.value.unknown


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"error": {"message": "no"}}', "no"),
        (b'{"message": "neither"}', "neither"),
        (b'{"error": "flat"}', ""),
        (b"[]", ""),
        (b"<Error/>", ""),
        (b"", ""),
    ],
)
def test_error_sentence_of_any_body(body, sentence):
    assert parser.error_sentence(answer(400, body)) == sentence


# --- hooks ---
KNOWN_BODY = b'{"key": "value"}'
KNOWN_SIGNATURE = "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a"


def test_signature_of_the_known_vector():
    assert parser.is_signed({"sendcloud-signature": KNOWN_SIGNATURE}, KNOWN_BODY, ["secretkey"])


@pytest.mark.parametrize(
    ("signature", "body", "keys"),
    [
        (KNOWN_SIGNATURE, b'{"key":"value"}', ["secretkey"]),  # the same JSON, other bytes
        (KNOWN_SIGNATURE.upper(), KNOWN_BODY, ["secretkey"]),
        (KNOWN_SIGNATURE, KNOWN_BODY, ["another"]),
        (KNOWN_SIGNATURE, KNOWN_BODY, ["", ""]),
        ("", KNOWN_BODY, ["secretkey"]),
        ("é", KNOWN_BODY, ["secretkey"]),
    ],
)
def test_signature_that_proves_nothing(signature, body, keys):
    assert not parser.is_signed({"sendcloud-signature": signature}, body, keys)


def test_signature_with_either_key():
    headers = {"sendcloud-signature": KNOWN_SIGNATURE}
    assert parser.is_signed(headers, KNOWN_BODY, ["webhook-key", "secretkey"])
    assert not parser.is_signed({}, KNOWN_BODY, ["secretkey"])


def test_hook_about_a_parcel(payload):
    body = payload("sendcloud/hook_delivered")

    (status,) = parser.webhook(body)

    assert status == ParcelStatus(
        carrier_ref="383707309",
        raw_status="11",
        raw_text="Delivered",
        external_reference="order-1/1",
        occurred_at=SECOND.replace(microsecond=512_000),
        tracking_number="3SYZXG3829104",
        tracking_url="https://tracking.example/3SYZXG3829104",
    )
    assert status.body == body


def test_hook_without_timestamp_takes_the_date_of_the_parcel(payload):
    body = payload("sendcloud/hook_delivered").replace(b'"timestamp": 1795261231512', b'"timestamp": null')

    assert parser.webhook(body)[0].occurred_at == SECOND.replace(microsecond=498_000)


@pytest.mark.parametrize("name", ["hook_test", "hook_credentials"])
def test_hook_that_does_not_concern_us(name, payload):
    assert parser.webhook(payload(f"sendcloud/{name}")) == []


@pytest.mark.parametrize("body", [b"", b"<xml/>", b"[]", b"7", b"[" * 100_000, b"\xff\xfe"])
def test_hook_that_is_garbage(body):
    with pytest.raises(GarbageError):
        parser.webhook(body)


def test_hook_about_a_parcel_without_status_is_garbage(payload):
    with pytest.raises(GarbageError):
        parser.webhook(payload("sendcloud/hook_no_status"))
