"""Statuses are written by the one door alone. django-fsm cannot see a queryset's update, so this does."""

import ast
import re
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("woop", "orders", "deliveries", "collect", "carriers")
STATUS_FIELDS = {"status", "delivery_status", "acceptance"}
# The door, and the statements that it alone sends. Every entry here says why.
DOOR = {
    "woop/transitions.py",
    "woop/sql.py",  # the door's statements, written out
}
RAW_UPDATE = re.compile(
    r"\bUPDATE\b(?!\s+OF\b).*\bSET\b"
    r"(?:(?!\b(?:WHERE|FROM|RETURNING)\b).)*"  # what is only compared is not written
    r"\b(?:status|delivery_status|acceptance)\"?\s*=",
    re.IGNORECASE | re.DOTALL,
)


def texts(node):
    """Return the literal text of a string or of an f-string, its holes left blank."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return " ".join(part.value for part in node.values if isinstance(part, ast.Constant))
    return ""


def names_a_status(node):
    """Say whether a list of field names holds a status, or is not written out so that one could tell."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return True
    return any(not isinstance(item, ast.Constant) or item.value in STATUS_FIELDS for item in node.elts)


def offence(node):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if node.func.attr in {"update", "aupdate"} and STATUS_FIELDS & keywords.keys():
            return "update() of a status"
        if node.func.attr in {"bulk_update", "abulk_update"}:
            fields = keywords.get("fields") or (node.args[1] if len(node.args) > 1 else None)
            return "bulk_update() of a status" if names_a_status(fields) else None
        if node.func.attr in {"bulk_create", "abulk_create"} and "update_fields" in keywords:
            return (
                "bulk_create() that updates a status" if names_a_status(keywords["update_fields"]) else None
            )
    if RAW_UPDATE.search(texts(node)):
        return "raw SQL that sets a status"
    return None


def offences(source):
    found = []
    for node in ast.walk(ast.parse(source)):
        if what := offence(node):
            found.append((getattr(node, "lineno", 0), what))
    return sorted(set(found))


def sources():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name and name not in DOOR:
                yield name, path


def test_only_the_door_writes_a_status():
    found = [
        f"{name}:{line}: {what}" for name, path in sources() for line, what in offences(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("Order.objects.filter(pk=1).update(status=10)", "update() of a status"),
        ("await orders.aupdate(acceptance='accepted', x=1)", "update() of a status"),
        ("Package.objects.bulk_update(rows, ['status'])", "bulk_update() of a status"),
        ("Package.objects.bulk_update(rows, fields=names)", "bulk_update() of a status"),
        (
            "Line.objects.bulk_create(rows, update_conflicts=True, update_fields=['status'])",
            "bulk_create() that updates a status",
        ),
        ("cursor.execute('update orders_order set version = 1, status = 2')", "raw SQL that sets a status"),
        ("sql = f'UPDATE {table} SET delivery_status = %s'", "raw SQL that sets a status"),
    ],
)
def test_the_rule_sees(source, what):
    assert [found for _, found in offences(source)] == [what]


@pytest.mark.parametrize(
    "source",
    [
        "payload.update(extra)",
        "Job.objects.filter(pk=1).update(state='done')",
        "Package.objects.bulk_update(rows, ['weight_g'])",
        "cursor.execute('SELECT status FROM orders_order FOR UPDATE OF orders_order')",
        "cursor.execute('UPDATE orders_order SET version = 2 WHERE status = 10')",
    ],
)
def test_the_rule_lets_pass(source):
    assert offences(textwrap.dedent(source)) == []


def test_every_door_exists():
    assert [name for name in sorted(DOOR) if not (ROOT / name).exists()] == []
