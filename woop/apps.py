from django.apps import AppConfig


class WoopConfig(AppConfig):
    name = "woop"
