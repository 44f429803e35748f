"""Packing an order: as the client says, else by kind of article."""

from collections import Counter

from django.utils.translation import gettext_lazy as _

from orders.drafts import LineDraft, OrderDraft, PackageDraft
from orders.models import LineKind
from orders.statuses import PackageType
from woop.errors import InvalidInput

Placed = list[tuple[PackageDraft, list[tuple[int, int]]]]  # (package, [(index of the line, quantity)])


def pack(draft: OrderDraft) -> Placed:
    """Return the packages with the index and quantity of each order line that they hold."""
    if not draft.packages:
        return _pack_by_kind(draft)
    left = {index: line.quantity for index, line in enumerate(draft.lines)}
    placed = [(package, _take(package, draft.lines, left)) for package in draft.packages]
    if any(left.values()):
        missing = ", ".join(draft.lines[index].sku for index, quantity in left.items() if quantity)
        raise InvalidInput(packages=_("Not everything is packed: %(skus)s.") % {"skus": missing})
    return placed


def _take(package: PackageDraft, lines: tuple[LineDraft, ...], left: dict[int, int]) -> list[tuple[int, int]]:
    """Take the package's quantities from what is left of the lines; one SKU may be on several lines."""
    taken: list[tuple[int, int]] = []
    for sku, wanted in package.lines:
        for index, line in enumerate(lines):
            if line.sku == sku and left[index] and wanted:
                quantity = min(wanted, left[index])
                taken.append((index, quantity))
                left[index] -= quantity
                wanted -= quantity
        if wanted:
            raise InvalidInput(packages=_("More is packed than was ordered: %(sku)s.") % {"sku": sku})
    if not taken:
        raise InvalidInput(packages=_("A package holds at least one line."))
    return taken


def _pack_by_kind(draft: OrderDraft) -> Placed:
    physical = PackageType.COLLECT if draft.collect_store else PackageType.HOMEDELIVERY
    groups: dict[PackageType, list[tuple[int, int]]] = {}
    for index, line in enumerate(draft.lines):
        kind = PackageType.DIGITAL if line.kind == LineKind.EBOOK else physical
        groups.setdefault(kind, []).append((index, line.quantity))
    return [(PackageDraft(kind, ()), held) for kind, held in groups.items()]


def check_skus(draft: OrderDraft) -> None:
    """Refuse packages that name articles which were not ordered."""
    known = Counter(line.sku for line in draft.lines)
    for package in draft.packages:
        for sku, _quantity in package.lines:
            if sku not in known:
                raise InvalidInput(packages=_("This article was not ordered: %(sku)s.") % {"sku": sku})
