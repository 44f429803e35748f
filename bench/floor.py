"""The floor: what the best hand-written SQL needs for the same change with the same history.

One PL/pgSQL function, installed by the benchmark only. It knows the tables of the cascade by heart and
nothing else: no sources, no permissions, no versions of clients, no reports of what was left.
"""

from django.db import connection

from woop.transitions import CHUNK

INSTALL = """
CREATE OR REPLACE FUNCTION bench_package_target(target integer, type text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE target WHEN 7 THEN 1 WHEN 8 THEN 2 WHEN 99 THEN 99
           WHEN 10 THEN CASE type WHEN 'homedelivery' THEN 3 ELSE 4 END END
$$;
CREATE OR REPLACE FUNCTION bench_line_target(target integer, type text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE target WHEN 7 THEN 10 WHEN 8 THEN CASE type WHEN 'collect' THEN 22 ELSE 20 END
           WHEN 10 THEN CASE type WHEN 'homedelivery' THEN 30 ELSE 40 END WHEN 99 THEN 99 END
$$;
CREATE OR REPLACE FUNCTION bench_move(ids bigint[], target integer, actor text, reason text) RETURNS integer
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan  -- planned once: half of the time for a small order
AS $$
DECLARE
    moment timestamptz;
    moved integer;
BEGIN
    PERFORM 1 FROM orders_order WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
    moment := clock_timestamp();

    INSERT INTO woop_statusevent (shop_id, order_id, sequence, object_type, object_id, field, from_status,
        to_status, source, actor, reason, occurred_at, recorded_at, cause, transaction_id)
    WITH moving AS (
        SELECT id, shop_id, version, status FROM orders_order
        WHERE id = ANY(ids) AND status < target AND acceptance <> 'pending'
    ), packages AS (
        SELECT p.id, p.order_id, p.shop_id, p.type, p.position, p.status, m.version
        FROM orders_package p JOIN moving m ON m.id = p.order_id
        WHERE p.status < bench_package_target(target, p.type)
    ), changes AS (
        SELECT shop_id, id AS order_id, version, 0 AS position, 0 AS line, 'order' AS kind, id,
               status, target AS goal
        FROM moving
        UNION ALL
        SELECT shop_id, order_id, version, position, 0, 'package', id, status,
               bench_package_target(target, type)
        FROM packages
        UNION ALL
        SELECT p.shop_id, p.order_id, p.version, p.position, 1, 'line', l.id, l.status,
               bench_line_target(target, p.type)
        FROM packages p JOIN orders_orderlinetopackage l ON l.package_id = p.id
        WHERE l.status < bench_line_target(target, p.type)
    ), numbered AS (
        SELECT *, version + row_number() OVER (PARTITION BY order_id ORDER BY position, line, id) AS sequence
        FROM changes
    )
    SELECT shop_id, order_id, sequence, kind, id, 'status', status, goal,
           CASE kind WHEN 'order' THEN 'BO' ELSE 'cascade' END, actor, reason, moment, moment,
           CASE kind WHEN 'package' THEN version + 1
                     WHEN 'line' THEN first_value(sequence) OVER (
                         PARTITION BY order_id, position ORDER BY sequence) END,
           pg_current_xact_id()::text::bigint
    FROM numbered;
    GET DIAGNOSTICS moved = ROW_COUNT;

    UPDATE orders_orderlinetopackage l
    SET status = bench_line_target(target, p.type), floor = bench_line_target(target, p.type)
    FROM orders_package p JOIN orders_order o ON o.id = p.order_id
    WHERE l.package_id = p.id AND o.id = ANY(ids) AND o.status < target AND o.acceptance <> 'pending'
      AND p.status < bench_package_target(target, p.type) AND l.status < bench_line_target(target, p.type);

    UPDATE orders_package p
    SET status = bench_package_target(target, p.type), floor = bench_package_target(target, p.type)
    FROM orders_order o
    WHERE p.order_id = o.id AND o.id = ANY(ids) AND o.status < target AND o.acceptance <> 'pending'
      AND p.status < bench_package_target(target, p.type);

    UPDATE orders_order o
    SET status = target, floor = target, modified_at = moment,
        version = (SELECT max(e.sequence) FROM woop_statusevent e WHERE e.order_id = o.id)
    WHERE id = ANY(ids) AND status < target AND acceptance <> 'pending';
    RETURN moved;
END $$;
"""


def install() -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSTALL)


def move_orders(ids: list[int], to: int, actor: str, reason: str) -> None:
    """Call the function, in chunks like the product's: nobody waits longer for a lock."""
    with connection.cursor() as cursor:
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            cursor.execute("SELECT bench_move(%s, %s, %s, %s)", [chunk, int(to), actor, reason])
