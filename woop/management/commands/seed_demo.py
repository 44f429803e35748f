"""manage.py seed_demo: two shops, four stores, and what happened to their orders lately."""

from random import Random
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from orders.models import Order
from woop.management.demo import setting
from woop.management.demo.cast import Cast
from woop.management.demo.catalogue import BOOKS, FOOD, HOUSEHOLD
from woop.management.demo.floor import Floor
from woop.management.demo.past import Past
from woop.management.demo.pretend import Pretend
from woop.models import Shop


class Command(BaseCommand):
    help = "Make the demo: shops, people, and orders in every status. The second time it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        present = timezone.now()
        dice = Random(1860)  # the same demo every time
        made = None
        # One transaction: a demo that was interrupted leaves nothing behind, and is made in seconds.
        with transaction.atomic():
            if not Shop.objects.filter(code__in=setting.SHOPS).exists():
                made = Pretend(dice)
                shops = setting.furnish()
                setting.hand_out()
                setting.connect()
                play(Past(present), shops, made, dice)
        if made is None:
            setting.hand_out()
            setting.connect()
        else:
            made.hand_over(present.timestamp())
        count = Order.objects.filter(shop__code__in=setting.SHOPS).count()
        self.stdout.write(f"The demo has {count} orders.")


def play(past: Past, shops: dict[str, Shop], pretend: Pretend, dice: Random) -> None:
    books = Floor(shops[setting.BOOKS], BOOKS, pretend, dice, prefix="PB", country="NL")
    house = Floor(shops[setting.HOUSE], HOUSEHOLD + FOOD, pretend, dice, prefix="MV", country="FR")
    with pretend.answering():
        Cast(past, books, house).enter()
        past.play()
