"""How HTTP goes wrong, whichever the carrier."""

import asyncio

import pytest

from carriers.adapters.base import CarrierError, Connection, GarbageError
from carriers.adapters.http import Answer, refuse
from carriers.adapters.veloyd.adapter import VeloydAdapter
from tests.carriers.conftest import make_parcel

MIB = 1024 * 1024


def call(base_url, method="track", argument="5", **credentials):
    async def run():
        async with VeloydAdapter(Connection("test", base_url, credentials)) as adapter:
            return await getattr(adapter, method)(argument)

    return asyncio.run(run())


def test_answer_over_a_mebibyte(httpserver):
    httpserver.expect_request("/parcel/get/5").respond_with_data(b" " * (MIB + 1))

    with pytest.raises(GarbageError, match="over 1 MiB"):
        call(httpserver.url_for(""))


def test_redirects_are_not_followed(httpserver):
    headers = {"Location": httpserver.url_for("/elsewhere")}
    httpserver.expect_request("/parcel/get/5").respond_with_data("", status=302, headers=headers)

    with pytest.raises(CarrierError) as caught:
        call(httpserver.url_for(""))

    assert (caught.value.permanent, caught.value.status) == (True, 302)
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"[" * 100_000, b"\xff"])
def test_answer_that_is_garbage(body, httpserver):
    httpserver.expect_request("/parcel/get/5").respond_with_data(body)

    with pytest.raises(GarbageError):
        call(httpserver.url_for(""))


def test_booking_whose_answer_is_garbage_may_have_happened(httpserver):
    httpserver.expect_request("/parcel/create").respond_with_data(b" " * (MIB + 1))

    with pytest.raises(GarbageError) as caught:
        call(httpserver.url_for(""), "book", make_parcel())
    assert caught.value.unknown


def test_secrets_do_not_leak_into_errors():
    with pytest.raises(CarrierError) as caught:
        call("http://s3cret.invalid", api_key="s3cret")

    assert caught.value.code == "unreachable"
    assert "s3cret" not in str(caught.value)
    assert "***" in str(caught.value)


@pytest.mark.parametrize("base_url", ["nonsense", "http://[", "ftp://x"])
def test_address_that_is_none(base_url):
    with pytest.raises(CarrierError):
        call(base_url)


def test_key_with_a_line_end_is_read_as_meant(httpserver):
    httpserver.expect_request("/parcel/get/5", headers={"Authorization": "Apikey k"}).respond_with_json(
        {"id": 5, "status": 7}
    )

    assert call(httpserver.url_for(""), api_key="k\n").raw_status == "7"


@pytest.mark.parametrize(
    ("status", "code", "permanent", "unknown"),
    [
        (302, "refused", True, False),
        (400, "refused", True, False),
        (401, "unauthorized", True, False),
        (403, "unauthorized", True, False),
        (404, "refused", True, False),
        (408, "unavailable", False, True),
        (422, "refused", True, False),
        (429, "too_many", False, False),
        (500, "unavailable", False, True),
        (503, "unavailable", False, True),
    ],
)
def test_refusals(status, code, permanent, unknown):
    for writes in (True, False):
        error = refuse(Answer(status, b"", {}), writes=writes)
        assert (error.code, error.permanent, error.unknown) == (code, permanent, unknown and writes)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("999999", 3600.0),
        ("Sat, 21 Nov 2026 12:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after(header, seconds):
    assert refuse(Answer(429, b"", {"Retry-After": header})).retry_after == seconds
    assert refuse(Answer(429, b"", {})).retry_after is None
