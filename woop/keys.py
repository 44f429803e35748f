"""Primary keys that come from outside: a number of some size, or nothing."""

DIGITS = 18  # what every database takes as a big integer


def key_of(text: str | None) -> int | None:
    """Read a primary key from a form or an address; None where it can be none."""
    text = text or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


class KeyConverter:
    """A primary key in an address: `<key:pk>`."""

    regex = f"[0-9]{{1,{DIGITS}}}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)
