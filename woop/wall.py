"""The second wall: triggers that hold even against a mistake in the code or a hand in the database.

They refuse a fulfilment status that goes down (except out of 98, not below the floor), any change of
99, and every UPDATE and DELETE of the history. They are installed after each `migrate`, because SQLite
silently drops triggers when it rebuilds a table, and a system check looks whether they are there.

The one switch for maintenance (see the operating guide) is the row of `Maintenance`.
"""

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError

SCALES = ("orders_order", "orders_package", "orders_orderlinetopackage")
HISTORY = "woop_statusevent"

IS_OPEN = "EXISTS (SELECT 1 FROM woop_maintenance WHERE is_open)"
FALLS = "((OLD.status < 98 AND NEW.status < OLD.status) OR (OLD.status = 98 AND NEW.status < OLD.floor))"
LEAVES_CANCELLED = "(OLD.status = 99 AND NEW.status <> 99)"

POSTGRESQL_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION woop_refuse_fall() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT {IS_OPEN} THEN
        RAISE EXCEPTION 'woop: % %: status % may not become %', TG_TABLE_NAME, OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION woop_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT {IS_OPEN} THEN
        RAISE EXCEPTION 'woop: the history is append-only' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


def trigger_names() -> set[str]:
    return {f"{table}_falls" for table in SCALES} | {f"{HISTORY}_update", f"{HISTORY}_delete"}


def _postgresql() -> Iterable[str]:
    yield POSTGRESQL_FUNCTIONS
    for table in SCALES:
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_falls BEFORE UPDATE OF status ON {table} FOR EACH ROW"
            f" WHEN ({FALLS} OR {LEAVES_CANCELLED}) EXECUTE FUNCTION woop_refuse_fall()"
        )
    for operation in ("update", "delete"):
        yield (
            f"CREATE OR REPLACE TRIGGER {HISTORY}_{operation} BEFORE {operation.upper()} ON {HISTORY}"
            " FOR EACH ROW EXECUTE FUNCTION woop_refuse_rewrite()"
        )


def _sqlite() -> Iterable[str]:
    for table in SCALES:
        yield f"DROP TRIGGER IF EXISTS {table}_falls"
        yield (
            f"CREATE TRIGGER {table}_falls BEFORE UPDATE OF status ON {table} FOR EACH ROW"
            f" WHEN ({FALLS} OR {LEAVES_CANCELLED}) AND NOT {IS_OPEN}"
            f" BEGIN SELECT RAISE(ABORT, 'woop: {table}: this status change is not possible'); END"
        )
    for operation in ("update", "delete"):
        yield f"DROP TRIGGER IF EXISTS {HISTORY}_{operation}"
        yield (
            f"CREATE TRIGGER {HISTORY}_{operation} BEFORE {operation.upper()} ON {HISTORY} FOR EACH ROW"
            f" WHEN NOT {IS_OPEN} BEGIN SELECT RAISE(ABORT, 'woop: the history is append-only'); END"
        )


def install(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Put up the triggers (again), once all their tables are there."""
    connection = connections[using]
    if not {*SCALES, HISTORY, "woop_maintenance"} <= set(connection.introspection.table_names()):
        return
    statements = _postgresql() if connection.vendor == "postgresql" else _sqlite()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def standing_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall()}


@register(Tags.database)
def check_wall(databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Report triggers that are missing in a database that has the tables."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        try:
            if HISTORY not in connection.introspection.table_names():
                continue
            missing = sorted(trigger_names() - standing_triggers(connection))
        except DatabaseError:
            continue
        if missing:
            hint = "Run `manage.py migrate`: it puts them up again."
            found.append(Error(f"Triggers are missing: {', '.join(missing)}", hint=hint, id="woop.E001"))
    return found
