"""Statuses, links and sources as Markdown tables, from the very tables that the rules read."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from collect.statuses import PACKAGE_STATUS as COLLECT_TO_PACKAGE
from deliveries.statuses import ORDER_STATUS
from deliveries.statuses import PACKAGE_STATUS as DELIVERY_TO_PACKAGE
from orders.cascades import LINE_TO_PACKAGE, ORDER_TO_PACKAGE, PACKAGE_TO_LINE, PACKAGE_TO_ORDER
from orders.statuses import DeliveryStatusOfOrder, PackageType
from woop import rules
from woop.management.drawing.moves import edges_of, states_of, word
from woop.sources import Source

DASH = "–"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def short(value: Any) -> str:
    """Return a status as people say it: a number with its title, or a word without its prefix."""
    if isinstance(value, int):
        return f"{int(value)} {value.label}" if hasattr(value, "label") else str(value)
    return f"`{value}`"


def moves(model: type[models.Model], field: str) -> str:
    """Return every status with all that may follow it."""
    following: dict[Any, dict[str, list[str]]] = {}
    for edge in edges_of(model, field):
        following.setdefault(edge.source, {}).setdefault(edge.label, []).append(word(edge.target))
    rows = (
        [f"`{value}`", title, _followed(following.get(value, {}))] for value, title in states_of(model, field)
    )
    return table(("Status", "Meaning", "May be followed by"), rows)


def _followed(targets: Mapping[str, list[str]]) -> str:
    parts = [
        f"{label}: {', '.join(words)}" if label else ", ".join(words) for label, words in targets.items()
    ]
    return "; ".join(parts) or DASH


def by_type(links: Mapping[Any, Mapping[str, Any]], left: str, right: str) -> str:
    head = [left, *(f"{right}: {kind.label}" for kind in PackageType)]
    return table(
        head,
        ([short(above), *(short(below[kind]) for kind in PackageType)] for above, below in links.items()),
    )


def up() -> str:
    done = {when.value: links for when, links in PACKAGE_TO_ORDER.items()}
    rows = ([short(package), *(short(links[package]) for links in done.values())] for package in done["sent"])
    head = ["All counting packages at", *(f"Order, done when {when}" for when in done)]
    return table(head, rows)


def pairs(links: Mapping[Any, Any], left: str, right: str) -> str:
    return table((left, right), ([short(one), short(other)] for one, other in links.items()))


def links() -> dict[str, str]:
    """Return every link between the machines, by its title."""
    by_order: dict[Any, list[str]] = {word: [] for word in DeliveryStatusOfOrder}
    for delivery, order in ORDER_STATUS.items():
        by_order[order].append(f"`{delivery}`")
    delivery_rows = ([f"`{order}`", ", ".join(found)] for order, found in by_order.items() if found)
    return {
        "Order to its packages": by_type(ORDER_TO_PACKAGE, "Order", "Package"),
        "Package to its lines": by_type(PACKAGE_TO_LINE, "Package", "Line"),
        "Lines to their package": pairs(
            dict(sorted(LINE_TO_PACKAGE.items())), "All counting lines at", "Package"
        ),
        "Packages to their order": up(),
        "Deliveries to their order": table(("Order.delivery_status", "Delivery.status"), delivery_rows),
        "Delivery to its packages": pairs(DELIVERY_TO_PACKAGE, "Delivery", "Package"),
        "Collect to its packages": pairs(COLLECT_TO_PACKAGE, "Collect", "Package"),
    }


def sources(kind: str, field: str, choices: list[tuple[Any, str]]) -> str:
    """Return who may set which status of one machine."""
    allowed = rules.may_set[kind, field]
    everything = {value for value, _title in choices}

    def named(targets: frozenset[Any]) -> str:
        if targets >= everything:
            return "every status"
        return ", ".join(word(value) for value, _title in choices if value in targets)

    rows = ([f"`{s.value}`", str(s.label), named(allowed[s])] for s in Source if allowed.get(s))
    return table(("Source", "Who", "May set"), rows)
