"""Who may open what in the back office: the roles of `woop.permissions`, asked once a request."""

from enum import Enum
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from woop.actors import NOBODY, Actor
from woop.permissions import actor_for_user


class Audience(Enum):
    """For whom a page is made."""

    EVERYONE = "whoever has a role"
    OFFICE = "who works for the whole shop"
    MANAGERS = "supervisors of the whole shop"
    OPERATORS = "the superusers of the installation"

    def admits(self, actor: Actor) -> bool:
        if actor is NOBODY:
            return False
        if self is Audience.EVERYONE:
            return True
        if actor.store_ids is not None:
            return False
        if self is Audience.OFFICE:
            return True
        return actor.can_override and (self is Audience.MANAGERS or actor.shop_id is None)


def actor_of(request: HttpRequest) -> Actor:
    """Return what the user of a request may do; read once however often it is asked."""
    found: Actor | None = getattr(request, "woop_actor", None)
    if found is None:
        user: Any = getattr(request, "user", None)
        is_known = user is not None and user.is_authenticated and user.is_staff
        found = actor_for_user(user) if is_known else NOBODY
        request.woop_actor = found  # type: ignore[attr-defined]
    return found


def scoped(rows: QuerySet[Any], actor: Actor, *, shop: str = "shop", store: str = "") -> QuerySet[Any]:
    """Leave only the rows of the actor's shop and stores; the arguments are the paths to these."""
    condition = Q()
    if actor.shop_id is not None and shop:
        condition &= Q(**{shop: actor.shop_id})
    if actor.store_ids is not None and store:
        condition &= Q(**{f"{store}__in": actor.store_ids})
    return rows.filter(condition)
