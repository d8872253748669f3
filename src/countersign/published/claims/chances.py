"""Claims of a chance ("at most 1 in 1,000"), judged on the interval of the rate and not on its estimate.

The interval allows for events in clumps within deployments. With r = events / events expected at the claimed rate, "at
most" holds where the whole 95% interval of r lies below 1, does not hold where it lies above, and is neither shown nor
refuted where it holds 1. A benchmark that rests on b events of its own brings their uncertainty; one stated for a size
of watchlist is scaled to the list of each row linearly, a model (independent comparisons) and said to be one. Where the
claim gives the range the true face count may lie in, a comparison that reverses within it cannot be checked; one that
only loses its certainty holds only as stated (*definition*).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from countersign.inference.poisson import garwood
from countersign.inference.ratio import conditional_exact
from countersign.published.claims.claim import Claim
from countersign.published.claims.rows import (
    Counted,
    Scope,
    by_regime,
    count_of,
    extent,
    first_steps,
    nothing_printed,
    other_way,
    partly,
)
from countersign.published.claims.verdict import Caveat, Part, Verdict
from countersign.published.table.measures import MEASURES, QUANTITIES, Measure, amount_of, both, row_ranges, value
from countersign.published.table.record import Row
from countersign.words.intervals import one_in_range, one_in_stated, times_range
from countersign.words.lists import be, counted, listing
from countersign.words.numbers import count, percent, times


class Comparison(NamedTuple):
    """Events against those expected at the claimed rate, and the 95% interval of their ratio."""

    events: int
    expected: float
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Events over events expected."""
        return self.events / self.expected

    def verdict(self, relation: str, faces: float = 1.0) -> Verdict:
        """The verdict on the interval, if there were ``faces`` times as many trials as printed."""
        low, high = self.low / faces, self.high / faces
        if relation == "at_least":
            low, high = (1 / high if high else math.inf), (1 / low if low else math.inf)
        if high < 1 or (high == 1 and relation != "less_than_one_in"):
            return "holds"
        return "does not hold" if low > 1 else "neither shown nor refuted"


def judge_chance(claim: Claim, name: str, claimed: Decimal, scope: Scope) -> Part:
    """A claim that a chance is at most, below, or at least a value above zero."""
    measure = MEASURES[name]
    counts = count_of(measure, scope.rows)
    if counts is None:
        return nothing_printed(measure)
    rate = 1 / Fraction(claimed) if claim.relation.endswith("one_in") else Fraction(claimed)
    compared = compare_rows(claim, measure, rate, scope.rows)
    if compared is None:
        unscaled = "no row prints what the benchmark would have to be scaled to"
        return Part("cannot be checked", unscaled, missing=("the size of the watchlist of each row",))
    verdict = compared.verdict(claim.relation)
    reason = f"{counts.recorded}: {counts.in_words}; the counts are compatible with {counts.range_in_words}"
    if not counts.events:
        reason = counts.recorded_with_bound
    if claim.benchmark is not None:
        against = f"about {compared.expected:.0f} expected at the benchmark, which itself rests on"
        own = f"{counted(claim.benchmark.events, 'event')} ({_ratio(compared)})"
        reason = f"{counts.recorded}, against {against} {own}"
    steps = [*first_steps(claim, counts, scope.rows), *_steps(claim, compared)]
    missing: tuple[str, ...] = ()
    caveats = [*_regimes(claim, measure, rate, scope, verdict), *_unconfirmed(claim, measure, rate, scope, verdict)]
    if gap := partly(measure, scope.rows):
        caveats.append(Caveat("definition", gap))
    if measure.per_face:
        steps += scope.untested
    if measure.per_face and compared.ratio > 0:
        reverses = "This conclusion reverses if the true number of faces is"
        steps.append(f"{reverses} {percent(compared.ratio)} of the printed one.")
    if measure.per_face and claim.face_count is not None:
        least, most = claim.face_count.low, claim.face_count.high
        steps.append(
            f"The true number of faces may be {least:g} to {most:g} times the printed one: {claim.face_count.source}. "
            f"That gives {times(compared.ratio / most)} to {times(compared.ratio / least)} the expected number."
        )
        if (compared.ratio / least > 1) != (compared.ratio / most > 1):
            verdict = "cannot be checked"
            missing = ("a count of faces made in one known way throughout",)
            reason += f"; it reverses if the true number of faces is {percent(compared.ratio)} of the printed one,"
            reason += f" which is within the plausible range of {least:g} to {most:g} times"
        elif verdict == "holds" and compared.verdict(claim.relation, least) != "holds":
            reach = times(compared.high / least, "up")
            stretched = f"with {least:g} times the printed faces the interval reaches {reach} the claimed rate"
            caveats.append(Caveat("definition", f"it rests on how faces are counted: {stretched}"))
    recorded, over = f"{counts.recorded}, compatible with {counts.range_in_words}", extent(counts.rows, "deployment")
    rows = row_ranges(counts.rows)
    return Part(verdict, reason, tuple(steps), rows, missing, tuple(caveats), recorded, over).settled


def compare_rows(claim: Claim, measure: Measure, rate: Fraction, rows: Sequence[Row]) -> Comparison | None:
    """Events of the rows against those expected at ``rate``; ``None`` where the rows print too little for it.

    A benchmark stated for a size of watchlist is scaled to each row's own, so rows that print none are left out.
    """
    benchmark = claim.benchmark
    at_watchlist = None if benchmark is None else benchmark.at_watchlist
    if at_watchlist is not None:
        rows = [row for row in rows if row.watchlist_size is not None]
    counts = count_of(measure, rows)
    if counts is None:
        return None
    trials = counts.trials
    if at_watchlist is not None:
        weighted = sum((value(row, measure.denominator) or 0) * (row.watchlist_size or 0) for row in counts.rows)
        trials = Fraction(weighted) / at_watchlist
    expected = float(trials * rate)
    if expected == 0:
        return None
    ends = counts.interval.low / float(rate), counts.interval.high / float(rate)
    if benchmark is not None:
        ends = _against_benchmark(counts, expected, benchmark.events)
    return Comparison(counts.events, expected, *ends)


def _against_benchmark(counts: Counted, expected: float, events: int) -> tuple[float, float]:
    """The 95% interval of events over those expected from a benchmark of ``events`` counts of its own.

    The hull of the conditional exact interval and of the rate's interval, clumps allowed for, with Garwood's of the
    benchmark, log distances squared and added (MOVER: Zou and Donner, Stat. Med. 27 (2008) 1693-1702).
    """
    low, high = (float(end) for end in conditional_exact(counts.events, expected, events, events))
    if counts.figure.clustered is None:
        return low, high
    if not counts.events:
        return low, 2 * high  # as for clumps of two: see inference.clusters
    ratio, own, alone = counts.events / expected, float(counts.rate), garwood(events, float(events))
    if counts.interval.low:
        below = math.hypot(math.log(own / counts.interval.low), math.log(float(alone[1])))
        low = min(low, ratio * math.exp(-below))
    if not counts.bounded:
        return low, math.inf
    above = math.hypot(math.log(counts.interval.high / own), -math.log(float(alone[0])))
    return low, max(high, ratio * math.exp(above))


def _regimes(claim: Claim, measure: Measure, rate: Fraction, scope: Scope, verdict: Verdict) -> list[Caveat]:
    parts = by_regime(measure, scope)
    if len(parts) < 2:
        return []
    compared = [(piece, counts, compare_rows(claim, measure, rate, piece.rows)) for piece, counts in parts]
    if all(comparison is not None and comparison.verdict(claim.relation) == verdict for _, _, comparison in compared):
        return []
    said = [
        f"{piece.label}: {count(counts.events)} in {count(counts.trials)}"
        + ("" if comparison is None else f" ({comparison.verdict(claim.relation)})")
        for piece, counts, comparison in compared
    ]
    return [Caveat("regime", f"it mixes {len(parts)} regimes, not all of which say the same ({listing(said)})")]


def _unconfirmed(claim: Claim, measure: Measure, rate: Fraction, scope: Scope, verdict: Verdict) -> list[Caveat]:
    other = other_way(measure)
    turned = None if other is None else compare_rows(claim, other, rate, scope.rows)
    if other is None or turned is None:
        return []
    # Of the same rows: those that do not say how many were unconfirmed are in neither.
    same = compare_rows(claim, measure, rate, both(scope.rows, other))
    if turned.verdict(claim.relation) in (verdict, None if same is None else same.verdict(claim.relation)):
        return []
    way = f"the other way there {be(turned.events)} {amount_of(turned.events, QUANTITIES[measure.numerator])}"
    text = f"it rests on how unconfirmed alerts are counted: {way}, and it is: {turned.verdict(claim.relation)}"
    return [Caveat("definition", text)]


def _steps(claim: Claim, compared: Comparison) -> list[str]:
    steps = []
    benchmark = claim.benchmark
    if benchmark is not None:
        low, high = garwood(benchmark.events, float(benchmark.events * benchmark.one_in))
        own = f"rests on {counted(benchmark.events, 'event')} of its own"
        anything = f"{one_in_range(float(low), float(high))} ({benchmark.source})"
        steps.append(f"The benchmark, {one_in_stated(benchmark.one_in)}, {own}, so on anything from {anything}.")
        if benchmark.at_watchlist is not None:
            scaled = f"Scaled linearly from a watchlist of {count(benchmark.at_watchlist)} to the watchlist of each row"
            steps.append(f"{scaled} (model-based: independent comparisons).")
    expected = f"{compared.expected:.1f} expected at the claimed rate"
    return [*steps, f"{count(compared.events)} recorded, {expected}: {_ratio(compared)}."]


def _ratio(compared: Comparison) -> str:
    return f"{times(compared.ratio)} as many, 95% interval {times_range(compared.low, compared.high)}"
