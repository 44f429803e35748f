"""What every adapter must do, against the simulator over real HTTP."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from carriers.adapters.base import (
    Adapter,
    Address,
    CancelAnswer,
    Capability,
    CarrierError,
    Connection,
    GarbageError,
    NotSupportedError,
)
from carriers.adapters.sendcloud.adapter import SendcloudAdapter
from carriers.adapters.veloyd.adapter import VeloydAdapter
from carriers.registry import ADAPTERS, adapter_class
from tests.carriers.conftest import make_parcel
from tests.simulator import Simulator

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def connection(simulator, carrier, **settings):
    if carrier == "sendcloud":
        credentials = {"public_key": "contract", "secret_key": "secret"}
        return Connection("test", simulator.sendcloud_url, credentials, settings)
    return Connection("test", simulator.veloyd_url, {"api_key": "contract"}, settings)


@pytest.fixture(params=["sendcloud", "veloyd"])
def carrier(request):
    return request.param


@pytest.fixture
def call(simulator):
    """Call a method of a carrier's adapter as a job would: opened, called, closed."""

    def run(carrier, method, *args, settings=None, **kwargs):
        async def opened():
            async with adapter_class(carrier)(connection(simulator, carrier, **(settings or {}))) as adapter:
                return await getattr(adapter, method)(*args, **kwargs)

        return asyncio.run(opened())

    return run


@pytest.fixture
def changes(simulator):
    """Collect the pages of a list poll."""

    def run(since=LONG_AGO, cursor="", server=None):
        async def opened():
            async with SendcloudAdapter(connection(server or simulator, "sendcloud")) as adapter:
                return [page async for page in adapter.changes(since, cursor)]

        return asyncio.run(opened())

    return run


# --- the registry ---
@pytest.mark.parametrize("code", ADAPTERS)
def test_adapter_says_who_it_is(code):
    found = adapter_class(code)

    assert issubclass(found, Adapter)
    assert found.carrier == code
    assert found.name
    assert found.default_rate_per_minute > 0


def test_manual_can_do_nothing():
    assert adapter_class("manual").capabilities == frozenset()


CALLS = [
    ("quote", (make_parcel(),)),
    ("book", (make_parcel(),)),
    ("find", ("ref",)),
    ("cancel", ("1",)),
    ("label", ("1",)),
    ("track", ("1",)),
]


@pytest.mark.parametrize(("method", "args"), CALLS)
def test_what_an_adapter_cannot_do_it_says(method, args):
    async def run():
        async with adapter_class("manual")(Connection("test")) as adapter:
            await getattr(adapter, method)(*args)

    with pytest.raises(NotSupportedError) as caught:
        asyncio.run(run())
    assert caught.value.permanent
    assert caught.value.detail.startswith("Manual cannot")


def test_what_an_adapter_cannot_be_told_it_says():
    adapter = adapter_class("manual")(Connection("test"))

    with pytest.raises(NotSupportedError):
        adapter.changes(LONG_AGO)
    with pytest.raises(NotSupportedError):
        adapter.parse_webhook(b"{}")
    assert not adapter.verify({}, b"{}")
    assert adapter.redacted(b"{}") == b"{}"


def test_adapter_must_be_opened():
    with pytest.raises(RuntimeError):
        asyncio.run(VeloydAdapter(Connection("test")).track("1"))


# --- booking ---
def test_book_track_and_arrive(call, carrier, simulator):
    booked = call(carrier, "book", make_parcel())
    number = simulator.parcel("order-1/1")["id"]

    assert booked.carrier_ref == str(number)
    assert booked.raw_status == {"sendcloud": "1000", "veloyd": "1"}[carrier]
    assert json.loads(booked.body)

    delivered = {"sendcloud": "11", "veloyd": "7"}[carrier]
    simulator.set_status(number, delivered)
    status = call(carrier, "track", booked.carrier_ref)

    assert (status.carrier_ref, status.raw_status) == (booked.carrier_ref, delivered)
    assert status.external_reference == "order-1/1"
    assert status.tracking_number
    assert status.tracking_url.startswith("https://")


def test_book_what_the_carrier_refuses(call, carrier, simulator):
    nowhere = make_parcel(address=Address("Ada", "", "1011 AB", "Amsterdam", "NL"))

    with pytest.raises(CarrierError) as caught:
        call(carrier, "book", nowhere)

    assert (caught.value.permanent, caught.value.unknown) == (True, False)
    assert "required" in caught.value.detail or "blank" in caught.value.detail
    assert simulator.parcels() == []


def test_wrong_credentials(carrier, simulator):
    async def run():
        credentials = {"public_key": "x", "secret_key": "wrong", "api_key": "wrong"}
        base_url = simulator.sendcloud_url if carrier == "sendcloud" else simulator.veloyd_url
        async with adapter_class(carrier)(Connection("test", base_url, credentials)) as adapter:
            await adapter.book(make_parcel())

    with pytest.raises(CarrierError) as caught:
        asyncio.run(run())
    assert (caught.value.code, caught.value.permanent, caught.value.status) == ("unauthorized", True, 401)


def test_sendcloud_books_once_however_often_it_is_asked(call, simulator):
    first = call("sendcloud", "book", make_parcel())

    assert call("sendcloud", "book", make_parcel()) == first  # refused as in use, then found
    assert call("sendcloud", "book", make_parcel(), again=True) == first
    assert len(simulator.calls("create")) == 2
    assert len(simulator.parcels()) == 1


def test_sendcloud_books_again_what_was_never_booked(call, simulator):
    booked = call("sendcloud", "book", make_parcel(), again=True)

    assert [call["operation"] for call in simulator.control("GET", "calls")["calls"]] == ["list", "create"]
    assert booked.carrier_ref == str(simulator.parcel("order-1/1")["id"])


def test_sendcloud_refusal_that_left_a_parcel_behind(call, simulator):
    booked = call("sendcloud", "book", make_parcel(order_number="7-unannounced"))

    assert (booked.raw_status, booked.tracking_number) == ("1002", "")
    assert len(simulator.parcels()) == 1


@pytest.mark.parametrize("kind", ["timeout", "garbage"])
def test_sendcloud_lost_answer_is_looked_up(kind, call, simulator):
    simulator.fault(kind, on="create", seconds=5)

    booked = call("sendcloud", "book", make_parcel(), settings={"timeout_s": 0.5})

    assert booked.carrier_ref == str(simulator.parcel("order-1/1")["id"])


@pytest.mark.parametrize("kind", ["500", "drop"])
def test_sendcloud_failure_without_a_parcel_stays_a_failure(kind, call, simulator):
    simulator.fault(kind, on="create")

    with pytest.raises(CarrierError) as caught:
        call("sendcloud", "book", make_parcel())

    assert (caught.value.permanent, caught.value.unknown) == (False, True)
    assert simulator.parcels() == []


def test_sendcloud_failure_of_the_look_up_leaves_it_unknown(call, simulator):
    simulator.fault("500", on="create")
    simulator.fault("500", on="list")

    with pytest.raises(CarrierError) as caught:
        call("sendcloud", "book", make_parcel())

    assert caught.value.unknown
    assert "; then " in caught.value.detail


def test_sendcloud_refusal_whose_look_up_fails_is_unknown(call, simulator):
    simulator.fault("500", on="list")

    with pytest.raises(CarrierError) as caught:
        call("sendcloud", "book", make_parcel(order_number="7-unannounced"))

    assert (caught.value.permanent, caught.value.unknown) == (False, True)


def test_sendcloud_finds_nothing(call):
    assert call("sendcloud", "find", "nowhere") is None


@pytest.mark.parametrize("answer", [b'{"parcels": null}', b'{"parcels": [{"id": 1, "status": {"id": 1}}]}'])
def test_sendcloud_finds_only_its_own_reference(answer, httpserver):
    httpserver.expect_request("/parcels").respond_with_data(answer)

    async def run():
        async with SendcloudAdapter(Connection("test", httpserver.url_for(""), {})) as adapter:
            return await adapter.find("order-1/1")

    assert asyncio.run(run()) is None


@pytest.mark.parametrize("kind", ["timeout", "garbage", "500", "drop"])
def test_veloyd_lost_answer_is_for_staff(kind, call, simulator):
    simulator.fault(kind, on="create", seconds=5)

    with pytest.raises(CarrierError) as caught:
        call("veloyd", "book", make_parcel(), settings={"timeout_s": 0.5})
    assert (caught.value.permanent, caught.value.unknown) == (False, True)

    before = len(simulator.calls("create"))
    with pytest.raises(CarrierError) as caught:
        call("veloyd", "book", make_parcel(), again=True)
    assert (caught.value.code, caught.value.permanent, caught.value.unknown) == ("may_exist", True, True)
    assert len(simulator.calls("create")) == before


def test_veloyd_scheme_is_a_setting(call, simulator):
    assert call("veloyd", "book", make_parcel(), settings={"auth_scheme": "Bearer"}).carrier_ref
    with pytest.raises(CarrierError):
        call("veloyd", "book", make_parcel(), settings={"auth_scheme": "Basic"})


# --- reading ---
def test_track_what_nobody_knows(call, carrier):
    with pytest.raises(CarrierError) as caught:
        call(carrier, "track", "999")

    assert (caught.value.code, caught.value.permanent) == ("unknown_parcel", True)
    assert caught.value.detail


def test_another_accounts_parcel_does_not_exist(call, carrier, simulator):
    booked = call(carrier, "book", make_parcel())

    async def run():
        credentials = {"public_key": "somebody", "secret_key": "else", "api_key": "somebody-else"}
        base_url = simulator.sendcloud_url if carrier == "sendcloud" else simulator.veloyd_url
        async with adapter_class(carrier)(Connection("test", base_url, credentials)) as adapter:
            await adapter.track(booked.carrier_ref)

    with pytest.raises(CarrierError) as caught:
        asyncio.run(run())
    assert caught.value.code == "unknown_parcel"


FAULTS = [
    ("429", {"code": "too_many", "retry_after": 2.0}),
    ("500", {"code": "unavailable", "status": 500}),
    ("garbage", {"code": "garbage"}),
    ("timeout", {"code": "timeout"}),
    ("drop", {"code": "broken"}),
]


@pytest.mark.parametrize(("kind", "said"), FAULTS)
def test_reading_fails_for_a_while_only(kind, said, call, carrier, simulator):
    booked = call(carrier, "book", make_parcel())
    # A dropped connection is tried once more by the HTTP library, for a GET is free.
    simulator.fault(kind, on="read", seconds=5, times=2 if kind == "drop" else 1)

    with pytest.raises(CarrierError) as caught:
        call(carrier, "track", booked.carrier_ref, settings={"timeout_s": 0.5})

    assert {name: getattr(caught.value, name) for name in said} == said
    assert (caught.value.permanent, caught.value.unknown) == (False, False)
    assert call(carrier, "track", booked.carrier_ref).carrier_ref == booked.carrier_ref


# --- lists ---
def test_changes_follow_every_page(changes, call):
    small = Simulator.start(page_size=2)
    try:
        for number in range(5):
            asyncio.run(_book(small, f"order-{number}/1"))
        pages = changes(server=small)
        resumed = changes(server=small, cursor=pages[1].next_cursor)
    finally:
        small.stop()

    assert [[status.external_reference for status in page.statuses] for page in pages] == [
        ["order-4/1", "order-3/1"],
        ["order-2/1", "order-1/1"],
        ["order-0/1"],
    ]
    assert [page.next_cursor == "" for page in pages] == [False, False, True]
    assert [page.statuses for page in resumed] == [pages[2].statuses]


async def _book(server, reference):
    async with SendcloudAdapter(connection(server, "sendcloud")) as adapter:
        await adapter.book(make_parcel(reference))


def test_changes_look_back_by_the_overlap(changes, call):
    call("sendcloud", "book", make_parcel())
    now = datetime.now(UTC)

    assert len(changes(now + timedelta(minutes=14))[0].statuses) == 1
    assert len(changes(now + timedelta(minutes=16))[0].statuses) == 0


def test_changes_never_go_in_circles(httpserver):
    page = {"next": "https://elsewhere.example/parcels?cursor=again", "parcels": []}
    httpserver.expect_request("/parcels").respond_with_json(page)

    async def run():
        async with SendcloudAdapter(Connection("test", httpserver.url_for(""), {})) as adapter:
            return [page async for page in adapter.changes(LONG_AGO)]

    assert len(asyncio.run(run())) == 2


def test_changes_end_with_the_error_of_a_page(changes, simulator):
    simulator.fault("500", on="list")

    with pytest.raises(CarrierError):
        changes()


# --- cancelling ---
@pytest.mark.parametrize(
    ("status", "verdict", "after"),
    [
        ("1", "done", "2000"),
        ("1000", "requested", "1999"),
        ("22", "requested", "1999"),
        ("1999", "requested", "1999"),
        ("2000", "done", "2000"),
        ("11", "refused", "11"),
        ("1002", "gone", None),
    ],
)
def test_sendcloud_cancels(status, verdict, after, call, simulator):
    booked = call("sendcloud", "book", make_parcel())
    simulator.set_status(booked.carrier_ref, status)

    assert call("sendcloud", "cancel", booked.carrier_ref).verdict == verdict
    assert [parcel["status"] for parcel in simulator.parcels()] == ([after] if after else [])


@pytest.mark.parametrize(("status", "end"), [("1000", "2000"), ("22", "94")])
def test_sendcloud_tells_the_end_of_a_cancellation_later(status, end, call, simulator):
    booked = call("sendcloud", "book", make_parcel())
    simulator.set_status(booked.carrier_ref, status)
    call("sendcloud", "cancel", booked.carrier_ref)

    simulator.advance(booked.carrier_ref)

    assert call("sendcloud", "track", booked.carrier_ref).raw_status == end


def test_veloyd_removes_before_the_label_only(call, simulator):
    first = call("veloyd", "book", make_parcel("order-1/1"))
    second = call("veloyd", "book", make_parcel("order-2/1"))
    third = call("veloyd", "book", make_parcel("order-3/1"))
    simulator.set_status(second.carrier_ref, "2")
    simulator.set_status(third.carrier_ref, "9")

    assert call("veloyd", "cancel", first.carrier_ref).verdict == "gone"
    assert call("veloyd", "cancel", second.carrier_ref) == CancelAnswer(
        "refused", "the label was printed already"
    )
    assert call("veloyd", "cancel", third.carrier_ref).verdict == "done"
    assert len(simulator.calls("cancel")) == 1


def test_cancel_what_nobody_knows(call, carrier):
    assert call(carrier, "cancel", "999").verdict == "unknown_parcel"


def test_veloyd_cancelled_again_is_gone(call):
    assert call("veloyd", "cancel", "999", again=True).verdict == "gone"


@pytest.mark.parametrize(
    ("status", "verdict"), [(400, "refused"), (409, "refused"), (422, "refused"), (404, "unknown_parcel")]
)
def test_veloyd_refuses_to_remove(status, verdict, httpserver):
    assert _remove(httpserver, status).verdict == verdict


def test_veloyd_fails_to_remove(httpserver):
    with pytest.raises(CarrierError) as caught:
        _remove(httpserver, 500)
    assert caught.value.unknown


def _remove(httpserver, status):
    httpserver.expect_request("/parcel/get/5").respond_with_json({"id": 5, "status": 1})
    httpserver.expect_request("/parcel/remove/5").respond_with_json({"error": "no"}, status=status)

    async def run():
        async with VeloydAdapter(Connection("test", httpserver.url_for(""), {})) as adapter:
            return await adapter.cancel("5")

    return asyncio.run(run())


def test_cancelling_needs_an_answer(call, carrier, simulator):
    booked = call(carrier, "book", make_parcel())
    simulator.fault("500", on="read" if carrier == "veloyd" else "cancel")

    with pytest.raises(CarrierError):
        call(carrier, "cancel", booked.carrier_ref)


# --- hooks ---
def test_every_carrier_that_sends_hooks_says_how_far_they_are_believed():
    for code in ADAPTERS:
        kinds = adapter_class(code).capabilities & {Capability.WEBHOOK, Capability.WEBHOOK_HINT}
        assert len(kinds) == (0 if code == "manual" else 1)


def test_credentials_that_come_along_are_not_kept(payload):
    adapter = SendcloudAdapter(Connection("test"))

    assert adapter.redacted(payload("sendcloud/hook_credentials")) == b""
    assert adapter.redacted(payload("sendcloud/hook_test")) == payload("sendcloud/hook_test")


def test_garbage_error_can_be_told_from_a_refusal():
    error = GarbageError("odd", status=200)
    assert (error.code, error.permanent, str(error)) == ("garbage", False, "garbage: odd")
