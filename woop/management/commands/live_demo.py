"""manage.py live_demo: keep a running demo alive with new orders, through the API."""

import asyncio
import json
from argparse import ArgumentParser
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from woop.management.demo.visitors import Visitors


class Command(BaseCommand):
    help = "Let customers order through the API of a running demo, every twenty seconds or so."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--minutes", type=float, default=60)
        parser.add_argument("--url", default=f"http://127.0.0.1:{settings.PORT}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keys = json.loads((settings.VAR / "demo.json").read_text())["api_keys"]
        except (OSError, ValueError, KeyError) as error:
            raise CommandError("There is no demo here: run `manage.py seed_demo` first.") from error
        asyncio.run(Visitors(options["url"], keys, Random()).come(options["minutes"] * 60))
