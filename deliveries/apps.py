from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "deliveries"

    def ready(self) -> None:
        from deliveries import (  # noqa: F401  (they register themselves)
            booking,
            cascades,
            choice,
            serializers,
            tracking,
        )
