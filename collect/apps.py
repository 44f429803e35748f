from django.apps import AppConfig


class CollectConfig(AppConfig):
    name = "collect"

    def ready(self) -> None:
        from collect import cascades  # noqa: F401  (it registers itself)
