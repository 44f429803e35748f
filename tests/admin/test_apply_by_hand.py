"""A message that came late or against the table can be applied by a supervisor, with a reason."""

import pytest
from django.urls import reverse

from carriers.models import CarrierMessage
from tests.factories import add_deliveries, make_order
from tests.factories import supervisor as actor_of
from woop.transitions import change_status


@pytest.fixture
def order(shop):
    return make_order(shop)


@pytest.fixture
def message(order):
    (delivery,) = add_deliveries([order])
    change_status("delivery", [delivery.pk], "DELIVERY_IN_TRANSIT", by=actor_of(order.shop))
    return CarrierMessage.objects.create(
        shop=order.shop,
        account=delivery.account,
        channel="put",
        dedupe_key="1",
        receipt="0" * 32,
        raw_status="DELIVERY_TEAM_ASSIGNED",
        state="forbidden",
        order_id=order.pk,
        delivery_id=delivery.pk,
    )


def url_of(message):
    return reverse("admin:apply-message", args=[message.pk])


def test_supervisor_applies_it_with_a_reason(as_, order, message):
    page = reverse("admin:orders_order_change", args=[order.pk])
    assert url_of(message) in as_("supervisor").get(page).content.decode()
    assert url_of(message) not in as_("agent").get(page).content.decode()
    client = as_("supervisor")
    assert client.get(url_of(message)).status_code == 200
    assert client.post(url_of(message), {"reason": "They said so on the phone"}).url == page
    message.refresh_from_db()
    assert message.state == "applied"
    assert order.deliveries.get().status == "DELIVERY_TEAM_ASSIGNED"
    assert client.get(url_of(message)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_without_a_reason_nothing_is_applied(as_, order, message):
    response = as_("supervisor").post(url_of(message), {"reason": " "})
    assert response.status_code == 409
    assert "Please give a reason." in response.content.decode()
    assert order.deliveries.get().status == "DELIVERY_IN_TRANSIT"


def test_agents_and_other_shops_do_not(as_, order, message, other_shop):
    assert as_("agent").post(url_of(message), {"reason": "x"}).status_code == 403
    foreign = CarrierMessage.objects.create(
        shop=other_shop,
        account=other_shop.carrier_accounts.get(),
        channel="put",
        dedupe_key="1",
        receipt="0" * 32,
        state="late",
        delivery_id=add_deliveries([make_order(other_shop)])[0].pk,
    )
    assert as_("supervisor").get(url_of(foreign)).status_code == 404
