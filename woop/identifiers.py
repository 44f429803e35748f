"""Opaque public identifiers: what a client sees instead of a primary key."""

from functools import lru_cache

from sqids import Sqids

# Published identifiers must never change, so neither may this alphabet nor these numbers.
ALPHABET = "k3G7QAe51FCsPW92uEOyq4Bg6Sp8YzVTmnU0liwDdHXLajZrfxNhobJIRcMvKt"
KINDS = {"order": 1, "package": 2, "line": 3, "delivery": 4, "collect": 5, "message": 6, "job": 7}

_sqids = Sqids(alphabet=ALPHABET, min_length=10)
# It shuffles the alphabet anew for every identifier, which is most of its work; few shuffles differ.
_sqids._Sqids__shuffle = lru_cache(maxsize=4096)(_sqids._Sqids__shuffle)  # type: ignore[attr-defined]


@lru_cache(maxsize=16_384)
def encode(kind: str, pk: int) -> str:
    """Return the public identifier of one row."""
    return _sqids.encode([KINDS[kind], pk])


def decode(kind: str, text: str) -> int | None:
    """Return the primary key behind an identifier, None when it names no such object."""
    try:
        numbers = _sqids.decode(text)
    except ValueError:
        return None
    if len(numbers) != 2 or numbers[0] != KINDS[kind] or encode(kind, numbers[1]) != text:
        return None
    return numbers[1]
