"""The first page: what needs a person, each a number that leads to its list. Cheap however much there is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from woop import clock
from woop.access import Audience, actor_of
from woop.actors import Actor
from woop.machines import StrPromise
from woop.models import Heartbeat

CAP = 1000  # a screen need not know more exactly
STALE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Card:
    """One number; `rows` are what it counts, `tone` its colour when there are some."""

    title: StrPromise
    rows: Callable[[Actor], QuerySet[Any]]
    url: Callable[[], str]
    tone: str = "bad"
    icon: str = "error"
    audience: Audience = Audience.EVERYONE
    rank: int = 50


@dataclass(frozen=True, slots=True)
class Board:
    """A short list below the numbers."""

    template: str
    load: Callable[[Actor], dict[str, Any]]
    audience: Audience = Audience.EVERYONE
    rank: int = 50


@dataclass(frozen=True, slots=True)
class Shown:
    card: Card
    count: int
    url: str

    @property
    def text(self) -> str:
        return f"{CAP - 1}+" if self.count >= CAP else str(self.count)


cards: list[Card] = []
boards: list[Board] = []


def dashboard_for(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "has_role": Audience.EVERYONE.admits(actor),
        "may_change": actor.may_change,
        "numbers": [_show(card, actor) for card in _for(actor, cards)],
        "boards": [(board.template, board.load(actor)) for board in _for(actor, boards)],
        "stale_sweep": _stale_sweep() if Audience.MANAGERS.admits(actor) else None,
    }


def _for(actor: Actor, items: list[Any]) -> list[Any]:
    return sorted((item for item in items if item.audience.admits(actor)), key=lambda item: item.rank)


def _show(card: Card, actor: Actor) -> Shown:
    return Shown(card, card.rows(actor).order_by()[:CAP].count(), card.url())


def _stale_sweep() -> StrPromise | None:
    """Say so when the clockwork stands still: nothing moves then by itself."""
    youngest = Heartbeat.objects.order_by("-beat_at").first()
    if youngest is not None and youngest.beat_at > clock.now() - STALE:
        return None
    return _("The clockwork stands still: deadlines, carriers and waiting work are not looked after.")
