"""Make a shop with its stores and the carrier account without integration."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from carriers.services import ensure_manual_account
from woop.services import create_shop


class Command(BaseCommand):
    help = "Make a shop with its stores and its carrier account “manual”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE", help="letters, digits, - and _")
        parser.add_argument("--name", default="", help="what people read; the code if empty")
        parser.add_argument(
            "--store", dest="stores", action="append", default=[], metavar="CODE", help="may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stores = list(dict.fromkeys(options["stores"]))
        try:
            with transaction.atomic():
                shop = create_shop(options["code"], name=options["name"], stores=stores)
                ensure_manual_account(shop)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        places = f" with the stores {', '.join(stores)}" if stores else ""
        self.stdout.write(f"Made the shop {shop.code}{places}.")
