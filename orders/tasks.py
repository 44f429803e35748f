"""The sweep of acceptance deadlines."""

from celery import shared_task

from orders import services


@shared_task(name="orders.tasks.expire_acceptances", ignore_result=True)
def expire_acceptances() -> None:
    services.expire_acceptances()
