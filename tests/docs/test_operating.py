"""docs/operating.md names what the settings read, and nothing else."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from woop.actors import Actor
from woop.models import Shop, StatusEvent
from woop.sources import Source

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "operating.md").read_text()
READ = re.compile(r'(?:env\.\w+|flag|number|choice|address|secret)\(\s*"([A-Z_]+)"|number\(\'([A-Z_]+)\'')
OF_THE_LAUNCHER = {"HOST", "DEMO"}


def test_every_setting_is_explained():
    found = {first or second for first, second in READ.findall((ROOT / "woop" / "settings.py").read_text())}
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert named == found | OF_THE_LAUNCHER


@pytest.mark.parametrize("name", ["architecture.md", "decisions.md", "operating.md", "api.md", "states.md"])
def test_links_lead_somewhere(name):
    text = (ROOT / "docs" / name).read_text()
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (ROOT / "docs" / target).exists(), target


def test_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / "README.md").read_text()):
        assert (ROOT / target).exists(), target


@pytest.mark.django_db
def test_the_switch_works_as_written():
    from orders.drafts import LineDraft, OrderDraft
    from orders.services import create_order

    shop = Shop.objects.create(code="wall")
    line = LineDraft("A", 1, "1.00", kind="ebook")
    create_order(shop, OrderDraft(lines=(line,)), actor=Actor(Source.BO, "user:1", shop.pk))
    opened, closed = re.search(r"```sql\n(.*?;)\n-- the repair\n(.*?;)\n```", PAGE, re.DOTALL).groups()
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        StatusEvent.objects.update(reason="x")
    with connection.cursor() as cursor:
        cursor.execute(opened)
        assert StatusEvent.objects.update(reason="x") > 0
        cursor.execute(closed)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        StatusEvent.objects.update(reason="y")
