"""The words of the inbox, and the vocabulary that a mapping may speak.

The delivery words and package numbers are written out here because this app knows neither
`deliveries` nor `orders`; a test of those apps compares them.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    """How a message reached us."""

    HOOK = "hook", _("Told by the carrier")
    POLL = "poll", _("Read from the carrier")
    PUT = "put", _("Put through the API")
    ANSWER = "answer", _("Answer to our call")


class State(TextChoices):
    """What has become of a message."""

    RECEIVED = "received", _("Waiting")  # stored, not yet looked at; the only state that is worked on
    APPLIED = "applied", _("Applied")
    NO_CHANGE = "no_change", _("Said what was so already")
    DUPLICATE = "duplicate", _("Repeat of another message")
    LATE = "late", _("Older than what is known")
    FORBIDDEN = "forbidden", _("Not a legal move")  # tried again after each later event of its delivery
    UNKNOWN = "unknown", _("Unknown code")  # quarantined until a mapping is added
    FAILED = "failed", _("Failed")  # garbage, or every attempt ended in an error: replay by hand
    IGNORED = "ignored", _("Not for us")  # another merchant's parcel, a refused signature, a test call


FINAL = frozenset(State.values) - {State.RECEIVED}

DELIVERY_WORDS = (
    "DELIVERY_INIT",
    "DELIVERY_TEAM_ASSIGNED",
    "DELIVERY_PICK_UP_STARTED",
    "DELIVERY_PICK_UP_REACHED",
    "DELIVERY_PICK_UP_OK",
    "DELIVERY_IN_TRANSIT",
    "DELIVERY_IN_PROGRESS",
    "DELIVERY_AT_DROP_OFF_LOCATION",
    "DELIVERY_AVAILABLE",
    "DELIVERY_OK",
    "DELIVERY_WITH_CLAIM",
    "DELIVERY_FAILED_WITH_RETRY",
    "DELIVERY_REPLANNED",
    "DELIVERY_DELAYED",
    "DELIVERY_BLOCKED",
    "DELIVERY_FAILED",
    "DELIVERY_FAILED_WITH_RETURN",
    "DELIVERY_REFUSED",
    "DELIVERY_NOT_COLLECTED",
    "DELIVERY_RETURNED_TO_SENDER",
    "DELIVERY_CANCELLED",
    "DELIVERY_CLOSED",
)

PACKAGE_STATUSES = (0, 1, 2, 3, 4, 5, 98, 99)
