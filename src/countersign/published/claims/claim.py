"""A public claim: the words as they were said, and the figure in them.

``quantity``, ``relation`` and ``value`` state the figure, dates, place and threshold the rows it is about
(``docs/formats/claims.md``). What a quantity and a relation may be is in ``quantities``.

>>> claim = Claim(id="five", statement="nine arrests", quantity=("arrests",), relation="equals", value=(Decimal(9),))
>>> claim.about()
'at any date'
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import msgspec

from countersign.errors import WrongForm
from countersign.published.claims.quantities import (
    COMPARING,
    ON_THE_NUMBER,
    RELATIONS,
    WITHOUT_VALUE,
    Term,
    check_relation,
    term,
)
from countersign.published.table.measures import Selection
from countersign.words.dates import span


class ClaimImpossible(WrongForm, next_step="Compare the claim with its source and put it right in the claims file."):
    """A claim contradicts itself: it ends before it begins, or has not one value for each quantity."""


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """A rate a claim compares with: ``events`` counted, giving 1 in ``one_in`` at a watchlist of ``at_watchlist``.

    Scaling it to another size of watchlist is linear, a model and labelled as one; without ``at_watchlist`` it is not
    scaled. ``events`` of 0 cannot give a rate and is refused.
    """

    id: str
    one_in: Decimal
    events: int
    source: str
    at_watchlist: int | None = None

    def __post_init__(self) -> None:
        if self.one_in < 1 or self.events < 1 or (self.at_watchlist is not None and self.at_watchlist < 1):
            raise ClaimImpossible(f"benchmark {self.id!r}: one_in, events and at_watchlist must be at least 1")


class FaceCountRange(msgspec.Struct, frozen=True, kw_only=True):
    """How far the true number of faces may lie from the printed one: ``low`` to ``high`` times as many, and why."""

    low: float
    high: float
    source: str

    def __post_init__(self) -> None:
        if not 0 < self.low <= 1 <= self.high:
            raise ClaimImpossible(f"face count range {self.low} to {self.high}: needs 0 < low <= 1 <= high")


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """The base of a number per head: ``people`` of a kind (``what``); the value is said for each ``per`` of them."""

    people: int
    what: str
    source: str
    per: int = 1

    def __post_init__(self) -> None:
        if self.people < 1 or self.per < 1:
            raise ClaimImpossible("a population: people and per must be at least 1")


class SeededTest(msgspec.Struct, frozen=True, kw_only=True):
    """What a seeded test gave: ``recognised`` of ``passes`` by ``people`` who were put on the list to walk past."""

    passes: int
    recognised: int
    people: int
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.recognised <= self.passes or not 1 <= self.people <= self.passes:
            raise ClaimImpossible("a seeded test: needs 0 <= recognised <= passes and 1 <= people <= passes")


class RecordStart(msgspec.Struct, frozen=True, kw_only=True):
    """The day from which the record is said to list every deployment, and who says so."""

    begins: datetime.date
    source: str


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One claim. Raises ``UnknownQuantity``, ``UnknownRelation``, or ``ClaimImpossible`` where it contradicts itself.

    ``value`` holds one number for each of ``quantity``, with the digits as given; ``digits``: significant figures
    meant, where trailing zeros would mislead. ``words_from`` and ``words_to``: the period the *words* name, where it is
    another than the figure fits. ``needs``: what would have to be seen to check a duty; ``beside``: what the record
    does show that bears on it (names of ``context.BESIDE``). ``note`` is printed and judged by nobody.

    ``against_...``: the rows that a comparison is with. ``parts``: the numbers that the claim adds up to its value.
    ``of``: the number that its words divide by ("of the 9,756 faces"). ``release``: judged on the documents published
    by that day; ``document``: on that one. ``start``: from when the record is complete.
    """

    id: str
    statement: str
    quantity: tuple[str, ...]
    relation: str
    value: tuple[Decimal, ...] = ()
    said_by: str = ""
    said_on: str = ""
    where: str = ""
    date_from: datetime.date | None = None
    date_to: datetime.date | None = None
    place: str | None = None
    threshold: Decimal | None = None
    digits: int | None = None
    words_from: datetime.date | None = None
    words_to: datetime.date | None = None
    force: str = ""
    benchmark: Benchmark | None = None
    face_count: FaceCountRange | None = None
    against_from: datetime.date | None = None
    against_to: datetime.date | None = None
    against_place: str | None = None
    against_threshold: Decimal | None = None
    parts: tuple[Decimal, ...] = ()
    of: Decimal | None = None
    population: Population | None = None
    seeded: SeededTest | None = None
    release: datetime.date | None = None
    document: str = ""
    start: RecordStart | None = None
    needs: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not self.quantity:
            raise ClaimImpossible("it names no quantity")
        for quantity in self.quantity:
            check_relation(self.relation, term(quantity))
        self._check_values()
        self._check_comparison()
        spans = (
            (self.date_from, self.date_to, "date"),
            (self.words_from, self.words_to, "words"),
            (self.against_from, self.against_to, "against"),
        )
        for first, last, what in spans:
            if first is not None and last is not None and last < first:
                raise ClaimImpossible(f"{what}_to {last} lies before {what}_from {first}")

    def _check_values(self) -> None:
        wanted = 0 if self.relation in WITHOUT_VALUE else 1 if self.relation == "together" else len(self.quantity)
        if len(self.value) != wanted:
            takes = f"{wanted} value(s) here ({RELATIONS[self.relation]}), not {len(self.value)}"
            raise ClaimImpossible(f"relation {self.relation!r} takes {takes}")
        if any(not value.is_finite() or value < 0 for value in self.value):
            raise ClaimImpossible("a value is below zero or no number")
        if self.relation.endswith("one_in") and any(value < 1 for value in self.value):
            raise ClaimImpossible("'1 in N' needs an N of at least 1")
        first = term(self.quantity[0])
        of_chance = self.of_chance(first)
        if of_chance and any(value == 0 for value in self.value):
            raise ClaimImpossible("a chance of 0 cannot be compared with an interval; claim a count of 0 instead")
        compared = self.relation in COMPARING and first.subject == "measure"
        if self.benchmark is not None and not of_chance and not compared:
            raise ClaimImpossible(f"a benchmark belongs to a claim of a chance, not to relation {self.relation!r}")
        if self.digits is not None and self.digits < 1:
            raise ClaimImpossible(f"digits is {self.digits}; at least one is meant")
        if any(not part.is_finite() or part < 0 for part in (*self.parts, *(() if self.of is None else (self.of,)))):
            raise ClaimImpossible("a part, or the number divided by, is below zero or no number")
        if self.parts and (len(self.parts) < 2 or len(self.value) != 1):
            raise ClaimImpossible("parts are two numbers or more that a claim of one figure adds up to its value")

    def _check_comparison(self) -> None:
        subjects = {term(quantity).subject for quantity in self.quantity}
        if self.relation in COMPARING:
            if (self.against is None) == (self.benchmark is None):
                raise ClaimImpossible(
                    "a comparison needs what it is compared with: against_from, against_to, against_place or "
                    "against_threshold, or else a benchmark"
                )
            if self.relation == "fell_by" and any(value > 1 for value in self.value):
                raise ClaimImpossible("nothing falls by more than all of it: fell_by takes a share, such as 0.86")
        elif self.against is not None:
            raise ClaimImpossible(f"relation {self.relation!r} compares with nothing; leave the keys against_... out")
        for subject, given, key in (("head", self.population, "population"), ("seeded", self.seeded, "seeded")):
            if given is not None and subject not in subjects:
                raise ClaimImpossible(f"key {key!r} belongs to a claim of another quantity")
        if "head" in subjects and self.population is None:
            raise ClaimImpossible("a number per head needs its base: name a [population.NAME]")

    def of_chance(self, quantity: Term) -> bool:
        """Whether it speaks of a chance, which is judged on the interval of a rate."""
        on_the_number = self.relation in ON_THE_NUMBER or self.relation in COMPARING
        return quantity.subject == "measure" and not on_the_number

    @property
    def against(self) -> Selection | None:
        """The rows that a comparison is with; ``None`` where no key names them."""
        named = (self.against_from, self.against_to, self.against_place, self.against_threshold)
        if all(key is None for key in named):
            return None
        dated = self.against_from is not None or self.against_to is not None
        first, last = (self.against_from, self.against_to) if dated else (self.date_from, self.date_to)
        setting = self.threshold if self.against_threshold is None else self.against_threshold
        return Selection(first, last, self.against_place or self.place, threshold=setting)

    @property
    def selection(self) -> Selection:
        """The rows the figure is about."""
        return Selection(self.date_from, self.date_to, self.place, threshold=self.threshold)

    @property
    def selection_of_words(self) -> Selection | None:
        """The rows the words are about, where they name another period than the figure fits."""
        if self.words_from is None and self.words_to is None:
            return None
        first, last = self.words_from or self.date_from, self.words_to or self.date_to
        return Selection(first, last, self.place, threshold=self.threshold)

    def about(self) -> str:
        """Period, place and threshold in words."""
        parts = [span(self.date_from, self.date_to)]
        if self.place is not None:
            parts.append(f"at {self.place}")
        if self.threshold is not None:
            parts.append(f"at threshold {self.threshold}")
        return ", ".join(parts)
