from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WoopConfig(AppConfig):
    name = "woop"
    verbose_name = "Woop"

    def ready(self) -> None:
        from woop import wall

        post_migrate.connect(wall.install, dispatch_uid="woop.wall")
