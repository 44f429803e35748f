"""How many orders of which story there are, and when they begin."""

from collections.abc import Callable

from woop.management.demo import story_gate as gate
from woop.management.demo import story_office as office
from woop.management.demo import story_parcels as parcels
from woop.management.demo import story_store as store
from woop.management.demo.floor import Floor
from woop.management.demo.past import Past, Story, hours, minutes, seconds

DAYS = 12
# Scenario and how many hours ago it began, so that each is found at its most interesting moment.
TROUBLES = (
    ("late", 20),
    ("late", 9),
    ("manco", 14),
    ("found", 9),
    ("unknown", 12),
    ("alien", 13),
    ("returned", 30),
    ("pickup", 16),
    ("uncollected", 40),
    ("retry", 15),
    ("lost", 26),
    ("customs", 11),
    ("dropped", 8),
    ("stuck", 50),
)
# Live from the start: country, postal code or suffix that steer the simulator ("" is an untroubled parcel).
ARRIVING = (
    ("NL", "", ""),
    ("FR", "", ""),
    ("NL", "1017 LT", ""),
    ("NL", "3512 MC", ""),
    ("NL", "9712 AL", ""),
    ("NL", "2312 PU", ""),
    ("FR", "", "-retry"),
    ("FR", "", "-returned"),
    ("DE", "", ""),
    ("NL", "", ""),
)
LEFT_TO_ACCEPT = (75, 120, 165, 205, 245, 285)  # seconds


class Cast:
    def __init__(self, past: Past, books: Floor, house: Floor) -> None:
        self.past, self.books, self.house = past, books, house
        self.dice = books.dice

    def enter(self) -> None:
        self.regulars()
        self.troubles()
        self.couriers()
        self.counters()
        self.offices()
        self.marketplace()
        self.arrivals()

    def _each(
        self, floors: tuple[Floor, ...], within_h: float, tell: Callable[..., Story], *args: object
    ) -> None:
        for floor in floors:
            self.past.begin(hours(self.dice.uniform(0.25, 1) * within_h), tell(floor, *args))

    @property
    def both(self) -> tuple[Floor, ...]:
        return self.books, self.house

    def regulars(self) -> None:
        """What any day looks like: parcels that arrive, and those of today that are on their way."""
        for number in range(52):
            floor = self.house if number % 3 == 2 else self.books
            country = self.dice.choice(("NL", "NL", "FR", "DE", "GB")) if floor is self.books else ""
            ago = hours(24 * DAYS * (number + self.dice.random()) / 52 + 1)
            story = parcels.carried(floor, "ok", country, is_old=ago > hours(60))
            self.past.begin(ago, story)
        for number in range(18):
            floor = self.both[number % 2]
            self.past.begin(hours(self.dice.uniform(1, 17)), parcels.carried(floor))
        for floor in self.both:
            self.past.begin(hours(33), parcels.in_two_parcels(floor))
            self.past.begin(hours(70), office.ebook_and_parcel(self.books))

    def troubles(self) -> None:
        for number, (scenario, ago) in enumerate(TROUBLES):
            country = "NL" if number % 2 else "FR"
            self.past.begin(hours(ago), parcels.carried(self.books, scenario, country))
            if number % 2:
                self.past.begin(hours(ago + 3), parcels.carried(self.house, scenario))
        self.past.begin(hours(52), parcels.echoing(self.books))
        self.past.begin(hours(6), parcels.answer_lost(self.books))
        self._each(self.both, 30, parcels.cancelled_while_booked)
        self._each(self.both, 20, parcels.to_be_completed)
        self._each(self.both, 60, parcels.to_be_completed, True)
        self._each(self.both, 9, parcels.refused)
        self._each((self.books,), 40, parcels.refused, True)
        for then in ((), ("TO_BE_QUOTED",), ("TO_BE_QUOTED", "QUOTED")):
            self._each((self.house,), 3, parcels.too_heavy, *then)
        for last in ("WITH_NO_QUOTE", "WITH_NO_CARRIER_AVAILABLE"):
            self._each((self.house,), 12, parcels.too_heavy, "TO_BE_QUOTED", last)
        self._each((self.house,), 2, parcels.too_heavy, "TO_BE_QUOTED", "QUOTED", "QUOTE_TO_BE_CONFIRMED")

    def couriers(self) -> None:
        for number, statuses in enumerate(parcels.ROUNDS):
            self._each(self.both if number % 4 == 0 else (self.house,), 22, parcels.round_of, statuses)
        self._each((self.house,), 50, parcels.contradicted)
        self._each(self.both, 50, parcels.set_right)

    def counters(self) -> None:
        for statuses in store.VISITS:
            self._each(self.both, 30, store.visit, statuses)
        for statuses in store.VISITS[6:8] * 2:
            self._each(self.both, 24 * DAYS, store.visit, statuses)
        self._each(self.both, 30, store.partly)
        self._each(self.both, 70, store.partly, "STARTED READY IN_PROGRESS PICK_UP_OK")
        self._each((self.books, *self.both), 40, store.reordered)
        self._each((self.books,), 60, store.given_up)
        self._each((self.books,), 20, store.served_and_cancelled)

    def offices(self) -> None:
        for status in ("processing", "short", "sent", "sent"):
            self._each((self.books,), 40, office.packed_at_cb, status)
        for steps in ((7,), (7, 8), (8,), (7, 8, 10)):
            self._each(self.both, 30, office.step_by_step, *steps)
        self._each((self.books, *self.both), 30, office.split_in_two)
        for released in (False, True):
            self._each(self.both, 30, office.errors, released)
            self._each(self.both, 30, office.damaged, released)
        for by_client in (False, True):
            self._each(self.both, 60, office.cancelled, by_client)
        self._each(self.both, 30, office.cancelled_after_all)
        self._each((self.books,), 72, office.done_by_hand)
        for outcome in (40, 40, 40, 40, 40, 40, 10, 10, 98):
            self._each((self.books,), 24 * DAYS, office.ebook, outcome)

    def marketplace(self) -> None:
        for number in range(14):
            logistics, way = ("flex", gate.FLEX) if number % 2 else ("dropoff", gate.DROPOFF)
            self._each((self.house,), 24 * DAYS if number > 4 else 2, gate.accepted, logistics, way)
        for floor in (self.books, self.books, self.house):
            self._each((floor,), 15, gate.accepted_for_carrier)
        self._each(self.both, 50, gate.rejected, "The last one was sold over the counter.")
        self._each(self.both, 30, gate.forgotten)
        for number, left in enumerate(LEFT_TO_ACCEPT):
            floor = self.both[number % 2]
            self.past.begin(minutes(5) - seconds(left), gate.pending(floor, changed=number in (2, 3)))

    def arrivals(self) -> None:
        for number, (country, postal_code, suffix) in enumerate(ARRIVING):
            story = parcels.arriving(self.books, country, suffix, postal_code)
            self.past.begin(seconds(50 - 4 * number), story)
        for number in range(3):
            self.past.begin(seconds(30 - 9 * number), parcels.arriving(self.house))
