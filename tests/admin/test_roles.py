"""Who may open which page: roles decide, not Django's permissions per model."""

import pytest
from django.urls import reverse

from tests.factories import make_order

EVERYONE = {"agent", "supervisor", "store", "reader", "operator"}
OFFICE = EVERYONE - {"store"}
MANAGERS = {"supervisor", "operator"}

LISTS = {
    "orders_order": EVERYONE,
    "deliveries_delivery": EVERYONE,
    "collect_collect": EVERYONE,
    "woop_alert": EVERYONE,
    "woop_job": OFFICE,
    "carriers_carriermessage": OFFICE,
    "carriers_carrieraccount": MANAGERS,
    "woop_membership": MANAGERS,
    "woop_apikey": MANAGERS,
    "woop_store": MANAGERS,
    "woop_shop": MANAGERS,
    "woop_statusevent": MANAGERS,
    "auth_user": {"operator"},
}
ROLES = ("agent", "supervisor", "store", "reader", "nobody", "operator")


@pytest.mark.parametrize("role", ROLES)
def test_lists_open_for_their_roles_only(as_, role):
    client = as_(role)
    found = {name: client.get(reverse(f"admin:{name}_changelist")).status_code for name in LISTS}
    assert found == {name: 200 if role in roles else 403 for name, roles in LISTS.items()}


def test_every_registered_page_is_in_the_table():
    from django.contrib import admin

    registered = {f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry}
    assert registered == set(LISTS)


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_menu_holds_only_what_opens(as_, role):
    client = as_(role)
    groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
    links = [item["link"] for group in groups for item in group["items"]]
    assert len(links) > 3
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_user_without_a_role_is_told_so(as_):
    response = as_("nobody").get(reverse("admin:index"))
    assert "You have no role in a shop yet" in response.content.decode()


def test_without_a_log_in_everything_leads_to_it(client, db):
    for url in (reverse("admin:index"), reverse("admin:orders_order_changelist"), "/admin/status/order/1/"):
        assert client.get(url).url == f"{reverse('admin:login')}?next={url}"


@pytest.mark.parametrize(
    ("role", "may"), [("agent", True), ("supervisor", True), ("store", True), ("reader", False)]
)
def test_buttons_are_for_those_who_may_change(as_, shop, store, role, may):
    order = make_order(shop, store="store")
    text = as_(role).get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert (reverse("admin:change-status", args=["order", order.pk]) in text) is may


def test_orders_are_neither_added_nor_changed_nor_deleted_by_a_form(as_, shop):
    order = make_order(shop)
    client = as_("operator")
    assert client.get(reverse("admin:orders_order_add")).status_code == 403
    assert client.get(reverse("admin:orders_order_delete", args=[order.pk])).status_code == 403
    url = reverse("admin:orders_order_change", args=[order.pk])
    assert client.post(url, {"status": 10, "_save": "1"}).status_code == 200
    order.refresh_from_db()
    assert order.status == 5


def test_rows_of_the_machine_have_no_forms(as_):
    client = as_("operator")
    names = ("deliveries_delivery", "collect_collect", "woop_job", "woop_alert", "woop_statusevent")
    assert {client.get(reverse(f"admin:{name}_add")).status_code for name in names} == {403}
