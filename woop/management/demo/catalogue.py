"""What the two shops sell. Titles are old enough to belong to everybody."""

from decimal import Decimal
from typing import NamedTuple

from orders.models import LineKind


class Article(NamedTuple):
    sku: str
    title: str
    price: Decimal
    weight_g: int
    kind: str = LineKind.PHYSICAL


def _articles(prefix: str, table: str, kind: str = LineKind.PHYSICAL) -> tuple[Article, ...]:
    """Read a table of `title | price | grams`."""
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return tuple(
        Article(f"{prefix}-{1000 + 7 * number}", title, Decimal(price), int(grams), kind)
        for number, (title, price, grams) in enumerate(rows, start=1)
    )


BOOKS = _articles(
    "BK",
    """
    Max Havelaar, hardback | 24.95 | 520
    Eline Vere | 17.50 | 430
    De stille kracht | 14.99 | 310
    Camera Obscura | 21.00 | 480
    Van den vos Reynaerde, bilingual | 29.90 | 610
    De kleine Johannes | 12.50 | 240
    Les Misérables, complete in two volumes | 38.00 | 1450
    Madame Bovary | 9.90 | 280
    Candide | 6.50 | 140
    Le Comte de Monte-Cristo | 19.90 | 960
    Vingt mille lieues sous les mers, illustrated | 32.00 | 890
    Germinal | 8.90 | 390
    Pride and Prejudice, cloth-bound | 22.50 | 450
    Middlemarch | 14.00 | 720
    Frankenstein | 8.50 | 210
    Moby-Dick, annotated | 27.00 | 940
    Dracula | 9.95 | 360
    Great Expectations | 11.50 | 470
    The Time Machine | 7.50 | 130
    Die Verwandlung | 7.90 | 110
    Faust I and II | 16.90 | 540
    Grimms Märchen, the large edition | 34.00 | 1320
    Don Quijote, new translation | 31.00 | 1240
    The Odyssey, verse translation | 18.50 | 510
    Atlas of old sea charts | 59.00 | 2600
    Notebook, dotted, A5 | 12.95 | 260
    Wooden bookends, pair | 27.50 | 1650
    """,
)
EBOOKS = _articles(
    "EB",
    """
    Max Havelaar (eBook) | 6.99 | 0
    Les Misérables (eBook) | 4.99 | 0
    Frankenstein (eBook) | 2.99 | 0
    The Odyssey (eBook) | 5.99 | 0
    A History of Tides (eBook, to appear) | 14.99 | 0
    """,
    LineKind.EBOOK,
)
HOUSEHOLD = _articles(
    "MV",
    """
    Enamel teapot, 1.2 l | 39.00 | 980
    Linen tea towels, set of three | 24.50 | 320
    Cast-iron pan, 28 cm | 74.00 | 3400
    Beeswax candles, box of six | 18.90 | 540
    Stoneware bowls, set of four | 46.00 | 2100
    Olive-wood board | 32.00 | 1150
    Carbon-steel knife, 18 cm | 58.00 | 260
    Preserving jars, 1 l, box of six | 27.90 | 3900
    Moka pot, six cups | 34.50 | 720
    Wool blanket, 140 × 200 | 89.00 | 1400
    """,
)
FOOD = _articles(
    "EP",
    """
    Lavender honey, 500 g | 9.80 | 780
    Olive oil, first pressing, 75 cl | 16.50 | 1250
    Coffee beans, medium roast, 1 kg | 21.90 | 1040
    Buckwheat flour, 2 kg | 7.40 | 2050
    Apricot jam, two jars | 8.60 | 820
    Comté, 18 months, 400 g | 13.20 | 430
    Salted-butter caramels, tin | 11.50 | 360
    Green lentils, 1 kg | 5.90 | 1020
    Apple juice, six bottles | 15.00 | 6900
    Herbal tea, mint and lemon balm | 6.20 | 90
    """,
)
HEAVY = Article("MV-9001", "Cast-iron garden stove", Decimal("690.00"), 46000)
PREORDER = EBOOKS[-1]
