"""The rows of a claim, split by regime, and a measure over them: exact rate, interval, and the words for both.

A record reaches to its last dated row, or to the day a document of it was published if that is later. For a rate per
face the rows are split by regime; for other rates only where the threshold changed. A measure is formed over the rows
that print both its counts; its interval allows for clumps of events within deployments (``inference.clusters``).

>>> reaches_to(Record((), (Row("a", 1, date=datetime.date(2025, 7, 11)),)))
datetime.date(2025, 7, 11)
>>> row = Row("a", 1, faces_seen=8600, false_alerts=7)
>>> found = count_of(MEASURES["false_alerts_per_face"], [row])
>>> found.recorded, found.in_words, found.range_in_words
('7 false alerts in 8,600 faces seen (estimate)', '1 in 1,229', '1 in 596 to 1 in 3,060')
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

import msgspec

from countersign.inference.clusters import intensity, proportion
from countersign.inference.rate import Interval, Rate
from countersign.published.claims.claim import Claim, RecordStart
from countersign.published.claims.quantities import Term
from countersign.published.claims.verdict import Part
from countersign.published.table.measures import (
    MEASURES,
    QUANTITIES,
    Measure,
    Selection,
    amount_of,
    both,
    cannot_be,
    total,
    value,
)
from countersign.published.table.record import Record, Row
from countersign.words.dates import day, span
from countersign.words.intervals import RARE, bounds, rate_range, rate_words
from countersign.words.lists import be, counted, listing
from countersign.words.numbers import count, plain, significant

#: How a regime begins to say that its face counts were not tested, and the most that are named in a line.
NOT_TESTED, NAMED = "not tested", 3


class RegimeRows(Protocol):
    """What is needed of a regime: the positions of its rows in the record, and whether their face counts compare."""

    @property
    def rows(self) -> Sequence[int]:
        """Positions of its rows in ``Record.rows``, from 0."""
        ...

    @property
    def per_face_comparable(self) -> bool:
        """Whether its rows are known to count faces in one way."""
        ...

    @property
    def face_counts(self) -> str:
        """What was tested of how its rows count faces, or why it was not."""
        ...


class Piece(NamedTuple):
    """Rows of a scope that lie in one regime."""

    label: str
    rows: tuple[Row, ...]
    per_face_comparable: bool = True
    face_counts: str = ""


class Scope(NamedTuple):
    """The selected rows, in printed order, and the same by regime (in the order of the regimes)."""

    rows: tuple[Row, ...]
    regimes: tuple[Piece, ...]

    @property
    def faces_comparable(self) -> bool:
        """Whether faces are counted in one way: no regime is in doubt, and no two share a threshold."""
        settings = [piece.rows[0].threshold for piece in self.regimes]
        return len(set(settings)) == len(settings) and all(piece.per_face_comparable for piece in self.regimes)

    @property
    def untested(self) -> tuple[str, ...]:
        """A line that says in which regimes nobody tested whether faces are counted in one way; none where all were."""
        left = [piece for piece in self.regimes if piece.face_counts.startswith(NOT_TESTED)]
        if not left:
            return ()
        named = [f"{piece.label}: {piece.face_counts.removeprefix(NOT_TESTED).strip(' ()')}" for piece in left[:NAMED]]
        more = [f"{len(left) - NAMED} more"] if len(left) > NAMED else []
        of = f"{counted(len(left), 'regime')} of {len(self.regimes)}"
        return (f"Whether faces were counted in one way was not tested in {of} ({listing([*named, *more])}).",)

    @property
    def thresholds(self) -> tuple[Piece, ...]:
        """The rows by threshold setting, in order of first appearance."""
        by_setting: dict[Decimal | None, list[Row]] = {}
        for row in self.rows:
            by_setting.setdefault(row.threshold, []).append(row)
        return tuple(
            Piece("no threshold printed" if setting is None else f"threshold {setting}", tuple(rows))
            for setting, rows in by_setting.items()
        )


class Holds(Protocol):
    """What is needed of a selection to take rows by it."""

    def holds(self, row: Row) -> bool:
        """Whether this row is selected."""
        ...


class Either(NamedTuple):
    """The rows of two selections together."""

    first: Selection
    second: Selection

    def holds(self, row: Row) -> bool:
        """Whether either selects this row."""
        return self.first.holds(row) or self.second.holds(row)


def scope_of(selection: Holds, record: Record, regimes: Sequence[RegimeRows] = ()) -> Scope:
    """The rows selected, split by the regimes given; rows in no regime form a piece of their own, last."""
    chosen = {position: row for position, row in enumerate(record.rows) if selection.holds(row)}
    pieces, placed = [], set()
    for regime in regimes:
        positions = [position for position in regime.rows if position in chosen]
        placed.update(positions)
        if positions:
            rows = tuple(chosen[position] for position in positions)
            named = _named(rows, regime.per_face_comparable)
            pieces.append(Piece(named, rows, regime.per_face_comparable, regime.face_counts))
    left = tuple(row for position, row in chosen.items() if position not in placed)
    scope = Scope(tuple(chosen.values()), tuple(pieces))
    if not regimes:
        return scope._replace(regimes=scope.thresholds)
    return scope._replace(regimes=(*pieces, Piece("in no regime", left))) if left else scope


def _named(rows: Sequence[Row], per_face_comparable: bool) -> str:
    settings = {row.threshold for row in rows}
    setting = settings.pop() if len(settings) == 1 else None
    dates = [row.date for row in rows if row.date is not None]
    period = f", {span(min(dates), max(dates))}" if dates else ""
    doubt = "" if per_face_comparable else ", between two ways of counting faces"
    return f"{'no threshold printed' if setting is None else f'threshold {setting}'}{period}{doubt}"


def reaches_to(record: Record) -> datetime.date | None:
    """The last day the record can be taken to cover; ``None`` where neither a row nor a document is dated."""
    days = [last for row in record.rows if (last := row.date_to or row.date) is not None]
    for document in record.documents:
        try:
            days.append(datetime.date.fromisoformat(document.published))
        except ValueError:  # not dated, or dated to a month or year only
            continue
    return max(days, default=None)


def begins_on(record: Record, start: RecordStart | None = None) -> datetime.date | None:
    """The first day the record covers: that of its first row, or the day from which it is said to be complete."""
    days = [row.date for row in record.rows if row.date is not None]
    return min([*days, *(() if start is None else (start.begins,))], default=None)


def not_covered(
    selection: Selection, scope: Scope, record: Record, start: RecordStart | None = None
) -> tuple[str, str] | None:
    """Why the record cannot answer for this selection, and what is missing; ``None`` where it can."""
    first, last = begins_on(record, start), reaches_to(record)
    if first is None or last is None:
        return "the record has no dated row, and the claim is about more than it holds", "any dated row"
    if selection.date_to is not None and selection.date_to < first:
        before = f"the rows of {span(selection.date_from, selection.date_to)}"
        return f"the record begins on {day(first)}, after the period of the claim", before
    if selection.date_from is not None and selection.date_from > last:
        after = f"the rows of {span(selection.date_from, selection.date_to)}"
        return f"the record reaches to {day(last)}, before the period of the claim", after
    reasons, missing = [], []
    if selection.date_from is not None and selection.date_from < first:
        before = f"the rows from {day(selection.date_from)} to {day(first - datetime.timedelta(days=1))}"
        missing.append(f"{before}, or a statement that there were none (in the claims file, [record] begins)")
        reasons.append(f"begins on {day(first)}")
    if selection.date_to is not None and selection.date_to > last:
        after = f"the rows from {day(last + datetime.timedelta(days=1))} to {day(selection.date_to)}"
        if not any(document.published for document in record.documents):
            none = "no document read bears one; a data package can give it as `published`"
            after += f", or a date of publication that shows that there were none ({none})"
        missing.append(after)
        reasons.append(f"reaches to {day(last)}")
    if reasons:
        return f"the record {listing(reasons)}, and the claim is about more than it holds", listing(missing)
    if cut := _cut(selection, record):
        covers = be(len(cut), "covers", "cover")
        because = f"{extent(cut)} {covers} days within the period of the claim and days outside it"
        return because, "a row for each deployment, or for each part of those periods"
    if not scope.rows:
        none = "any row of that period, place and threshold"
        return "the record has no row of that period, place and threshold", none
    return None


def _cut(selection: Selection, record: Record) -> list[Row]:
    """The rows of several days of which the selection takes some days and leaves others."""
    first, last = selection.date_from or datetime.date.min, selection.date_to or datetime.date.max
    anywhen = msgspec.structs.replace(selection, date_from=None, date_to=None)
    cut = []
    for row in record.rows:
        if row.date_to is None or not anywhen.holds(row):
            continue
        begins = row.date or datetime.date.min
        touches = begins <= last and row.date_to >= first
        if touches and not (begins >= first and row.date_to <= last):
            cut.append(row)
    return cut


def extent(rows: Sequence[Row], noun: str = "row") -> str:
    """How many rows, or the deployments in them where all say, and from when to when: "81 rows (25 July to ...)"."""
    dates = [day for row in rows for day in (row.date, row.date_to) if day is not None]
    number, deployments = len(rows), total(rows, "deployments")
    if noun == "deployment":
        noun, number = ("deployment", int(deployments.amount or 0)) if deployments.complete else ("row", number)
    many = counted(number, noun)
    return f"{many} ({span(min(dates), max(dates))})" if dates else many


def partly(measure: Measure, rows: Sequence[Row]) -> str:
    """Which rows a rate leaves out: those that do not print both its counts, and those whose counts cannot be, by name;
    nothing where it leaves out none.
    """
    left = sum(value(row, measure.numerator) is None or value(row, measure.denominator) is None for row in rows)
    both = listing([QUANTITIES[measure.numerator], QUANTITIES[measure.denominator]])
    said = [f"{counted(left, 'row')} of the period {be(left, 'does', 'do')} not print both {both}"] if left else []
    if wrong := [row for row in rows if cannot_be(row, measure)]:
        named = [f"{row.document}, row {row.number} ({_contradiction(row, measure)})" for row in wrong[:MOST_NAMED]]
        if len(wrong) > MOST_NAMED:
            named.append(f"{count(len(wrong) - MOST_NAMED)} more")
        said.append(f"left out, since {be(len(wrong), 'it contradicts itself', 'they contradict themselves')}: "
                    f"{listing(named)}")  # fmt: skip
    return "; ".join(said)


def _contradiction(row: Row, measure: Measure) -> str:
    events, trials = measure.numerator, measure.denominator
    if measure.of_false and row.alerts is not None and (row.false_alerts or 0) > row.alerts:
        events, trials = "false_alerts", "alerts"
    return " of ".join(amount_of(value(row, name) or 0, QUANTITIES[name]) for name in (events, trials))


#: The most rows that contradict themselves named in one sentence.
MOST_NAMED = 5
#: Quantity: the same counted the other way, with every unconfirmed alert turned against what the force counts.
OTHER_WAY: dict[str, str] = {"false_alerts": "false_alerts_at_most", "true_alerts": "true_alerts_confirmed"}


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
    def figure(self) -> Rate:
        """The rate with its exact interval and, of two deployments or more, the one that allows for clumps in them."""
        clusters = (
            [float(value(row, self.measure.numerator) or 0) for row in self.rows],
            [float(value(row, self.measure.denominator) or 0) for row in self.rows],
        )
        # Where events need not be some of the trials there may be more of them in a row, as in a rate in time.
        if self.measure.kind == "proportion" and all(
            events <= trials for events, trials in zip(*clusters, strict=True)
        ):
            return proportion(self.events, int(self.trials), clusters=clusters)
        return intensity(self.events, float(self.trials), clusters=clusters)

    @property
    def interval(self) -> Interval:
        """The 95% interval that a claim is judged on: allowing for clumps where there are deployments to see them."""
        return self.figure.widest

    @property
    def bounded(self) -> bool:
        """Whether the deployments are enough to bound the rate from above."""
        return self.figure.clustered is None or self.figure.clustered.bounded

    @property
    def recorded(self) -> str:
        """The two counts: "27 false alerts in 902,748 faces seen (estimate)"."""
        trials = amount_of(self.trials, QUANTITIES[self.measure.denominator])
        return f"{amount_of(self.events, QUANTITIES[self.measure.numerator])} in {trials}"

    @property
    def none_in_words(self) -> str:
        """What no event says: how many trials had none, and how high the true rate could be."""
        trials = amount_of(self.trials, QUANTITIES[self.measure.denominator])
        interval = self.interval if self.bounded else self.figure.exact
        high = rate_range(0, interval.high, 0).removeprefix("at most ")
        if self.measure.kind == "intensity" and interval.high >= RARE:
            unit = QUANTITIES[self.measure.denominator].removesuffix("s")
            high = f"{plain(significant(interval.high, towards='up'))} per {unit}"
        alone = "" if self.bounded else " if events are independent"
        return f"none in {trials}; the true rate could be as high as {high}{alone}"

    @property
    def recorded_with_bound(self) -> str:
        """The two counts; for no event how high the true rate could be, and of false alerts how many more are open."""
        if self.events:
            return self.recorded
        left = f" ({self._unconfirmed})" if self.measure.of_false else ""
        return f"no {QUANTITIES[self.measure.numerator]}{left} {self.none_in_words.removeprefix('none ')}"

    @property
    def _unconfirmed(self) -> str:
        left = total(self.rows, "unconfirmed_alerts").amount
        return "unconfirmed alerts not published" if left is None else f"{counted(int(left), 'alert')} unconfirmed"

    @property
    def in_words(self) -> str:
        """The rate in words: "1 in N" where rare, a percentage where not, per unit for a rate in time."""
        if self.rate == 0:
            return "none recorded"
        if self.measure.kind == "intensity":
            return amount_of(self.rate, self.measure.label, plain(significant(float(self.rate))))
        return rate_words(float(self.rate))

    @property
    def range_in_words(self) -> str:
        """The interval that a claim is judged on in words, rounded outwards."""
        if not self.bounded:
            return f"no upper bound (too few deployments; if independent, {self.exact_in_words})"
        return self._range(self.interval)

    @property
    def exact_in_words(self) -> str:
        """The interval for independent events in words."""
        return self._range(self.figure.exact)

    def _range(self, interval: Interval) -> str:
        low, high = interval.low, interval.high
        if self.measure.kind == "intensity":
            return bounds(low, high, self.measure.label)
        return rate_range(low, high, float(self.rate))


def count_of(measure: Measure, rows: Sequence[Row]) -> Counted | None:
    """The measure over the rows that print both its counts; ``None`` where none does or there were no trials."""
    used = both(rows, measure)
    events, trials = total(used, measure.numerator).amount, total(used, measure.denominator).amount
    if events is None or trials is None or trials == 0:
        return None
    return Counted(measure, used, int(events), Fraction(trials))


#: Sums that are events: where there were none, how high the true rate could be is always said.
EVENTS = frozenset(QUANTITIES) - {"faces_seen", "watchlist_size", "duration_minutes", "deployments", "hours"}


def none_of(quantity: str, rows: Sequence[Row]) -> str:
    """What is recorded where a sum of events is zero, with its bound: per face, else per hour, else per deployment."""
    for denominator in ("faces_seen", "hours", "deployments"):
        kind: Literal["proportion", "intensity"] = "proportion" if denominator == "faces_seen" else "intensity"
        counts = count_of(Measure(quantity, quantity, denominator, kind, QUANTITIES[quantity]), rows)
        if counts is not None and not counts.events:
            return counts.recorded_with_bound
    return f"no {QUANTITIES[quantity]}, over nothing that bounds their rate"


def amount_in(quantity: str, amount: Fraction, rows: Sequence[Row]) -> str:
    """A sum over rows as it may be written: "27 arrests"; of no events, with the bound of their rate."""
    if amount == 0 and quantity in EVENTS:
        return none_of(quantity, rows)
    return amount_of(amount, QUANTITIES[quantity])


def recorded_in(quantity: Term, rows: Sequence[Row]) -> str:
    """What rows give of a quantity, whatever is claimed of it; nothing where they print none."""
    name = quantity.of or quantity.name
    if name in MEASURES:
        counts = count_of(MEASURES[name], rows)
        return "" if counts is None else counts.recorded_with_bound
    amount = total(rows, name).amount if name in QUANTITIES else None
    return "" if amount is None else amount_in(name, Fraction(amount), rows)


def other_way(measure: Measure) -> Measure | None:
    """The measure with every unconfirmed alert counted the other way; ``None`` where it counts no alerts."""
    turned = OTHER_WAY.get(measure.numerator)
    return None if turned is None else measure._replace(numerator=turned)


def turned_count(rows: Sequence[Row], quantity: str) -> int | None:
    """A quantity with every unconfirmed alert counted the other way, where a row says how many there were.

    Rows that do not say keep their count. ``None`` where no row says, or where the quantity counts no alerts.
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


def turned_row(row: Row, quantity: str) -> Row:
    """The row with its unconfirmed alerts counted the other way, where it says how many there were."""
    events = value(row, OTHER_WAY[quantity])
    return row if events is None or value(row, quantity) is None else msgspec.structs.replace(row, **{quantity: events})


def by_regime(measure: Measure, scope: Scope) -> tuple[tuple[Piece, Counted], ...]:
    """The measure in each piece it must be split by: regimes for a rate per face, thresholds for any other."""
    pieces = scope.regimes if measure.per_face else scope.thresholds
    counted_pieces = ((piece, count_of(measure, piece.rows)) for piece in pieces)
    return tuple((piece, counts) for piece, counts in counted_pieces if counts is not None)


def nothing_printed(measure: Measure) -> Part:
    """The judgement where no row prints both counts of a measure."""
    needed = listing([QUANTITIES[measure.numerator], QUANTITIES[measure.denominator]])
    because = f"no row of the period prints both {needed}"
    return Part("cannot be checked", because, missing=(needed,), may_write=because)


def first_steps(claim: Claim, counts: Counted, rows: Sequence[Row]) -> list[str]:
    """The first steps of the arithmetic of a rate: which rows, which counts, the division, the interval."""
    left = partly(counts.measure, rows)
    numerator, denominator = QUANTITIES[counts.measure.numerator], QUANTITIES[counts.measure.denominator]
    return [
        f"Rows {claim.about()}: {extent(rows)}" + (f"; {left}." if left else "."),
        f"Sum of {numerator}: {count(counts.events)}. Sum of {denominator}: {count(counts.trials)}.",
        f"{count(counts.events)} / {count(counts.trials)} = {float(counts.rate):.4g}: "
        + (counts.in_words if counts.events else counts.none_in_words)
        + ".",
        f"95% interval, allowing for events in clumps within deployments: {counts.range_in_words}."
        if counts.figure.clustered is not None
        else "One deployment: whether events come in clumps cannot be seen.",
        f"If events are independent ({counts.figure.exact.method.title()}, exact): {counts.exact_in_words}.",
    ]
