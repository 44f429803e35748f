import pytest
from sqids import Sqids

from woop.identifiers import ALPHABET, KINDS, decode, encode

PLAIN = Sqids(alphabet=ALPHABET, min_length=10)


@pytest.mark.parametrize("kind", KINDS)
def test_identifiers_are_what_the_library_makes(kind):
    for pk in (1, 2, 61, 62, 63, 999, 123_456_789, 2**53):
        assert encode(kind, pk) == PLAIN.encode([KINDS[kind], pk])
        assert decode(kind, encode(kind, pk)) == pk


def test_an_identifier_never_changes():
    assert encode("package", 1) == "tIdWbyXGJB"
    assert encode("line", 123_456) == "G0ZLJDetjg"


@pytest.mark.parametrize(
    "text", ["", "1", "nonsense", "é", "-", encode("line", 1), encode("package", 1) + "x"]
)
def test_what_names_nothing_is_nothing(text):
    assert decode("package", text) is None
