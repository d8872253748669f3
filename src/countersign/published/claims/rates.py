"""Claims that a recorded rate is a number, or "1 in" a number: formed from the rows and compared by the rounding rule.

The verdict is on the number; the exact interval is shown and decides nothing (claims of a chance: ``chances``).
A rate over rows of several regimes is true of none of them, and is split (*regime*); alerts left unconfirmed that the
force counts as true are turned the other way to see whether the figure stands (*definition*).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from countersign.published.claims.claim import Claim
from countersign.published.claims.counts import Agreement, compare, figures, rounded, unconfirmed_words
from countersign.published.claims.rows import (
    Counted,
    Piece,
    Scope,
    by_regime,
    count_of,
    extent,
    first_steps,
    nothing_printed,
    other_way,
    turned_count,
)
from countersign.published.claims.verdicts import Caveat, Part
from countersign.published.table.measures import MEASURES, QUANTITIES, Measure, row_ranges
from countersign.words.dates import day
from countersign.words.intervals import one_in_stated
from countersign.words.lists import counted
from countersign.words.numbers import count, exact


def judge_rate(claim: Claim, name: str, claimed: Decimal, scope: Scope) -> Part:
    """A claim that a recorded rate equals a value, or is 1 in it."""
    measure = MEASURES[name]
    counts = count_of(measure, scope.rows)
    if counts is None:
        return nothing_printed(measure)
    agreement = _agreement(claim, counts.rate, claimed)
    pieces = by_regime(measure, scope)
    regimes = regime_words(pieces)
    caveats = [Caveat("regime", regimes)] if regimes else []
    caveats += _unconfirmed(claim, measure, counts, claimed, agreement)
    reason = {
        "equal": "at the figures the claim prints, that is what it says",
        "cut": f"the claim says {_claimed(claim, claimed)}, which is the figure cut off, not rounded",
        "differs": f"the claim says {_claimed(claim, claimed)}",
    }[agreement]
    return Part(
        "holds" if agreement == "equal" else "does not hold",
        f"{counts.recorded}: {counts.in_words}; {reason}",
        (*first_steps(claim, counts, scope.rows), *_piece_steps(pieces), _comparison(claim, counts.rate, claimed)),
        row_ranges(counts.rows),
        caveats=tuple(caveats),
        recorded=counts.recorded if counts.events else counts.none_in_words,
        over=extent(counts.rows, "deployment") + ("; a mean over different regimes" if regimes else ""),
        overreach=_overreach(counts, regimes),
    ).settled


def _overreach(counts: Counted, regimes: str) -> tuple[str, str]:
    if not counts.events:
        return f"There is no chance of {QUANTITIES[counts.measure.numerator]}.", counts.none_in_words
    if regimes:
        return f"The chance is {counts.in_words}.", "a mean over different regimes is the chance in none of them"
    return f"The chance is {counts.in_words}.", f"the counts are compatible with {counts.range_in_words}"


def regime_words(pieces: Sequence[tuple[Piece, Counted]]) -> str:
    """How a rate falls apart over its regimes; nothing where there is one. Says from when on no event was recorded."""
    if len(pieces) < 2:
        return ""
    parts = [f"{piece.label}: {count(counts.events)} in {count(counts.trials)}, {counts.in_words}"
            for piece, counts in pieces if counts.events]  # fmt: skip
    without = sum(not counts.events for _, counts in pieces)
    if without:
        parts.append(f"none in the other {without}" if parts else "none in any")
    events = sum(counts.events for _, counts in pieces)
    last = max((number for number, (_, counts) in enumerate(pieces) if counts.events), default=len(pieces))
    after = [row.date for piece, _ in pieces[last + 1 :] for row in piece.rows if row.date is not None]
    before = [row.date for piece, _ in pieces[: last + 1] for row in piece.rows if row.date is not None]
    ended = ""
    if after and before and max(before) < min(after):
        ended = f"; all {count(events)} {QUANTITIES[pieces[0][1].measure.numerator]} fall before {day(min(after))}"
    return f"it mixes {len(pieces)} regimes ({'; '.join(parts)}){ended}"


def _unconfirmed(
    claim: Claim, measure: Measure, counts: Counted, claimed: Decimal, agreement: Agreement
) -> list[Caveat]:
    turned_measure = other_way(measure)
    events = turned_count(counts.rows, measure.numerator)
    if turned_measure is None or events is None:
        return []
    turned = Counted(turned_measure, counts.rows, events, counts.trials)
    if _agreement(claim, turned.rate, claimed) == agreement:
        return []
    words = unconfirmed_words(measure.numerator, Fraction(counts.events), Fraction(turned.events))
    return [Caveat("definition", f"{words}: {turned.in_words}")]


def _agreement(claim: Claim, rate: Fraction, claimed: Decimal) -> Agreement:
    if claim.relation != "one_in":
        return compare(rate, claimed, digits=claim.digits)
    return "differs" if rate == 0 else compare(1 / rate, claimed, digits=claim.digits)


def _piece_steps(pieces: Sequence[tuple[Piece, Counted]]) -> list[str]:
    if len(pieces) < 2:
        return []
    return [
        f"{piece.label}, {counted(len(counts.rows), 'row')}: {counts.recorded}, {counts.in_words}."
        for piece, counts in pieces
    ]


def _comparison(claim: Claim, rate: Fraction, claimed: Decimal) -> str:
    wanted = _claimed(claim, claimed)
    if claim.relation == "one_in" and rate == 0:
        return f"No event, so there is no N to compare with {wanted}."
    significant = claim.digits or figures(claimed)
    at = rounded(1 / rate if claim.relation == "one_in" else rate, significant)
    return f"At {counted(significant, 'significant figure')}, rounded half up: {_number(claim, at)}. Claimed: {wanted}."


def _claimed(claim: Claim, claimed: Decimal) -> str:
    return _number(claim, Fraction(claimed))


def _number(claim: Claim, number: Fraction) -> str:
    # A fraction with a power of ten below it: exact as a decimal.
    return one_in_stated(number) if claim.relation == "one_in" else exact(number)
