"""Orders to move, made by the thousand straight in the database, and a look at what became of them."""

from dataclasses import dataclass

from django.db import connection

from woop.clock import now
from woop.models import Shop

FILL = """
WITH made AS (
    INSERT INTO orders_order (
        shop_id, number, channel, status, floor, delivery_status, acceptance, logistics, version,
        customer_name, customer_email, customer_phone, customer_language,
        recipient_name, street, postal_code, city, country, currency, created_at, modified_at)
    SELECT %(shop)s, %(prefix)s || n, 'web', 5, 5, 'ORDER_CREATED', 'not_required', '', 0,
           'Customer ' || n, 'customer' || n || '@example.com', '', 'fr',
           'Customer ' || n, 'Rue du Port 1', '29200', 'Brest', 'FR', 'EUR', %(now)s, %(now)s
    FROM generate_series(1, %(orders)s) AS n
    RETURNING id, shop_id
), articles AS (
    INSERT INTO orders_orderline (shop_id, order_id, position, sku, title, quantity, unit_price, kind)
    SELECT shop_id, id, l, 'SKU-' || l, 'Article ' || l, %(packages)s, 9.90, 'physical'
    FROM made, generate_series(1, %(lines)s) AS l
    ORDER BY id, l
    RETURNING id, order_id, shop_id
), boxes AS (
    INSERT INTO orders_package (shop_id, order_id, position, type, status, floor)
    SELECT shop_id, id, p, (ARRAY['homedelivery', 'collect', 'digital'])[p %% 3 + 1], 0, 0
    FROM made, generate_series(1, %(packages)s) AS p
    ORDER BY id, p
    RETURNING id, order_id
), lines AS (
    INSERT INTO orders_orderlinetopackage
        (shop_id, order_id, package_id, orderline_id, quantity, status, floor)
    SELECT a.shop_id, a.order_id, b.id, a.id, 1, 0, 0
    FROM articles a JOIN boxes b ON b.order_id = a.order_id
    ORDER BY a.order_id, b.id, a.id
)
SELECT id FROM made ORDER BY id
"""

# What an order and its history are, spelled without keys and times: equal for equal lives.
PORTRAIT = """
WITH o AS (SELECT * FROM orders_order WHERE id = ANY(%(ids)s)),
p AS (
    SELECT order_id, string_agg(concat_ws(':', position, type, status, floor), ' ' ORDER BY position) AS text
    FROM orders_package WHERE order_id = ANY(%(ids)s) GROUP BY 1
), l AS (
    SELECT order_id, string_agg(concat_ws(':', status, floor), ' ' ORDER BY id) AS text, min(id) AS first
    FROM orders_orderlinetopackage WHERE order_id = ANY(%(ids)s) GROUP BY 1
), b AS (SELECT order_id, min(id) AS first FROM orders_package WHERE order_id = ANY(%(ids)s) GROUP BY 1),
e AS (
    SELECT e.order_id, string_agg(concat_ws(
        ':', e.sequence, coalesce(e.cause, 0), e.object_type,
        e.object_id - CASE e.object_type
            WHEN 'order' THEN e.order_id WHEN 'package' THEN b.first ELSE l.first END,
        e.field, e.from_status, e.to_status, e.source, e.actor, e.reason, e.shop_id,
        e.quantities IS NULL, e.message_id IS NULL, e.transaction_id > 0,
        e.recorded_at = e.occurred_at), ' ' ORDER BY e.sequence) AS text
    FROM woop_statusevent e JOIN b USING (order_id) JOIN l USING (order_id)
    WHERE e.order_id = ANY(%(ids)s) GROUP BY 1
)
SELECT md5(concat_ws('/', o.status, o.floor, o.version, o.delivery_status, p.text, l.text)), md5(e.text)
FROM o JOIN p ON p.order_id = o.id JOIN l ON l.order_id = o.id LEFT JOIN e ON e.order_id = o.id
ORDER BY o.id
"""


@dataclass(frozen=True)
class Size:
    """How many packages an order has, and how many lines each of them."""

    packages: int
    lines: int

    @property
    def children(self) -> int:
        return self.packages * (1 + self.lines)

    def __str__(self) -> str:
        return f"{self.packages}×{self.lines}"


class World:
    """One shop with as many orders as asked for, all confirmed, none begun."""

    def __init__(self) -> None:
        self.shop = Shop.objects.create(code="bench", name="Bench")
        self.fills = 0

    def fill(self, size: Size, orders: int) -> list[int]:
        """Make orders and return their keys."""
        self.fills += 1
        names = {
            "shop": self.shop.pk,
            "prefix": f"B{self.fills}-",
            "now": now(),
            "orders": orders,
            "packages": size.packages,
            "lines": size.lines,
        }
        with connection.cursor() as cursor:
            cursor.execute(FILL, names)
            return [pk for (pk,) in cursor.fetchall()]

    def settle(self) -> None:
        """Give the planner its statistics and the disk its peace, so that no way pays for another."""
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")


def portraits(ids: list[int]) -> tuple[list[str], list[str]]:
    """Return what the orders are, and what their histories say, one digest for each order."""
    with connection.cursor() as cursor:
        cursor.execute(PORTRAIT, {"ids": ids})
        rows = cursor.fetchall()
    return [state for state, _history in rows], [history for _state, history in rows]
