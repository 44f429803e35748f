"""What the page of one order shows, read with a constant number of queries however large it is."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max

from orders.models import Order, OrderlineToPackage, Package
from orders.selectors import orders_for
from woop import panels, timeline
from woop.actors import Actor
from woop.models import Alert, StatusEvent

LINES = 60  # shown at once; packages beyond show theirs when they are opened
SHOWN = ("shop", "store")


@dataclass(slots=True)
class Box:
    """One package with its lines, or with their number while it is closed."""

    package: Package
    lines: list[OrderlineToPackage] = field(default_factory=list)
    statuses: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0

    @property
    def is_loaded(self) -> bool:
        return len(self.lines) == self.count


def find_order(actor: Actor, pk: int) -> Order | None:
    return orders_for(actor).select_related(*SHOWN).filter(pk=pk).first()


def page_of(order: Order, actor: Actor) -> dict[str, Any]:
    """Return everything that the live part of the page shows."""
    return {
        "order": order,
        "boxes": boxes_of(order),
        "alerts": Alert.objects.filter(order=order, resolved_at=None),
        "main_panels": panels.load(order, actor, aside=False),
        "side_panels": panels.load(order, actor, aside=True),
        "may_change": actor.may_change,
        **history_of(order, actor),
    }


def history_of(order: Order, actor: Actor, before: int | None = None) -> dict[str, Any]:
    """Return one page of the timeline: ripples and remarks by time, the newest first."""
    ripples = timeline.ripples_of(order.pk, before=before)
    last = min((ripple.sequence for ripple in ripples), default=1)
    found: list[Any] = list(ripples)
    if before is None:
        found += [remark for source in panels.remarks for remark in source(order, actor)]
    entries = sorted(found, key=lambda entry: entry.at, reverse=True)
    return {"entries": entries, "earlier": last if last > 1 else None}


def boxes_of(order: Order) -> list[Box]:
    boxes = {package.pk: Box(package) for package in order.packages.order_by("position")}
    counts = order.package_lines.order_by("package", "status").values_list("package", "status")
    statuses: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for package_id, status, number in counts.annotate(number=Count("pk")):
        statuses[package_id].append((status, number))
    for pk, box in boxes.items():
        box.statuses = statuses[pk]
        box.count = sum(number for _status, number in box.statuses)
    _fill(boxes)
    return list(boxes.values())


def _fill(boxes: dict[int, Box]) -> None:
    """Load the lines of the first packages, as many as a page can bear."""
    total: Counter[str] = Counter()
    wanted: list[int] = []
    for pk, box in boxes.items():
        total["lines"] += box.count
        if total["lines"] <= LINES or not wanted:
            wanted.append(pk)
    for line in lines_of(wanted):
        boxes[line.package_id].lines.append(line)


def lines_of(packages: list[int]) -> Any:
    rows = OrderlineToPackage.objects.filter(package__in=packages)
    return rows.select_related("orderline").order_by("package__position", "pk")


# --- what changes when the page changes ------------------------------------------------------------


def _version(order_id: int) -> object:
    return StatusEvent.objects.filter(order_id=order_id).aggregate(last=Max("sequence"))["last"]


def _alerts(order_id: int) -> object:
    rows = Alert.objects.filter(order_id=order_id).aggregate(last=Max("pk"), closed=Count("resolved_at"))
    return f"{rows['last']}.{rows['closed']}"


panels.pulses += [_version, _alerts]
