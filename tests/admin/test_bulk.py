"""Many at once: the verdict on each first, then the good ones, in chunks."""

import pytest
from django.urls import reverse

from orders.models import Order
from tests.factories import add_deliveries, make_order
from tests.factories import supervisor as actor_of
from woop import bulk_views
from woop.models import StatusEvent
from woop.transitions import change_status

LIST = "/admin/orders/order/"
BULK = "/admin/status/bulk/order/"


@pytest.fixture
def four(shop):
    """One that will move, one that is there, one that is refused, one that has come further."""
    orders = [make_order(shop) for _order in range(4)]
    by = actor_of(shop)
    change_status("order", [orders[1].pk], 8, by=by)
    change_status("order", [orders[2].pk], 99, by=by)
    change_status("order", [orders[3].pk], 10, by=by)
    return orders


def selection(orders):
    return ",".join(str(order.pk) for order in orders)


def statuses(orders):
    found = dict(Order.objects.values_list("pk", "status"))
    return [found[order.pk] for order in orders]


def test_selected_orders_come_with_what_they_can_become(agent, four):
    data = {"action": "change_status", "_selected_action": [order.pk for order in four]}
    response = agent.post(LIST, data)
    assert response.context["count"] == 4
    fields = {field["name"]: field for field in response.context["fields"]}
    assert sorted(fields["status"]["now"]) == [(5, 1), (8, 1), (10, 1), (99, 1)]
    assert dict(fields["status"]["targets"]) == {7: 1, 8: 1, 10: 2, 98: 3, 99: 3}


def test_all_that_match_can_be_selected(agent, four):
    data = {"action": "change_status", "_selected_action": [four[0].pk], "select_across": "1"}
    assert agent.post(LIST, data).context["count"] == 4
    filtered = agent.post(f"{LIST}?status=5", data)
    assert (filtered.context["count"], filtered.context["selection"]) == (1, str(four[0].pk))


def test_selection_ends_at_its_cap(agent, four, monkeypatch):
    monkeypatch.setattr(bulk_views, "MOST", 3)
    data = {"action": "change_status", "_selected_action": [four[0].pk], "select_across": "1"}
    response = agent.post(LIST, data)
    assert response.context["count"] == 3
    assert response.context["is_cut"]


def test_verdict_on_each_and_nothing_written(agent, four):
    events = StatusEvent.objects.count()
    data = {"step": "preview", "selection": selection(four), "target": "status:8"}
    response = agent.post(BULK, data)
    tally = response.context["tally"]
    assert dict(tally.results) == {"moved": 1, "already": 1, "refused": 2}
    assert tally.others == [("package", 1), ("line", 1)]
    assert tally.why == [("This status is final.", 1), ("A status is never set below the present one.", 1)]
    assert [(row.id, row.status) for row in tally.moving] == [(four[0].pk, 5)]
    assert {row.id: row.result for row in tally.staying} == {
        four[1].pk: "already",
        four[2].pk: "refused",
        four[3].pk: "refused",
    }
    assert response.context["good"] == f"{four[0].pk}:{four[0].version}"
    assert StatusEvent.objects.count() == events


def test_only_the_good_ones_move(agent, four):
    data = {"step": "preview", "selection": selection(four), "target": "status:8"}
    good = agent.post(BULK, data).context["good"]
    response = agent.post(
        BULK, {"step": "apply", "selection": good, "target": "status:8", "reason": "Friday"}
    )
    assert (response.context["moved"], response.context["not_moved"]) == (1, 0)
    assert statuses(four) == [8, 8, 99, 10]
    assert four[0].events.get(object_type="order", to_status="8").reason == "Friday"


def test_what_changed_since_the_preview_is_told_and_left(agent, shop):
    orders = [make_order(shop) for _order in range(2)]
    data = {"step": "preview", "selection": selection(orders), "target": "status:8"}
    good = agent.post(BULK, data).context["good"]
    change_status("order", [orders[1].pk], 7, by=actor_of(shop))
    response = agent.post(BULK, {"step": "apply", "selection": good, "target": "status:8"})
    assert (response.context["moved"], response.context["not_moved"]) == (1, 1)
    assert statuses(orders) == [8, 7]
    assert "The order has changed since you opened it." in response.content.decode()


def test_large_selections_go_in_chunks_with_progress(agent, shop, monkeypatch):
    monkeypatch.setattr(bulk_views, "CHUNK", 2)
    orders = [make_order(shop) for _order in range(5)]
    data = {"step": "preview", "selection": selection(orders), "target": "status:7"}
    rest = agent.post(BULK, data).context["good"]
    shown, counters = [], {}
    while rest:
        data = {"step": "apply", "selection": rest, "target": "status:7", **counters}
        context = agent.post(BULK, data, headers={"HX-Request": "true"}).context
        shown.append((context["done"], context["total"], context["percent"]))
        rest = context["rest"]
        counters = {"done": context["done"], "moved": context["moved"]}
    assert shown == [(2, 5, 40), (4, 5, 80), (5, 5, 100)]
    assert counters["moved"] == 5
    assert statuses(orders) == [7] * 5


def test_override_of_many_wants_the_right_and_a_reason(as_, shop):
    orders = [make_order(shop) for _order in range(2)]
    change_status("order", [order.pk for order in orders], 98, by=actor_of(shop), reason="broken")
    data = {"step": "preview", "selection": selection(orders), "target": "status:8", "override": "on"}
    assert as_("agent").post(BULK, data).context["tally"].moves == 0
    client = as_("supervisor")
    response = client.post(BULK, data)
    assert response.context["tally"].moves == 2
    assert response.context["needs_reason"]
    apply = {**data, "step": "apply", "selection": response.context["good"]}
    assert client.post(BULK, apply).context["moved"] == 0
    assert client.post(BULK, {**apply, "reason": "Mended"}).context["moved"] == 2
    assert statuses(orders) == [8, 8]


def test_error_of_many_wants_a_reason(agent, shop):
    order = make_order(shop)
    data = {"step": "preview", "selection": str(order.pk), "target": "status:98"}
    response = agent.post(BULK, data)
    assert response.context["needs_reason"]
    assert response.context["tally"].moves == 1


def test_deliveries_of_one_order_move_together(agent, shop):
    order = make_order(shop, packages=2)
    pairs = ",".join(str(delivery.pk) for delivery in add_deliveries([order]))
    url = reverse("admin:bulk-status", args=["delivery"])
    target = "status:DELIVERY_PICK_UP_OK"
    good = agent.post(url, {"step": "preview", "selection": pairs, "target": target}).context["good"]
    response = agent.post(url, {"step": "apply", "selection": good, "target": target})
    assert (response.context["moved"], response.context["not_moved"]) == (2, 0)


def test_reader_has_no_action(as_, shop):
    order = make_order(shop)
    client = as_("reader")
    assert 'name="action"' not in client.get(LIST).content.decode()
    data = {"step": "apply", "selection": str(order.pk), "target": "status:7"}
    assert client.post(BULK, data).context["moved"] == 0
    assert statuses([order]) == [5]


@pytest.mark.parametrize("text", ["x", "1;2", "1:x", "-1", "1,,2:", "99999999999999999999999"])
def test_no_selection_is_a_bad_request(agent, text):
    data = {"step": "preview", "selection": text, "target": "status:7"}
    expected = 200 if text == "1,,2:" else 400
    assert agent.post(BULK, data).status_code == expected


def test_without_a_selection_there_is_no_page(agent):
    assert agent.get(BULK).status_code == 400
    assert agent.post("/admin/status/bulk/nonsense/").status_code == 404


def test_statements_of_a_preview_do_not_grow_with_the_orders(agent, shop, count_queries):
    orders = [make_order(shop) for _order in range(6)]

    def preview(some):
        data = {"step": "preview", "selection": selection(some), "target": "status:8"}
        return lambda: agent.post(BULK, data)

    first = count_queries(preview(orders[:1]))
    assert count_queries(preview(orders)) == first
