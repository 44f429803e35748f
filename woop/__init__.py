"""The project package, and the app that every other app stands on."""

from woop.celery import app as celery_app

__all__ = ["celery_app"]
