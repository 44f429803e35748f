"""The sweep: whatever the doorbell missed is found here within a second."""

from celery import shared_task

from woop import clock, jobs, services
from woop.models import Heartbeat


def beat(name: str) -> None:
    """Note that a sweep has run."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": clock.now()})


@shared_task(name="woop.tasks.sweep", ignore_result=True)
def sweep() -> None:
    beat("sweep")
    jobs.run_due()


@shared_task(name="woop.tasks.run_jobs", ignore_result=True)
def run_jobs() -> None:
    jobs.run_due()


@shared_task(name="woop.tasks.forget_answers", ignore_result=True)
def forget_answers() -> None:
    services.forget_answers()
