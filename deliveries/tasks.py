"""The clockwork of deliveries: polling carriers and applying what they said."""

from celery import shared_task

from carriers import inbox
from deliveries import polling
from woop.tasks import beat


@shared_task(name="deliveries.tasks.poll_carriers", ignore_result=True)
def poll_carriers() -> None:
    polling.poll_due()
    beat("poll")


@shared_task(name="deliveries.tasks.apply_inbox", ignore_result=True)
def apply_inbox() -> None:
    inbox.run_due()
    beat("inbox")
