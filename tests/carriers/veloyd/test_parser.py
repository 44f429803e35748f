import pytest

from carriers.adapters.base import GarbageError, Hint, ParcelStatus
from carriers.adapters.http import Answer
from carriers.adapters.veloyd import parser
from carriers.adapters.veloyd.statuses import NAMES, STATUSES
from tests.carriers.conftest import make_parcel


def answer(status, body):
    return Answer(status, body, {})


# --- what we send ---
def test_payload_speaks_grams_and_millimetres():
    payload = parser.parcel_payload(make_parcel(length_mm=305, height_mm=20), {})

    assert payload == {
        "parcel": {
            "address": {
                "name": "Ada Smit",
                "street": "Lange Straat",
                "nr": "12",
                "addition": "b",
                "postalCode": "1011 AB",
                "city": "Amsterdam",
                "country": "NL",
                "email": "ada@example.org",
                "phone": "+31612345678",
            },
            "weight": 1250,
            "reference": "order-1/1",
            "comment": "1001",
            "options": [],
            "emailTT": "",
            "length": 305,
            "height": 20,
        },
        "plugin": "Woop 1",
    }


def test_payload_follows_the_settings_of_the_account():
    settings = {"carrier": "PostNL", "options": ["Verzekerd"], "track_and_trace_mail": True}
    fields = parser.parcel_payload(make_parcel(comment="ring twice"), settings)["parcel"]

    assert (fields["carrier"], fields["options"]) == ("PostNL", ["Verzekerd"])
    assert (fields["emailTT"], fields["comment"]) == ("ada@example.org", "ring twice")


# --- a parcel ---
def test_parcel_that_is_wrapped(decoded, payload):
    body = payload("veloyd/parcel_wrapped")

    status = parser.parcel_status(decoded("veloyd/parcel_wrapped"), body)

    assert status == ParcelStatus(
        carrier_ref="5512034",
        raw_status="4",
        raw_text="in transit",
        external_reference="order-1/1",
        tracking_number="3SVELO5512034",
        tracking_url="https://tracking.example/3SVELO5512034",
    )
    assert status.body == body


def test_parcel_that_is_flat_and_worded(decoded):
    status = parser.parcel_status(decoded("veloyd/parcel_flat"), b"")

    assert (status.carrier_ref, status.raw_status, status.tracking_url) == ("5512034", "4", "")


@pytest.mark.parametrize("raw", STATUSES)
@pytest.mark.parametrize("form", [int, str])
def test_every_status_is_read(raw, form):
    status = parser.parcel_status({"id": 1, "status": form(raw)}, b"")

    assert (status.raw_status, status.raw_text) == (raw, STATUSES[raw].meaning)


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        *NAMES.items(),
        ("AT PICKUP POINT", "6"),
        ("Returned to sender", "8"),
        ("07", "7"),
        (42, "42"),
        ("On the Moon", "On the Moon"),
        (None, ""),
        ([], ""),
        (True, ""),
    ],
)
def test_status_is_a_number_or_a_word(value, raw):
    assert parser.raw_status(value) == raw


@pytest.mark.parametrize(
    "decoded", [None, [], {}, {"id": 1}, {"status": 1}, {"id": "../remove/1", "status": 1}, {"parcel": {}}]
)
def test_parcel_that_cannot_be_read(decoded):
    with pytest.raises(GarbageError):
        parser.parcel_status(decoded, b"")


def test_answer_to_a_booking_may_hold_no_more_than_the_id(payload):
    booked = parser.booked(answer(200, payload("veloyd/created")))

    assert (booked.carrier_ref, booked.raw_status, booked.tracking_number) == ("5512034", "1", "")
    assert booked.body == payload("veloyd/created")


@pytest.mark.parametrize(
    ("status", "body", "is_unknown"),
    [
        (404, b"", True),
        (400, b'{"error": "UserError", "description": "?"}', True),
        (400, b'{"error": "Other"}', False),
        (400, b"<html>", False),
        (200, b"{}", False),
        (500, b'{"error": "UserError"}', False),
    ],
)
def test_unknown_parcel_is_a_404_or_a_400(status, body, is_unknown):
    assert parser.is_unknown_parcel(answer(status, body)) is is_unknown


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("unknown_code", "Geen zending gevonden met deze track & trace code"),
        ("unauthorized", "Unauthorized"),
        ("hook_list", ""),
    ],
)
def test_error_sentence(name, sentence, payload):
    assert parser.error_sentence(answer(400, payload(f"veloyd/{name}"))) == sentence


# --- hooks ---
@pytest.mark.parametrize(
    ("name", "hints"),
    [
        ("hook_minimal", [Hint("5512034", "3")]),
        ("hook_shipment", [Hint("5512034", "7", "3SVELO5512034")]),
        ("hook_data", [Hint("5512034", "7")]),
        ("hook_code_only", [Hint("", "7", "3SVELO5512034")]),
        ("hook_nothing", []),
        ("hook_list", [Hint("1", "3"), Hint("2", "4")]),
        ("parcel_wrapped", [Hint("5512034", "4", "3SVELO5512034")]),
    ],
)
def test_hook_is_a_hint(name, hints, payload):
    assert parser.webhook(payload(f"veloyd/{name}")) == hints


@pytest.mark.parametrize("body", [b"", b"id=5512034&status=3", b"\xff\xfe"])
def test_hook_that_is_garbage(body):
    with pytest.raises(GarbageError):
        parser.webhook(body)
