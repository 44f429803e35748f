import threading

import pytest
from django.db import connection, transaction

from tests.api.conftest import problem
from woop.models import StatusEvent


def follow(client, cursor="", size=7):
    """Read to the end, as a client does: until a page is empty."""
    seen = []
    while True:
        page = client.get(f"journal/?page_size={size}&cursor={cursor}").json()
        assert page.keys() == {"results", "cursor"}
        assert page["cursor"]
        if not page["results"]:
            return seen, page["cursor"]
        seen += [(event["order"], event["sequence"]) for event in page["results"]]
        cursor = page["cursor"]


@pytest.mark.django_db(transaction=True)
def test_everything_once_and_in_order(client, stranger):
    assert follow(client) == ([], client.get("journal/").json()["cursor"])
    a, b = client.order(number="A"), client.order(number="B")
    stranger.order(number="C")
    client.move("orders/A", 7)
    seen, cursor = follow(client)
    assert len(seen) == len(set(seen)) == StatusEvent.objects.exclude(order__number="C").count()
    assert [n for number, n in seen if number == "A"] == list(range(1, a["version"] + 7))
    assert [n for number, n in seen if number == "B"] == list(range(1, b["version"] + 1))
    assert follow(client, cursor) == ([], cursor)
    client.move("orders/B", 7)
    more, _cursor = follow(client, cursor)
    assert [number for number, _ in more] == ["B"] * 6
    assert follow(stranger)[0] == [("C", n) for n in range(1, a["version"] + 1)]


@pytest.mark.django_db(transaction=True)
def test_an_event_looks_as_in_the_history(client):
    client.order(number="A")
    events = client.get("orders/A/events/").json()["results"]
    assert client.get("journal/").json()["results"] == events


@pytest.mark.django_db(transaction=True)
def test_a_key_for_one_store_reads_its_orders(shop, client, consumer):
    client.order(number="A", store="centrum")
    client.order(number="B", store="haven")
    assert {number for number, _ in follow(consumer(shop, stores=["haven"]))[0]} == {"B"}


@pytest.mark.parametrize(
    "cursor", ["nonsense", "WyJzZXF1ZW5jZSIsMV0", "WyJ0cmFuc2FjdGlvbl9pZCxpZCIsIngiLDFd"]
)
def test_cursors_that_cannot_be(client, cursor):
    assert list(problem(client.get(f"journal/?cursor={cursor}"), 422)["errors"]) == ["cursor"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_not_skipped(client):
    """Events get their numbers before they are committed: a slow writer must not be overtaken for ever."""
    for number in ("SLOW", "FAST"):
        client.order(number=number)
    _seen, cursor = follow(client)
    written, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            client.move("orders/SLOW", 7)
            written.set()
            go_on.wait(10)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    assert written.wait(10)
    client.move("orders/FAST", 7)
    meanwhile, cursor = follow(client, cursor)
    naive = StatusEvent.objects.order_by("-id").first()
    go_on.set()
    writer.join()
    later, _cursor = follow(client, cursor)
    assert [number for number, _ in meanwhile + later] == ["SLOW"] * 6 + ["FAST"] * 6
    # The control: whoever reads by number alone has seen FAST by now and never sees SLOW.
    assert naive.order.number == "FAST"
    assert {e.order.number for e in StatusEvent.objects.filter(id__gt=naive.pk)} == set()
    assert StatusEvent.objects.filter(order__number="SLOW", id__lt=naive.pk, to_status="7").exists()
