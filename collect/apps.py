from django.apps import AppConfig


class CollectConfig(AppConfig):
    name = "collect"

    def ready(self) -> None:
        from collect import cascades, serializers  # noqa: F401  (they register themselves)
