"""Customers and staff of a running demo: they know nothing but the API and their shop's key."""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from random import Random
from typing import Any

import aiohttp

from orders.models import LineKind
from woop.management.demo.catalogue import BOOKS, EBOOKS, FOOD, HOUSEHOLD, Article
from woop.management.demo.people import Person, invent
from woop.management.demo.setting import BOOKS as BOOK_SHOP
from woop.management.demo.setting import HOUSE as HOUSE_SHOP
from woop.management.demo.setting import STORES

log = logging.getLogger(__name__)

SHELVES: dict[str, tuple[Article, ...]] = {BOOK_SHOP: BOOKS + EBOOKS[:-1], HOUSE_SHOP: HOUSEHOLD + FOOD}
COUNTRIES = {BOOK_SHOP: ("NL", "NL", "NL", "FR", "DE"), HOUSE_SHOP: ("FR",)}
PREFIXES = {BOOK_SHOP: "PB", HOUSE_SHOP: "MV"}
# Most parcels are untroubled; the simulator reads the others' fate in the order number.
FATES = ("",) * 12 + ("-late", "-retry", "-pickup", "-returned", "-alien", "-found")
VISIT = ("STOCK_OK", "STARTED", "READY", "AWAITING", "IN_PROGRESS", "PICK_UP_OK")
PAUSE_S = (14, 26)
TIMEOUT = aiohttp.ClientTimeout(total=20)


class Visitors:
    def __init__(self, url: str, keys: Mapping[str, str], dice: Random) -> None:
        self.url, self.keys, self.dice = url.rstrip("/"), keys, dice
        self._tasks: set[asyncio.Task[None]] = set()

    async def come(self, seconds: float) -> None:
        """Order something every now and then, for so long."""
        until = time.monotonic() + seconds
        async with aiohttp.ClientSession(self.url, timeout=TIMEOUT) as self.session:
            while time.monotonic() < until:
                await self._visit()
                await asyncio.sleep(self.dice.uniform(*PAUSE_S))
            for task in self._tasks:
                task.cancel()

    async def _visit(self) -> None:
        shop = self.dice.choice((BOOK_SHOP, BOOK_SHOP, HOUSE_SHOP))
        kind = self.dice.choice(("parcel", "parcel", "parcel", "collect", "marketplace"))
        order = await self.call(shop, "POST", "orders/", order_body(self.dice, shop, kind))
        if order and kind == "marketplace":
            self._later(self._decide(shop, order["number"]))
        if order and kind == "collect" and order["collects"]:
            self._later(self._serve(shop, order["collects"][0]["id"]))
        for package in order["packages"] if order else ():
            if package["type"] == "digital":
                self._later(self._send_links(shop, package["lines"]))

    def _later(self, doing: Any) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decide(self, shop: str, number: str) -> None:
        """Accept most orders in time, reject a few, forget the others."""
        await asyncio.sleep(self.dice.uniform(40, 230))
        fate = self.dice.random()
        if fate < 0.7:
            await self.call(shop, "POST", f"orders/{number}/accept/", {})
        elif fate < 0.82:
            reason = {"reason": "The last one was sold over the counter."}
            await self.call(shop, "POST", f"orders/{number}/reject/", reason)

    async def _serve(self, shop: str, collect: str) -> None:
        for status in VISIT:
            await asyncio.sleep(self.dice.uniform(20, 70))
            body = {"to": f"COLLECT_{status}"}
            if await self.call(shop, "POST", f"collects/{collect}/transitions/", body) is None:
                return

    async def _send_links(self, shop: str, lines: list[dict[str, Any]]) -> None:
        """An eBook is a link: it arrives within the minute."""
        await asyncio.sleep(self.dice.uniform(8, 45))
        for line in lines:
            await self.call(shop, "POST", f"lines/{line['id']}/transitions/", {"to": 40})

    async def call(self, shop: str, method: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Call the API; None if it refused or was away, which never keeps visitors from coming again."""
        headers = {"Authorization": f"Bearer {self.keys[shop]}", "Idempotency-Key": str(uuid.uuid4())}
        try:
            async with self.session.request(
                method, f"/api/v1/{path}", json=body, headers=headers
            ) as response:
                answer: dict[str, Any] = await response.json(content_type=None)
                if response.status < 300:
                    return answer
                log.info("%s: %s %s", path, response.status, answer)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.info("%s: %s", path, error)
        return None


# --- what they order --------------------------------------------------------------------------------


def order_body(dice: Random, shop: str, kind: str) -> dict[str, Any]:
    """Return the body of a new order, of a `parcel`, a `collect` or a `marketplace` customer."""
    number = time.time_ns() // 10**8 % 10**8  # tenths of a second: nobody comes more often
    buyer = invent(dice, dice.choice(COUNTRIES[shop]), number)
    shelf = [a for a in SHELVES[shop] if kind != "collect" or a.kind == LineKind.PHYSICAL]
    articles = dice.sample(shelf, dice.choice((1, 1, 2, 3)))
    body: dict[str, Any] = {
        "number": f"{PREFIXES[shop]}-{number}{dice.choice(FATES) if kind == 'parcel' else ''}",
        "channel": "marketplace" if kind == "marketplace" else "web",
        "customer": {"name": buyer.name, "email": buyer.email, "language": buyer.language},
        "currency": "EUR",
        "lines": [_line(article, dice.choice((1, 1, 2))) for article in articles],
    }
    if buyer.phone:
        body["customer"]["phone"] = buyer.phone
    if kind == "collect":
        return body | {"collect": {"store": dice.choice(STORES[shop])[0]}}
    body["shipping_address"] = _address(buyer)
    if kind == "marketplace":
        body |= {"requires_acceptance": True, "logistics": dice.choice(("flex", "dropoff"))}
    return body


def _line(article: Article, quantity: int) -> dict[str, Any]:
    return {
        "sku": article.sku,
        "title": article.title,
        "quantity": quantity,
        "unit_price": str(article.price),
        "kind": str(article.kind),
    }


def _address(buyer: Person) -> dict[str, str]:
    return {
        "name": buyer.name,
        "street": buyer.street,
        "postal_code": buyer.postal_code,
        "city": buyer.city,
        "country": buyer.country,
    }
