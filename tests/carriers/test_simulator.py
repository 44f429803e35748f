"""The pretended carriers themselves: lives, misbehaviour, hooks, memory, control desk."""

import asyncio
import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from time import monotonic, sleep

import pytest

from carriers.adapters.base import Address, CarrierError, Connection
from carriers.adapters.sendcloud.adapter import SendcloudAdapter
from carriers.adapters.veloyd.adapter import VeloydAdapter
from carriers.simulator.accounts import Account, Accounts, write_account
from carriers.simulator.faults import Fault, Faults
from carriers.simulator.parcels import ParcelStore
from carriers.simulator.scenarios import POSTAL_MARKERS, SCENARIOS, Step, choose
from tests.carriers.conftest import make_parcel
from tests.simulator import Simulator

SECRET = {"public_key": "sim", "secret_key": "s3cret"}


def book(simulator, carrier="sendcloud", reference="order-1/1", **fields):
    if carrier == "sendcloud":
        opened = SendcloudAdapter(Connection("test", simulator.sendcloud_url, SECRET))
    else:
        opened = VeloydAdapter(Connection("test", simulator.veloyd_url, {"api_key": "sim"}))

    async def run():
        async with opened as adapter:
            return await adapter.book(make_parcel(reference, **fields))

    return int(asyncio.run(run()).carrier_ref)


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()


def fails(call, *args, **kwargs):
    with pytest.raises(urllib.error.HTTPError) as caught:
        call(*args, **kwargs)
    with caught.value as error:
        return error.code, error.read().decode()


def until(found, timeout=10):
    """Wait until `found()` is true and return it."""
    end = monotonic() + timeout
    while not (result := found()):
        assert monotonic() < end, "it never happened"
        sleep(0.02)
    return result


# --- lives ---
@pytest.mark.parametrize(
    ("texts", "postal_code", "scenario"),
    [
        (("1042", "order-1/1"), "1011 AB", "ok"),
        (("1042-late",), "1011 AB", "late"),
        (("MANCO 7", ""), "1011 AB", "manco"),
        (("1042", "order-1/returned"), "1011 AB", "returned"),
        (("1042-later",), "1011 AB", "ok"),
        (("1042",), "1011 pu ", "pickup"),
        (("1042-retry",), "1011 PU", "retry"),
        (("1042",), "", "ok"),
    ],
)
def test_marker_decides_the_life(texts, postal_code, scenario):
    assert choose(texts, postal_code) == scenario


def test_every_postal_marker_names_a_scenario():
    assert set(POSTAL_MARKERS.values()) <= set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_life_begins_where_a_booking_does(name):
    scenario = SCENARIOS[name]

    assert scenario.meaning
    assert scenario.veloyd[0] == Step(0, "1")
    assert scenario.sendcloud[0].status == ("1002" if name == "unannounced" else "1000")
    # A demo must be worth watching: nobody waits longer than six minutes.
    assert sum(step.after_s for step in scenario.veloyd) <= 360
    assert sum(step.after_s for step in scenario.sendcloud) <= 360


def test_untroubled_parcel_lives_on_its_own():
    fast = Simulator.start(speed=2000)
    try:
        book(fast)
        book(fast, "veloyd", "order-2/1")
        until(lambda: {p["text"] for p in fast.parcels()} == {"Delivered", "delivered"})
        histories = {parcel["carrier"]: parcel["history"] for parcel in fast.parcels()}
    finally:
        fast.stop()

    assert histories == {
        "sendcloud": ["1000", "1", "22", "3", "7", "5", "91", "92", "11"],
        "veloyd": ["1", "2", "3", "4", "7"],
    }


class Clock:
    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


def add(store, scenario="ok"):
    return store.add("veloyd", "key", {}, reference="r", order_number="o", scenario=scenario)


def test_parcels_move_when_their_time_has_come():
    clock = Clock()
    store = ParcelStore(2.0, clock=clock)
    parcel = add(store)

    clock.at += 3.9
    assert store.tick() == 0
    clock.at += 0.1
    assert (store.tick(), parcel.status) == (1, "2")


def test_time_can_be_changed_or_stopped():
    clock = Clock()
    store = ParcelStore(0.0, clock=clock)
    parcel = add(store)
    assert parcel.next_at is None

    store.set_speed(8.0)
    clock.at += 1
    assert (store.tick(), parcel.status) == (1, "2")
    store.set_speed(0)
    clock.at += 1000
    assert (store.tick(), parcel.status) == (0, "2")


def test_stale_plans_are_dropped():
    clock = Clock()
    store = ParcelStore(1.0, clock=clock)
    removed, stopped = add(store), add(store)
    store.remove(removed)
    store.stop(stopped)

    clock.at += 1000
    assert store.tick() == 0


def test_detour_comes_before_the_plan_goes_on():
    store = ParcelStore(0.0, clock=Clock())
    parcel = add(store)
    store.interject(parcel, Step(5, "42"))

    assert [store.advance(parcel) for _ in range(5)] == [True] * 5
    assert store.advance(parcel) is False
    assert [status for _at, status in parcel.history] == ["1", "42", "2", "3", "4", "7"]


def test_two_changes_never_share_a_millisecond():
    store = ParcelStore(0.0, clock=Clock())
    parcel = add(store)
    store.move(parcel, "2")
    store.move(parcel, "3")

    times = [round(at * 1000) for at, _status in parcel.history]
    assert times == sorted(set(times))


# --- memory ---
def test_parcels_outlive_the_process(tmp_path):
    file, clock = tmp_path / "parcels.json", Clock()
    store = ParcelStore(1.0, file, clock)
    kept, gone = add(store), add(store)
    store.interject(kept, Step(5, "42"))
    store.remove(gone)
    store.save()

    again = ParcelStore(1.0, file, clock)
    assert list(again) == [kept]
    assert add(again).id > gone.id
    clock.at += 5
    assert (again.tick(), again.parcels[kept.id].status) == (1, "42")


def test_file_is_written_only_when_something_changed(tmp_path):
    file = tmp_path / "parcels.json"
    store = ParcelStore(1.0, file, Clock())
    store.save()
    assert not file.exists()

    add(store)
    store.save()
    file.unlink()
    store.save()
    assert not file.exists()


def test_resting_parcel_is_remembered_without_a_plan(tmp_path):
    file = tmp_path / "parcels.json"
    store = ParcelStore(0.0, file, Clock())
    add(store)
    store.save()

    assert [parcel.next_at for parcel in ParcelStore(0.0, file, Clock())] == [None]


def test_server_remembers_when_it_is_stopped(tmp_path):
    file = tmp_path / "parcels.json"
    first = Simulator.start(state=file)
    book(first)
    first.stop()

    second = Simulator.start(state=file)
    try:
        assert second.parcel("order-1/1")["status"] == "1000"
    finally:
        second.stop()


def test_server_saves_while_it_runs(tmp_path, monkeypatch):
    monkeypatch.setattr("carriers.simulator.app.TICK_S", 0.001)
    file = tmp_path / "parcels.json"
    server = Simulator.start(state=file)
    try:
        book(server)
        until(lambda: file.exists() and json.loads(file.read_text())["parcels"])
    finally:
        server.stop()


# --- who may call ---
def test_key_is_taken_on_with_its_first_secret():
    accounts = Accounts()

    assert accounts.enter("sendcloud", "pub", "one") == Account("sendcloud", "pub", "one")
    assert accounts.enter("sendcloud", "pub", "two") is None
    assert accounts.enter("sendcloud", "pub", "one") is not None
    assert accounts.enter("veloyd", "pub") is not None
    assert [account.carrier for account in accounts.all()] == ["sendcloud", "veloyd"]


@pytest.mark.parametrize(("key", "secret"), [("", ""), ("wrong", "s"), ("pub", "a-wrong-one")])
def test_keys_that_never_work(key, secret):
    assert Accounts().enter("sendcloud", key, secret) is None


def test_strict_lets_only_known_accounts_in(tmp_path):
    file = tmp_path / "folder" / "accounts.json"
    accounts = Accounts(file, is_strict=True)
    assert accounts.enter("veloyd", "key") is None

    write_account(file, Account("sendcloud", "other"))
    write_account(file, Account("veloyd", "key", hook_url="http://localhost/old"))
    write_account(file, Account("veloyd", "key", hook_url="http://localhost/x"))

    assert accounts.enter("veloyd", "key") == Account("veloyd", "key", hook_url="http://localhost/x")
    assert accounts.get("veloyd", "key") is accounts.get("veloyd", "key")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "header", [None, "Basic", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"pub:wrong").decode()]
)
def test_sendcloud_wants_its_keys(header, simulator):
    headers = {"Authorization": header} if header else {}
    status, body = fails(get, f"{simulator.sendcloud_url}/parcels", **headers)

    assert status == 401
    assert json.loads(body) == {
        "error": {"code": 401, "request": "api/v2/parcels", "message": "Invalid username/password."}
    }


def test_veloyd_wants_its_key(simulator):
    assert fails(get, f"{simulator.veloyd_url}/parcel/get/1")[0] == 401


# --- what carriers offer besides ---
BASIC = {"Authorization": "Basic " + base64.b64encode(b"sim:s3cret").decode()}
APIKEY = {"Authorization": "Apikey sim"}


def test_sendcloud_lists_its_statuses(simulator):
    _status, body = get(f"{simulator.sendcloud_url}/parcels/statuses", **BASIC)
    assert len(json.loads(body)) == 37


def test_sendcloud_filters(simulator):
    numbers = [book(simulator, reference=f"order-{n}/1", order_number=str(n)) for n in range(3)]
    simulator.set_status(numbers[0], "11")

    def found(query):
        _status, body = get(f"{simulator.sendcloud_url}/parcels?{query}", **BASIC)
        return [parcel["id"] for parcel in json.loads(body)["parcels"]]

    assert found("") == numbers[::-1]
    assert found("external_reference=order-1/1") == [numbers[1]]
    assert found("order_number=2") == [numbers[2]]
    assert found("parcel_status=11") == [numbers[0]]
    assert found(f"tracking_number=3SSIM{numbers[1]}") == [numbers[1]]
    assert found(f"ids={numbers[0]},{numbers[2]}") == [numbers[2], numbers[0]]
    assert found("updated_after=2020-01-01T00:00:00") == numbers[::-1]
    assert found("updated_after=2999-01-01T00:00:00Z") == []


@pytest.mark.parametrize("query", ["ids=x", "updated_after=soon", "cursor=%21", "cursor=eHg="])
def test_sendcloud_refuses_a_filter(query, simulator):
    assert fails(get, f"{simulator.sendcloud_url}/parcels?{query}", **BASIC)[0] == 400


def post(url, body, **headers):
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, json.load(answer)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"parcel": 7}', b'{"parcel": {"name": "Ada"}}'])
def test_sendcloud_refuses_a_parcel(body, simulator):
    assert fails(post, f"{simulator.sendcloud_url}/parcels", body, **BASIC)[0] == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"parcel": {"address": 7}}'])
def test_veloyd_refuses_a_parcel(body, simulator):
    assert fails(post, f"{simulator.veloyd_url}/parcel/create", body, **APIKEY)[0] == 400


def test_sendcloud_parcel_without_label_waits(simulator):
    fields = {"name": "Ada", "address": "x", "postal_code": "1", "city": "y", "country": "NL"}
    _status, answer = post(
        f"{simulator.sendcloud_url}/parcels", json.dumps({"parcel": fields}).encode(), **BASIC
    )

    assert answer["parcel"]["status"] == {"id": 999, "message": "No label"}
    assert (answer["parcel"]["tracking_number"], answer["parcel"]["date_announced"]) == ("", None)


def test_veloyd_gives_its_code_with_the_label(simulator):
    number = book(simulator, "veloyd")
    code = f"VSIM{number}"
    assert fails(get, f"{simulator.veloyd_url}/parcel/get/tracktrace/{code}", **APIKEY)[0] == 400

    for _ in range(2):  # printing twice changes nothing more
        _status, body = get(f"{simulator.veloyd_url}/parcel/label/{number}", **APIKEY)
        assert json.loads(body)["trackTrace"] == code
    assert simulator.parcel("order-1/1")["status"] == "2"
    _status, body = get(f"{simulator.veloyd_url}/parcel/get/tracktrace/{code}", **APIKEY)
    assert json.loads(body)["parcel"]["id"] == number
    assert fails(get, f"{simulator.veloyd_url}/parcel/get/tracktrace/{code.lower()}", **APIKEY)[0] == 400
    assert fails(get, f"{simulator.veloyd_url}/parcel/remove/{number}", **APIKEY)[0] == 400


@pytest.mark.parametrize("path", ["parcel/label/5", "parcel/remove/5", "parcel/get/x"])
def test_veloyd_does_not_know_a_parcel(path, simulator):
    assert fails(get, f"{simulator.veloyd_url}/{path}", **APIKEY)[0] == 404


def test_veloyd_offers_options(simulator):
    _status, answer = post(f"{simulator.veloyd_url}/parcel/options", b"{}", **APIKEY)
    assert "Verzekerd" in answer["options"]


def test_postal_code_can_carry_the_marker(simulator):
    address = Address("Ada", "Dam 1", "1011 LT", "Amsterdam", "NL")
    book(simulator, address=address)
    assert simulator.parcel("order-1/1")["scenario"] == "late"


# --- hooks ---
@pytest.fixture
def hooked(simulator, httpserver):
    """A Sendcloud account whose hooks go to a server that notes them."""
    got = []

    def note(request):
        from werkzeug import Response

        got.append((request.get_data(), request.headers.get("Sendcloud-Signature")))
        return Response(status=200)

    httpserver.expect_request("/hook").respond_with_handler(note)
    simulator.account("sendcloud", "sim", secret="s3cret", hook_url=httpserver.url_for("/hook"))
    simulator.account("veloyd", "sim", hook_url=httpserver.url_for("/hook"))
    yield got
    for carrier, secret in (("sendcloud", "s3cret"), ("veloyd", "")):
        simulator.account(carrier, "sim", secret=secret)


def statuses(got):
    return [json.loads(body)["parcel"]["status"]["id"] for body, _signature in got]


def test_sendcloud_tells_with_a_signature_over_the_bytes(simulator, hooked):
    number = book(simulator)
    simulator.set_status(number, "22")

    ((body, signature),) = until(lambda: hooked)

    assert signature == hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert (told["action"], told["parcel"]["id"]) == ("parcel_status_changed", number)
    adapter = SendcloudAdapter(Connection("test", credentials=SECRET))
    assert adapter.verify({"sendcloud-signature": signature}, body)
    assert adapter.parse_webhook(body)[0].occurred_at.timestamp() == pytest.approx(told["timestamp"] / 1000)
    assert until(simulator.hooks) == [{"carrier": "sendcloud", "parcel": number, "attempt": 1, "answer": 200}]


def test_veloyd_only_hints(simulator, hooked):
    number = book(simulator, "veloyd")
    simulator.set_status(number, "3")

    assert until(lambda: hooked) == [(json.dumps({"id": number, "status": 3}).encode(), None)]


def test_account_without_hook_is_told_nothing(simulator):
    number = book(simulator)
    simulator.set_status(number, "22")
    sleep(0.2)
    assert simulator.hooks() == []


def test_hook_twice(simulator, hooked):
    simulator.fault("twice")
    simulator.set_status(book(simulator), "22")

    until(lambda: len(hooked) == 2)
    assert hooked[0] == hooked[1]


def test_hook_lost(simulator, hooked):
    simulator.fault("lost_hook")
    number = book(simulator)
    simulator.set_status(number, "22")
    simulator.set_status(number, "3")

    until(lambda: hooked)
    sleep(0.2)
    assert statuses(hooked) == [3]


def test_hooks_out_of_order(simulator, hooked):
    simulator.fault("out_of_order")
    number = book(simulator)
    simulator.set_status(number, "22")
    simulator.set_status(number, "3")

    until(lambda: len(hooked) == 2)
    assert statuses(hooked) == [3, 22]


def test_hook_late(simulator, hooked):
    simulator.fault("late", seconds=0.4)
    number = book(simulator)
    simulator.set_status(number, "22")
    simulator.set_status(number, "3")

    until(lambda: len(hooked) == 2)
    assert statuses(hooked) == [3, 22]


def test_hook_with_a_bad_signature(simulator, hooked):
    simulator.fault("bad_signature", carrier="sendcloud")
    simulator.set_status(book(simulator), "22")

    ((body, signature),) = until(lambda: hooked)
    assert signature == hmac.new(b"spoilt", body, hashlib.sha256).hexdigest()


def test_hook_that_is_not_answered_well_is_sent_again(simulator, httpserver, monkeypatch):
    monkeypatch.setattr("carriers.simulator.hooks.FIRST_PAUSE_S", 0.01)
    httpserver.expect_ordered_request("/hook").respond_with_data("", status=503)
    httpserver.expect_ordered_request("/hook").respond_with_data("", status=200)
    simulator.account("sendcloud", "sim", secret="s3cret", hook_url=httpserver.url_for("/hook"))

    simulator.set_status(book(simulator), "22")

    until(lambda: len(simulator.hooks()) == 2)
    assert [(hook["attempt"], hook["answer"]) for hook in simulator.hooks()] == [(1, 503), (2, 200)]
    simulator.account("sendcloud", "sim", secret="s3cret")


def test_hook_that_nobody_takes_is_given_up(simulator, monkeypatch):
    monkeypatch.setattr("carriers.simulator.hooks.FIRST_PAUSE_S", 0.0)
    simulator.account("sendcloud", "sim", secret="s3cret", hook_url="http://127.0.0.1:9/hook")

    simulator.set_status(book(simulator), "22")

    until(lambda: len(simulator.hooks()) == 10)
    assert {hook["answer"] for hook in simulator.hooks()} == {0}
    simulator.account("sendcloud", "sim", secret="s3cret")


# --- misbehaving ---
def test_faults_are_used_up():
    faults = Faults()
    faults.add(Fault("500", carrier="veloyd", on="read", times=2))
    faults.add(Fault("lost_hook"))

    assert faults.take("sendcloud", "read") is None
    assert faults.take("veloyd", "create") is None
    assert [faults.take("veloyd", "read") is not None for _ in range(3)] == [True, True, False]
    assert faults.take("veloyd", "hook").kind == "lost_hook"
    assert faults.pending == []


def test_fault_that_does_not_exist():
    with pytest.raises(ValueError, match="no such fault"):
        Faults().add(Fault("earthquake"))


def test_waiting_callers_do_not_keep_the_server_from_ending():
    server = Simulator.start()
    server.account("sendcloud", "sim", secret="s3cret", hook_url="http://127.0.0.1:9/hook")
    server.fault("late", seconds=3600)
    server.set_status(book(server), "22")
    server.fault("timeout", carrier="veloyd", on="create", seconds=3600)

    async def run():
        settings = {"timeout_s": 0.2}
        async with VeloydAdapter(
            Connection("test", server.veloyd_url, {"api_key": "sim"}, settings)
        ) as adapter:
            await adapter.book(make_parcel())

    with pytest.raises(CarrierError):
        asyncio.run(run())
    began = monotonic()
    server.stop()
    assert monotonic() - began < 5


# --- the control desk ---
def test_desk_lists_what_there_is(simulator):
    book(simulator, reference="order-1/1")
    number = book(simulator, "veloyd", "order-2/1", order_number="2-manco")

    listed = simulator.control("GET", "parcels?carrier=veloyd")

    assert listed["count"] == 1
    (shown,) = listed["parcels"]
    assert (shown["id"], shown["scenario"], shown["text"]) == (number, "manco", "registered")
    assert (shown["order_number"], shown["reference"]) == ("2-manco", "order-2/1")


def test_desk_moves_a_parcel_and_ends_its_own_life(simulator):
    number = book(simulator, "veloyd")

    assert simulator.set_status(number, "42")["text"] == "?"
    assert fails(simulator.advance, number) == (409, "this parcel's life is over")


def test_desk_moves_a_parcel_that_goes_on(simulator):
    number = book(simulator)

    simulator.set_status(number, "70042", go_on=True)

    assert simulator.advance(number)["history"] == ["1000", "70042", "1"]


@pytest.mark.parametrize(
    ("method", "path", "fields", "status"),
    [
        ("POST", "parcels/5/status", {"status": "1"}, 404),
        ("POST", "parcels/x/advance", {}, 404),
        ("POST", "parcels/{number}/status", {"status": "delivered"}, 400),
        ("POST", "faults", {"kind": "earthquake"}, 400),
        ("POST", "faults", {"sort": "500"}, 400),
        ("POST", "accounts", {"carrier": "veloyd"}, 400),
        ("POST", "speed", {"speed": "fast"}, 400),
        ("POST", "speed", {"speed": -1}, 400),
        ("POST", "speed", {"speed": True}, 400),
    ],
)
def test_desk_refuses_nonsense(method, path, fields, status, simulator):
    path = path.format(number=book(simulator))

    assert fails(simulator.control, method, path, **fields)[0] == status


@pytest.mark.parametrize("body", [b"", b"[]"])
def test_desk_wants_objects(body, simulator):
    assert fails(post, f"{simulator.url}/control/speed", body)[0] == 400


def test_desk_changes_the_speed(simulator):
    assert simulator.control("POST", "speed", speed=0.5) == {"speed": 0.5}
    assert simulator.control("POST", "speed", speed=0) == {"speed": 0}


def test_desk_shows_and_clears_faults(simulator):
    simulator.fault("500", times=3)

    assert [fault["kind"] for fault in simulator.control("GET", "faults")["pending"]] == ["500"]
    simulator.control("DELETE", "faults")
    assert simulator.control("GET", "faults")["pending"] == []


def test_desk_never_shows_a_secret(simulator):
    simulator.account("sendcloud", "quiet", secret="s3cret", hook_key="h00k")

    shown = json.dumps(simulator.control("GET", "accounts"))

    assert "quiet" in shown
    assert "s3cret" not in shown
    assert "h00k" not in shown


def test_page_is_there(simulator):
    for path, text in (
        ("", b"Pretended carriers"),
        ("page/page.js", b"refresh"),
        ("page/style.css", b"body"),
    ):
        status, body = get(f"{simulator.url}/{path}")
        assert (status, text in body) == (200, True)
    assert simulator.control("GET", "scenarios")["ok"] == "delivered"
