"""What a client sends to make an order, after its values were checked."""

from dataclasses import dataclass, field
from decimal import Decimal

from orders.models import LineKind
from orders.statuses import PackageType


@dataclass(frozen=True, slots=True)
class LineDraft:
    sku: str
    quantity: int
    unit_price: Decimal
    title: str = ""
    kind: str = LineKind.PHYSICAL


@dataclass(frozen=True, slots=True)
class PackageDraft:
    """Lines are (sku, quantity); sizes in millimetres, weight in grams."""

    type: PackageType
    lines: tuple[tuple[str, int], ...]
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """`data` holds plain columns of the order: customer, address, currency, channel, logistics."""

    lines: tuple[LineDraft, ...]
    number: str = ""
    packages: tuple[PackageDraft, ...] = ()
    collect_store: str = ""
    store: str = ""
    requires_acceptance: bool = False
    data: dict[str, object] = field(default_factory=dict)
