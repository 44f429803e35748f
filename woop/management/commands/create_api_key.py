"""Make a consumer's key. It is printed once, alone on the last line, and kept nowhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from woop.errors import InvalidInput
from woop.models import Shop, Store
from woop.permissions import SCOPES
from woop.services import create_api_key


class Command(BaseCommand):
    help = "Make an API key for a shop and print it, once, alone on the last line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop", metavar="SHOP", help="the shop's code")
        parser.add_argument("--name", default="", help="what people read in the admin")
        parser.add_argument(
            "--scopes", nargs="+", default=[], metavar="SCOPE", help=f"all if empty: {', '.join(SCOPES)}"
        )
        parser.add_argument(
            "--store",
            dest="stores",
            action="append",
            default=[],
            metavar="CODE",
            help="only for these stores",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        shop = Shop.objects.filter(code=options["shop"]).first()
        if shop is None:
            raise CommandError(f"There is no shop {options['shop']}.")
        scopes = [scope for text in options["scopes"] for scope in text.split(",") if scope]
        stores = self._stores(shop, options["stores"])
        try:
            key, text = create_api_key(
                shop, name=options["name"] or "command line", scopes=scopes or SCOPES, stores=stores
            )
        except InvalidInput as error:
            raise CommandError(" ".join(map(str, error.errors.values()))) from error
        self.stdout.write(f"The key “{key.name}” of {shop.code}; it will not be shown again:")
        self.stdout.write(text)

    def _stores(self, shop: Shop, codes: list[str]) -> list[Store]:
        stores = list(Store.objects.filter(shop=shop, code__in=codes))
        if missing := set(codes) - {store.code for store in stores}:
            raise CommandError(f"{shop.code} has no store {', '.join(sorted(missing))}.")
        return stores
