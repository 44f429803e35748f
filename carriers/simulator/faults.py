"""Misbehaving on demand.

Faults of calls: `429`, `500`, `garbage` (the work is done, the answer is not JSON), `timeout` (the work is
done, the answer never comes), `drop` (the connection breaks before anything was done).
Faults of hooks: `late` (after `seconds`), `twice`, `out_of_order` (after the next hook of that parcel),
`bad_signature`, `lost_hook`.
"""

from dataclasses import dataclass

CALLS = frozenset({"429", "500", "garbage", "timeout", "drop"})
HOOKS = frozenset({"late", "twice", "out_of_order", "bad_signature", "lost_hook"})


@dataclass
class Fault:
    """`on` names an operation (create, read, list, cancel, …), `hook`, or nothing for every call."""

    kind: str
    carrier: str = ""
    on: str = ""
    times: int = 1
    seconds: float = 60.0


class Faults:
    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        if fault.kind not in CALLS | HOOKS:
            raise ValueError(f"no such fault: {fault.kind}")
        self.pending.append(fault)

    def take(self, carrier: str, operation: str) -> Fault | None:
        """Return the next fault for an operation and use it up once."""
        kinds = HOOKS if operation == "hook" else CALLS
        for fault in self.pending:
            if fault.kind in kinds and fault.carrier in {"", carrier} and fault.on in {"", operation}:
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                return fault
        return None
