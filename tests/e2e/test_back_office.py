"""The back office as people use it: log in, find, preview, change, conflict, many at once."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from orders.models import Order
from tests.factories import ADDRESS, make_order, make_shop
from tests.factories import supervisor as actor_of
from woop.models import Membership, Role
from woop.transitions import change_status

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long password"


@pytest.fixture
def shop(transactional_db):
    return make_shop(code="north", name="North")


@pytest.fixture
def log_in(page, shop):
    """Log in by the form, as somebody of a role."""

    def log_in(role=Role.AGENT):
        user = User.objects.create_user(role, password=PASSWORD, is_staff=True)
        Membership.objects.create(user=user, shop=shop, role=role)
        page.goto("/admin/")
        page.get_by_label("Username").fill(role)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page).to_have_url(re.compile(r"/admin/$"))
        return page

    return log_in


def drawer(page):
    return page.get_by_role("dialog")


def chip(page, label):
    return page.locator(".w-statuses > div", has_text=label).locator(".w-chip")


def test_find_an_order_see_what_a_change_would_do_and_change_it(log_in, shop):
    order = make_order(
        shop, number="PB-1001", lines=2, data={**ADDRESS, "customer_name": "Maud van den Berg"}
    )
    make_order(shop, number="PB-1002")
    page = log_in()
    page.locator("#nav-sidebar").get_by_text("Orders", exact=True).click()
    expect(page.locator("tr.data-row")).to_have_count(2)
    page.get_by_placeholder("Number, name").fill("van den berg")
    page.keyboard.press("Enter")
    expect(page.locator("tr.data-row")).to_have_count(1)
    page.get_by_role("link", name="PB-1001").click()

    page.locator(".w-head-actions").get_by_role("link", name="Change status").click()
    drawer(page).locator("a[data-target='8']").click()
    expect(drawer(page).get_by_text("What will move")).to_be_visible()
    expect(drawer(page).locator(".w-effects > li")).to_have_count(3)
    expect(drawer(page).get_by_text("2 lines")).to_be_visible()
    assert Order.objects.get(pk=order.pk).status == 5

    drawer(page).get_by_role("textbox", name="Reason").fill("Packed before lunch")
    drawer(page).get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Order PB-1001 is now “Processed”.")).to_be_visible()
    expect(chip(page, "Fulfilment")).to_have_text("Processed")
    ripple = page.locator("#timeline .w-ripple").first
    expect(ripple).to_contain_text("“Packed before lunch”")
    expect(ripple).to_contain_text("3 things followed")
    assert Order.objects.get(pk=order.pk).status == 8


def test_what_is_not_possible_says_why(log_in, shop):
    order = make_order(shop)
    change_status("order", [order.pk], 10, by=actor_of(shop))
    page = log_in()
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    page.locator(".w-head-actions").get_by_role("link", name="Change status").click()
    refused = drawer(page).locator(".is-refused[data-target='7']")
    expect(refused).to_be_hidden()
    drawer(page).locator(".w-refused summary").first.click()
    expect(refused).to_contain_text("A status is never set below the present one.")


def test_conflict_shows_what_changed_meanwhile(log_in, shop):
    order = make_order(shop)
    page = log_in()
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    page.locator(".w-head-actions").get_by_role("link", name="Change status").click()
    drawer(page).locator("a[data-target='8']").click()
    expect(drawer(page).get_by_role("button", name="Confirm")).to_be_visible()
    change_status("order", [order.pk], 7, by=actor_of(shop), reason="Somebody was faster")

    drawer(page).get_by_role("button", name="Confirm").click()
    conflict = drawer(page).locator("[data-conflict]")
    expect(conflict).to_contain_text("The order has changed since you opened it.")
    expect(conflict).to_contain_text("Somebody was faster")
    assert Order.objects.get(pk=order.pk).status == 7

    drawer(page).get_by_role("button", name="Confirm").click()
    expect(chip(page, "Fulfilment")).to_have_text("Processed")


def test_supervisor_overrides_with_a_reason(log_in, shop):
    order = make_order(shop)
    change_status("order", [order.pk], 98, by=actor_of(shop), reason="torn")
    page = log_in(Role.SUPERVISOR)
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    page.locator(".w-head-actions").get_by_role("link", name="Change status").click()
    drawer(page).locator("a[data-target='8']").click()
    expect(drawer(page).get_by_role("alert")).to_contain_text("only an override")
    drawer(page).get_by_label("Override the rules").check()
    expect(drawer(page).get_by_text("What will move")).to_be_visible()
    drawer(page).get_by_role("button", name="Confirm").click()
    assert Order.objects.get(pk=order.pk).status == 98  # the browser wants the reason first
    drawer(page).get_by_role("textbox", name="Reason").fill("Mended it")
    drawer(page).get_by_role("button", name="Confirm").click()
    expect(chip(page, "Fulfilment")).to_have_text("Processed")


def test_many_at_once(log_in, shop):
    orders = [make_order(shop, number=f"PB-{number}") for number in range(4)]
    change_status("order", [orders[3].pk], 99, by=actor_of(shop))
    change_status("order", [orders[2].pk], 8, by=actor_of(shop))
    page = log_in()
    page.goto("/admin/orders/order/")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("change_status")
    page.get_by_role("button", name="Run").click()
    page.locator("button[value='status:8']").click()

    expect(page.locator("[data-good='2']")).to_be_visible()
    expect(page.locator("[data-already='1']")).to_be_visible()
    expect(page.locator("[data-refused='1']")).to_be_visible()
    expect(page.locator("tr[data-result=refused]")).to_contain_text("This status is final.")
    page.get_by_role("button", name="Move these 2").click()
    expect(page.locator("[data-moved='2']")).to_be_visible()
    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == [8, 8, 8, 99]


def test_page_of_an_order_lives(log_in, shop):
    order = make_order(shop, requires_acceptance=True)
    page = log_in()
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"^4:\d\d$"))
    shown = page.locator("[data-countdown]").inner_text()
    expect(page.locator("[data-countdown]")).not_to_have_text(shown)
    page.get_by_role("button", name="Accept").click()
    expect(chip(page, "Acceptance")).to_have_text("Accepted")

    change_status("order", [order.pk], 7, by=actor_of(shop))
    expect(chip(page, "Fulfilment")).to_have_text("Processing")
    with page.expect_response(lambda answer: answer.url.endswith("/live/")) as answer:
        pass
    assert answer.value.status == 304


def test_keyboard_alone_is_enough(log_in, shop):
    order = make_order(shop)
    page = log_in()
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    page.locator(".w-head-actions").get_by_role("link", name="Change status").focus()
    page.keyboard.press("Enter")
    expect(drawer(page)).to_be_visible()
    drawer(page).locator("a[data-target='7']").focus()
    page.keyboard.press("Enter")
    expect(drawer(page).get_by_role("button", name="Confirm")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer(page)).to_be_hidden()
    assert Order.objects.get(pk=order.pk).status == 5


def test_change_works_without_a_drawer(log_in, shop):
    order = make_order(shop)
    page = log_in()
    page.goto(f"/admin/status/order/{order.pk}/")
    page.locator("a[data-target='7']").click()
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(re.compile(rf"/admin/orders/order/{order.pk}/change/"))
    expect(chip(page, "Fulfilment")).to_have_text("Processing")
