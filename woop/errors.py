"""The two ways in which a service says no."""

from woop.machines import StrPromise
from woop.outcomes import Refusal


class RuleError(Exception):
    """A rule refuses what was asked: the caller shows the refusal (409 in the API)."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class InvalidInput(Exception):
    """Values that cannot be: a sentence per field (422 in the API)."""

    def __init__(self, **errors: StrPromise) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def refuse(code: str, detail: StrPromise) -> RuleError:
    return RuleError(Refusal(code, detail))
