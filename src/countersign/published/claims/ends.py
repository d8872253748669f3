"""Values printed as bounds ("<5", "over 35,000") in a claim: judged with each at its least and at its greatest.

Every column of a quantity goes to both ends, events and what they are counted of apart, so a rate is judged at its
corners. Where the verdicts differ, or the value claimed lies between two figures neither of which it is, the claim
*cannot be checked*, and the reason says what it turns on. Nothing bounds "over 35,000" from above: its greatest value
stands for any number, however large.

>>> row = Row("a", 1, unsure={"arrests": Unsure("bounded", "it is", 0, 4)})
>>> [ended.arrests for ended in (at_end(row, ("arrests",), top) for top in (False, True))]
[0, 4]
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from countersign.published.claims.claim import Claim
from countersign.published.claims.quantities import COMPARING, ON_THE_NUMBER, Term
from countersign.published.claims.rows import Holds
from countersign.published.claims.verdict import Part
from countersign.published.table.measures import (
    MEASURES,
    QUANTITIES,
    Measure,
    Total,
    amount_of,
    cannot_be,
    columns_of,
    row_ranges,
    total,
    value,
)
from countersign.published.table.record import Record, Row, Unsure
from countersign.words.lists import be, counted, listing
from countersign.words.numbers import count

#: How many times its least a value may be that nothing bounds from above.
ANY = 1_000_000

Judge = Callable[[Record], Part]


def at_end(row: Row, columns: Iterable[str], top: bool) -> Row:
    """The row with the bounded values of these columns at their least, or at their greatest."""
    ends: dict[str, int] = {}
    for column in columns:
        unsure: Unsure | None = row.unsure.get(column)
        if unsure is not None and unsure.low is not None:
            most = max(unsure.low, 1) * ANY if unsure.high is None else unsure.high
            ends[column] = most if top else unsure.low
    return msgspec.structs.replace(row, **ends) if ends else row


def quantities_of(quantity: Term) -> tuple[str, ...]:
    """The sums that a claim's quantity is made of."""
    measure = MEASURES.get(quantity.of or quantity.name)
    return (quantity.of or quantity.name,) if measure is None else (measure.numerator, measure.denominator)


def judged_at_ends(
    claim: Claim, quantity: Term, claimed: Decimal, record: Record, selections: Sequence[Holds], judge: Judge
) -> Part | None:
    """The judgement with every bounded value at both ends; ``None`` where the rows print none."""
    pieces = list(_pieces(quantity, record, selections))
    if not pieces:
        return None
    measure = MEASURES.get(quantity.of or quantity.name)
    corners = itertools.product((False, True), repeat=len(pieces))
    parts = [judge(_ended(record, pieces, corner, measure)) for corner in corners]
    rows = [record.rows[position] for positions, _ in pieces for position in positions]
    said = f"{_ranges(quantity, record, selections)}, since {_rows(len(set(rows_of(rows))))} a bound"
    verdicts = list(dict.fromkeys(part.verdict for part in parts))
    sure = set(verdicts) <= {"holds", "holds only as stated"} or len(verdicts) == 1
    if sure and not _between(claim, claimed, parts):
        worst = max(parts, key=lambda part: len(part.caveats))
        steps = (f"With {said}. The first and the last corner:", *parts[0].arithmetic, *parts[-1].arithmetic)
        because = f"with {said}, the verdict is the same at both ends"
        return msgspec.structs.replace(
            worst,
            because=because,
            arithmetic=tuple(dict.fromkeys(steps)),
            recorded=_ranges(quantity, record, selections),
        )
    turns = (
        f"between the ends it is: {listing(verdicts, 'or')}" if len(verdicts) > 1 else "the value lies between the ends"
    )
    steps = tuple(dict.fromkeys(f"At an end: {part.because}." for part in parts))
    missing = ("the exact values that are printed as bounds",)
    return Part(
        "cannot be checked",
        f"it turns on values printed as bounds: {said}; {turns}",
        steps,
        row_ranges(rows),
        missing,
        recorded=_ranges(quantity, record, selections),
        over=parts[0].over,
    )


def _rows(number: int) -> str:
    return f"{counted(number, 'row')} {be(number, 'prints', 'print')}"


def rows_of(rows: Iterable[Row]) -> Iterator[tuple[str, int]]:
    """Each row's document and number."""
    return ((row.document, row.number) for row in rows)


def _pieces(
    quantity: Term, record: Record, selections: Sequence[Holds]
) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Positions of rows and columns that go to one end together."""
    placed: set[int] = set()
    for selection in selections:
        chosen = [place for place, row in enumerate(record.rows) if place not in placed and selection.holds(row)]
        placed.update(chosen)
        for name in quantities_of(quantity):
            columns = columns_of(name)
            bounded = tuple(place for place in chosen if _bounded(record.rows[place], columns))
            if bounded:
                yield bounded, columns


def _bounded(row: Row, columns: Sequence[str]) -> bool:
    return any((unsure := row.unsure.get(column)) is not None and unsure.low is not None for column in columns)


def _ended(
    record: Record,
    pieces: Sequence[tuple[tuple[int, ...], tuple[str, ...]]],
    corner: Sequence[bool],
    measure: Measure | None,
) -> Record:
    rows = list(record.rows)
    for (positions, columns), top in zip(pieces, corner, strict=True):
        for place in positions:
            rows[place] = at_end(rows[place], columns, top)
    if measure is not None:
        for place in dict.fromkeys(place for positions, _ in pieces for place in positions):
            rows[place] = _possible(rows[place], measure)
    return msgspec.structs.replace(record, rows=tuple(rows))


def _possible(row: Row, measure: Measure) -> Row:
    """The row with events that "<5" leaves open at no more than the trials they are some of: of 3 alerts, 3."""
    unsure, trials = row.unsure.get(measure.numerator), value(row, measure.denominator)
    if unsure is None or unsure.low is None or trials is None or not cannot_be(row, measure):
        return row
    return msgspec.structs.replace(row, **{measure.numerator: max(unsure.low, int(trials))})


def _between(claim: Claim, claimed: Decimal, parts: Sequence[Part]) -> bool:
    """Whether a number that must be met exactly lies between two ends, neither of which need be it."""
    numbers = [part.number for part in parts if part.number is not None]
    exact = claim.relation in ON_THE_NUMBER or (claim.relation in COMPARING and "than" not in claim.relation)
    return exact and bool(numbers) and min(numbers) < claimed < max(numbers)


def _ranges(quantity: Term, record: Record, selections: Sequence[Holds]) -> str:
    rows = [[row for row in record.rows if selection.holds(row)] for selection in selections]
    return listing([_range(name, total(of, name)) for of in rows for name in quantities_of(quantity)])


def _range(name: str, summed: Total) -> str:
    label = QUANTITIES[name]
    if not summed.bounded or summed.low == summed.high:
        return amount_of(summed.amount or 0, label)
    most = "or more" if summed.high is None else f"to {count(summed.high)}"
    return f"{count(summed.low)} {most} {label}"
