"""Another shop's rows do not exist, nor another store's for its staff."""

from django.urls import reverse

from carriers.models import CarrierAccount, CarrierMessage
from orders.models import Order
from tests.factories import add_collects, add_deliveries, make_order
from woop import clock
from woop.models import Alert, ApiKey, Job, Membership, StatusEvent, Store

EVERY_TYPE = ("homedelivery", "collect")


def fill(shop):
    """Make one row of everything in a shop and return the keys by the name of their page."""
    order = make_order(shop, packages=2, types=EVERY_TYPE, store="store")
    now = clock.now()
    account = shop.carrier_accounts.get()
    message = CarrierMessage.objects.create(
        shop=shop, account=account, channel="hook", dedupe_key="1", receipt="0" * 32, carrier_ref="42"
    )
    alert = Alert.objects.create(shop=shop, order=order, object_type="order", code="x", created_at=now)
    job = Job.objects.create(shop=shop, kind="x", key=shop.code, next_try_at=now, created_at=now)
    key = ApiKey.objects.create(shop=shop, name="k", prefix="p", digest=shop.code)
    return {
        "orders_order": order,
        "deliveries_delivery": add_deliveries([order])[0],
        "collect_collect": add_collects([order])[0],
        "woop_alert": alert,
        "woop_job": job,
        "carriers_carriermessage": message,
        "carriers_carrieraccount": account,
        "woop_apikey": key,
        "woop_store": shop.stores.get(),
        "woop_shop": shop,
        "woop_statusevent": StatusEvent.objects.filter(shop=shop).first(),
    }


PAGES = (
    "orders_order",
    "deliveries_delivery",
    "collect_collect",
    "woop_alert",
    "woop_job",
    "carriers_carriermessage",
    "carriers_carrieraccount",
    "woop_apikey",
    "woop_store",
    "woop_shop",
    "woop_statusevent",
)


def test_another_shops_rows_are_not_found(supervisor, shop, other_shop):
    own, foreign = fill(shop), fill(other_shop)
    for name in PAGES:
        url = reverse(f"admin:{name}_change", args=[own[name].pk])
        assert supervisor.get(url).status_code in (200, 302), name
        url = reverse(f"admin:{name}_change", args=[foreign[name].pk])
        assert supervisor.get(url).status_code == 404, name
        assert supervisor.post(url, {"_save": "1"}).status_code in (403, 404), name
        for page in ("history", "delete"):
            url = reverse(f"admin:{name}_{page}", args=[foreign[name].pk])
            assert supervisor.get(url).status_code in (403, 404), name


def test_another_shops_rows_are_not_in_the_lists(supervisor, shop, other_shop):
    own, foreign = fill(shop), fill(other_shop)
    for name in PAGES:
        rows = supervisor.get(reverse(f"admin:{name}_changelist")).context["cl"].result_list
        keys = {row.pk for row in rows}
        assert own[name].pk in keys, name
        assert foreign[name].pk not in keys, name


def test_another_shops_status_is_not_found(supervisor, other_shop):
    foreign = fill(other_shop)["orders_order"]
    rows = {
        "order": foreign,
        "package": foreign.packages.first(),
        "line": foreign.package_lines.first(),
        "delivery": foreign.deliveries.first(),
        "collect": foreign.collects.first(),
    }
    for kind, row in rows.items():
        url = reverse("admin:change-status", args=[kind, row.pk])
        assert supervisor.get(url).status_code == 404
        assert supervisor.post(url, {"to": row.status}).status_code == 404


def test_pieces_of_another_shops_order_are_not_found(supervisor, shop, other_shop):
    foreign = fill(other_shop)["orders_order"]
    own = make_order(shop)
    urls = [
        reverse("admin:order-live", args=[foreign.pk]),
        reverse("admin:order-history", args=[foreign.pk, 3]),
        reverse("admin:package-lines", args=[foreign.pk, foreign.packages.first().pk]),
        reverse("admin:package-lines", args=[own.pk, foreign.packages.first().pk]),
        reverse("admin:split-line", args=[foreign.package_lines.first().pk]),
    ]
    assert [supervisor.get(url).status_code for url in urls] == [404] * len(urls)
    posts = [
        reverse("admin:order-accept", args=[foreign.pk]),
        reverse("admin:alert-resolve", args=[foreign.alerts.get().pk]),
        reverse("admin:split-line", args=[foreign.package_lines.first().pk]),
    ]
    assert [supervisor.post(url).status_code for url in posts] == [404] * len(posts)
    assert foreign.alerts.get().resolved_at is None


def test_store_staff_see_their_stores_orders_only(as_, shop, store, other_store):
    own = make_order(shop, store="store")
    elsewhere, nowhere = make_order(shop, store="second"), make_order(shop)
    client = as_("store")
    rows = client.get(reverse("admin:orders_order_changelist")).context["cl"].result_list
    assert [row.pk for row in rows] == [own.pk]
    for order in (elsewhere, nowhere):
        assert client.get(reverse("admin:orders_order_change", args=[order.pk])).status_code == 404
        assert client.get(reverse("admin:change-status", args=["order", order.pk])).status_code == 404
    choices = client.get(reverse("admin:orders_order_changelist")).content.decode()
    assert "Second" not in choices


def test_forms_offer_only_rows_of_the_shop(supervisor, shop, other_shop):
    Store.objects.create(shop=other_shop, code="hidden", name="Hidden")
    for name in ("woop_membership_add", "woop_apikey_add"):
        text = supervisor.get(reverse(f"admin:{name}")).content.decode()
        assert "Store" in text
        assert "Hidden" not in text


def test_a_form_cannot_name_another_shop(supervisor, shop, other_shop):
    data = {"shop": other_shop.pk, "code": "new", "name": "New", "timezone": "Europe/Paris", "_save": "1"}
    assert supervisor.post(reverse("admin:woop_store_add"), data).status_code == 302
    assert Store.objects.get(code="new").shop == shop


def test_a_form_cannot_name_another_shops_store(supervisor, other_shop):
    data = {"username": "new", "password": "a longer password", "role": "store_staff"}
    data["store"] = other_shop.stores.get().pk
    assert supervisor.post(reverse("admin:woop_membership_add"), data).status_code == 200
    assert not Membership.objects.filter(user__username="new").exists()


def test_the_operator_sees_every_shop(as_, shop, other_shop):
    orders = {make_order(shop).pk, make_order(other_shop).pk}
    rows = as_("operator").get(reverse("admin:orders_order_changelist")).context["cl"].result_list
    assert {row.pk for row in rows} == orders
    by_shop = as_("operator").get(reverse("admin:orders_order_changelist"), {"shop": shop.pk})
    assert {row.shop_id for row in by_shop.context["cl"].result_list} == {shop.pk}


def test_bulk_leaves_another_shops_orders_alone(supervisor, shop, other_shop):
    own, foreign = make_order(shop), make_order(other_shop)
    data = {"step": "apply", "selection": f"{own.pk},{foreign.pk}", "target": "status:7"}
    response = supervisor.post(reverse("admin:bulk-status", args=["order"]), data)
    assert (response.context["moved"], response.context["not_moved"]) == (1, 1)
    assert Order.objects.get(pk=foreign.pk).status == 5


def test_replay_leaves_another_shops_messages_alone(supervisor, shop, other_shop):
    foreign = fill(other_shop)["carriers_carriermessage"]
    CarrierMessage.objects.filter(pk=foreign.pk).update(state="failed")
    supervisor.post(reverse("admin:replay-messages"), {"selection": str(foreign.pk)})
    assert CarrierMessage.objects.get(pk=foreign.pk).state == "failed"


def test_accounts_of_another_shop_are_no_filter(supervisor, shop, other_shop):
    CarrierAccount.objects.filter(shop=other_shop).update(name="Their account")
    for name in ("deliveries_delivery", "carriers_carriermessage"):
        assert "Their account" not in supervisor.get(reverse(f"admin:{name}_changelist")).content.decode()
