"""The Celery application. The broker is a doorbell: all that must happen is a row in the database."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "woop.settings")

app = Celery("woop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Stop Celery from installing its own log format: Django's LOGGING is already in place."""
