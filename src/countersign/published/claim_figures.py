"""Claims about a recorded number: the sum or rate is formed from the rows and compared by the rounding rule.

The verdict is on the number. What may still mislead is told as caveats: a rate over rows of several regimes
(*regime*), alerts left unconfirmed that the force counts as true (*definition*), sizes of lists added up over days
(*repeat counting*). A rate carries its exact interval, but the interval decides nothing here; claims of a chance are
judged in ``claim_chances``.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from countersign.inference.estimate import intensity, proportion
from countersign.inference.rate import Rate
from countersign.published.claim import Claim
from countersign.published.claim_scope import Piece, Scope, extent
from countersign.published.measures import MEASURES, QUANTITIES, Measure, both, row_ranges, total
from countersign.published.phrases import counted, listing, one_in, one_in_range, whole
from countersign.published.rounding import compare, figures, rounded
from countersign.published.rows import Row
from countersign.published.verdicts import Caveat, Part, Verdict

#: Quantity: the same counted the other way, with every unconfirmed alert turned against what the force counts.
OTHER_WAY: dict[str, str] = {"false_alerts": "false_alerts_at_most", "true_alerts": "true_alerts_confirmed"}
#: Sizes that are not added up without counting the same things again.
REPEAT_COUNTED: dict[str, str] = {
    "watchlist_size": "lists of successive deployments largely hold the same people; each list is counted again",
}
#: Quantity: what its count does not say, for "you may not write".
NOT_SAID: dict[str, str] = {
    "faces_seen": "so many people were scanned: faces seen is the force's own estimate, and one person may pass twice",
    "arrests": "so many people were arrested for what they were sought for: the table counts arrests, not reasons",
    "watchlist_size": "so many people were on watchlists: the sum counts the same entries again for every deployment",
    "false_alerts": "the system makes no mistakes, or makes them at this rate: a count alone is not a chance",
    "false_alert_engagements": "how those people were treated: the table counts engagements only",
}


class Counted(NamedTuple):
    """A measure over rows: the rows that print both its counts, the counts, and the exact rate."""

    rows: tuple[Row, ...]
    events: int
    trials: Fraction

    @property
    def rate(self) -> Fraction:
        """Events per trial, exact."""
        return self.events / self.trials

    def estimate(self, measure: Measure) -> Rate:
        """The rate with its exact interval: Clopper-Pearson for a proportion, Garwood for a rate in time."""
        if measure.kind == "proportion" and self.events <= self.trials:
            return proportion(self.events, int(self.trials))
        return intensity(self.events, float(self.trials))


def count_of(measure: Measure, rows: Sequence[Row]) -> Counted | None:
    """The measure over the rows that print both its counts; ``None`` where none does or there were no trials."""
    used = both(rows, measure)
    events, trials = total(used, measure.numerator).amount, total(used, measure.denominator).amount
    if events is None or trials is None or trials == 0:
        return None
    return Counted(used, int(events), Fraction(trials))


def judge_count(claim: Claim, quantity: str, claimed: Decimal, scope: Scope) -> Part:
    """A claim about a sum over rows."""
    label, found = QUANTITIES[quantity], total(scope.rows, quantity)
    known = Fraction(found.amount or 0)
    steps = (
        f"Rows {claim.about()}: {extent(scope.rows)}.",
        f"Sum of {label}: {whole(known)}, printed in {whole(found.counted)} of {whole(found.rows)} rows.",
        f"Claimed: {_relation_words(claim.relation)} {whole(claimed)}; {_rule(claim, quantity, claimed)}",
    )
    verdict = _compare_count(claim, quantity, known, claimed)
    caveats, missing = [], []
    if not found.complete:
        gap = found.rows - found.counted
        missing.append(f"{label} of {counted(gap, 'row')} that {'does' if gap == 1 else 'do'} not print it")
        if verdict == "does not hold" and known <= claimed and claim.relation != "at_most":
            verdict = "cannot be checked"
        elif verdict == "holds" and claim.relation != "at_least":
            caveats.append(Caveat("definition", f"{counted(gap, 'row')} of the period print no {label}"))
    other = OTHER_WAY.get(quantity)
    if other is not None:
        turned = total(scope.rows, other).amount
        if turned is not None and _compare_count(claim, quantity, Fraction(turned), claimed) != verdict:
            caveats.append(_unconfirmed(quantity, known, Fraction(turned)))
    if quantity in REPEAT_COUNTED:
        caveats.append(Caveat("repeat counting", REPEAT_COUNTED[quantity]))
    return Part(
        verdict,
        f"The rows give {whole(known)} {label}, the claim says {_relation_words(claim.relation)} {whole(claimed)}",
        steps,
        row_ranges(scope.rows),
        tuple(missing),
        tuple(caveats),
        f"In {extent(scope.rows)} the force recorded {whole(known)} {label}",
        NOT_SAID.get(quantity, f"anything about a chance: {label} are a count, with no denominator beside it"),
    ).settled


def judge_rate(claim: Claim, name: str, claimed: Decimal, scope: Scope) -> Part:
    """A claim that a recorded rate is a number, or "1 in" a number."""
    measure = MEASURES[name]
    found = count_of(measure, scope.rows)
    if found is None:
        return nothing_printed(measure)
    shown = _shown(claim.relation, found.rate)
    agreement = "differs" if shown is None else compare(shown, claimed, digits=claim.digits)
    exact = found.estimate(measure)
    steps = [*counted_steps(claim, measure, found, scope.rows), _interval_step(measure, exact)]
    steps.append(_comparison_step(claim, shown, claimed))
    caveats = [*_across_regimes(measure, scope), *_rate_unconfirmed(claim, measure, claimed, scope, agreement)]
    told = told_rate(measure, found.rate)
    reason = {
        "equal": f"{told}; to the figures printed that is what the claim says",
        "cut": f"{told}; the claim is that figure cut off, not rounded",
        "differs": f"{told}; the claim says {_claimed_words(claim.relation, claimed)}",
    }[agreement]
    mixes = any(caveat.kind == "regime" for caveat in caveats)
    return Part(
        "holds" if agreement == "equal" else "does not hold",
        f"{whole(found.events)} {QUANTITIES[measure.numerator]} to {whole(found.trials)} "
        f"{QUANTITIES[measure.denominator]}: {reason}",
        tuple(steps),
        row_ranges(found.rows),
        (),
        tuple(caveats),
        f"{whole(found.events)} {QUANTITIES[measure.numerator]} to {whole(found.trials)} "
        f"{QUANTITIES[measure.denominator]} were recorded in {extent(found.rows)}"
        + ("; the figure is a mean over different settings or ways of counting" if mixes else ""),
        f"the chance is {told}: a figure that mixes regimes is the chance in none of them"
        if mixes
        else f"the chance is {told}: the counts are compatible with {_range_words(measure, exact)}",
    ).settled


def nothing_printed(measure: Measure) -> Part:
    """The judgement where no row prints both counts of a measure."""
    needed = listing([QUANTITIES[measure.numerator], QUANTITIES[measure.denominator]])
    return Part("cannot be checked", f"no row of the period prints both {needed}", missing=(needed,))


def counted_steps(claim: Claim, measure: Measure, found: Counted, rows: Sequence[Row]) -> tuple[str, ...]:
    """The first steps of the arithmetic of a rate: which rows, which counts, and the division."""
    left = len(rows) - len(found.rows)
    steps = [
        f"Rows {claim.about()}: {extent(rows)}"
        + (f"; {counted(left, 'row')} without both counts left out." if left else "."),
        f"Sum of {QUANTITIES[measure.numerator]}: {whole(found.events)}. "
        f"Sum of {QUANTITIES[measure.denominator]}: {whole(found.trials)}.",
    ]
    if found.events:
        per = float(1 / found.rate)
        steps.append(f"{whole(found.events)} / {whole(found.trials)} = {float(found.rate):.4g}, that is {one_in(per)}.")
    return tuple(steps)


def told_rate(measure: Measure, rate: Fraction) -> str:
    """A rate in words: "1 in N" for a proportion below a tenth, per unit else; "none" where nothing happened."""
    if rate == 0:
        return "none recorded"
    if measure.kind == "proportion" and rate < Fraction(1, 10):
        return one_in(float(1 / rate))
    return f"{float(rate):.3g} {measure.label}"


def by_piece(measure: Measure, pieces: Sequence[Piece]) -> tuple[tuple[Piece, Counted], ...]:
    """The measure in each piece of a scope that prints it."""
    found = ((piece, count_of(measure, piece.rows)) for piece in pieces)
    return tuple((piece, counts) for piece, counts in found if counts is not None)


def pieces_of(measure: Measure, scope: Scope) -> tuple[Piece, ...]:
    """The pieces a rate must be split by: regimes for a rate per face, thresholds for any other."""
    return scope.regimes if measure.per_face else scope.thresholds


def _across_regimes(measure: Measure, scope: Scope) -> list[Caveat]:
    parts = by_piece(measure, pieces_of(measure, scope))
    if len(parts) < 2:
        return []
    told = listing(
        [
            f"{piece.label}: {whole(counts.events)} in {whole(counts.trials)} ({told_rate(measure, counts.rate)})"
            for piece, counts in parts
        ]
    )
    return [Caveat("regime", f"it mixes {len(parts)} regimes: {told}")]


def _rate_unconfirmed(claim: Claim, measure: Measure, claimed: Decimal, scope: Scope, agreement: str) -> list[Caveat]:
    other = OTHER_WAY.get(measure.numerator)
    turned = None if other is None else count_of(measure._replace(numerator=other), scope.rows)
    found = count_of(measure, scope.rows)
    if turned is None or found is None or turned.events == found.events:
        return []
    shown = _shown(claim.relation, turned.rate)
    if shown is not None and compare(shown, claimed, digits=claim.digits) == agreement:
        return []
    caveat = _unconfirmed(measure.numerator, Fraction(found.events), Fraction(turned.events))
    return [Caveat(caveat.kind, f"{caveat.text}, or {told_rate(measure, turned.rate)}")]


def _unconfirmed(quantity: str, counted_as: Fraction, turned: Fraction) -> Caveat:
    left = whole(abs(turned - counted_as))
    if quantity == "true_alerts":
        return Caveat("definition", f"{left} of them are unconfirmed; {whole(turned)} are confirmed true alerts")
    return Caveat(
        "definition",
        f"{left} unconfirmed alerts are counted as true; if all of them were false there would be {whole(turned)} "
        f"false alerts, not {whole(counted_as)}",
    )


def _shown(relation: str, rate: Fraction) -> Fraction | None:
    if relation != "one_in":
        return rate
    return None if rate == 0 else 1 / rate


def _compare_count(claim: Claim, quantity: str, known: Fraction, claimed: Decimal) -> Verdict:
    match claim.relation:
        case "at_most":
            holds = known <= claimed
        case "at_least":
            holds = known >= claimed
        case _ if quantity == "hours" or claim.digits is not None:
            holds = compare(known, claimed, digits=claim.digits) == "equal"
        case _:
            holds = known == claimed
    return "holds" if holds else "does not hold"


def _relation_words(relation: str) -> str:
    return {"at_most": "at most", "at_least": "at least", "sum_equals": "a sum of"}.get(relation, "exactly")


def _rule(claim: Claim, quantity: str, claimed: Decimal) -> str:
    if claim.relation in ("at_most", "at_least"):
        return "compared as it is."
    if claim.digits is None and quantity != "hours":
        return "a count must be equal to the last digit."
    return f"compared at {counted(claim.digits or figures(claimed), 'significant figure')}, rounded half up."


def _claimed_words(relation: str, claimed: Decimal) -> str:
    return f"1 in {whole(claimed)}" if relation == "one_in" else f"{claimed.normalize():f}"


def _comparison_step(claim: Claim, shown: Fraction | None, claimed: Decimal) -> str:
    significant = claim.digits or figures(claimed)
    if shown is None:
        return f"No event: there is no N to compare with {_claimed_words(claim.relation, claimed)}."
    at = rounded(shown, significant)
    text = whole(at) if at == int(at) else f"{Decimal(repr(float(at))):f}"
    prefix = "1 in " if claim.relation == "one_in" else ""
    return (
        f"At {counted(significant, 'significant figure')}, rounded half up: {prefix}{text}. "
        f"Claimed: {_claimed_words(claim.relation, claimed)}."
    )


def _interval_step(measure: Measure, exact: Rate) -> str:
    return f"Exact 95 per cent interval ({exact.exact.method}): {_range_words(measure, exact)}."


def _range_words(measure: Measure, exact: Rate) -> str:
    low, high = exact.exact.low, exact.exact.high
    if measure.kind == "proportion" and high < 0.1:
        return one_in_range(low, high)
    return f"{low:.3g} to {high:.3g} {measure.label}"
