"""The parcels of the pretended carriers, in memory and, if asked, in a file."""

import heapq
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from carriers.simulator.scenarios import SCENARIOS, Step


@dataclass
class Parcel:
    """One parcel at one carrier. Times are UNIX seconds; `plan` counts the steps that were taken."""

    id: int
    carrier: str
    account: str
    fields: dict[str, Any]
    reference: str
    order_number: str
    scenario: str
    created_at: float
    updated_at: float
    status: str = ""
    plan: int = 0
    detour: list[Step] = field(default_factory=list)
    next_at: float | None = None
    tracking_number: str = ""
    history: list[tuple[float, str]] = field(default_factory=list)

    @property
    def steps(self) -> tuple[Step, ...]:
        scenario = SCENARIOS[self.scenario]
        return scenario.veloyd if self.carrier == "veloyd" else scenario.sendcloud

    def set_status(self, status: str, at: float) -> None:
        """Take on a status; two changes never happen in the same millisecond."""
        self.updated_at = max(at, self.updated_at + 0.001)
        self.status = status
        self.history.append((self.updated_at, status))

    def next_step(self) -> Step | None:
        """Return what comes next: a detour before the plan goes on."""
        if self.detour:
            return self.detour[0]
        return self.steps[self.plan] if self.plan < len(self.steps) else None

    def take_step(self) -> Step | None:
        step = self.next_step()
        if self.detour:
            self.detour.pop(0)
        elif step is not None:
            self.plan += 1
        return step


EPOCH = 1_577_836_800  # 2020
Listener = Callable[[Parcel], None]


class ParcelStore:
    """All parcels. `listener` is told of every change of status, creation excepted."""

    def __init__(
        self, speed: float, file: Path | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.speed = speed
        self.clock = clock
        self.listener: Listener = lambda parcel: None
        self.parcels: dict[int, Parcel] = {}
        self._file = file
        self._due: list[tuple[float, int]] = []
        # An id is never given twice, not even after a restart that forgot all parcels: Woop forgets none.
        self._last_id = int(time.time()) - EPOCH
        self._is_dirty = False
        if file is not None and file.exists():
            self._load(file)

    def __iter__(self) -> Iterator[Parcel]:
        return iter(self.parcels.values())

    def add(
        self,
        carrier: str,
        account: str,
        fields: dict[str, Any],
        *,
        reference: str,
        order_number: str,
        scenario: str,
    ) -> Parcel:
        """Make a parcel in the first status of its life."""
        at = self.clock()
        self._last_id += 1
        number = self._last_id
        parcel = Parcel(number, carrier, account, fields, reference, order_number, scenario, at, at)
        self.parcels[number] = parcel
        parcel.plan = 1
        parcel.set_status(parcel.steps[0].status, at)
        self._schedule(parcel, at)
        return parcel

    def find(self, carrier: str, account: str, number: str) -> Parcel | None:
        """Return the account's parcel; another account's does not exist for it."""
        parcel = self.parcels.get(int(number)) if number.isdecimal() else None
        return parcel if parcel and (parcel.carrier, parcel.account) == (carrier, account) else None

    def of(self, carrier: str, account: str) -> list[Parcel]:
        return [parcel for parcel in self if (parcel.carrier, parcel.account) == (carrier, account)]

    def move(self, parcel: Parcel, status: str) -> None:
        parcel.set_status(status, self.clock())
        self._is_dirty = True
        self.listener(parcel)

    def stop(self, parcel: Parcel) -> None:
        """Let the parcel rest where it is."""
        parcel.plan, parcel.next_at = len(parcel.steps), None
        parcel.detour.clear()

    def interject(self, parcel: Parcel, step: Step) -> None:
        """Have something happen before the plan goes on."""
        parcel.detour.append(step)
        self._schedule(parcel, self.clock())

    def remove(self, parcel: Parcel) -> None:
        del self.parcels[parcel.id]
        self._is_dirty = True

    def advance(self, parcel: Parcel) -> bool:
        """Take the next step of the parcel's life, due or not; False if there is none."""
        step = parcel.take_step()
        if step is None:
            return False
        self.move(parcel, step.status)
        self._schedule(parcel, self.clock())
        return True

    def tick(self) -> int:
        """Take every step that is due; return how many there were."""
        moved = 0
        at = self.clock()
        while self._due and self._due[0][0] <= at:
            due, number = heapq.heappop(self._due)
            parcel = self.parcels.get(number)
            # An entry that was overtaken by another plan is stale.
            if parcel is not None and parcel.next_at == due and self.advance(parcel):
                moved += 1
        return moved

    def set_speed(self, speed: float) -> None:
        self.speed = speed
        self._due.clear()
        for parcel in self:
            self._schedule(parcel, self.clock())

    def reset(self) -> None:
        self.parcels.clear()
        self._due.clear()
        self._is_dirty = True

    def _schedule(self, parcel: Parcel, at: float) -> None:
        """Fix the moment of the next step; none where the life is over or time stands still."""
        step = parcel.next_step()
        parcel.next_at = at + step.after_s / self.speed if step is not None and self.speed > 0 else None
        self._is_dirty = True
        if parcel.next_at is not None:
            heapq.heappush(self._due, (parcel.next_at, parcel.id))

    # --- the file ---
    def save(self) -> None:
        """Write the parcels down if anything changed, so that a reader never sees half a file."""
        if self._file is None or not self._is_dirty:
            return
        self._is_dirty = False
        draft = self._file.with_suffix(".draft")
        draft.write_text(
            json.dumps({"last_id": self._last_id, "parcels": [asdict(parcel) for parcel in self]})
        )
        draft.replace(self._file)

    def _load(self, file: Path) -> None:
        saved = json.loads(file.read_text())
        self._last_id = max(self._last_id, saved["last_id"])
        for row in saved["parcels"]:
            row["history"] = [(at, status) for at, status in row["history"]]
            row["detour"] = [Step(**step) for step in row["detour"]]
            parcel = Parcel(**row)
            self.parcels[parcel.id] = parcel
            if parcel.next_at is not None:
                heapq.heappush(self._due, (parcel.next_at, parcel.id))
