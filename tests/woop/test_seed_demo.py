import json
from datetime import timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone

from carriers.models import CarrierAccount, CarrierMessage
from carriers.simulator.accounts import accounts_file
from carriers.simulator.parcels import ParcelStore
from carriers.statuses import State
from collect.models import Collect
from collect.statuses import CollectStatus
from deliveries.models import Delivery
from deliveries.statuses import DeliveryStatus
from orders.models import Order, OrderlineToPackage, Package
from orders.statuses import (
    Acceptance,
    DeliveryStatusOfOrder,
    LineStatus,
    OrderStatus,
    PackageStatus,
)
from woop import clock
from woop.management.demo.past import Past, minutes
from woop.management.demo.pretend import parcels_file
from woop.management.demo.setting import STORES
from woop.management.demo.visitors import order_body
from woop.models import Alert, ApiKey, Job, JobState, Membership, Shop, StatusEvent
from woop.services import create_api_key, create_shop, find_api_key

MACHINES = (
    (Order, "status", OrderStatus),
    (Package, "status", PackageStatus),
    (OrderlineToPackage, "status", LineStatus),
    (Order, "delivery_status", DeliveryStatusOfOrder),
    (Order, "acceptance", Acceptance),
    (Delivery, "status", DeliveryStatus),
    (Collect, "status", CollectStatus),
)
COUNTED = (Shop, Membership, ApiKey, Order, Delivery, Collect, CarrierMessage, Job, Alert, StatusEvent)


def seed():
    said = StringIO()
    call_command("seed_demo", stdout=said)
    return said.getvalue()


def check_machines():
    for model, field, statuses in MACHINES:
        found = set(model.objects.values_list(field, flat=True))
        assert set(statuses.values) - found == set(), (model, field)


def check_stories():
    states = set(CarrierMessage.objects.values_list("state", flat=True))
    assert set(State.values) - states == {State.RECEIVED, State.DUPLICATE}
    assert CarrierMessage.objects.filter(repeats__gt=0).exists()
    assert Collect.objects.filter(follows__status=CollectStatus.PICK_UP_PARTIALLY).count() == 4
    assert StatusEvent.objects.filter(object_type="line", from_status=None, source="BO").exists()  # split
    parcels = Order.objects.annotate(count=Count("deliveries")).filter(count=2, packages__status=4)
    assert parcels.distinct().count() == 2
    from_supplier = StatusEvent.objects.filter(object_type="line", source="ML")
    assert set(from_supplier.values_list("to_status", flat=True)) == {"14", "16", "18", "99"}
    assert set(Alert.objects.values_list("code", flat=True)) >= {"unknown_status", "booking_unknown"}


def check_history():
    """Every order's history is complete, in the order of time, and none of it lies in the future."""
    counts = StatusEvent.objects.order_by().values_list("order").annotate(Count("pk"))
    assert dict(Order.objects.values_list("pk", "version")) == dict(counts)
    times = list(StatusEvent.objects.order_by("pk").values_list("recorded_at", flat=True))
    assert times == sorted(times)
    assert times[-1] < timezone.now()
    assert times[-1] - times[0] > timedelta(days=11)


def check_access():
    file = accounts_file().parent.parent / "demo.json"
    assert file.stat().st_mode & 0o777 == 0o600
    access = json.loads(file.read_text())
    assert find_api_key(access["api_key"]).shop.code == "paperboat"
    assert [login[0] for login in access["logins"]][:4] == ["agent", "supervisor", "store", "reader"]
    known = {row["key"] for row in json.loads(accounts_file().read_text())}
    for account in CarrierAccount.objects.exclude(carrier="manual"):
        assert (account.credentials.get("public_key") or account.credentials["api_key"]) in known


@pytest.mark.django_db
def test_the_demo_shows_everything_once(settings, tmp_path):
    settings.VAR = tmp_path
    assert seed() == "The demo has 270 orders.\n"
    check_machines()
    check_stories()
    check_history()
    check_access()
    assert not Job.objects.filter(state=JobState.RUNNING).exists()
    parcels = list(ParcelStore(1, parcels_file()))
    assert {parcel.reference for parcel in parcels} == set(
        Delivery.objects.exclude(external_reference="").values_list("external_reference", flat=True)
    )
    assert sum(parcel.next_at is not None for parcel in parcels) > 20

    before = [model.objects.count() for model in COUNTED]
    secrets = (tmp_path / "demo.json").read_text(), accounts_file().read_text()
    assert seed() == "The demo has 270 orders.\n"
    assert [model.objects.count() for model in COUNTED] == before
    assert ((tmp_path / "demo.json").read_text(), accounts_file().read_text()) == secrets


def test_past_plays_in_the_order_of_time_and_stops_at_the_present():
    present = timezone.now()
    seen = []

    def story(name, *pauses):
        seen.append((name, present - clock.now()))
        for pause in pauses:
            yield minutes(pause)
            seen.append((name, present - clock.now()))

    past = Past(present)
    past.begin(minutes(30), story("late", 10, 19))
    past.begin(minutes(60), story("early", 45, 16))
    past.play()
    assert seen == [
        ("early", minutes(60)),
        ("late", minutes(30)),
        ("late", minutes(20)),
        ("early", minutes(15)),
        ("late", minutes(1)),
    ]


@pytest.mark.django_db
def test_visitors_order_what_the_api_takes(client):
    dice = Random(3)
    for code, stores in STORES.items():
        shop = create_shop(code, stores=[row[0] for row in stores])
        _key, text = create_api_key(shop, name="visitors")
        for number, kind in enumerate(("parcel", "collect", "marketplace") * 4):
            body = order_body(dice, code, kind) | {"number": str(number)}
            answer = client.post(
                "/api/v1/orders/",
                body,
                content_type="application/json",
                headers={"Authorization": f"Bearer {text}"},
            )
            assert answer.status_code == 201, answer.content
