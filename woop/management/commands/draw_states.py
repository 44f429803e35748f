"""manage.py draw_states: write docs/states.md from the declared moves."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from woop.management.drawing.page import FILE, page


class Command(BaseCommand):
    help = "Draw the state machines into docs/states.md; with --check, only say whether that is needed."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        text = page()
        if not options["check"]:
            FILE.parent.mkdir(exist_ok=True)
            FILE.write_text(text)
        elif not FILE.exists() or FILE.read_text() != text:
            raise CommandError("docs/states.md is stale: run `manage.py draw_states`.")
