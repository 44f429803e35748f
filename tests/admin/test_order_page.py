"""The page of one order: everything about it, with as many queries for a large one as for a small one."""

import pytest
from django.urls import reverse

from carriers.models import CarrierMessage
from orders.models import Order
from tests.factories import add_collects, add_deliveries, agent, make_order, make_orders
from tests.factories import supervisor as actor_of
from woop import clock
from woop.models import Alert, ApiKey
from woop.sources import Source
from woop.transitions import change_status

BOTH = ("homedelivery", "collect")


def page_of(order):
    return reverse("admin:orders_order_change", args=[order.pk])


def live_of(order):
    return reverse("admin:order-live", args=[order.pk])


def rich(shop, packages=2, lines=1):
    order = make_order(shop, packages=packages, lines=lines, types=BOTH, store="store")
    add_deliveries([order])
    add_collects([order])
    for number in range(packages):
        CarrierMessage.objects.create(
            shop=shop,
            account=shop.carrier_accounts.get(),
            channel="hook",
            dedupe_key=f"{order.pk}-{number}",
            receipt="0" * 32,
            order_id=order.pk,
            raw_status="42",
            state="late" if number else "applied",
            detail="It was late." if number else "",
        )
    change_status("order", [order.pk], 7, by=actor_of(shop), reason="A good reason")
    return order


def test_page_shows_the_whole_order(supervisor, shop, users):
    order = rich(shop, packages=2, lines=2)
    text = supervisor.get(page_of(order)).content.decode()
    for words in (order.number, "Ada Morel", "Package 1", "Package 2", "SKU-1", "SKU-2", "Processing"):
        assert words in text
    for words in ("Manual", "Created at the carrier", "Request received", "A good reason", "It was late."):
        assert words in text
    assert 'data-status="7"' in text


@pytest.mark.parametrize("pages", [(page_of,), (live_of,)])
def test_page_asks_as_often_for_a_large_order_as_for_a_small_one(supervisor, shop, count_queries, pages):
    (url_of,) = pages
    small, large = rich(shop, 2, 1), rich(shop, 6, 4)
    supervisor.get(url_of(small))  # what is asked once and kept
    first = count_queries(lambda: supervisor.get(url_of(small)))
    assert count_queries(lambda: supervisor.get(url_of(large))) == first
    assert first <= 30


def test_huge_order_is_folded_and_unfolds(supervisor, shop):
    (order,) = make_orders(shop, 1, packages=10, lines=30)
    response = supervisor.get(page_of(order))
    loaded = [box.is_loaded for box in response.context["boxes"]]
    assert loaded == [True, True, *[False] * 8]
    package = response.context["boxes"][5].package
    text = supervisor.get(reverse("admin:package-lines", args=[order.pk, package.pk])).content.decode()
    assert text.count("SKU-") >= 30


def test_timeline_groups_the_ripple_under_its_cause(supervisor, shop, users):
    order = make_order(shop, packages=2, lines=2)
    change_status("order", [order.pk], 8, by=actor_of(shop))
    ripple, made = supervisor.get(page_of(order)).context["entries"]
    assert (ripple.head.kind, ripple.head.from_status, ripple.head.to_status) == ("order", "5", "8")
    assert [(g.kind, g.from_status, g.to_status, g.count) for g in ripple.groups] == [
        ("package", "0", "2", 2),
        ("line", "0", "20", 4),
    ]
    assert made.head.from_status is None
    assert {group.kind for group in made.groups} == {"order", "package", "line"}


def test_timeline_names_who_it_was(supervisor, shop, users):
    order = make_order(shop)
    key = ApiKey.objects.create(shop=shop, name="The web shop", prefix="p", digest="d")
    account = shop.carrier_accounts.get()
    user = users["agent"]
    user.first_name, user.last_name = "Maud", "Berg"
    user.save()
    for status, source, reference in (
        (7, Source.BO, f"user:{user.pk}"),
        (8, Source.API, f"key:{key.pk}"),
    ):
        by = agent(shop, source)
        change_status("order", [order.pk], status, by=type(by)(source, reference, shop.pk))
    add_deliveries([order])
    by = type(by)(Source.MANUAL, f"account:{account.pk}", shop.pk)
    change_status("delivery", [order.deliveries.get().pk], "DELIVERY_PICK_UP_OK", by=by)
    entries = supervisor.get(page_of(order)).context["entries"]
    assert [entry.who for entry in entries[:3]] == [account.name, "The web shop", "Maud Berg"]


def test_message_that_was_not_applied_is_on_the_timeline(as_, shop):
    order = rich(shop)
    remarks = [e for e in as_("agent").get(page_of(order)).context["entries"] if e.note]
    assert [(str(r.title), r.detail) for r in remarks] == [("Manual said “42”: not applied", "It was late.")]
    assert remarks[0].link
    (remark,) = [e for e in as_("store").get(page_of(order)).context["entries"] if e.note]
    assert remark.link == ""  # store staff may not open the message


def test_long_history_comes_in_pages(supervisor, shop, monkeypatch):
    from woop import timeline

    order = make_order(shop, packages=3, lines=3)
    change_status("order", [order.pk], 7, by=actor_of(shop))
    monkeypatch.setattr(timeline, "EVENTS", 13)
    context = supervisor.get(page_of(order)).context
    assert len(context["entries"]) == 1
    earlier = context["earlier"]
    assert earlier == Order.objects.get(pk=order.pk).version - 12
    later = supervisor.get(reverse("admin:order-history", args=[order.pk, earlier]))
    assert later.context["entries"][0].sequence < earlier


# --- the living part -------------------------------------------------------------------------------


def test_living_part_is_not_sent_again_while_it_is_true(supervisor, shop):
    order = rich(shop)
    first = supervisor.get(live_of(order))
    etag = first["ETag"]
    assert supervisor.get(live_of(order), headers={"If-None-Match": etag}).status_code == 304
    change_status("order", [order.pk], 8, by=actor_of(shop))
    again = supervisor.get(live_of(order), headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert "Processed" in again.content.decode()


def test_living_part_hears_of_alerts_and_messages(supervisor, shop):
    order = make_order(shop)
    tags = [supervisor.get(live_of(order))["ETag"]]
    now = clock.now()
    alert = Alert.objects.create(shop=shop, order=order, object_type="order", code="x", created_at=now)
    tags.append(supervisor.get(live_of(order))["ETag"])
    supervisor.post(reverse("admin:alert-resolve", args=[alert.pk]))
    tags.append(supervisor.get(live_of(order))["ETag"])
    CarrierMessage.objects.create(
        shop=shop,
        account=shop.carrier_accounts.get(),
        channel="hook",
        dedupe_key="1",
        receipt="0" * 32,
        order_id=order.pk,
        handled_at=now,
    )
    tags.append(supervisor.get(live_of(order))["ETag"])
    assert len(set(tags)) == 4


# --- the gate and alerts ---------------------------------------------------------------------------


def test_accept_at_once(agent, shop, users):
    order = make_order(shop, requires_acceptance=True)
    assert "data-countdown" in agent.get(page_of(order)).content.decode()
    assert agent.post(reverse("admin:order-accept", args=[order.pk])).url == page_of(order)
    order.refresh_from_db()
    assert order.acceptance == "accepted"
    assert order.events.order_by("-sequence").first().actor == f"user:{users['agent'].pk}"


def test_accepting_too_late_says_why(agent, shop):
    order = make_order(shop, requires_acceptance=True)
    Order.objects.filter(pk=order.pk).update(acceptance_deadline=clock.now())
    response = agent.post(reverse("admin:order-accept", args=[order.pk]), follow=True)
    assert "The time to accept this order is over." in response.content.decode()
    order.refresh_from_db()
    assert order.acceptance == "pending"


def test_reader_decides_nothing(as_, shop):
    order = make_order(shop, requires_acceptance=True)
    alert = Alert.objects.create(
        shop=shop, order=order, object_type="order", code="x", created_at=clock.now()
    )
    client = as_("reader")
    client.post(reverse("admin:order-accept", args=[order.pk]))
    assert client.post(reverse("admin:alert-resolve", args=[alert.pk])).status_code == 403
    assert client.get(reverse("admin:split-line", args=[order.package_lines.get().pk])).status_code == 403
    order.refresh_from_db()
    alert.refresh_from_db()
    assert (order.acceptance, alert.resolved_at) == ("pending", None)


def test_resolving_an_alert_keeps_who_did(agent, shop, users):
    order = make_order(shop)
    alert = Alert.objects.create(
        shop=shop, order=order, object_type="order", code="x", created_at=clock.now()
    )
    assert agent.get(reverse("admin:alert-resolve", args=[alert.pk])).status_code == 403
    agent.post(reverse("admin:alert-resolve", args=[alert.pk]))
    alert.refresh_from_db()
    assert alert.resolved_by == f"user:{users['agent'].pk}"
    assert alert.resolved_at is not None


# --- splitting -------------------------------------------------------------------------------------


def test_split_a_line_into_a_new_package(agent, shop):
    from tests.orders.building import order_of

    order = order_of(shop, ("homedelivery", {"A": 5}))
    line = order.package_lines.get()
    url = reverse("admin:split-line", args=[line.pk])
    assert "A new package" in agent.get(url).content.decode()
    data = {"quantity": "2", "package": "new", "version": order.version}
    assert agent.post(url, data).url == page_of(order)
    assert sorted(order.package_lines.values_list("quantity", flat=True)) == [2, 3]
    assert order.packages.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("quantity", ["0", "5", "-1", "x", "", "99999999999999999999"])
def test_split_of_no_sense_says_so(agent, shop, quantity):
    from tests.orders.building import order_of

    order = order_of(shop, ("homedelivery", {"A": 5}))
    url = reverse("admin:split-line", args=[order.package_lines.get().pk])
    response = agent.post(url, {"quantity": quantity, "package": ""})
    assert response.status_code == 422
    assert "Take at least one piece" in response.content.decode()
    assert order.package_lines.count() == 1


@pytest.mark.django_db(transaction=True)
def test_split_after_a_change_is_a_conflict(agent, shop):
    from tests.orders.building import order_of

    order = order_of(shop, ("homedelivery", {"A": 5}))
    change_status("order", [order.pk], 7, by=actor_of(shop))
    url = reverse("admin:split-line", args=[order.package_lines.get().pk])
    response = agent.post(url, {"quantity": "1", "version": order.version})
    assert response.status_code == 409
    assert order.package_lines.count() == 1
