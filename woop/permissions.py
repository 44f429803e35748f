"""Who may see and do what: users by their role, API keys by their scopes.

A user works in one shop, with one role there; store staff may belong to several of its stores. The
superuser of the installation sees every shop.
"""

from typing import Any

from woop.actors import NOBODY, Actor
from woop.models import ApiKey, Membership, Role
from woop.sources import Source

CHANGING = frozenset({Role.AGENT, Role.SUPERVISOR, Role.STORE_STAFF})

SCOPES = (
    "orders:read",
    "orders:write",
    "orders:override",
    "deliveries:read",
    "deliveries:write",
    "collects:read",
    "collects:write",
    "webhooks:read",
    "webhooks:write",
    "carrier:status",
)


def actor_for_user(user: Any) -> Actor:
    """Return what a back-office user may do; a user without a role sees nothing."""
    reference = f"user:{user.pk}"
    if user.is_superuser:
        return Actor(Source.BO, reference, can_override=True)
    memberships = list(Membership.objects.filter(user=user))
    if not memberships:
        return NOBODY
    roles = {membership.role for membership in memberships}
    stores = frozenset(m.store_id for m in memberships if m.store_id is not None)
    return Actor(
        Source.BO,
        reference,
        shop_id=memberships[0].shop_id,
        store_ids=stores if all(m.store_id is not None for m in memberships) else None,
        may_change=bool(roles & CHANGING),
        can_override=Role.SUPERVISOR in roles,
    )


def actor_for_key(key: ApiKey) -> Actor:
    """Return what a consumer's key may do; the scopes of single calls are checked by the API."""
    stores = frozenset(store.pk for store in key.stores.all())
    return Actor(
        Source.API,
        f"key:{key.pk}",
        shop_id=key.shop_id,
        store_ids=stores or None,
        can_override="orders:override" in key.scopes,
    )
