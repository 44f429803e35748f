from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "deliveries"

    def ready(self) -> None:
        from deliveries import booking, cascades, choice, tracking  # noqa: F401  (they register themselves)
