"""Who can cause a status change: the sources of the fulfilment document, and our own."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Source(TextChoices):
    BO = "BO", _("Back office")
    API = "api", _("API client")
    ML = "ML", _("Medialog")
    CB = "CB", _("CB fulfilment")
    VELOYD = "veloyd", _("Veloyd")
    SENDCLOUD = "sendcloud", _("Sendcloud")
    EBOOKS = "ebooks", _("eBook service")
    MANUAL = "manual", _("Carrier without integration")
    DELIVERY = "delivery", _("Delivery")
    COLLECT = "collect", _("Click & collect")
    MARKETPLACE = "marketplace", _("Marketplace")
    TIMER = "timer", _("Timer")
    CUSTOMER = "customer", _("Customer")
    CASCADE = "cascade", _("From its parent")
    ROLLUP = "rollup", _("From its children")


CARRIERS = frozenset({Source.CB, Source.VELOYD, Source.SENDCLOUD, Source.EBOOKS, Source.MANUAL})

# People and clients decide; everything else only reports what has happened.
DECIDING = frozenset({Source.BO, Source.API})

# What is not there was not shipped: these never move a line that waits for its supplier.
TRANSPORT = CARRIERS | {Source.DELIVERY, Source.COLLECT}
