"""What Veloyd's numbers mean, and what they set unless an account says otherwise.

6 counts as received although the parcel still waits at the pick-up point; a later 8 outranks it.
10 says only that the page of the carrier behind Veloyd knows more: it sets nothing and asks for a look.
"""

from collections.abc import Mapping

from carriers.adapters.base import RawStatus

STATUSES: Mapping[str, RawStatus] = {
    "1": RawStatus("registered", "DELIVERY_INIT", 2),
    "2": RawStatus("confirmed, label printed", "DELIVERY_INIT", 2),
    "3": RawStatus("collected", "DELIVERY_PICK_UP_OK", 3),
    "4": RawStatus("in transit", "DELIVERY_IN_TRANSIT", 3),
    "5": RawStatus("manco (missing)", "DELIVERY_BLOCKED", 98),
    "6": RawStatus("at the pick-up point", "DELIVERY_AVAILABLE", 4),
    "7": RawStatus("delivered", "DELIVERY_OK", 4),
    "8": RawStatus("returned to sender", "DELIVERY_RETURNED_TO_SENDER", 5),
    "9": RawStatus("cancelled", "DELIVERY_CANCELLED", 99),
    "10": RawStatus("see the track & trace page", alert=True),
}

FINAL = frozenset({"7", "8", "9"})

# Hooks and answers may name a status instead of numbering it; letters only, lower case.
NAMES: Mapping[str, str] = {
    "registered": "1",
    "concept": "1",
    "confirmed": "2",
    "collected": "3",
    "intransit": "4",
    "manco": "5",
    "missing": "5",
    "atpickuppoint": "6",
    "delivered": "7",
    "returnedtosender": "8",
    "cancelled": "9",
    "canceled": "9",
    "seetracktracepage": "10",
}
