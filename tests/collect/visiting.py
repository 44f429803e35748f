"""Collects on their way, in few words."""

from collect.models import Collect
from tests.orders.building import must_move, order_of

WAY = ("STOCK_OK", "STARTED", "READY", "AWAITING", "IN_PROGRESS", "PICK_UP_OK")


def collected(shop, *packages, to="INIT"):
    """Make an order that is collected in the store, and take its collect as far as is asked."""
    boxes = packages or ({"A": 3, "B": 1},)
    order = order_of(shop, *(("collect", box) for box in boxes), collect_store="store")
    collect = Collect.objects.get(order=order)
    if to != "INIT":
        go(collect, *WAY[: WAY.index(to) + 1])
    return order, collect


def go(collect, *words, **how):
    """Take a collect through statuses, each of which must be possible."""
    for word in words:
        outcome = must_move(collect, f"COLLECT_{word}", **how)
    return outcome


def status(collect):
    return Collect.objects.values_list("status", flat=True).get(pk=collect.pk).removeprefix("COLLECT_")
