"""French is complete: the compiled catalogue is that of the texts, and every status has its words."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from carriers.statuses import Channel, State
from collect.statuses import CollectStatus
from deliveries.statuses import DeliveryStatus
from orders import statuses
from tests.factories import make_order
from woop.models import DoneWhen, JobState, Role
from woop.sources import Source

FOLDER = Path(settings.LOCALE_PATHS[0]) / "fr" / "LC_MESSAGES"
ENTRY = re.compile(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$')
FORMAT = re.compile(r"%\(\w+\)[sd]|%[sd]")


def entries():
    """Return the texts with their translations, as (msgid, [msgstr …])."""
    found, current = [], None
    for line in (FOLDER / "django.po").read_text().splitlines():
        if match := ENTRY.match(line):
            name, text = match[1], ast.literal_eval(match[2])
            if name == "msgid":
                current = (text, [])
                found.append(current)
            elif name.startswith("msgstr"):
                current[1].append(text)
    return [entry for entry in found if entry[0]]


def test_nothing_is_left_untranslated():
    assert [text for text, translated in entries() if not all(translated)] == []


def test_compiled_catalogue_is_of_these_texts():
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, translated in entries():
        if len(translated) == 1:
            assert compiled.gettext(text) == translated[0]


def test_placeholders_survive():
    wrong = [
        text
        for text, translated in entries()
        for one in translated
        if sorted(FORMAT.findall(one)) != sorted(FORMAT.findall(text))
    ]
    assert wrong == []


WORDS = (
    statuses.OrderStatus,
    statuses.PackageStatus,
    statuses.LineStatus,
    statuses.DeliveryStatusOfOrder,
    statuses.Acceptance,
    statuses.PackageType,
    DeliveryStatus,
    CollectStatus,
    State,
    Channel,
    Source,
    Role,
    JobState,
    DoneWhen,
)


@pytest.mark.parametrize("words", WORDS)
def test_every_word_of_a_machine_is_french(words):
    known = {text for text, _translated in entries()}
    with translation.override("en"):
        assert {str(label) for label in words.labels} - known == set()


def test_pages_speak_french(agent, shop):
    order = make_order(shop)
    text = agent.get(
        reverse("admin:change-status", args=["order", order.pk]), headers={"Accept-Language": "fr"}
    ).content.decode()
    assert "Choisissez la destination." in text
    assert "Confirmée" in text
