"""Reading deliveries: the one entrance for whoever asks."""

from django.db.models import QuerySet

from deliveries.models import Delivery
from orders.selectors import within
from woop.actors import Actor


def deliveries_for(actor: Actor) -> QuerySet[Delivery]:
    """Return the deliveries that the actor may see at all."""
    deliveries: QuerySet[Delivery] = Delivery.objects.filter(within(actor))
    return deliveries
