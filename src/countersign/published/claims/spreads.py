"""Claims about each deployment: a median, a mean, the least or the most of them, and a share of deployments.

Here every row counts once, so a mean of rates is not the rate of the sums; a row that covers several deployments
cannot be taken apart. "At every deployment at least five" is ``least_of`` with ``at_least``. A value printed as a bound
("<5") goes through at both ends. All are counts of what was recorded, without an interval.

>>> row_ends(Row("a", 1, arrests=3), "arrests"), row_ends(Row("a", 1), "arrests")
((Fraction(3, 1), Fraction(3, 1)), None)
>>> statistic("median", [Fraction(1), Fraction(2), Fraction(4), Fraction(9)])
Fraction(3, 1)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from countersign.inference.binomial import clopper_pearson
from countersign.published.claims.claim import Claim
from countersign.published.claims.counts import compare, figures, relation_words
from countersign.published.claims.quantities import Term
from countersign.published.claims.rows import Scope, extent, partly, recorded_in
from countersign.published.claims.verdict import Caveat, Part, Verdict
from countersign.published.table.measures import MEASURES, QUANTITIES, amount_of, bounds, cannot_be, row_ranges, value
from countersign.published.table.record import Row
from countersign.words.lists import be, counted
from countersign.words.numbers import count, exact, percent, plain, significant

#: The ends of what a row gives; the upper one is ``None`` where nothing bounds it.
Ends = tuple[Fraction, Fraction | None]
_OPERATORS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_IN_WORDS = {"=": "", ">=": "at least ", "<=": "at most ", ">": "more than ", "<": "fewer than "}
_NAMES = {"median": "the median", "mean": "the mean", "least": "the least", "most": "the most"}


def row_ends(row: Row, name: str) -> Ends | None:
    """What one row gives of a sum or a rate, at both ends; ``None`` where it prints none, or they make no rate."""
    measure = MEASURES.get(name)
    if measure is None:
        return _ends(row, name)
    if cannot_be(row, measure):
        return None
    events, trials = _ends(row, measure.numerator), _ends(row, measure.denominator)
    if events is None or trials is None or trials[0] <= 0:
        return None
    low = Fraction(0) if trials[1] is None else events[0] / trials[1]
    return low, None if events[1] is None else events[1] / trials[0]


def _ends(row: Row, quantity: str) -> Ends | None:
    amount = value(row, quantity)
    if amount is not None:
        return Fraction(amount), Fraction(amount)
    found = bounds(row, quantity)
    return None if found is None else (Fraction(found[0]), None if found[1] is None else Fraction(found[1]))


def statistic(name: str, values: Sequence[Fraction]) -> Fraction:
    """The median (of two in the middle their mean), mean, least or most of at least one value."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    match name:
        case "median":
            return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
        case "mean":
            return sum(ordered, Fraction(0)) / len(ordered)
    return ordered[0] if name == "least" else ordered[-1]


def judge_spread(claim: Claim, quantity: Term, claimed: Decimal, scope: Scope) -> Part:
    """A claim of the median, mean, least or most over deployments. A rate of a row without a denominator is none."""
    if several := _several(scope.rows):
        return several
    label = _label(quantity.of)
    ends = [found for row in scope.rows if (found := row_ends(row, quantity.of)) is not None]
    gap = sum(_missing(row, quantity.of) for row in scope.rows)
    if not ends:
        return Part("cannot be checked", f"no row of the period prints {label}", missing=(label,))
    lows, highs = [low for low, _ in ends], [high for _, high in ends if high is not None]
    low = statistic(quantity.statistic, lows)
    unbounded = len(highs) < len(ends) if quantity.statistic != "least" else not highs
    high = None if unbounded else statistic(quantity.statistic, highs)
    verdict = verdict_between(claim, low, high, claimed)
    if gap and not _settled_without(claim, quantity.statistic, verdict):
        verdict = "cannot be checked" if verdict != "holds" or claim.relation != "equals" else verdict
    what = f"{_NAMES[quantity.statistic]} of {counted(len(ends), 'deployment')}"
    figure = (
        _amount(low, claimed)
        if low == high
        else f"between {_amount(low, claimed)} and {'any number' if high is None else _amount(high, claimed)}"
    )
    each = amount_of(low, label, figure) if low == high else f"{figure} {label}"
    recorded = f"{each} as {what}"
    if high == 0 and quantity.statistic in ("most", "mean") and (bound := recorded_in(quantity, scope.rows)):
        recorded += f": {bound}"
    missing = [f"{label} in {counted(gap, 'row')} of the period, where none is printed"] if gap else []
    caveats = [Caveat("definition", _lacking(scope.rows, quantity.of, gap))] if gap else []
    if low != high:
        missing.append(f"the exact values of {label} that are printed as bounds")
    because = f"the rows give {recorded}; the claim says {relation_words(claim.relation)}{exact(claimed)}"
    steps = (f"Rows {claim.about()}: {extent(scope.rows)}.", f"{recorded[:1].upper()}{recorded[1:]}.")
    over = extent(scope.rows, "deployment")
    shown = steps, row_ranges(scope.rows), tuple(missing), tuple(caveats), recorded, over
    beyond = f"A deployment has {each}.", "deployments differ; this is a figure of all of them together"
    return Part(verdict, because, *shown, overreach=beyond, number=low).settled


def judge_part(claim: Claim, quantity: Term, claimed: Decimal, scope: Scope) -> Part:
    """A claim of the share of deployments with a given number: rows that do not say count neither way and bound it."""
    if several := _several(scope.rows):
        return several
    ends = [row_ends(row, quantity.of) for row in scope.rows]
    said = [_meets(each, quantity) for each in ends]
    yes, unknown, of = said.count(True), said.count(None), len(said)
    than = f"{_IN_WORDS[quantity.op]}{exact(quantity.than)}"
    label = amount_of(quantity.than, _label(quantity.of), than)
    if ends.count(None) == of:
        return Part("cannot be checked", f"no row of the period prints {_label(quantity.of)}", missing=(label,))
    low, high = Fraction(yes, of), Fraction(yes + unknown, of)
    verdict = verdict_between(claim, low, high, claimed)
    many = count(yes) if not unknown else f"{count(yes)} to {count(yes + unknown)}"
    recorded = f"{many} of {counted(of, 'deployment')} with {label}"
    if not yes and not unknown:
        recorded += f"; the true share could be as high as {percent(float(clopper_pearson(0, of)[1]), 'up')}"
    share = percent(float(low)) if not unknown else f"{percent(float(low))} to {percent(float(high))}"
    gap = f"{_label(quantity.of)} in {counted(unknown, 'row')}, which {be(unknown)} not exact enough to tell"
    because = f"the rows give {recorded} ({share}); the claim says {relation_words(claim.relation)}{exact(claimed)}"
    steps = (f"Rows {claim.about()}: {extent(scope.rows)}.", f"{recorded}: {share}.")
    missing = (gap,) if unknown else ()
    found = steps, row_ranges(scope.rows), missing, (), recorded, extent(scope.rows, "deployment")
    beyond = f"So it will be at {share} of deployments.", "this is a share of what was recorded, not a chance"
    return Part(verdict, because, *found, overreach=beyond, number=low).settled


def verdict_between(claim: Claim, low: Fraction, high: Fraction | None, claimed: Decimal) -> Verdict:
    """The verdict on a number that lies between two ends; *cannot be checked* where the ends do not agree."""
    if claim.relation == "equals":
        if low == high:
            return "holds" if compare(low, claimed, digits=claim.digits) == "equal" else "does not hold"
        ends = [end for end in (low, high) if end is not None]
        within = low <= claimed and (high is None or high >= claimed)
        at_an_end = any(compare(end, claimed, digits=claim.digits) == "equal" for end in ends)
        return "cannot be checked" if within or at_an_end else "does not hold"
    holds = [low <= claimed, high is not None and high <= claimed]
    if claim.relation == "at_least":
        holds = [low >= claimed, high is None or high >= claimed]
    return "holds" if all(holds) else "cannot be checked" if any(holds) else "does not hold"


def _settled_without(claim: Claim, name: str, verdict: Verdict) -> bool:
    """Whether the rows that print no value could change nothing: a least only falls with them, a most only rises."""
    met, failed = (name, claim.relation, verdict) in _MET, (name, claim.relation, verdict) in _FAILED
    return met or failed


_MET = {("least", "at_most", "holds"), ("most", "at_least", "holds")}
_FAILED = {("least", "at_least", "does not hold"), ("most", "at_most", "does not hold")}


def _meets(ends: Ends | None, quantity: Term) -> bool | None:
    if ends is None:
        return None
    test, than, (low, high) = _OPERATORS[quantity.op], Fraction(quantity.than), ends
    if low == high:
        return test(low, than)
    if quantity.op == "=":
        return None if low <= than and (high is None or than <= high) else False
    at_high = quantity.op in (">", ">=") if high is None else test(high, than)
    return at_high if test(low, than) == at_high else None


def _several(rows: Sequence[Row]) -> Part | None:
    periods = [row for row in rows if value(row, "deployments") != 1]
    if not periods:
        return None
    cover = be(len(periods), "covers several deployments", "cover several deployments each")
    because = f"{counted(len(periods), 'row')} of the period {cover}"
    return Part("cannot be checked", because, rows=row_ranges(periods), missing=("a row for each deployment",))


def _missing(row: Row, name: str) -> bool:
    measure = MEASURES.get(name)
    parts = (name,) if measure is None else measure[1:3]
    return any(_ends(row, part) is None for part in parts) or (measure is not None and cannot_be(row, measure))


def _lacking(rows: Sequence[Row], name: str, gap: int) -> str:
    """What is said of the rows that give no value."""
    said = "" if name not in MEASURES else partly(MEASURES[name], rows)
    return said or f"{counted(gap, 'row')} of the period {be(gap, 'prints', 'print')} no {_label(name)}"


def _label(name: str) -> str:
    return MEASURES[name].label if name in MEASURES else QUANTITIES[name]


def _amount(number: Fraction, claimed: Decimal) -> str:
    """To four figures, or as many as the claim prints."""
    return count(number) if number.denominator == 1 else plain(significant(float(number), max(4, figures(claimed))))
