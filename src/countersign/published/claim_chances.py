"""Claims of a chance ("at most 1 in 1,000"), judged on the interval of the rate and not on its estimate.

With r = events / expected at the claimed rate, "at most" holds where the whole interval of r lies below 1, does not
hold where it lies above, and is neither shown nor refuted where it holds 1. A benchmark that rests on b events of its
own brings their uncertainty: r then has the conditional exact interval of two Poisson counts, odds(share of x in
x + b) * b / expected. A benchmark stated for one size of watchlist is scaled to the list of each row linearly, a model
(independent comparisons) and said to be one.

The face count is the force's estimate. Where the claim gives the range it may lie in, a comparison that reverses
within that range cannot be checked; one that only loses its certainty holds as stated.
Source: ``statistics-metrics`` 2.1 (scaling), ``statistics-uncertainty`` 2 (identity), in the docs' list of sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from countersign.inference.binomial import clopper_pearson
from countersign.inference.poisson import garwood
from countersign.published.claim import Claim
from countersign.published.claim_figures import (
    OTHER_WAY,
    Counted,
    by_piece,
    count_of,
    counted_steps,
    nothing_printed,
    pieces_of,
    told_rate,
)  # fmt: skip
from countersign.published.claim_scope import Scope, extent
from countersign.published.measures import MEASURES, QUANTITIES, Measure, row_ranges, value
from countersign.published.phrases import counted, listing, one_in_range, per_cent, times, whole
from countersign.published.rows import Row
from countersign.published.verdicts import Caveat, Part, Verdict


class Comparison(NamedTuple):
    """Events against what the claimed rate would give: their ratio with its 95 per cent interval."""

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
            low, high = (1 / high if high else float("inf")), (1 / low if low else float("inf"))
        if high < 1 or (high == 1 and relation != "less_than_one_in"):
            return "holds"
        return "does not hold" if low > 1 else "neither shown nor refuted"


def judge_chance(claim: Claim, name: str, claimed: Decimal, scope: Scope) -> Part:
    """A claim that a chance is at most, below, or at least a value."""
    measure = MEASURES[name]
    rate = 1 / Fraction(claimed) if claim.relation.endswith("one_in") else Fraction(claimed)
    found = count_of(measure, scope.rows)
    if found is None:
        return nothing_printed(measure)
    if rate == 0:
        verdict: Verdict = "does not hold" if found.events else "neither shown nor refuted"
        return Part(verdict, f"{whole(found.events)} recorded; a chance of nothing can only be refuted")
    whole_scope = compare_rows(claim, measure, rate, scope.rows)
    if whole_scope is None:
        return Part(
            "cannot be checked",
            "no row prints the size of its watchlist, to which the benchmark would have to be scaled",
            missing=("watchlist sizes",),
        )
    verdict = whole_scope.verdict(claim.relation)
    caveats = [
        *_regimes(claim, measure, rate, scope, verdict),
        *_unconfirmed(claim, measure, rate, scope, verdict),
    ]
    missing: list[str] = []
    steps = [*counted_steps(claim, measure, found, scope.rows), *_steps(claim, measure, found, whole_scope)]
    reason = _reason(claim, measure, found, whole_scope)
    if claim.face_count is not None and measure.per_face:
        low, high = claim.face_count.low, claim.face_count.high
        reverses = (whole_scope.ratio / low > 1) != (whole_scope.ratio / high > 1)
        steps.append(
            f"The true number of faces may be {low:g} to {high:g} times the printed one ({claim.face_count.source}): "
            f"then {times(whole_scope.ratio / high)} to {times(whole_scope.ratio / low)} the expected number. "
            f"The comparison turns at {per_cent(whole_scope.ratio)} of the printed faces."
        )
        if reverses:
            verdict = "cannot be checked"
            missing.append("a count of faces that was made in one way and can be checked")
            reason += (
                f"; the comparison reverses if the true number of faces is {per_cent(whole_scope.ratio)} of the "
                "printed one, which lies within its plausible range"
            )
        elif verdict == "holds" and whole_scope.verdict(claim.relation, low) != "holds":
            caveats.append(
                Caveat(
                    "definition",
                    f"it rests on how faces are counted: with {low:g} times the printed faces the interval reaches "
                    f"{times(whole_scope.high / low, 'up')} the claimed rate",
                )
            )
    return Part(
        verdict,
        reason,
        tuple(steps),
        row_ranges(found.rows),
        tuple(missing),
        tuple(caveats),
        f"{whole(found.events)} {QUANTITIES[measure.numerator]} to {whole(found.trials)} "
        f"{QUANTITIES[measure.denominator]} in {extent(found.rows)}: the counts are compatible with "
        f"{_range(measure, found)}",
        f"the chance is known to be {_claimed(claim, claimed)}" if verdict != "does not hold"
        else f"the chance is {_claimed(claim, claimed)}",
    ).settled  # fmt: skip


def compare_rows(claim: Claim, measure: Measure, rate: Fraction, rows: Sequence[Row]) -> Comparison | None:
    """Events of the rows against those expected at ``rate``; ``None`` where the rows print too little for it.

    A benchmark stated for a watchlist size is scaled to each row's own, so rows that print none are left out.
    """
    benchmark = claim.benchmark
    if benchmark is not None and benchmark.at_watchlist is not None:
        rows = [row for row in rows if row.watchlist_size is not None]
    found = count_of(measure, rows)
    if found is None:
        return None
    trials = found.trials
    if benchmark is not None and benchmark.at_watchlist is not None:
        trials = (
            sum(
                (Fraction(value(row, measure.denominator) or 0) * (row.watchlist_size or 0) for row in found.rows),
                Fraction(),
            )
            / benchmark.at_watchlist
        )
    expected = float(trials * rate)
    if expected == 0:
        return None
    if benchmark is None:
        exact = found.estimate(measure).exact
        return Comparison(found.events, expected, exact.low / float(rate), exact.high / float(rate))
    if found.events == 0:
        low, high = 0.0, float(clopper_pearson(0, benchmark.events)[1])
    else:
        ends = clopper_pearson(found.events, found.events + benchmark.events)
        low, high = float(ends[0]), float(ends[1])
    scale = benchmark.events / expected
    return Comparison(found.events, expected, scale * low / (1 - low), scale * high / (1 - high))


def _regimes(claim: Claim, measure: Measure, rate: Fraction, scope: Scope, verdict: Verdict) -> list[Caveat]:
    parts = by_piece(measure, pieces_of(measure, scope))
    if len(parts) < 2:
        return []
    compared = [(piece, counts, compare_rows(claim, measure, rate, piece.rows)) for piece, counts in parts]
    if all(found is not None and found.verdict(claim.relation) == verdict for _, _, found in compared):
        return []
    told = listing(
        [
            f"{piece.label}: {whole(counts.events)} in {whole(counts.trials)}"
            + ("" if found is None else f" ({found.verdict(claim.relation)})")
            for piece, counts, found in compared
        ]
    )
    return [Caveat("regime", f"it mixes {len(parts)} regimes, not all of which say the same: {told}")]


def _unconfirmed(claim: Claim, measure: Measure, rate: Fraction, scope: Scope, verdict: Verdict) -> list[Caveat]:
    other = OTHER_WAY.get(measure.numerator)
    if other is None:
        return []
    turned = compare_rows(claim, measure._replace(numerator=other), rate, scope.rows)
    if turned is None or turned.verdict(claim.relation) == verdict:
        return []
    return [
        Caveat(
            "definition",
            f"alerts left unconfirmed are counted as true; if all were false there would be {whole(turned.events)} "
            f"false alerts, and the claim would be: {turned.verdict(claim.relation)}",
        )
    ]


def _steps(claim: Claim, measure: Measure, found: Counted, compared: Comparison) -> list[str]:
    steps = [f"Exact 95 per cent interval: {_range(measure, found)}."]
    benchmark = claim.benchmark
    if benchmark is not None:
        low, high = garwood(benchmark.events, float(benchmark.events * benchmark.one_in))
        steps.append(
            f"The benchmark, 1 in {whole(benchmark.one_in)}, rests on {counted(benchmark.events, 'event')} of its own, "
            f"so on anything from {one_in_range(float(low), float(high))} ({benchmark.source})."
        )
        if benchmark.at_watchlist is not None:
            steps.append(
                f"Scaled linearly from a watchlist of {whole(benchmark.at_watchlist)} to the watchlist of each row "
                f"(model-based: independent comparisons), {compared.expected:.1f} would be expected."
            )
    steps.append(
        f"{whole(compared.events)} recorded against {compared.expected:.1f} expected at the claimed rate: "
        f"{times(compared.ratio)}, 95 per cent interval {times(compared.low, 'down')} to {times(compared.high, 'up')}."
    )
    return steps


def _reason(claim: Claim, measure: Measure, found: Counted, compared: Comparison) -> str:
    told = (
        f"{whole(found.events)} {QUANTITIES[measure.numerator]} to {whole(found.trials)} "
        f"{QUANTITIES[measure.denominator]} is {told_rate(measure, found.rate)}; the counts are compatible with "
        f"{_range(measure, found)}"
    )
    if claim.benchmark is None:
        return told
    return (
        f"{whole(compared.events)} {QUANTITIES[measure.numerator]} against about {compared.expected:.0f} expected at "
        f"the benchmark, which itself rests on {counted(claim.benchmark.events, 'event')} (ratio "
        f"{times(compared.low, 'down')} to {times(compared.high, 'up')})"
    )


def _range(measure: Measure, found: Counted) -> str:
    exact = found.estimate(measure).exact
    if measure.kind == "proportion" and exact.high < 0.1:
        return one_in_range(exact.low, exact.high)
    return f"{exact.low:.3g} to {exact.high:.3g} {measure.label}"


def _claimed(claim: Claim, claimed: Decimal) -> str:
    words = {
        "at_most": "at most ", "at_least": "at least ", "at_most_one_in": "at most 1 in ",
        "less_than_one_in": "below 1 in ",
    }  # fmt: skip
    amount = whole(claimed) if claim.relation.endswith("one_in") else f"{claimed.normalize():f}"
    return words[claim.relation] + amount
