"""What Sendcloud's status ids mean, and what they set unless an account says otherwise.

Sendcloud passes on what the carriers behind it report, so most troubles can still end well: only an
announcement that failed and a parcel that cannot be delivered set a package to 98. An exception is an
alert. 12 counts as received, as a parcel at a pick-up point does with every carrier. 62994 only shows:
a new date would otherwise move the order back to "to deliver". Match by id; the texts drift.
"""

from collections.abc import Mapping

from carriers.adapters.base import RawStatus

STATUSES: Mapping[str, RawStatus] = {
    # --- before it leaves ---
    "999": RawStatus("No label"),
    "1000": RawStatus("Ready to send", "DELIVERY_INIT", 2),
    "1001": RawStatus("Being announced", "DELIVERY_INIT"),
    "1": RawStatus("Announced", "DELIVERY_INIT", 2),
    "1002": RawStatus("Announcement failed", "DELIVERY_FAILED", 98),
    "13": RawStatus("Announced: not collected", "DELIVERY_DELAYED", alert=True),
    "15": RawStatus("Error collecting", "DELIVERY_FAILED_WITH_RETRY", alert=True),
    # --- on its way ---
    "22": RawStatus("Shipment picked up by driver", "DELIVERY_PICK_UP_OK", 3),
    "3": RawStatus("En route to sorting center", "DELIVERY_IN_TRANSIT", 3),
    "62990": RawStatus("At sorting centre", "DELIVERY_IN_TRANSIT", 3),
    "7": RawStatus("Being sorted", "DELIVERY_IN_TRANSIT", 3),
    "5": RawStatus("Sorted", "DELIVERY_IN_TRANSIT", 3),
    "6": RawStatus("Not sorted", "DELIVERY_DELAYED", 3),
    "18": RawStatus("Unsorted", "DELIVERY_DELAYED", 3),
    "62989": RawStatus("At customs", "DELIVERY_BLOCKED", 3),
    "4": RawStatus("Delivery delayed", "DELIVERY_DELAYED", 3),
    "91": RawStatus("Parcel en route", "DELIVERY_IN_TRANSIT", 3),
    "92": RawStatus("Driver en route", "DELIVERY_IN_PROGRESS", 3),
    # --- at the door ---
    "8": RawStatus("Delivery attempt failed", "DELIVERY_FAILED_WITH_RETRY", 3),
    "12": RawStatus("Awaiting customer pickup", "DELIVERY_AVAILABLE", 4),
    "93": RawStatus("Shipment collected by customer", "DELIVERY_OK", 4),
    "11": RawStatus("Delivered", "DELIVERY_OK", 4),
    "10": RawStatus("Delivery forced", "DELIVERY_OK", 4, alert=True),
    # --- changes and troubles ---
    "62993": RawStatus("Delivery method changed"),
    "62994": RawStatus("Delivery date changed"),
    "62995": RawStatus("Delivery address changed"),
    "62996": RawStatus("Exception", "DELIVERY_BLOCKED", alert=True),
    "62997": RawStatus("Address invalid", "DELIVERY_BLOCKED", alert=True),
    "62991": RawStatus("Refused by recipient", "DELIVERY_REFUSED"),
    "80": RawStatus("Unable to deliver", "DELIVERY_FAILED", 98),
    "62992": RawStatus("Returned to sender", "DELIVERY_RETURNED_TO_SENDER", 5),
    # --- cancelling ---
    "2001": RawStatus("Submitting cancellation request"),
    "1999": RawStatus("Cancellation requested"),
    "1998": RawStatus("Cancelled upstream", "DELIVERY_CANCELLED", 99),
    "2000": RawStatus("Cancelled", "DELIVERY_CANCELLED", 99),
    "94": RawStatus("Parcel cancellation failed.", alert=True),
    "1337": RawStatus("Unknown status - check carrier track & trace page for more insights"),
}

CANCELLED = frozenset({"2000", "1998"})
FINAL = CANCELLED | {"11", "93", "62992", "1002"}
CANCEL_REQUESTED = frozenset({"2001", "1999"})
CANCEL_REFUSED = frozenset({"94"})
