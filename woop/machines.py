"""State machines: tables of moves become django-fsm transitions, and answer what is legal.

An app writes its legal moves as a tuple of `Move` in `statuses.py`; `StatusModel` turns each row into
a `@transition` method. Buttons, API, documents and the door ask these transitions and nothing else.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from django.db import models
from django_fsm import ConcurrentTransitionMixin, FSMFieldMixin, Transition, transition

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    StrPromise: TypeAlias = str | _StrPromise
else:
    StrPromise = str

OVERRIDE = "woop.override_status"


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of the row alone, with the code and the sentence of its refusal."""

    code: str
    detail: StrPromise
    test: Callable[[Any], bool]

    def __call__(self, row: Any) -> bool:
        return self.test(row)


@dataclass(frozen=True, slots=True)
class Move:
    """One target and the states from which it may be reached.

    `conditions` look at the row alone; `permission` must be held and used on purpose (an override);
    `needs_reason` wants a written reason.
    """

    target: Any
    sources: tuple[Any, ...]
    conditions: tuple[Condition, ...] = ()
    permission: str = ""
    needs_reason: bool = False


class StatusModel(ConcurrentTransitionMixin, models.Model):
    """A row with protected statuses; `woop.transitions` is the one door through which they change.

    It mends three traps of django-fsm: `refresh_from_db()` that unprotects the whole class when the row
    is gone, `full_clean()` that writes a protected field, and deferred statuses that recurse.
    """

    machines: ClassVar[dict[str, tuple[Move, ...]]] = {}

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for field, moves in cls.machines.items():
            for name, method in _transition_methods(field, moves).items():
                setattr(cls, name, method)

    @property
    def state_fields(self) -> Iterable[FSMFieldMixin]:
        """Only those that were read: asking for a deferred one here would read the row for ever."""
        return (field for field in super().state_fields if field.attname in self.__dict__)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        statuses = self._get_protected_fsm_fields() & self.__dict__.keys()
        # A protected status takes a value only while it has none, and must not look deferred meanwhile.
        kept = {name: self.__dict__.pop(name) for name in statuses}
        self.__dict__["_being_read"] = statuses
        try:
            models.Model.refresh_from_db(self, *args, **kwargs)
        finally:
            del self.__dict__["_being_read"]
            self.__dict__.update({name: kept[name] for name in statuses - self.__dict__.keys()})
        self._update_initial_state()

    def get_deferred_fields(self) -> set[str]:
        being_read: set[str] = self.__dict__.get("_being_read", set())
        return super().get_deferred_fields() - being_read

    def clean_fields(self, exclude: Iterable[str] | None = None) -> None:
        super().clean_fields(exclude=set(exclude or ()) | self._get_protected_fsm_fields())


def _transition_methods(field: str, moves: Iterable[Move]) -> dict[str, Any]:
    """Return one transition method per target, all its rows on it."""
    methods: dict[str, Any] = {}
    for move in moves:
        name = f"{field}_to_{move.target.name.lower()}"
        methods[name] = transition(
            field=field,
            source=list(move.sources),
            target=move.target,
            conditions=list(move.conditions),
            permission=move.permission or None,
            custom={"needs_reason": move.needs_reason},
        )(methods.get(name) or _body(name))
    return methods


def _body(name: str) -> Callable[[Any], None]:
    def move(self: Any) -> None:
        """What a move changes besides the status is worked out in the plan."""

    move.__name__ = move.__qualname__ = name
    return move


@cache
def _index(model: type[models.Model], field: str) -> dict[tuple[Any, Any], Transition]:
    fsm_field = model._meta.get_field(field)
    assert isinstance(fsm_field, FSMFieldMixin)
    return {(row.source, row.target): row for row in fsm_field.get_all_transitions(model)}


def find(model: type[models.Model], field: str, source: Any, target: Any) -> Transition | None:
    """Return the declared move between two states, None where there is none."""
    return _index(model, field).get((source, target))


def holds(move: Transition, row: Any) -> bool:
    """Tell whether the conditions of a move are met."""
    conditions: list[Any] = move.conditions
    return all(condition(row) for condition in conditions)


@cache
def automatic_sources(model: type[models.Model], field: str, target: Any) -> frozenset[Any]:
    """Return the states from which nobody's permission is needed to reach the target."""
    return frozenset(
        source for (source, to), row in _index(model, field).items() if to == target and not row.permission
    )


@cache
def targets(model: type[models.Model], field: str) -> tuple[Any, ...]:
    """Return every state that some move leads to, in the order of the field's choices."""
    reachable = {to for _, to in _index(model, field)}
    fsm_field = model._meta.get_field(field)
    assert isinstance(fsm_field, FSMFieldMixin)
    choices = fsm_field.choices or ()
    return tuple(value for value, _ in choices if value in reachable)
