"""A measure over the rows of a claim: its exact rate and interval, by regime, and how they are told in a sentence.

A measure is formed over the rows that print both its counts, no others. The rate is an exact fraction; its interval is
Clopper-Pearson's for a proportion and Garwood's for a rate in time.

>>> from countersign.published.table.measures import MEASURES
>>> row = Row("a", 1, faces_seen=8600, false_alerts=7)
>>> found = count_of(MEASURES["false_alerts_per_face"], [row])
>>> found.recorded, found.told, found.told_range
('7 false alerts in 8,600 faces seen (estimate)', '1 in 1,229', '1 in 596 to 1 in 3,056')
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

from countersign.inference.estimate import intensity, proportion
from countersign.inference.rate import Interval
from countersign.published.claims.claim import Claim
from countersign.published.claims.scope import Piece, Scope, extent
from countersign.published.claims.terms import Term
from countersign.published.claims.verdicts import Part
from countersign.published.table.measures import MEASURES, QUANTITIES, Measure, both, total, value
from countersign.published.table.record import Row
from countersign.words.phrases import counted, listing, one_in, one_in_range, per_cent, whole

#: Quantity: the same counted the other way, with every unconfirmed alert turned against what the force counts.
OTHER_WAY: dict[str, str] = {"false_alerts": "false_alerts_at_most", "true_alerts": "true_alerts_confirmed"}
#: Below this a proportion is told as "1 in N", from it on in per cent.
RARE = Fraction(1, 10)


class Counted:
    """A measure over rows: the rows that print both its counts, the counts, and what follows from them."""

    def __init__(self, measure: Measure, rows: Sequence[Row], events: int, trials: Fraction) -> None:
        self.measure = measure
        self.rows = tuple(rows)
        self.events = events
        self.trials = trials

    @property
    def rate(self) -> Fraction:
        """Events per trial, exact."""
        return self.events / self.trials

    @cached_property
    def interval(self) -> Interval:
        """The exact 95 per cent interval."""
        if self.measure.kind == "proportion" and self.events <= self.trials:
            return proportion(self.events, int(self.trials)).exact
        return intensity(self.events, float(self.trials)).exact

    @property
    def recorded(self) -> str:
        """The two counts: "27 false alerts in 902,748 faces seen (estimate)"."""
        return (
            f"{whole(self.events)} {QUANTITIES[self.measure.numerator]} in {whole(self.trials)} "
            f"{QUANTITIES[self.measure.denominator]}"
        )

    @property
    def told(self) -> str:
        """The rate in words: "1 in N" where rare, per cent where not, per unit for a rate in time."""
        if self.rate == 0:
            return "none recorded"
        if self.measure.kind == "intensity":
            return f"{float(self.rate):.3g} {self.measure.label}"
        return one_in(float(1 / self.rate)) if self.rate < RARE else per_cent(float(self.rate))

    @property
    def told_range(self) -> str:
        """The interval in words, rounded outwards."""
        low, high = self.interval.low, self.interval.high
        if self.measure.kind == "intensity":
            return f"{low:.3g} to {high:.3g} {self.measure.label}"
        return one_in_range(low, high) if high < RARE else f"{per_cent(low, 'down')} to {per_cent(high, 'up')}"


def count_of(measure: Measure, rows: Sequence[Row]) -> Counted | None:
    """The measure over the rows that print both its counts; ``None`` where none does or there were no trials."""
    used = both(rows, measure)
    events, trials = total(used, measure.numerator).amount, total(used, measure.denominator).amount
    if events is None or trials is None or trials == 0:
        return None
    return Counted(measure, used, int(events), Fraction(trials))


def recorded_in(quantity: Term, rows: Sequence[Row]) -> str:
    """What rows give of a quantity, whatever is claimed of it; nothing where they print none."""
    if quantity.subject == "measure":
        found = count_of(MEASURES[quantity.name], rows)
        return "" if found is None else found.recorded
    amount = total(rows, quantity.name).amount
    return "" if amount is None else f"{whole(amount)} {QUANTITIES[quantity.name]}"


def other_way(measure: Measure) -> Measure | None:
    """The measure with every unconfirmed alert counted the other way; ``None`` where it counts no alerts."""
    turned = OTHER_WAY.get(measure.numerator)
    return None if turned is None else measure._replace(numerator=turned)


def turned_count(rows: Sequence[Row], quantity: str) -> int | None:
    """A quantity with every unconfirmed alert counted the other way, where a row says how many there were.

    Rows that do not say keep their count, so that both counts are of the same rows. ``None`` where no row says, or
    where the quantity counts no alerts.
    """
    turned = OTHER_WAY.get(quantity)
    if turned is None:
        return None
    pairs = [
        (count if other is None else other, other is not None)
        for row in rows
        if (count := value(row, quantity)) is not None
        for other in (value(row, turned),)
    ]
    return sum(int(count) for count, _ in pairs) if any(said for _, said in pairs) else None


def by_regime(measure: Measure, scope: Scope) -> tuple[tuple[Piece, Counted], ...]:
    """The measure in each piece it must be split by: regimes for a rate per face, thresholds for any other."""
    pieces = scope.regimes if measure.per_face else scope.thresholds
    found = ((piece, count_of(measure, piece.rows)) for piece in pieces)
    return tuple((piece, counts) for piece, counts in found if counts is not None)


def nothing_printed(measure: Measure) -> Part:
    """The judgement where no row prints both counts of a measure."""
    needed = listing([QUANTITIES[measure.numerator], QUANTITIES[measure.denominator]])
    return Part("cannot be checked", f"no row of the period prints both {needed}", missing=(needed,))


def first_steps(claim: Claim, found: Counted, rows: Sequence[Row]) -> list[str]:
    """The first steps of the arithmetic of a rate: which rows, which counts, the division, the interval."""
    left = len(rows) - len(found.rows)
    numerator, denominator = QUANTITIES[found.measure.numerator], QUANTITIES[found.measure.denominator]
    return [
        f"Rows {claim.about()}: {extent(rows)}"
        + (f"; {counted(left, 'row')} without both counts left out." if left else "."),
        f"Sum of {numerator}: {whole(found.events)}. Sum of {denominator}: {whole(found.trials)}.",
        f"{whole(found.events)} / {whole(found.trials)} = {float(found.rate):.4g}: {found.told}.",
        f"Exact 95 per cent interval ({found.interval.method}): {found.told_range}.",
    ]
