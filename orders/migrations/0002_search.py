"""Indexes for finding orders by the beginning of a number, a name or an e-mail (orders/search.py).

In SQL of their own: on PostgreSQL only an index with pattern operators serves LIKE 'x%' in every
collation, and only an expression without parameters is recognised in an index.
"""

from django.db import migrations

NAME = "CASE WHEN customer_name = '' THEN recipient_name ELSE customer_name END"
EXPRESSIONS = {
    "order_find_number": "UPPER(number)",
    "order_find_email": "UPPER(customer_email)",
    "order_find_name": f"UPPER({NAME})",
    "order_find_rest_of_name": f"UPPER(SUBSTR({NAME}, {{find}}({NAME}, ' ') + 1))",
}


def make(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for name, expression in EXPRESSIONS.items():
        expression = expression.format(find="STRPOS" if is_postgresql else "INSTR")
        operators = " text_pattern_ops" if is_postgresql else ""
        schema_editor.execute(
            f"CREATE INDEX IF NOT EXISTS {name} ON orders_order (shop_id, ({expression}){operators})"
        )


def drop(apps, schema_editor):
    for name in EXPRESSIONS:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
