"""Calls from code that is not async, against the simulator."""

from datetime import UTC, datetime

import pytest

from carriers import calls
from carriers.adapters.base import CarrierError
from tests.carriers.conftest import make_parcel

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def account(veloyd, simulator):
    veloyd.base_url = simulator.veloyd_url
    veloyd.settings = {"timeout_s": 2}
    return veloyd


@pytest.fixture
def listed(sendcloud, simulator):
    sendcloud.base_url = simulator.sendcloud_url
    return sendcloud


def test_book_track_cancel(account, simulator):
    booked = calls.book(account, make_parcel())

    assert calls.track(account, booked.carrier_ref).raw_status == "1"
    assert calls.cancel(account, booked.carrier_ref).verdict == "gone"
    with pytest.raises(CarrierError):
        calls.track(account, booked.carrier_ref)


def test_many_are_read_in_the_order_asked(account, simulator):
    refs = [calls.book(account, make_parcel(f"order-{number}/1")).carrier_ref for number in range(6)]
    asked = [*refs, "999"]

    readings = calls.read_parcels(account, asked, in_flight=3)

    assert [reading.carrier_ref for reading in readings] == asked
    assert [reading.status.raw_status for reading in readings[:6]] == ["1"] * 6
    assert readings[6].status is None
    assert readings[6].error.code == "unknown_parcel"


def test_reading_stops_when_the_carrier_has_had_enough(account, simulator):
    refs = [calls.book(account, make_parcel(f"order-{number}/1")).carrier_ref for number in range(4)]
    simulator.fault("429", on="read")

    readings = calls.read_parcels(account, refs, in_flight=1)

    assert [reading.error.code for reading in readings] == ["too_many"] * 4
    assert readings[3].error.retry_after == 2.0
    assert len(simulator.calls("read")) == 1


def test_reading_stops_when_nobody_answers(account, simulator):
    refs = [calls.book(account, make_parcel(f"order-{number}/1")).carrier_ref for number in range(3)]
    account.settings = {"timeout_s": 0.2}
    simulator.fault("timeout", on="read", seconds=5)

    readings = calls.read_parcels(account, refs, in_flight=1)

    assert [reading.error.code for reading in readings] == ["timeout"] * 3


def test_one_bad_answer_does_not_stop_the_others(account, simulator):
    refs = [calls.book(account, make_parcel(f"order-{number}/1")).carrier_ref for number in range(3)]
    simulator.fault("garbage", on="read")

    readings = calls.read_parcels(account, refs, in_flight=1)

    assert [reading.error and reading.error.code for reading in readings] == ["garbage", None, None]


def test_changes_are_listed_page_by_page(listed, simulator):
    calls.book(listed, make_parcel())

    listing = calls.list_changes(listed, LONG_AGO)

    assert (len(listing.pages), listing.cursor, listing.error) == (1, "", None)


def test_listing_ends_at_the_limit_and_goes_on_later(listed, httpserver):
    parcel = {"id": 1, "status": {"id": 11}}
    httpserver.expect_request("/parcels", query_string="").respond_with_data("", status=500)
    for number in range(3):
        following = f"https://x.example/?cursor={number + 1}" if number < 2 else None
        page = {"next": following, "parcels": [parcel]}
        cursor = {"cursor": str(number)} if number else {}
        query = {"updated_after": "2019-12-31T23:45:00+00:00", **cursor}
        httpserver.expect_request("/parcels", query_string=query).respond_with_json(page)
    listed.base_url = httpserver.url_for("")

    first = calls.list_changes(listed, LONG_AGO, max_pages=2)
    rest = calls.list_changes(listed, LONG_AGO, cursor=first.cursor)

    assert (len(first.pages), first.cursor) == (2, "2")
    assert (len(rest.pages), rest.cursor, rest.error) == (1, "", None)


def test_listing_ends_when_it_took_too_long(listed, httpserver, monkeypatch):
    monkeypatch.setattr(calls, "LISTING_S", -1)
    page = {"next": "https://x.example/?cursor=1", "parcels": []}
    httpserver.expect_request("/parcels").respond_with_json(page)
    listed.base_url = httpserver.url_for("")

    listing = calls.list_changes(listed, LONG_AGO)

    assert (len(listing.pages), listing.cursor) == (1, "1")


def test_what_was_listed_before_an_error_is_kept(listed, httpserver):
    page = {"next": "https://x.example/?cursor=1", "parcels": []}
    since = "2019-12-31T23:45:00+00:00"
    httpserver.expect_request("/parcels", query_string={"updated_after": since}).respond_with_json(page)
    httpserver.expect_request(
        "/parcels", query_string={"updated_after": since, "cursor": "1"}
    ).respond_with_data("", status=503)
    listed.base_url = httpserver.url_for("")

    listing = calls.list_changes(listed, LONG_AGO)

    assert (len(listing.pages), listing.cursor, listing.error.code) == (1, "1", "unavailable")


def test_nobody_at_home(account):
    account.base_url = "http://127.0.0.1:9"

    with pytest.raises(CarrierError) as caught:
        calls.book(account, make_parcel())
    assert (caught.value.code, caught.value.permanent, caught.value.unknown) == ("unreachable", False, False)
