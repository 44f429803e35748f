"""The history of an order as people read it: each ripple under what caused it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from dataclasses import field as column
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from woop import kinds
from woop.machines import StrPromise
from woop.models import ApiKey, StatusEvent
from woop.plans import DATA
from woop.sources import Source

EVENTS = 300  # that one page reads at most
NAMES = 12  # that one group calls by name


@dataclass(slots=True)
class Group:
    """Rows of one kind that made the same move for the same reason."""

    kind: str
    field: str
    from_status: str | None
    to_status: str
    source: StrPromise
    at: datetime  # of its transaction: what follows may come later
    ids: list[int] = column(default_factory=list)
    quantities: list[dict[str, Any]] = column(default_factory=list)
    names: list[str] = column(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.ids)

    @property
    def unnamed(self) -> int:
        return self.count - len(self.names)

    @property
    def is_data(self) -> bool:
        return self.field == DATA

    @property
    def changed(self) -> str:
        """Name the fields that changed; their values are in no event."""
        names = {name for noted in self.quantities for name in noted.get("changed", ())}
        return ", ".join(sorted(name.replace("_", " ") for name in names))

    @property
    def pieces(self) -> str:
        """Say how a line was divided."""
        splits = [noted for noted in self.quantities if "left" in noted]
        if len(splits) != 1:
            return ""
        return _("%(quantity)d split off, %(left)d left") % splits[0]


@dataclass(slots=True)
class Ripple:
    """One cause from outside, and everything that followed from it."""

    sequence: int
    at: datetime
    recorded_at: datetime
    actor: str
    reason: str
    message_id: int | None
    head: Group
    source_code: str
    groups: list[Group] = column(default_factory=list)
    who: str = ""
    note: None = None

    @property
    def moved(self) -> int:
        return sum(group.count for group in self.groups)

    @property
    def tone(self) -> str:
        return kinds.tone(self.head.kind, self.head.field, self.head.to_status)


@dataclass(slots=True)
class Remark:
    """Something on the timeline that changed nothing, such as a message that was not applied."""

    at: datetime
    title: StrPromise
    detail: str
    tone: str = "warn"
    link: str = ""
    note: bool = True


def ripples_of(order_id: int, *, before: int | None = None, after: int | None = None) -> list[Ripple]:
    """Return the newest ripples first, of events before or after a sequence."""
    rows: QuerySet[StatusEvent] = StatusEvent.objects.filter(order_id=order_id)
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    if after is not None:
        rows = rows.filter(sequence__gt=after)
    events = list(rows.order_by("-sequence")[:EVENTS])
    ripples = _gather(events)
    _name_things(ripples)
    _name_actors(ripples)
    return ripples


def _gather(events: list[StatusEvent]) -> list[Ripple]:
    """Put every event under the first one of its chain of causes that was read."""
    by_sequence = {event.sequence: event for event in events}
    ripples: dict[int, Ripple] = {}
    groups: defaultdict[int, dict[tuple[Any, ...], Group]] = defaultdict(dict)
    for event in reversed(events):
        root = _root(event, by_sequence)
        if root is event:
            ripples[event.sequence] = _ripple(event)
            continue
        move = (event.object_type, event.field, event.from_status, event.to_status)
        key = (*move, event.source, event.recorded_at)
        group = groups[root.sequence].setdefault(key, _group(event))
        _join(group, event)
    for sequence, found in groups.items():
        ripples[sequence].groups = list(found.values())
    return sorted(ripples.values(), key=lambda ripple: -ripple.sequence)


def _root(event: StatusEvent, by_sequence: dict[int, StatusEvent]) -> StatusEvent:
    while event.cause is not None and event.cause in by_sequence:
        event = by_sequence[event.cause]
    return event


def _group(event: StatusEvent) -> Group:
    source = Source(event.source).label
    move = (event.object_type, event.field, event.from_status, event.to_status)
    return Group(*move, source, event.recorded_at)


def _join(group: Group, event: StatusEvent) -> None:
    group.ids.append(event.object_id)
    if event.quantities:
        group.quantities.append(event.quantities)


def _ripple(event: StatusEvent) -> Ripple:
    head = _group(event)
    _join(head, event)
    return Ripple(
        event.sequence,
        event.occurred_at,
        event.recorded_at,
        event.actor,
        event.reason,
        event.message_id,
        head,
        event.source,
    )


# --- names -----------------------------------------------------------------------------------------


def _name_things(ripples: list[Ripple]) -> None:
    """Name what moved, in one query for each kind of thing."""
    groups = [group for ripple in ripples for group in (ripple.head, *ripple.groups)]
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for group in groups:
        wanted[group.kind].update(group.ids[:NAMES])
    names = {kind: kinds.names_of(kind, ids) for kind, ids in wanted.items()}
    for group in groups:
        known = names[group.kind]
        group.names = [known.get(pk, f"#{pk}") for pk in group.ids[:NAMES]]


def _name_actors(ripples: list[Ripple]) -> None:
    known = actors({ripple.actor for ripple in ripples})
    for ripple in ripples:
        ripple.who = known.get(ripple.actor, "")


def actors(references: Iterable[str]) -> dict[str, str]:
    """Resolve "user:3", "key:2", "account:1" to names, in one query for each kind of actor."""
    wanted: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for reference in references:
        kind, _colon, number = reference.partition(":")
        if number.isdigit():
            wanted[kind][int(number)] = reference
    found: dict[str, str] = {}
    for kind, ids in wanted.items():
        names = kinds.actor_names[kind](ids) if kind in kinds.actor_names else {}
        found |= {reference: names[pk] for pk, reference in ids.items() if pk in names}
    return found


def _user_names(ids: Collection[int]) -> dict[int, str]:
    users = get_user_model().objects.filter(pk__in=ids)
    return {user.pk: user.get_full_name() or user.get_username() for user in users}


def _key_names(ids: Collection[int]) -> dict[int, str]:
    return dict(ApiKey.objects.filter(pk__in=ids).values_list("pk", "name"))


kinds.actor_names |= {"user": _user_names, "key": _key_names}
