"""Two at once, with real connections: every message once, to one worker."""

import threading

import pytest
from django.db import connection
from django.db.models import QuerySet

from carriers import inbox
from carriers.adapters.base import ParcelStatus
from carriers.inbox import receive
from carriers.models import CarrierMessage, ParcelWatch
from carriers.statuses import Channel

pytestmark = pytest.mark.django_db(transaction=True)
BATCH = [ParcelStatus(str(number), "4") for number in range(40)]


def at_once(work, times=8):
    """Run work(number) in threads that start together; return what they answered."""
    barrier, answers = threading.Barrier(times), [None] * times

    def run(number):
        try:
            barrier.wait(10)
            answers[number] = work(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert None not in answers
    return answers


def claimed_twice(answers):
    claimed = [message.pk for messages in answers for message in messages]
    return len(claimed) - len(set(claimed))


def test_workers_never_share_a_message(veloyd):
    receive(veloyd, Channel.POLL, BATCH)

    answers = at_once(lambda number: inbox.claim(limit=10))

    assert claimed_twice(answers) == 0
    assert sum(map(len, answers)) == 40


@pytest.mark.postgres
def test_without_the_lock_they_would(veloyd, monkeypatch):
    receive(veloyd, Channel.POLL, BATCH)
    together = threading.Barrier(8)
    real_iter = QuerySet.__iter__

    def wait(queryset):
        rows = real_iter(queryset)
        if queryset.model is CarrierMessage:
            together.wait(10)
        return rows

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)
    monkeypatch.setattr(QuerySet, "__iter__", wait)

    assert claimed_twice(at_once(lambda number: inbox.claim(limit=10))) > 0


def test_hook_that_comes_eight_times_at_once_is_stored_once(sendcloud):
    hook = [ParcelStatus("1", "11")]

    answers = at_once(lambda number: receive(sendcloud, Channel.HOOK, hook, body=b"the same"))

    assert sorted(map(len, answers)) == [0] * 7 + [1]
    assert CarrierMessage.objects.get().repeats == 7


def test_eight_readers_of_one_change_store_it_once(veloyd):
    answers = at_once(lambda number: receive(veloyd, Channel.POLL, BATCH))

    assert sum(map(len, answers)) == 40
    assert (CarrierMessage.objects.count(), ParcelWatch.objects.count()) == (40, 40)


def test_readers_in_opposite_order_do_not_block_each_other(veloyd):
    receive(veloyd, Channel.POLL, BATCH)

    def read(number):
        answer = [ParcelStatus(status.carrier_ref, str(number % 2 + 5)) for status in BATCH]
        receive(veloyd, Channel.POLL, answer if number % 2 else answer[::-1])
        return True

    assert at_once(read) == [True] * 8
