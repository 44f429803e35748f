"""Cascade, roll-up, link and source tables, and the words and codes of carriers, as data."""

from tests.reference import statuses as s

# ── down: a parent's move -> the children's target ────────────────────────────────────────────────────
ORDER_TO_PACKAGE = {
    7: {"homedelivery": 1, "collect": 1, "digital": 1},
    8: {"homedelivery": 2, "collect": 2, "digital": 2},
    10: {"homedelivery": 3, "collect": 4, "digital": 4},
    99: {"homedelivery": 99, "collect": 99, "digital": 99},
}
PACKAGE_TO_LINE = {
    1: {"homedelivery": 10, "collect": 10, "digital": 10},
    2: {"homedelivery": 20, "collect": 22, "digital": 20},
    3: {"homedelivery": 30, "collect": 30, "digital": 30},
    4: {"homedelivery": 40, "collect": 40, "digital": 40},
    5: {"homedelivery": 50, "collect": 50, "digital": 50},
    99: {"homedelivery": 99, "collect": 99, "digital": 99},
}

# ── up: what a child's status is worth to its parent ──────────────────────────────────────────────────
LINE_WORTH = {0: 0, 10: 1, 14: 1, 16: 1, 18: 1, 20: 2, 22: 2, 30: 3, 40: 4, 50: 5}
PACKAGE_WORTH = {
    "sent": {0: 5, 1: 7, 2: 8, 3: 10, 4: 10},
    "received": {0: 5, 1: 7, 2: 8, 3: 8, 4: 10},
}
CAP = 8

# ── links ─────────────────────────────────────────────────────────────────────────────────────────────
DELIVERY_TO_ORDER = {
    s.INIT: s.TO_DELIVER,
    s.REPLANNED: s.TO_DELIVER,
    s.TEAM_ASSIGNED: s.BEING_DELIVERED,
    s.PICK_UP_STARTED: s.BEING_DELIVERED,
    s.PICK_UP_REACHED: s.BEING_DELIVERED,
    s.PICK_UP_OK: s.BEING_DELIVERED,
    s.IN_TRANSIT: s.BEING_DELIVERED,
    s.IN_PROGRESS: s.BEING_DELIVERED,
    s.AT_DROP_OFF: s.BEING_DELIVERED,
    s.AVAILABLE: s.BEING_DELIVERED,
    s.FAILED_WITH_RETRY: s.BEING_DELIVERED,
    s.DELAYED: s.BEING_DELIVERED,
    s.BLOCKED: s.BEING_DELIVERED,
    s.OK: s.DELIVERED,
    s.WITH_CLAIM: s.DELIVERED,
    s.RETURNED: s.UNCOMPLETED,
    s.DELIVERY_CANCELLED: s.UNCOMPLETED,
    s.CLOSED: s.UNCOMPLETED,
    s.FAILED: s.UNCOMPLETED,
    s.FAILED_WITH_RETURN: s.UNCOMPLETED,
    s.REFUSED: s.UNCOMPLETED,
    s.NOT_COLLECTED: s.UNCOMPLETED,
}
DELIVERY_TO_PACKAGE = {
    s.PICK_UP_OK: 3,
    s.IN_TRANSIT: 3,
    s.IN_PROGRESS: 3,
    s.AT_DROP_OFF: 3,
    s.AVAILABLE: 4,
    s.OK: 4,
    s.WITH_CLAIM: 4,
    s.RETURNED: 5,
}
COLLECT_TO_PACKAGE = {
    "COLLECT_STOCK_OK": 1,
    "COLLECT_READY": 2,
    "COLLECT_PICK_UP_OK": 4,
    "COLLECT_PICK_UP_PARTIALLY": 4,  # what stays in the first package was handed over (D11)
    "COLLECT_CANCELLED": 99,
}
ACCEPTANCE_TO_ORDER = {"cancelled_manually": 99, "time_expired": 99}


def link_delivery_status(deliveries, order_status):
    """D7: several deliveries, one word; None where nothing counts."""
    if order_status == s.CANCELLED:
        return s.ORDER_CANCELLED
    counting = [d.status for d in deliveries if not d.replaced]
    alive = [status for status in counting if status not in (s.DELIVERY_CANCELLED, s.CLOSED)]
    words = [DELIVERY_TO_ORDER[status] for status in alive or counting]
    if not words:
        return None
    if s.BEING_DELIVERED in words:
        return s.BEING_DELIVERED
    if s.TO_DELIVER in words:
        return s.TO_DELIVER
    return s.DELIVERED if set(words) == {s.DELIVERED} else s.UNCOMPLETED


# ── who may set what directly ─────────────────────────────────────────────────────────────────────────
PEOPLE = ("BO", "api")  # they alone may override, with the permission or the scope
CARRIERS = ("CB", "veloyd", "sendcloud", "ebooks", "manual")
OWN_TABLE = ("veloyd", "sendcloud")  # their table replaces the generic link from delivery to package
SOURCES = (*PEOPLE, "ML", *CARRIERS, "delivery", "collect", "marketplace", "timer", "customer")
# A change that came from one of these leaves lines at 14, 16, 18 alone: what is not there was not shipped.
NOT_PERSONS = (*CARRIERS, "delivery", "collect")

_ANY = {"order": set(s.ORDER), "package": set(s.PACKAGE), "line": set(s.LINE)}
MAY_SET = {
    "BO": _ANY,
    "api": _ANY,
    "ML": {"order": {99}, "package": {99}, "line": {14, 16, 18, 99}},
    "CB": {"package": {1, 3, 98}, "line": {30, 98}},
    "veloyd": {"package": {2, 3, 4, 5, 98, 99}},
    "sendcloud": {"package": {2, 3, 4, 5, 98, 99}},
    "ebooks": {"line": {10, 40, 98}},
    "manual": {},
    "delivery": {"package": {3, 4, 5}},
    "collect": {"package": {1, 2, 4, 99}},  # the lines follow their package
    "marketplace": {"order": {99}},
    "timer": {"order": {99}},
    "customer": {},
}
DELIVERY_SETTERS = (*PEOPLE, *CARRIERS)
COLLECT_SETTERS = {
    "BO": set(s.COLLECT),
    "api": set(s.COLLECT),
    "customer": {"COLLECT_STARTED", "COLLECT_AWAITING", "COLLECT_REPLANNED"},
    "timer": {"COLLECT_PICK_UP_FAILED"},
}
# A person may ask for a new choice or say that data changed; the rest is worked out by the choice itself.
DELIVERY_STATUS_SETTERS = {
    "BO": {"ORDER_UPDATED", "ORDER_TO_BE_QUOTED", "ORDER_TO_BE_SENT_TO_CARRIER", s.ORDER_CANCELLED},
    "api": {"ORDER_UPDATED", "ORDER_TO_BE_QUOTED", "ORDER_TO_BE_SENT_TO_CARRIER", s.ORDER_CANCELLED},
    "delivery": set(s.DELIVERY_STATUS) - {s.ORDER_CANCELLED},
}
ACCEPTANCE_SETTERS = {
    "BO": {"accepted", "cancelled_manually"},
    "api": {"accepted", "cancelled_manually"},
    "marketplace": {"accepted", "cancelled_manually"},  # time_expired has the source timer
    "timer": {"time_expired"},
}

# ── D10: pairs and legacy words at the door -> the flat name that is stored ───────────────────────────
PAIRS = {
    ("DELIVERY_OK", "WITH_CLAIM"): s.WITH_CLAIM,
    ("DELIVERY_KO", "FAILED_WITH_RETRY"): s.FAILED_WITH_RETRY,
    ("DELIVERY_KO", "FAILED_WITH_RETURN"): s.FAILED_WITH_RETURN,
    ("DELIVERY_KO", "REFUSED"): s.REFUSED,
    ("DELIVERY_KO", "NOT_COLLECTED"): s.NOT_COLLECTED,
    ("DELIVERY_PICK_UP_KO", "FAILED"): s.FAILED,
    ("DELIVERY_PICK_UP_KO", "FAILED_WITH_RETRY"): s.FAILED_WITH_RETRY,
    ("DELIVERY_CANCELLED", "CLOSED"): s.CLOSED,
}
REASON_MISSING = {"DELIVERY_KO": s.FAILED_WITH_RETRY, "DELIVERY_PICK_UP_KO": s.FAILED_WITH_RETRY}
LEGACY = {
    "DELIVERY_STARTED": s.PICK_UP_STARTED,
    "DELIVERY_DELIVERED_OK": s.OK,
    "DELIVERY_DELIVERED_WITH_CLAIM": s.WITH_CLAIM,
    "DELIVERY_DELIVERED_PARTIALLY": s.WITH_CLAIM,
    "DELIVERY_PICK_UP_FAILED": s.FAILED,
    "DELIVERY_PICK_UP_PARTIALLY": s.PICK_UP_OK,
    "DELIVERY_CANCELLED_WITH_RETURN": s.FAILED_WITH_RETURN,
    "DELIVERY_RETURNED_TO_PICK_UP": s.RETURNED,
    "DELIVERY_AT_DROP_OF_LOCATION": s.AT_DROP_OFF,
}

# ── carriers' codes: raw -> (delivery, package) ; None = nothing is written ───────────────────────────
VELOYD = {
    "1": (s.INIT, 2),
    "2": (s.INIT, 2),
    "3": (s.PICK_UP_OK, 3),
    "4": (s.IN_TRANSIT, 3),
    "5": (s.BLOCKED, 98),
    "6": (s.AVAILABLE, 4),
    "7": (s.OK, 4),
    "8": (s.RETURNED, 5),
    "9": (s.DELIVERY_CANCELLED, 99),
    "10": (None, None),
}
SENDCLOUD = {
    "999": (None, None),
    "1000": (s.INIT, 2),
    "1001": (s.INIT, None),
    "1": (s.INIT, 2),
    "1002": (s.FAILED, 98),
    "13": (s.DELAYED, None),
    "15": (s.FAILED_WITH_RETRY, None),
    "22": (s.PICK_UP_OK, 3),
    "3": (s.IN_TRANSIT, 3),
    "62990": (s.IN_TRANSIT, 3),
    "7": (s.IN_TRANSIT, 3),
    "5": (s.IN_TRANSIT, 3),
    "6": (s.DELAYED, 3),
    "18": (s.DELAYED, 3),
    "62989": (s.BLOCKED, 3),
    "4": (s.DELAYED, 3),
    "91": (s.IN_TRANSIT, 3),
    "92": (s.IN_PROGRESS, 3),
    "8": (s.FAILED_WITH_RETRY, 3),
    "12": (s.AVAILABLE, 4),
    "93": (s.OK, 4),
    "11": (s.OK, 4),
    "10": (s.OK, 4),
    "62993": (None, None),
    "62994": (None, None),  # REPLANNED is off by default
    "62995": (None, None),
    "62996": (s.BLOCKED, None),
    "62997": (s.BLOCKED, None),
    "62991": (s.REFUSED, None),
    "80": (s.FAILED, 98),
    "62992": (s.RETURNED, 5),
    "2001": (None, None),
    "1999": (None, None),
    "1998": (s.DELIVERY_CANCELLED, 99),
    "2000": (s.DELIVERY_CANCELLED, 99),
    "94": (None, None),
    "1337": (None, None),
}
EBOOKS = {"preorder": 10, "url_ok": 40, "error": 98}
