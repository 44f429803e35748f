"""Accounts whose keys go in and never come out, mappings, and messages that can be replayed."""

import pytest
from django.urls import reverse

from carriers import inbox
from carriers.inbox import Verdict
from carriers.models import CarrierAccount, CarrierMessage, StatusMapping
from carriers.services import create_account
from carriers.statuses import State
from tests.factories import make_order
from woop import clock

SECRET = "the-secret-key-itself"


@pytest.fixture
def account(shop):
    return create_account(shop, "veloyd", credentials={"api_key": SECRET}, countries=["NL"])


def form_of(client, account):
    """Return what a browser would send back unchanged."""
    page = client.get(reverse("admin:carriers_carrieraccount_change", args=[account.pk]))
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields if not form.fields[name].disabled}
    for formset in page.context["inline_admin_formsets"]:
        for part in (formset.formset.management_form, *formset.formset.forms):
            data |= {part.add_prefix(name): part[name].value() for name in part.fields}
    return {name: value for name, value in data.items() if value not in (None, False)}


def post(client, account, **changes):
    url = reverse("admin:carriers_carrieraccount_change", args=[account.pk])
    return client.post(url, form_of(client, account) | changes)


def test_keys_are_never_shown(supervisor, account):
    text = supervisor.get(reverse("admin:carriers_carrieraccount_change", args=[account.pk])).content.decode()
    assert SECRET not in text
    assert account.sealed_credentials not in text
    assert "It is set; empty leaves it as it is." in text


def test_empty_key_stays_and_a_new_one_replaces(supervisor, account):
    assert post(supervisor, account, name="Renamed").status_code == 302
    account.refresh_from_db()
    assert (account.name, account.credentials) == ("Renamed", {"api_key": SECRET})
    assert post(supervisor, account, credential_api_key="another").status_code == 302
    account.refresh_from_db()
    assert account.credentials == {"api_key": "another"}


def test_countries_are_written_as_people_write_them(supervisor, account):
    assert post(supervisor, account, countries="fr, be  NL,fr").status_code == 302
    account.refresh_from_db()
    assert account.countries == ["FR", "BE", "NL"]
    assert post(supervisor, account, countries="France").status_code == 200


def test_new_account_gets_the_carriers_table(supervisor, shop):
    data = {"carrier": "sendcloud", "code": "parcels", "name": "Parcels", "base_url": "", "_continue": "1"}
    response = supervisor.post(reverse("admin:carriers_carrieraccount_add"), data)
    account = CarrierAccount.objects.get(code="parcels")
    assert response.url == reverse("admin:carriers_carrieraccount_change", args=[account.pk])
    assert account.shop == shop
    assert account.mappings.count() > 30


def test_code_is_taken_once_a_shop(supervisor, account):
    data = {"carrier": "veloyd", "code": "veloyd", "name": "Again", "base_url": ""}
    response = supervisor.post(reverse("admin:carriers_carrieraccount_add"), data)
    assert response.status_code == 200
    assert CarrierAccount.objects.filter(code="veloyd").count() == 1


def test_mapping_added_in_the_form_releases_what_waited(supervisor, account):
    waiting = message(account, raw_status="42", state=State.UNKNOWN, handled_at=clock.now())
    new = account.mappings.count()
    row = {
        "mappings-TOTAL_FORMS": str(new + 1),
        f"mappings-{new}-raw_status": "42",
        f"mappings-{new}-note": "lost",
        f"mappings-{new}-package_status": "98",
        f"mappings-{new}-delivery_status": "DELIVERY_BLOCKED",
    }
    assert post(supervisor, account, **row).status_code == 302
    mapping = StatusMapping.objects.get(account=account, raw_status="42")
    assert (mapping.shop_id, mapping.package_status) == (account.shop_id, 98)
    waiting.refresh_from_db()
    assert waiting.state == State.RECEIVED


def test_new_hook_address_is_shown_once(supervisor, account):
    url = reverse("admin:carriers_carrieraccount_change", args=[account.pk]).replace(
        "change", "new_hook_address"
    )
    assert "The old one ends at once." in supervisor.get(url).content.decode()
    account.refresh_from_db()
    assert account.hook_token_digest == ""
    response = supervisor.post(url)
    assert "/hooks/veloyd/" in response.context["address"]
    assert "no-store" in response["Cache-Control"]
    account.refresh_from_db()
    assert account.hook_token_digest != ""


# --- messages --------------------------------------------------------------------------------------


def message(account, **columns):
    number = CarrierMessage.objects.count()
    return CarrierMessage.objects.create(
        shop=account.shop,
        account=account,
        **{"channel": "hook", "dedupe_key": str(number), "receipt": "0" * 32, "carrier_ref": "7"} | columns,
    )


def test_message_shows_what_came(as_, account):
    row = message(account, body=b'{"id":7,"name":"<b>\xc3\xa9"}', headers={"Signature": "abc"})
    page = as_("agent").get(reverse("admin:carriers_carriermessage_change", args=[row.pk]))
    text = page.content.decode()
    assert "&quot;id&quot;: 7" in text
    assert "&lt;b&gt;é" in text
    assert "Signature: abc" in text


def test_message_of_garbage_can_be_read_too(as_, account):
    row = message(account, body=b"\xff\x00 not json")
    assert as_("agent").get(reverse("admin:carriers_carriermessage_change", args=[row.pk])).status_code == 200


def test_replay_comes_with_a_preview(agent, account):
    row = message(account, state=State.FAILED, detail="boom")
    data = {"action": "replay", "_selected_action": [row.pk]}
    response = agent.post(reverse("admin:carriers_carriermessage_changelist"), data)
    (preview,) = response.context["previews"]
    assert preview.verdict.state == State.IGNORED  # no delivery has this parcel
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert agent.post(reverse("admin:replay-messages"), {"selection": str(row.pk)}).status_code == 302
    row.refresh_from_db()
    assert row.state == State.RECEIVED


def test_preview_that_stumbles_is_a_verdict(agent, account, monkeypatch):
    def stumble(message, *, dry_run=False):
        raise ValueError("no such thing")

    monkeypatch.setattr(inbox.work, "_applier", stumble)
    row = message(account, state=State.FAILED)
    data = {"action": "replay", "_selected_action": [row.pk]}
    response = agent.post(reverse("admin:carriers_carriermessage_changelist"), data)
    (preview,) = response.context["previews"]
    assert preview.verdict == Verdict(State.FAILED, "ValueError: no such thing")


def test_reader_replays_nothing(as_, account):
    row = message(account, state=State.FAILED)
    client = as_("reader")
    assert client.post(reverse("admin:replay-messages"), {"selection": str(row.pk)}).status_code == 403
    for text in ("", "x", "1,x"):
        assert client.post(reverse("admin:replay-messages"), {"selection": text}).status_code == 400


def test_search_finds_a_parcel(agent, account):
    row = message(account, carrier_ref="217393529")
    message(account, carrier_ref="1")
    url = reverse("admin:carriers_carriermessage_changelist")
    assert agent.get(url, {"q": "217393529"}).context["cl"].result_list == [row]
    assert agent.get(url, {"state": "failed"}).context["cl"].result_list == []


def test_message_leads_to_its_order(agent, account, shop):
    order = make_order(shop)
    message(account, order_id=order.pk)
    text = agent.get(reverse("admin:carriers_carriermessage_changelist")).content.decode()
    assert order.number in text
