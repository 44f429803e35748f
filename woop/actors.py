"""Who asks for a change."""

from dataclasses import dataclass

from woop.sources import Source


@dataclass(frozen=True, slots=True)
class Actor:
    """The asker of a change, and what it may do.

    `reference` names a row ("user:3", "key:7", "account:2") or a machine ("timer"), never a person:
    it is kept for ever in the history. `shop_id` None means every shop; `store_ids` None every store.
    """

    source: Source
    reference: str
    shop_id: int | None = None
    store_ids: frozenset[int] | None = None
    may_change: bool = True
    can_override: bool = False

    @classmethod
    def system(cls, source: Source) -> "Actor":
        """Return the actor of the product's own clockwork."""
        return cls(source=source, reference=str(source))


NOBODY = Actor(Source.BO, "nobody", shop_id=0, store_ids=frozenset(), may_change=False)
