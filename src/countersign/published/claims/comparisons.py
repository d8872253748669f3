"""Claims that compare: "fell 86%", "three times", "more than doubled"; with other rows, or with a benchmark.

The figure of the claim's own rows is divided by that of the rows it is compared with. "Fell by", "rose by" and "times"
are claims of a recorded number and agree by the rounding rule; where the counts are compatible with no change at all,
or threshold, way of counting faces or number of deployments differ between the two, they hold only as stated. "More
than" and "less than n times" are judged on the number for a sum, which is a census, and for a rate on the 95% interval
of the ratio: the hull of the conditional exact interval and of both rates' intervals, clumps allowed for, log distances
squared and added (MOVER: Zou and Donner, Stat. Med. 27 (2008) 1693-1702). From nothing there is no ratio.

>>> agreement("fell_by", Fraction(14, 100), Decimal("0.86")), agreement("more_than_times", Fraction(2), Decimal(2))
(True, False)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import msgspec

from countersign.inference.ratio import conditional_exact
from countersign.published.claims.chances import compare_rows
from countersign.published.claims.claim import Claim
from countersign.published.claims.counts import compare
from countersign.published.claims.quantities import Term
from countersign.published.claims.rows import (
    EVENTS,
    OTHER_WAY,
    Counted,
    Scope,
    amount_in,
    count_of,
    extent,
    nothing_printed,
    partly,
    turned_count,
    turned_row,
)
from countersign.published.claims.verdict import Caveat, Part, Verdict
from countersign.published.table.measures import MEASURES, QUANTITIES, row_ranges, total
from countersign.published.table.record import Row
from countersign.words.dates import span
from countersign.words.intervals import one_in_stated, times_range
from countersign.words.lists import be, counted, listing
from countersign.words.numbers import exact, percent, percent_stated, times


class Pair(NamedTuple):
    """The rows of a claim, those it is compared with, and both together."""

    own: Scope
    other: Scope
    both: Scope


class Side(NamedTuple):
    """One of the two figures: its value, how it is written, and the counts of a rate."""

    figure: Fraction
    recorded: str
    counts: Counted | None = None


def judge_comparison(claim: Claim, quantity: Term, claimed: Decimal, pair: Pair) -> Part:
    """A claim that a sum or a rate is a multiple of, or by a share more or less than, that of other rows."""
    sides = [_side(quantity, scope.rows) for scope in (pair.own, pair.other)]
    if None in sides:
        return _not_printed(quantity)
    own, other = (side for side in sides if side is not None)
    about = f"{own.recorded}, against {other.recorded} ({_against(claim)})"
    rows = row_ranges((*pair.own.rows, *pair.other.rows))
    over = f"{extent(pair.own.rows, 'deployment')} and {extent(pair.other.rows, 'deployment')}"
    if not other.figure and not claim.relation.endswith("than_times"):
        because = f"{about}: nothing is so many times, or by a share more or less than, none"
        return Part("does not hold", because, rows=rows, recorded=about, over=over)
    ratio, ends = _ratio(own, other)
    verdict = _verdict(claim, ratio, ends, claimed)
    if ratio is None and ends is None:  # a sum beside none: anything is more than a multiple of none, and nothing less
        verdict = "holds" if own.figure and claim.relation == "more_than_times" else "does not hold"
    said = "no ratio" if ratio is None else _change(ratio)
    because = f"{about}: {said}" + (f" (95% interval {times_range(*ends)})" if ends else "")
    caveats = [*_caveats(claim, quantity, pair, ratio, ends), *_unconfirmed(claim, quantity, pair, verdict, claimed)]
    if ratio is None and ends is None:
        none = "any number is more than any multiple of none, and by how many times it rose cannot be said"
        caveats.append(Caveat("definition", none))
    missing: tuple[str, ...] = ()
    gap = _gap(quantity, pair)
    if gap:
        missing = (gap,)
        caveats.append(Caveat("definition", gap))
        if (verdict == "does not hold" or ratio is None) and own.counts is None:
            verdict = "cannot be checked"
    steps = (
        f"Rows {claim.about()}: {extent(pair.own.rows)}: {own.recorded}.",
        f"Compared with {_against(claim)}: {extent(pair.other.rows)}: {other.recorded}.",
        *(pair.both.untested if _of_faces(quantity) else ()),
        *((f"Ratio: {float(ratio):.4g}, so it is {said}. Claimed: {wanted(claim, claimed)}.",) if ratio else ()),
    )
    part = Part(verdict, because, steps, rows, missing, tuple(caveats), about, over, number=_number(claim, ratio))
    return _within_faces(claim, quantity, claimed, ratio, part).settled


def judge_against_benchmark(claim: Claim, quantity: Term, claimed: Decimal, scope: Scope) -> Part:
    """The same with a benchmark, which rests on events of its own and may be scaled to each row's watchlist."""
    measure, benchmark = MEASURES[quantity.name], claim.benchmark
    if benchmark is None:
        raise ValueError("a claim without a benchmark is compared with other rows")
    counts = count_of(measure, scope.rows)
    compared = compare_rows(claim, measure, 1 / Fraction(benchmark.one_in), scope.rows)
    if counts is None:
        return nothing_printed(measure)
    if compared is None:
        unscaled = "no row prints what the benchmark would have to be scaled to"
        return Part("cannot be checked", unscaled, missing=("the size of the watchlist of each row",))
    expected = f"{compared.expected:.1f} expected at the benchmark, {one_in_stated(benchmark.one_in)}"
    ratio = Fraction(compared.events) / Fraction(compared.expected)
    ends = compared.low, compared.high
    verdict = _verdict(claim, ratio, ends, claimed)
    about = f"{counts.recorded_with_bound}, against {expected}"
    because = f"{about}: {_change(ratio)} (95% interval {times_range(*ends)})"
    caveats = [] if "than" in claim.relation else _no_change(ratio, ends)
    own = f"The benchmark rests on {counted(benchmark.events, 'event')} of its own ({benchmark.source})."
    model = ("It is scaled linearly to the watchlist of each row (model-based: independent comparisons).",)
    untested = scope.untested if measure.per_face else ()
    steps = (f"{about}.", own, *(model if benchmark.at_watchlist is not None else ()), *untested)
    rows, over = row_ranges(counts.rows), extent(counts.rows, "deployment")
    part = Part(verdict, because, steps, rows, (), tuple(caveats), about, over, number=_number(claim, ratio))
    return _within_faces(claim, quantity, claimed, ratio, part, once=True).settled


def ratio_ends(own: Counted, other: Counted) -> tuple[float, float]:
    """The 95% interval of a rate over another, clumps in deployments allowed for; never narrower than the exact one."""
    counts = own.events, float(own.trials), other.events, float(other.trials)
    low, high = (float(end) for end in conditional_exact(*counts))
    if own.figure.clustered is None and other.figure.clustered is None:
        return low, high
    if not own.events or not other.events:
        return low / 2, 2 * high  # as for clumps of two: see inference.clusters
    ratio, (mine, theirs) = float(own.rate / other.rate), (own.interval, other.interval)
    below = _distance(float(own.rate), mine.low, theirs.high / float(other.rate) if other.bounded else math.inf)
    above = _distance(float(other.rate), theirs.low, mine.high / float(own.rate) if own.bounded else math.inf)
    return min(low, ratio * math.exp(-below)), max(high, ratio * math.exp(above))


def _distance(rate: float, low: float, up: float) -> float:
    return math.inf if not low or math.isinf(up) else math.hypot(math.log(rate / low), math.log(up))


def _side(quantity: Term, rows: Sequence[Row]) -> Side | None:
    if quantity.subject == "measure":
        counts = count_of(MEASURES[quantity.name], rows)
        return None if counts is None else Side(counts.rate, counts.recorded_with_bound, counts)
    amount = total(rows, quantity.name).amount
    if amount is None:
        return None
    return Side(Fraction(amount), amount_in(quantity.name, Fraction(amount), rows))


def _ratio(own: Side, other: Side) -> tuple[Fraction | None, tuple[float, float] | None]:
    """One figure over the other, where there is such a ratio, and its interval where both are rates."""
    ends = None if own.counts is None or other.counts is None else ratio_ends(own.counts, other.counts)
    return own.figure / other.figure if other.figure else None, ends


def _not_printed(quantity: Term) -> Part:
    if quantity.subject == "measure":
        return nothing_printed(MEASURES[quantity.name])
    label = QUANTITIES[quantity.name]
    because = f"no row of one of the two periods prints {label}"
    return Part("cannot be checked", because, missing=(label,), may_write=because)


def _against(claim: Claim) -> str:
    against = claim.against
    if against is None:
        return "the benchmark"
    named = (
        [] if claim.against_from is None and claim.against_to is None else [span(against.date_from, against.date_to)]
    )
    if claim.against_place is not None:
        named.append(f"at {claim.against_place}")
    if claim.against_threshold is not None:
        named.append(f"at threshold {claim.against_threshold}")
    return ", ".join(named)


def agreement(relation: str, ratio: Fraction, claimed: Decimal, digits: int | None = None) -> bool:
    """Whether a recorded ratio is what is claimed: by the rounding rule, or for "than" on the number itself."""
    match relation:
        case "more_than_times":
            return ratio > claimed
        case "less_than_times":
            return ratio < claimed
        case "times":
            return compare(ratio, claimed, digits=digits) == "equal"
    change = ratio - 1 if relation == "rose_by" else 1 - ratio
    return change >= 0 and compare(change, claimed, digits=digits) == "equal"


def _verdict(claim: Claim, ratio: Fraction | None, ends: tuple[float, float] | None, claimed: Decimal) -> Verdict:
    relation = claim.relation
    if ends is None or "than" not in relation:
        return "holds" if ratio is not None and agreement(relation, ratio, claimed, claim.digits) else "does not hold"
    low, high, value = *ends, float(claimed)
    if relation == "less_than_times":
        return "holds" if high < value else "does not hold" if low >= value else "neither shown nor refuted"
    return "holds" if low > value else "does not hold" if high <= value else "neither shown nor refuted"


def _change(ratio: Fraction) -> str:
    if ratio == 1:
        return "the same"
    change = f" ({percent(float(abs(1 - ratio)))} {'more' if ratio > 1 else 'less'})" if ratio < 2 else ""
    return f"{times(float(ratio))} as much{change}"


def wanted(claim: Claim, claimed: Decimal) -> str:
    """What a comparison claims, in words."""
    match claim.relation:
        case "fell_by" | "rose_by":
            return f"{percent_stated(float(claimed))} {'less' if claim.relation == 'fell_by' else 'more'}"
        case "times":
            return f"{exact(claimed)} times"
    return f"{claim.relation.split('_')[0]} than {exact(claimed)} times"


def _number(claim: Claim, ratio: Fraction | None) -> Fraction | None:
    if ratio is None:
        return None
    return {"fell_by": 1 - ratio, "rose_by": ratio - 1}.get(claim.relation, ratio)


def _of_faces(quantity: Term) -> bool:
    measure = MEASURES.get(quantity.name)
    return quantity.name == "faces_seen" or (measure is not None and "faces_seen" in measure[1:3])


def _caveats(
    claim: Claim, quantity: Term, pair: Pair, ratio: Fraction | None, ends: tuple[float, float] | None
) -> list[Caveat]:
    caveats = []
    measure = MEASURES.get(quantity.name)
    if _of_faces(quantity) and not pair.both.faces_comparable:
        caveats.append(Caveat("regime", "faces are not counted in one way, or at one threshold, in both"))
    elif quantity.name in EVENTS or measure is not None:
        settings = [{row.threshold for row in scope.rows} for scope in (pair.own, pair.other)]
        if settings[0] != settings[1] and claim.against_threshold is None:
            named = (listing([str(each) for each in sorted(filter(None, each))]) or "none printed" for each in settings)
            caveats.append(Caveat("regime", f"the threshold was not the same: {' against '.join(named)}"))
    if measure is None:
        caveats += _unequal(quantity, pair, ratio)
    elif ends is not None and ratio is not None and "than" not in claim.relation:
        caveats += _no_change(ratio, ends)
    return caveats


def _no_change(ratio: Fraction, ends: tuple[float, float]) -> list[Caveat]:
    if ratio == 1 or not ends[0] <= 1 <= ends[1]:
        return []
    return [Caveat("chance", f"the counts are compatible with no change at all ({times_range(*ends)} as much)")]


def _unequal(quantity: Term, pair: Pair, ratio: Fraction | None) -> list[Caveat]:
    many = [total(scope.rows, "deployments").amount for scope in (pair.own, pair.other)]
    if quantity.name == "deployments" or not many[0] or not many[1] or many[0] == many[1] or ratio is None:
        return []
    each = times(float(ratio * Fraction(many[1]) / Fraction(many[0])))
    text = (
        f"they are sums over {many[0]:,} and {counted(int(many[1]), 'deployment')}: for each deployment {each} as much"
    )
    return [Caveat("definition", text)]


def _unconfirmed(claim: Claim, quantity: Term, pair: Pair, verdict: Verdict, claimed: Decimal) -> list[Caveat]:
    """What a claim rests on where it would read otherwise with every unconfirmed alert counted the other way."""
    name = MEASURES[quantity.name].numerator if quantity.name in MEASURES else quantity.name
    if name not in OTHER_WAY or all(turned_count(scope.rows, name) is None for scope in pair[:2]):
        return []
    own, other = (_side(quantity, [turned_row(row, name) for row in scope.rows]) for scope in pair[:2])
    if own is None or other is None:
        return []
    ratio, ends = _ratio(own, other)
    if _verdict(claim, ratio, ends, claimed) == verdict:
        return []
    said = "there is no ratio" if ratio is None else f"it is {_change(ratio)}"
    return [Caveat("definition", f"with every unconfirmed alert among {QUANTITIES[name]} counted the other way {said}")]


def _gap(quantity: Term, pair: Pair) -> str:
    if quantity.subject == "measure":
        return partly(MEASURES[quantity.name], (*pair.own.rows, *pair.other.rows))
    sums = [total(scope.rows, quantity.name) for scope in (pair.own, pair.other)]
    left = sum(summed.rows - summed.counted for summed in sums)
    printing = f"{counted(left, 'row')} of the periods {be(left, 'prints', 'print')}"
    return f"{printing} no {QUANTITIES[quantity.name]}" if left else ""


def _within_faces(
    claim: Claim, quantity: Term, claimed: Decimal, ratio: Fraction | None, part: Part, *, once: bool = False
) -> Part:
    """The same, unless it reverses within the range in which the true number of faces may lie (on either side)."""
    measure = MEASURES.get(quantity.name)
    per_face = measure is not None and measure.per_face
    if claim.face_count is None or ratio is None or not (per_face or quantity.name == "faces_seen"):
        return part
    low, high = Fraction(claim.face_count.low), Fraction(claim.face_count.high)
    reach = (1 / high, 1 / low) if once else (low / high, high / low)
    level = Fraction(claimed) if "than" in claim.relation else Fraction(1)
    if (ratio * reach[0] > level) == (ratio * reach[1] > level):
        return part
    ends = f"{times(float(ratio * reach[0]))} to {times(float(ratio * reach[1]))}"
    because = f"{part.because}; with the true number of faces {float(low):g} to {float(high):g} times the printed one"
    missing = ("a count of faces made in one known way throughout",)
    return msgspec.structs.replace(
        part, verdict="cannot be checked", because=f"{because} it may be anything from {ends}", missing=missing
    )
