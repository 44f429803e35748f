"""An account and the simulator, made known to each other."""

import pytest

from carriers import calls, services
from carriers.models import CarrierAccount, CarrierMessage
from carriers.services import create_account
from carriers.simulator.accounts import Accounts
from carriers.simulator.linking import link
from tests.carriers.conftest import make_parcel
from tests.carriers.test_simulator import until
from tests.simulator import Simulator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("carrier", "moved"), [("sendcloud", "11"), ("veloyd", "7")])
def test_booked_there_and_told_here(carrier, moved, shop, live_server, settings, tmp_path):
    file = tmp_path / "simulator" / "accounts.json"
    simulator = Simulator.start(accounts=file, is_strict=True, own_url=live_server.url)
    settings.SIMULATOR_URL = simulator.url
    try:
        link(create_account(shop, carrier), file)
        account = CarrierAccount.objects.get()
        booked = calls.book(account, make_parcel())
        simulator.set_status(booked.carrier_ref, moved)
        until(lambda: CarrierMessage.objects.exists())
    finally:
        simulator.stop()

    message = CarrierMessage.objects.get()
    assert (message.carrier_ref, message.raw_status, message.is_trusted) == (booked.carrier_ref, moved, True)


def test_linking_twice_leaves_one_account(shop, settings, tmp_path):
    settings.VAR = tmp_path
    account = create_account(shop, "veloyd")
    link(account)
    link(account)

    (known,) = Accounts(tmp_path / "simulator" / "accounts.json").all()
    assert known.key == account.credentials["api_key"]
    assert services.digest_of(known.hook_url.split("/")[3]) == account.hook_token_digest
