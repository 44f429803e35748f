"""Reading collects: the one entrance for whoever asks."""

from django.db.models import QuerySet

from collect.models import Collect
from orders.selectors import within
from woop.actors import Actor


def collects_for(actor: Actor) -> QuerySet[Collect]:
    """Return the collects that the actor may see at all."""
    collects: QuerySet[Collect] = Collect.objects.filter(within(actor))
    return collects
