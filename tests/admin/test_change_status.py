"""Choose, see what would happen, confirm: the preview is the door's, and so is every no."""

import pytest
from django.urls import reverse

from collect.models import Collect
from orders.models import Order, Package
from tests.factories import add_collects, add_deliveries, make_order
from tests.factories import supervisor as actor_of
from woop.models import StatusEvent
from woop.targets import find_subject, machines_of
from woop.transitions import change_status

BOTH = ("homedelivery", "collect")
PARTIALLY = "COLLECT_PICK_UP_PARTIALLY"


def url_of(kind, row):
    return reverse("admin:change-status", args=[kind, row.pk])


def seen(order, **more):
    return {"version": Order.objects.get(pk=order.pk).version, **more}


def statuses(order):
    order.refresh_from_db()
    return [
        order.status,
        *order.packages.values_list("status", flat=True),
        *order.package_lines.values_list("status", flat=True),
    ]


# --- choosing --------------------------------------------------------------------------------------


def options(client, kind, row):
    machines = client.get(url_of(kind, row)).context["machines"]
    return {
        (machine.field, option.status): (option.state, option.refusal.code if option.refusal else "")
        for machine in machines
        for option in machine.options
    }


def test_every_target_is_shown_with_its_verdict(agent, shop):
    order = make_order(shop)
    change_status("order", [order.pk], 8, by=actor_of(shop))
    found = options(agent, "order", order)
    assert {status: found["status", status] for status in (5, 7, 8, 10, 98, 99)} == {
        5: ("refused", "status_below"),
        7: ("refused", "status_below"),
        8: ("now", ""),
        10: ("open", ""),
        98: ("open", ""),
        99: ("open", ""),
    }
    assert found["delivery_status", "ORDER_UPDATED"] == ("open", "")
    assert found["delivery_status", "ORDER_DELIVERED"] == ("refused", "source_not_allowed")
    assert not [key for key in found if key[0] == "acceptance"]


def test_override_is_offered_to_supervisors_only(as_, shop):
    order = make_order(shop)
    change_status("order", [order.pk], 98, by=actor_of(shop), reason="broken")
    assert options(as_("agent"), "order", order)["status", 8] == ("refused", "override_needed")
    assert options(as_("supervisor"), "order", order)["status", 8] == ("override", "override_needed")


def test_reader_sees_that_nothing_is_his_to_change(as_, shop):
    found = options(as_("reader"), "order", make_order(shop))
    assert {verdict for status, verdict in found.items() if status[1] != 5} == {("refused", "not_permitted")}


@pytest.mark.parametrize("kind", ["order", "package", "line", "delivery", "collect"])
def test_verdicts_of_the_list_are_those_of_the_door(supervisor, shop, kind):
    """Whatever is offered can be previewed, whatever is not is refused for the reason that was shown."""
    order = make_order(shop, packages=2, types=BOTH)
    add_deliveries([order])
    add_collects([order])
    rows = {"order": order, "package": order.packages.first(), "line": order.package_lines.first()}
    rows |= {"delivery": order.deliveries.get(), "collect": order.collects.get()}
    by = actor_of(shop)
    for machine in machines_of(find_subject(kind, rows[kind].pk, by), by):
        for option in machine.options:
            override = option.state == "override"
            outcome = change_status(
                kind,
                [rows[kind].pk],
                option.status,
                by=by,
                field=machine.field,
                dry_run=True,
                reason="?",
                override=override,
            )
            code = outcome.refusal.code if outcome.refusal else ""
            expected = option.refusal.code if option.refusal and not override else ""
            assert code == expected or code == "quantities_required", option


def test_asking_for_every_target_reads_the_order_once(agent, shop, count_queries):
    small, large = make_order(shop), make_order(shop, packages=4, lines=4)
    agent.get(url_of("order", small))
    first = count_queries(lambda: agent.get(url_of("order", small)))
    assert count_queries(lambda: agent.get(url_of("order", large))) == first


# --- the preview -----------------------------------------------------------------------------------


def moves(response):
    return [(m.kind, m.field, m.from_status, m.to_status, m.count) for m in response.context["preview"].moves]


def test_preview_says_what_the_real_run_does_and_writes_nothing(agent, shop):
    order = make_order(shop, packages=3, lines=2, types=BOTH)
    change_status("package", [order.packages.first().pk], 98, by=actor_of(shop), reason="x")
    before, events = statuses(order), StatusEvent.objects.count()
    response = agent.get(url_of("order", order), {"to": 8})
    assert (statuses(order), StatusEvent.objects.count()) == (before, events)
    assert moves(response) == [
        ("order", "status", 5, 8, 1),
        ("package", "status", 0, 2, 2),
        ("line", "status", 0, 22, 2),
        ("line", "status", 0, 20, 2),
    ]
    assert [(left.kind, left.status, left.count) for left in response.context["preview"].left] == [
        ("package", 98, 1)
    ]
    assert "It is in error and needs an override." in response.content.decode()
    outcome = change_status("order", [order.pk], 8, by=actor_of(shop))
    assert len(outcome.moved) == 7


def test_preview_names_warnings(agent, shop):
    order = make_order(shop)
    change_status("line", [order.package_lines.get().pk], 18, by=actor_of(shop))
    add_deliveries([order])
    text = agent.get(url_of("order", order), {"to": 8}).content.decode()
    assert "A line that waits for its supplier is moved too." in text
    assert "This delivery is open and stays as it is." in text


def test_preview_of_a_refusal_names_what_is_in_the_way(agent, shop):
    order = make_order(shop)
    change_status("order", [order.pk], 10, by=actor_of(shop))
    response = agent.get(url_of("order", order), {"to": 99})
    text = response.content.decode()
    assert "A package has left already." in text
    assert "Home delivery 1" in text
    assert 'type="submit">Confirm' not in text


@pytest.mark.parametrize("data", [{"to": "11"}, {"to": "x"}, {"to": ""}, {"field": "version", "to": "1"}])
def test_no_status_at_all_is_a_bad_request(agent, shop, data):
    assert agent.get(url_of("order", make_order(shop)), data).status_code == 400


@pytest.mark.parametrize("kind", ["job", "message", "nonsense"])
def test_things_without_a_machine_have_no_page(agent, shop, kind):
    assert agent.get(f"/admin/status/{kind}/1/").status_code == 404


def test_key_of_no_size_is_not_found(agent, shop):
    assert agent.get("/admin/status/order/99999999999999999999999/").status_code == 404


# --- confirming ------------------------------------------------------------------------------------


def test_confirm_moves_and_leads_to_the_order(agent, shop, users):
    order = make_order(shop, lines=2)
    response = agent.post(url_of("order", order), seen(order, to=8, reason=" Packed early "), follow=True)
    assert response.redirect_chain == [(reverse("admin:orders_order_change", args=[order.pk]), 302)]
    assert statuses(order) == [8, 2, 20, 20]
    event = order.events.get(object_type="order", to_status="8")
    assert (event.actor, event.source) == (f"user:{users['agent'].pk}", "BO")
    assert event.reason == "Packed early"
    text = response.content.decode()
    assert f"Order {order.number} is now “Processed”." in text
    assert "3 other things moved with it." in text


def test_htmx_gets_the_content_of_the_drawer_and_a_redirect(agent, shop):
    order = make_order(shop)
    headers = {"HX-Request": "true"}
    assert "<html" not in agent.get(url_of("order", order), headers=headers).content.decode()
    response = agent.post(url_of("order", order), seen(order, to=7), headers=headers)
    assert response["HX-Redirect"] == reverse("admin:orders_order_change", args=[order.pk])


def test_conflict_shows_what_changed_and_a_new_preview(agent, shop):
    order = make_order(shop)
    data = seen(order, to=8)
    change_status("order", [order.pk], 7, by=actor_of(shop), reason="Somebody else")
    response = agent.post(url_of("order", order), data)
    assert response.status_code == 409
    assert statuses(order)[0] == 7
    (ripple,) = response.context["meanwhile"]
    assert (ripple.reason, ripple.head.to_status) == ("Somebody else", "7")
    assert moves(response)[0] == ("order", "status", 7, 8, 1)
    fresh = Order.objects.get(pk=order.pk).version
    assert f'name="version" value="{fresh}"' in response.content.decode()
    assert agent.post(url_of("order", order), {**data, "version": fresh}).status_code == 302
    assert statuses(order)[0] == 8


def test_conflict_after_which_it_is_no_longer_possible(agent, shop):
    order = make_order(shop)
    data = seen(order, to=8)
    change_status("order", [order.pk], 99, by=actor_of(shop))
    response = agent.post(url_of("order", order), data)
    assert response.status_code == 409
    assert response.context["preview"].refusal.code == "final"
    assert len(response.context["meanwhile"]) == 1


def test_error_wants_a_reason(agent, shop):
    order = make_order(shop)
    assert "required>" in agent.get(url_of("order", order), {"to": 98}).content.decode()
    response = agent.post(url_of("order", order), seen(order, to=98, reason="  "))
    assert response.status_code == 409
    assert "Please give a reason." in response.content.decode()
    assert agent.post(url_of("order", order), seen(order, to=98, reason="Torn")).status_code == 302
    assert statuses(order)[0] == 98


def test_override_wants_the_right_and_a_reason(as_, shop):
    order = make_order(shop)
    change_status("order", [order.pk], 98, by=actor_of(shop), reason="broken")
    data = seen(order, to=8, override="on", reason="Mended")
    assert as_("agent").post(url_of("order", order), data).status_code == 409
    client = as_("supervisor")
    assert client.post(url_of("order", order), {**data, "reason": ""}).status_code == 409
    assert statuses(order)[0] == 98
    preview = client.get(url_of("order", order), {"to": 8, "override": "on"})
    assert moves(preview)[0] == ("order", "status", 98, 8, 1)
    assert client.post(url_of("order", order), data).status_code == 302
    assert statuses(order)[0] == 8


def test_reader_cannot_confirm(as_, shop):
    order = make_order(shop)
    response = as_("reader").post(url_of("order", order), seen(order, to=8))
    assert response.status_code == 409
    assert statuses(order)[0] == 5


def test_already_there_is_no_error(agent, shop):
    order = make_order(shop)
    response = agent.post(url_of("order", order), seen(order, to=5), follow=True)
    assert "was “Confirmed” already" in response.content.decode()


def test_acceptance_is_rejected_with_a_preview(agent, shop):
    order = make_order(shop, requires_acceptance=True)
    asked = {"field": "acceptance", "to": "cancelled_manually"}
    preview = agent.get(url_of("order", order), asked)
    assert moves(preview)[:2] == [
        ("order", "acceptance", "pending", "cancelled_manually", 1),
        ("order", "status", 5, 99, 1),
    ]
    assert agent.post(url_of("order", order), seen(order, **asked)).status_code == 302
    assert statuses(order) == [99, 99, 99]


def test_partial_hand_over_asks_for_quantities_first(agent, shop):
    from tests.orders.building import order_of

    order = order_of(shop, ("collect", {"A": 3, "B": 1}), collect_store="store")
    collect = order.collects.get()
    for status in ("STOCK_OK", "STARTED", "READY", "IN_PROGRESS"):
        change_status("collect", [collect.pk], f"COLLECT_{status}", by=actor_of(shop))
    url = url_of("collect", collect)
    first, _second = order.package_lines.order_by("pk")
    asking = agent.get(url, {"to": PARTIALLY})
    assert [quantity.most for quantity, _given in asking.context["quantities"]] == [3, 1]
    assert asking.context["preview"] is None
    data = {"to": PARTIALLY, f"line-{first.pk}": "2"}
    preview = agent.get(url, data)
    assert ("line", "status", 22, 40, 1) in moves(preview)
    assert (
        agent.get(url, {**data, f"line-{first.pk}": "9"}).context["preview"].refusal.code
        == "quantity_too_high"
    )
    assert Package.objects.filter(order=order).count() == 1
    assert agent.post(url, seen(order, **data)).status_code == 302
    assert Collect.objects.filter(order=order).count() == 2
    first.refresh_from_db()
    assert (first.quantity, first.status) == (2, 40)
