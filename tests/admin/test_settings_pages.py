"""Keys, staff, jobs, alerts: what supervisors and agents look after themselves."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.admin.conftest import PASSWORD, make_user
from tests.factories import make_order
from woop import clock, services
from woop.models import Alert, ApiKey, Job, JobState, Membership, Role

NEW = "a new long password"


# --- keys ------------------------------------------------------------------------------------------


def test_key_is_shown_once_and_kept_as_a_digest(supervisor, shop, store):
    data = {"name": "Web shop", "scopes": ["orders:read", "orders:write"], "stores": [store.pk]}
    response = supervisor.post(reverse("admin:woop_apikey_add"), data)
    text = response.context["text"]
    assert "no-store" in response["Cache-Control"]
    key = services.find_api_key(text)
    assert (key.name, key.shop, key.scopes) == ("Web shop", shop, ["orders:read", "orders:write"])
    assert list(key.stores.all()) == [store]
    for url in (reverse("admin:woop_apikey_changelist"), reverse("admin:woop_apikey_change", args=[key.pk])):
        assert text not in supervisor.get(url).content.decode()


def test_key_without_a_scope_is_none(supervisor):
    response = supervisor.post(reverse("admin:woop_apikey_add"), {"name": "x"})
    assert response.status_code == 200
    assert ApiKey.objects.count() == 0


def test_revoked_key_opens_nothing(supervisor, shop):
    key, text = services.create_api_key(shop, name="Old")
    data = {"action": "revoke", "_selected_action": [key.pk]}
    assert supervisor.post(reverse("admin:woop_apikey_changelist"), data).status_code == 302
    assert services.find_api_key(text) is None
    assert "Revoked" in supervisor.get(reverse("admin:woop_apikey_changelist")).content.decode()


def test_key_is_never_changed(supervisor, shop):
    key, _text = services.create_api_key(shop, name="Old")
    url = reverse("admin:woop_apikey_change", args=[key.pk])
    assert supervisor.post(url, {"name": "New", "scopes": ["orders:override"]}).status_code == 403


# --- staff -----------------------------------------------------------------------------------------


def add(client, **data):
    data = {"username": "new", "password": NEW, "role": "agent"} | data
    return client.post(reverse("admin:woop_membership_add"), data)


def test_supervisor_takes_in_a_colleague(supervisor, shop, client):
    assert add(supervisor, first_name="Maud").status_code == 302
    membership = Membership.objects.get(user__username="new")
    assert (membership.shop, membership.role, membership.user.first_name) == (shop, "agent", "Maud")
    assert client.login(username="new", password=NEW)
    assert client.get(reverse("admin:orders_order_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"password": ""}, "password"),
        ({"password": "short"}, "password"),
        ({"username": ""}, "username"),
        ({"role": "store_staff"}, "store"),
        ({"role": "king"}, "role"),
    ],
)
def test_colleague_of_no_sense_is_refused(supervisor, data, field):
    response = add(supervisor, **data)
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert not User.objects.filter(username="new").exists()


def test_people_of_other_shops_are_not_taken(supervisor, other_shop):
    make_user("theirs", other_shop, Role.AGENT)
    User.objects.create_superuser("root", password=PASSWORD)
    for name in ("theirs", "root"):
        response = add(supervisor, username=name)
        assert response.context["adminform"].form.errors["username"] == ["This user name is taken."]
    assert User.objects.get(username="theirs").check_password(PASSWORD)


def test_second_store_for_a_colleague(supervisor, shop, store, other_store, users):
    response = add(supervisor, username="store", password="", role="store_staff", store=other_store.pk)
    assert response.status_code == 302
    assert Membership.objects.filter(user=users["store"]).count() == 2
    assert User.objects.get(username="store").check_password(PASSWORD)


def test_new_password_for_a_colleague(supervisor, users):
    membership = users["agent"].memberships.get()
    url = reverse("admin:woop_membership_change", args=[membership.pk])
    data = {"role": "read_only", "first_name": "A", "last_name": "", "password": NEW, "username": "operator"}
    assert supervisor.post(url, data).status_code == 302
    membership.refresh_from_db()
    assert (membership.role, membership.user) == ("read_only", users["agent"])
    assert User.objects.get(username="agent").check_password(NEW)


def test_superuser_with_a_role_keeps_his_password(supervisor, shop, users):
    membership = Membership.objects.create(user=users["operator"], shop=shop, role=Role.AGENT)
    url = reverse("admin:woop_membership_change", args=[membership.pk])
    supervisor.post(url, {"role": "read_only", "password": NEW, "first_name": "Gotcha"})
    operator = User.objects.get(username="operator")
    assert (operator.check_password(PASSWORD), operator.first_name) == (True, "")


def test_role_is_taken_away_but_not_ones_own(supervisor, users):
    own, other = users["supervisor"].memberships.get(), users["agent"].memberships.get()
    pages = {role: reverse("admin:woop_membership_delete", args=[role.pk]) for role in (own, other)}
    assert supervisor.post(pages[own], {"post": "yes"}).status_code == 403
    assert supervisor.post(pages[other], {"post": "yes"}).status_code == 302
    assert not users["agent"].memberships.exists()
    assert User.objects.filter(username="agent").exists()


def test_operator_gives_a_role_in_any_shop(as_, shop, other_shop):
    assert add(as_("operator"), shop=other_shop.pk).status_code == 302
    assert Membership.objects.get(user__username="new").shop == other_shop
    wrong = add(as_("operator"), username="two", shop=shop.pk, store=other_shop.stores.get().pk)
    assert wrong.context["adminform"].form.errors["store"] == ["This store belongs to another shop."]


# --- shops and stores ------------------------------------------------------------------------------


def test_shop_says_when_an_order_is_done(supervisor, shop):
    url = reverse("admin:woop_shop_change", args=[shop.pk])
    data = {"name": "Norden", "done_when": "received", "code": "other"}
    assert supervisor.post(url, data).status_code == 302
    shop.refresh_from_db()
    assert (shop.name, shop.done_when, shop.code) == ("Norden", "received", "north")


def test_store_code_is_taken_once_a_shop(supervisor, store):
    data = {"code": store.code, "name": "Again", "timezone": "Europe/Paris"}
    assert supervisor.post(reverse("admin:woop_store_add"), data).status_code == 200


# --- jobs, alerts, the overview --------------------------------------------------------------------


def test_parked_jobs_are_tried_again(agent, shop):
    now = clock.now()
    common = {"shop": shop, "kind": "x", "next_try_at": now, "created_at": now}
    parked = Job.objects.create(key="1", state=JobState.PARKED, attempts=12, last_error="boom", **common)
    done = Job.objects.create(key="2", state=JobState.DONE, **common)
    data = {"action": "try_again", "_selected_action": [parked.pk, done.pk]}
    response = agent.post(reverse("admin:woop_job_changelist"), data, follow=True)
    assert "1 job is tried again." in response.content.decode()
    parked.refresh_from_db()
    done.refresh_from_db()
    assert (parked.state, parked.attempts, done.state) == (JobState.WAITING, 0, JobState.DONE)


def test_alerts_show_the_open_ones_first(agent, shop, users):
    order, now = make_order(shop), clock.now()
    common = {"shop": shop, "order": order, "object_type": "order", "created_at": now}
    opened = Alert.objects.create(code="x", detail="Look at me", **common)
    Alert.objects.create(code="y", resolved_at=now, resolved_by="user:1", **common)
    url = reverse("admin:woop_alert_changelist")
    assert agent.get(url).context["cl"].result_list == [opened]
    assert len(agent.get(url, {"state": "resolved"}).context["cl"].result_list) == 1
    agent.post(url, {"action": "resolve", "_selected_action": [opened.pk]})
    opened.refresh_from_db()
    assert opened.resolved_by == f"user:{users['agent'].pk}"


def test_numbers_of_the_overview_lead_to_what_they_count(supervisor, shop):
    order, now = make_order(shop, requires_acceptance=True), clock.now()
    Alert.objects.create(shop=shop, order=order, object_type="order", code="x", created_at=now)
    numbers = supervisor.get(reverse("admin:index")).context["numbers"]
    for number in numbers:
        found = supervisor.get(number.url).context["cl"].result_count
        assert found >= number.count
    counts = {str(number.card.title): number.count for number in numbers}
    assert (counts["Open alerts"], counts["Wait for acceptance"], counts["Parked jobs"]) == (1, 1, 0)


def test_accept_from_the_overview_leads_back(agent, shop):
    order = make_order(shop, requires_acceptance=True)
    response = agent.post(reverse("admin:order-accept", args=[order.pk]), {"next": "overview"})
    assert response.url == reverse("admin:index")


def test_clockwork_that_stands_still_is_told(as_, shop):
    from woop.models import Heartbeat

    words = "The clockwork stands still"
    assert words in as_("supervisor").get(reverse("admin:index")).content.decode()
    assert words not in as_("agent").get(reverse("admin:index")).content.decode()
    Heartbeat.objects.create(name="sweep", beat_at=clock.now())
    assert words not in as_("supervisor").get(reverse("admin:index")).content.decode()


# --- around the pages ------------------------------------------------------------------------------


def test_times_are_in_the_zone_of_the_browser(agent, shop):
    from datetime import UTC, datetime

    from orders.models import Order

    order = make_order(shop)
    Order.objects.filter(pk=order.pk).update(created_at=datetime(2026, 1, 1, 12, 30, tzinfo=UTC))
    url = reverse("admin:orders_order_change", args=[order.pk])
    agent.cookies["woop_zone"] = "Asia%2FTokyo"
    assert "1 Jan 2026, 21:30:00" in agent.get(url).content.decode()
    for nonsense in ("Mars/Olympus", "../../etc/passwd", "\u00e9", "a" * 5000):
        agent.cookies["woop_zone"] = nonsense
        assert "1 Jan 2026, 12:30:00" in agent.get(url).content.decode()


def test_language_can_be_changed(agent):
    response = agent.post(reverse("admin:set-language"), {"language": "fr", "next": "/admin/"})
    assert response.status_code == 302
    assert 'lang="fr"' in agent.get(reverse("admin:index")).content.decode()
