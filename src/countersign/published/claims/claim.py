"""A public claim about live facial recognition, as a value: who said what, when and where, and what figure it comes to.

The words are kept as they were said; ``quantity``, ``relation`` and ``value`` state the figure in them, and the dates,
place and threshold which rows it is about. ``words_from`` and ``words_to`` are the period the *words* name, where that
is another than the one the figure fits. A claim of a chance may lean on a ``Benchmark``, which brings its own counts.

>>> claim = Claim(id="five", statement="nine arrests", quantity=("arrests",), relation="equals", value=(Decimal(9),))
>>> claim.about()
'at any date'
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import msgspec

from countersign.errors import WrongForm
from countersign.published.claims.terms import ON_THE_NUMBER, RELATIONS, WITHOUT_VALUE, check_relation, term
from countersign.published.table.measures import Selection
from countersign.words.phrases import span


class ClaimImpossible(WrongForm):
    """A claim contradicts itself: it ends before it begins, or has not one value for each quantity."""

    code = "claim-impossible"
    next_step = "Compare the claim with its source and put it right in the claims file."


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """A rate a claim compares with: ``events`` counted, giving 1 in ``one_in`` at a watchlist of ``at_watchlist``.

    Scaling it to another size of watchlist is linear (independent comparisons), a model and labelled as one. Without
    ``at_watchlist`` it is not scaled. ``events`` of 0 cannot give a rate and is refused.
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


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One claim. Raises ``UnknownQuantity``, ``UnknownRelation``, or ``ClaimImpossible`` where it contradicts itself.

    ``value`` holds one number for each of ``quantity`` (none for a relation that takes none); as ``Decimal`` it keeps
    the digits as given. ``digits``: significant figures meant, where trailing zeros of the value would mislead.
    ``force`` picks among counts by group. ``needs``: what would have to be seen to check a duty; ``beside``: what the
    record does show that bears on it (names of ``claim_context.BESIDE``). ``note`` is printed and judged by nobody.
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
    needs: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not self.quantity:
            raise ClaimImpossible("it names no quantity")
        for quantity in self.quantity:
            check_relation(self.relation, term(quantity))
        self._check_values()
        for first, last, what in (
            (self.date_from, self.date_to, "date"),
            (self.words_from, self.words_to, "words"),
        ):
            if first is not None and last is not None and last < first:
                raise ClaimImpossible(f"{what}_to {last} lies before {what}_from {first}")

    def _check_values(self) -> None:
        wanted = 0 if self.relation in WITHOUT_VALUE else len(self.quantity)
        if len(self.value) != wanted:
            raise ClaimImpossible(
                f"relation {self.relation!r} takes {wanted} value(s) here ({RELATIONS[self.relation]}), not "
                f"{len(self.value)}"
            )
        if any(not value.is_finite() or value < 0 for value in self.value):
            raise ClaimImpossible("a value is below zero or no number")
        if self.relation.endswith("one_in") and any(value < 1 for value in self.value):
            raise ClaimImpossible("'1 in N' needs an N of at least 1")
        of_chance = self.relation not in ON_THE_NUMBER and term(self.quantity[0]).subject == "measure"
        if of_chance and any(value == 0 for value in self.value):
            raise ClaimImpossible("a chance of 0 cannot be compared with an interval; claim a count of 0 instead")
        if self.benchmark is not None and not of_chance:
            raise ClaimImpossible(f"a benchmark belongs to a claim of a chance, not to relation {self.relation!r}")
        if self.digits is not None and self.digits < 1:
            raise ClaimImpossible(f"digits is {self.digits}; at least one is meant")

    @property
    def selection(self) -> Selection:
        """The rows the figure is about."""
        return Selection(self.date_from, self.date_to, self.place, threshold=self.threshold)

    @property
    def selection_of_words(self) -> Selection | None:
        """The rows the words are about, where they name another period than the figure fits."""
        if self.words_from is None and self.words_to is None:
            return None
        return Selection(
            self.words_from or self.date_from, self.words_to or self.date_to, self.place, threshold=self.threshold
        )

    def about(self) -> str:
        """Period, place and threshold in words."""
        parts = [span(self.date_from, self.date_to)]
        if self.place is not None:
            parts.append(f"at {self.place}")
        if self.threshold is not None:
            parts.append(f"at threshold {self.threshold}")
        return ", ".join(parts)
