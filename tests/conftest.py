from unittest import mock

import pytest
from django.db import connection

OPEN_WALL = "INSERT INTO woop_maintenance (is_open, opened_by, opened_at) VALUES (1, 'tests', '2026-01-01')"


@pytest.fixture(autouse=True)
def _skip_without_postgres(request):
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_wall():
    """SQLite is flushed by DELETE, which the wall refuses: the switch is opened first and deleted last."""
    if connection.vendor != "sqlite":
        yield
        return
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def open_and_flush(self, statements):
        flush(self, [OPEN_WALL, *sorted(statements, key=lambda statement: "woop_maintenance" in statement)])

    with mock.patch.object(operations, "execute_sql_flush", open_and_flush):
        yield
