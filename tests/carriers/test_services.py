import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from carriers import services, vault
from carriers.adapters.sendcloud.statuses import STATUSES
from carriers.models import CarrierAccount, StatusMapping
from carriers.registry import ADAPTERS, adapter_class, adapter_for, carrier_choices
from carriers.services import AccountError, Effect, create_account, ensure_manual_account
from carriers.statuses import DELIVERY_WORDS, PACKAGE_STATUSES
from woop.models import Shop

pytestmark = pytest.mark.django_db


# --- accounts ---
def test_account_has_the_defaults_of_its_carrier(shop):
    account = create_account(shop, "sendcloud", credentials={"public_key": "p", "secret_key": "s"})

    assert (account.code, account.name, str(account)) == ("sendcloud", "Sendcloud", "Sendcloud")
    assert (account.rate_per_minute, account.poll_interval_s) == (100, 300)
    assert account.next_poll_at is not None
    assert account.is_manual is False
    assert account.mappings.count() == 37


def test_account_that_is_read_parcel_by_parcel_is_never_due_itself(veloyd):
    assert veloyd.next_poll_at is None
    assert veloyd.mappings.count() == 10


def test_account_takes_what_it_is_given(shop):
    account = create_account(
        shop, "veloyd", code="second", name="Second", rate_per_minute=7, poll_interval_s=9, countries=["NL"]
    )

    assert (account.code, account.name, account.rate_per_minute, account.poll_interval_s) == (
        "second",
        "Second",
        7,
        9,
    )
    assert account.countries == ["NL"]


def test_account_of_a_carrier_that_does_not_exist(shop):
    with pytest.raises(AccountError, match="There is no carrier dhl"):
        create_account(shop, "dhl")


def test_account_with_a_credential_that_does_not_exist(shop):
    with pytest.raises(AccountError, match="api_key: no such credential"):
        create_account(shop, "sendcloud", credentials={"api_key": "k"})
    assert not CarrierAccount.objects.exists()


def test_every_shop_has_one_manual_account(shop):
    account = ensure_manual_account(shop)

    assert ensure_manual_account(shop) == account
    assert (account.code, account.carrier, account.is_manual) == ("manual", "manual", True)
    assert account.mappings.count() == 0
    assert ensure_manual_account(Shop.objects.create(code="south")) != account


# --- credentials ---
def test_credentials_are_not_readable_at_rest(sendcloud):
    sealed = CarrierAccount.objects.values_list("sealed_credentials", flat=True).get()

    assert "secretkey" not in sealed
    assert CarrierAccount.objects.get().credentials == {"public_key": "public", "secret_key": "secretkey"}
    assert "secretkey" not in repr(adapter_for(sendcloud).connection)


def test_no_credentials_are_no_trouble():
    assert vault.unseal("") == {}
    assert vault.rotate("") == ""


def test_keys_are_changed_without_a_gap(sendcloud, settings):
    old, new = settings.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, old]
    assert CarrierAccount.objects.get().credentials["secret_key"] == "secretkey"

    assert services.rotate_credentials() == 1
    settings.CREDENTIAL_KEYS = [new]

    assert CarrierAccount.objects.get().credentials["secret_key"] == "secretkey"


def test_key_thrown_away_too_early(sendcloud, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(vault.VaultError):
        _ = sendcloud.credentials
    with pytest.raises(vault.VaultError):
        services.rotate_credentials()


# --- mappings ---
def test_mappings_are_born_from_the_table(sendcloud):
    mapping = services.mapping_for(sendcloud)

    assert mapping["22"] == Effect(
        "22", "DELIVERY_PICK_UP_OK", 3, is_alert=False, note="Shipment picked up by driver"
    )
    assert set(mapping) == set(STATUSES)
    assert str(StatusMapping.objects.get(raw_status="22")) == "22: Shipment picked up by driver"


def test_mappings_belong_to_staff(sendcloud):
    services.save_mapping(sendcloud, Effect("12", "DELIVERY_AVAILABLE", None))

    services.seed_mappings(sendcloud)

    assert services.mapping_for(sendcloud)["12"] == Effect("12", "DELIVERY_AVAILABLE", None)
    assert sendcloud.mappings.count() == 37


def test_mappings_cost_one_query(sendcloud, django_assert_num_queries):
    with django_assert_num_queries(1):
        services.mapping_for(sendcloud)


@pytest.mark.parametrize("carrier", ADAPTERS)
def test_default_tables_speak_known_words(carrier):
    for raw, row in adapter_class(carrier).statuses.items():
        assert row.delivery in {"", *DELIVERY_WORDS}
        assert row.package in {None, *PACKAGE_STATUSES}
        assert len(raw) <= 64


def test_carriers_can_be_chosen_from():
    assert carrier_choices() == [("manual", "Manual"), ("sendcloud", "Sendcloud"), ("veloyd", "Veloyd")]


# --- what the database refuses ---
@pytest.mark.parametrize(
    "fields",
    [
        {"max_weight_g": 0},
        {"max_length_mm": 0},
        {"max_width_mm": 0},
        {"max_height_mm": 0},
        {"rate_per_minute": 0},
        {"poll_interval_s": 0},
    ],
)
def test_limits_are_positive(fields, sendcloud):
    with pytest.raises(IntegrityError), transaction.atomic():
        CarrierAccount.objects.filter(pk=sendcloud.pk).update(**fields)


def test_code_is_unique_within_a_shop(shop, sendcloud):
    with pytest.raises(IntegrityError), transaction.atomic():
        create_account(shop, "sendcloud")
    create_account(Shop.objects.create(code="south"), "sendcloud")


@pytest.mark.parametrize("fields", [{"delivery_status": "DELIVERY_EATEN"}, {"package_status": 6}])
def test_mapping_speaks_known_words(fields, sendcloud):
    with pytest.raises(IntegrityError), transaction.atomic():
        sendcloud.mappings.filter(raw_status="1").update(**fields)
    with pytest.raises(ValidationError):
        StatusMapping(shop=sendcloud.shop, account=sendcloud, raw_status="x", **fields).full_clean()
