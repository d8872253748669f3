"""Claims of a recorded number: a sum over rows, or a rate formed from them; intervals are shown and decide nothing.

A count must be equal to the last digit, unless the claim says how many ``digits`` it means. A rate, a share or a "1 in
N" agrees where the recorded figure, rounded half up to as many significant figures as the claim prints, is the claimed
one; zeros at the end of a whole number are no figures ("33,000" has two). A figure that agrees only when the rest is
cut off is said to be cut. Caveats say what still misleads: unconfirmed alerts that the force counts as true
(*definition*), several regimes (*regime*), sizes of lists added up over days (*repeat counting*).

>>> compare(Fraction(902748, 27), Decimal(33000)), compare(Fraction(5, 7), Decimal("0.71"))
('equal', 'equal')
>>> compare(Fraction(2, 3), Decimal("0.66"))
'cut'
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from countersign.published.claims.claim import Claim
from countersign.published.claims.rows import (
    OTHER_WAY,
    Counted,
    Piece,
    Scope,
    amount_in,
    by_regime,
    count_of,
    extent,
    first_steps,
    nothing_printed,
    other_way,
    partly,
    turned_count,
)
from countersign.published.claims.verdict import Caveat, Part, Verdict
from countersign.published.table.measures import (
    MEASURES,
    QUANTITIES,
    Measure,
    amount_of,
    row_ranges,
    total,
)
from countersign.words.dates import day
from countersign.words.intervals import one_in_stated
from countersign.words.lists import be, counted, listing, noun
from countersign.words.numbers import count, exact

Agreement = Literal["equal", "cut", "differs"]


def figures(claimed: Decimal) -> int:
    """How many significant figures a number prints: "0.80" two, "33000" two, "0.0000032" two, "0" one."""
    exponent = claimed.as_tuple().exponent
    digits = "".join(map(str, claimed.as_tuple().digits)).lstrip("0")
    if isinstance(exponent, int) and exponent >= 0:
        digits = digits.rstrip("0")
    return max(len(digits), 1)


def rounded(number: Fraction, significant: int, *, cut: bool = False) -> Fraction:
    """``number`` >= 0 at ``significant`` figures, half up, or with the rest cut off; exact."""
    if number == 0:
        return number
    exponent = 0
    while number >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while number < Fraction(10) ** exponent:
        exponent -= 1
    unit = Fraction(10) ** (exponent - significant + 1)
    steps = number / unit
    return unit * ((steps if cut else steps + Fraction(1, 2)).__floor__())


def compare(recorded: Fraction, claimed: Decimal, *, digits: int | None = None) -> Agreement:
    """Whether the recorded figure is the claimed one by the rule; ``digits`` overrides the figures printed.

    A claimed zero agrees with nothing but zero, however small the recorded figure.
    """
    meant = Fraction(claimed)
    significant = digits or figures(claimed)
    if meant == 0 or recorded == 0:
        return "equal" if meant == recorded else "differs"
    if rounded(recorded, significant) == meant:
        return "equal"
    return "cut" if rounded(recorded, significant, cut=True) == meant else "differs"


#: Sizes that are not added up without counting the same things again.
REPEAT_COUNTED: dict[str, str] = {
    "watchlist_size": "sizes of successive lists are added up: a person on several lists is counted once for each"
}
#: Quantity: a sentence that goes beyond its count, and why the count does not carry it.
OVERREACH: dict[str, tuple[str, str]] = {
    "faces_seen": (
        "{people} scanned.",
        "faces seen is the force's own estimate, and one person may pass more than once",
    ),
    "arrests": (
        "{people} arrested for what they were sought for.",
        "the table counts arrests, not what they were for or what came of them",
    ),
    "watchlist_size": ("{people} on watchlists.", REPEAT_COUNTED["watchlist_size"]),
}
ONLY_A_COUNT = ("{amount} {show} how often the system errs.", "it is a count, with no denominator beside it")


def judge_count(claim: Claim, quantity: str, claimed: Decimal, scope: Scope) -> Part:
    """A claim that a sum over rows equals, or does not pass, a value."""
    label, summed = QUANTITIES[quantity], total(scope.rows, quantity)
    if not summed.counted:
        return none_printed([label])
    known = Fraction(summed.amount or 0)
    steps = [
        f"Rows {claim.about()}: {extent(scope.rows)}.",
        f"Sum of {label}: {count(known)}, printed in {count(summed.counted)} of {counted(summed.rows, 'row')}.",
        f"Claimed: {relation_words(claim.relation)}{count(claimed)}; {_rule(claim, quantity, claimed)}.",
    ]
    verdict = _compare(claim, quantity, known, claimed)
    caveats: list[Caveat] = []
    missing: list[str] = []
    if not summed.complete:
        gap = counted(summed.rows - summed.counted, "row")
        missing.append(f"{label} in {gap} of the period, where none is printed")
        if (verdict == "does not hold" and known < claimed) or (verdict == "holds" and claim.relation == "at_most"):
            verdict = "cannot be checked"
        elif verdict == "holds" and claim.relation != "at_least":
            printing = f"{gap} of the period {be(summed.rows - summed.counted, 'prints', 'print')}"
            caveats.append(Caveat("definition", f"{printing} no {label}"))
    caveats += _unconfirmed(claim, quantity, known, claimed, scope, verdict)
    if quantity in REPEAT_COUNTED:
        caveats.append(Caveat("repeat counting", REPEAT_COUNTED[quantity]))
    if quantity == "faces_seen":
        steps += scope.untested
        if not scope.faces_comparable:
            caveats.append(Caveat("regime", "it adds up faces that were counted in different ways"))
    beyond, why = OVERREACH.get(quantity, ONLY_A_COUNT)
    if known == 0 and quantity in OTHER_WAY and (bound := _bound(quantity, scope)) is not None:
        steps.append(bound)
        beyond, why = "There are no {label} at this setting.", f"{bound[0].lower()}{bound[1:].rstrip('.')}"
    because = (
        f"the rows give {amount_of(known, label)}; the claim says {relation_words(claim.relation)}{count(claimed)}"
    )
    found = tuple(steps), row_ranges(scope.rows), tuple(missing), tuple(caveats)
    one = int(known == 1) or 2
    people = f"{count(known)} {be(one, 'person was', 'people were')}"
    beyond = beyond.format(people=people, amount=amount_of(known, label), show=be(one, "shows", "show"), label=label)
    overreach, over = (beyond, why), extent(scope.rows, "deployment")
    recorded = amount_in(quantity, known, scope.rows)
    return Part(verdict, because, *found, recorded, over, overreach=overreach, number=known).settled


def none_printed(labels: Sequence[str]) -> Part:
    """The judgement where no row prints a quantity: nothing printed is no zero."""
    needed = listing(labels)
    because = f"no row of the period prints {needed}"
    return Part("cannot be checked", because, missing=(needed,), may_write=because)


def judge_together(claim: Claim, quantities: Sequence[str], claimed: Decimal, scope: Scope) -> Part:
    """A claim that several sums together are a value; each must be printed in every row."""
    sums = [total(scope.rows, quantity) for quantity in quantities]
    if unprinted := [QUANTITIES[name] for name, each in zip(quantities, sums, strict=True) if not each.counted]:
        return none_printed(unprinted)
    known = Fraction(sum(summed.amount or 0 for summed in sums))
    pairs = list(zip(quantities, sums, strict=True))
    said = " + ".join(amount_of(summed.amount or 0, QUANTITIES[quantity]) for quantity, summed in pairs)
    bounds = [amount_in(quantity, Fraction(0), scope.rows) for quantity, summed in pairs if not summed.amount]
    verdict: Verdict = "holds" if known == claimed else "does not hold"
    if claim.digits is not None:
        verdict = "holds" if compare(known, claimed, digits=claim.digits) == "equal" else "does not hold"
    gaps = [
        f"{QUANTITIES[name]} in {counted(each.rows - each.counted, 'row')} of the period, where none is printed"
        for name, each in pairs
        if not each.complete
    ]
    caveats = [Caveat("definition", gap) for gap in gaps]
    if gaps and verdict == "does not hold" and known < claimed:
        verdict = "cannot be checked"
    steps = f"Rows {claim.about()}: {extent(scope.rows)}.", f"{said} = {count(known)}. Claimed: {count(claimed)}."
    recorded = "; ".join([said, *bounds])
    found = steps, row_ranges(scope.rows), tuple(gaps), tuple(caveats), recorded, extent(scope.rows, "deployment")
    because = f"the rows give {said}, {count(known)} together; the claim says {count(claimed)}"
    return Part(verdict, because, *found, number=known).settled


def parts_that_add_up(claim: Claim) -> Part | None:
    """What the parts that a claim adds up come to, where that is not its value; ``None`` where it is."""
    added = sum(claim.parts, Decimal(0))
    if not claim.parts or added == claim.value[0]:
        return None
    listed, gap = " + ".join(exact(part) for part in claim.parts), abs(added - claim.value[0])
    which = "more" if added > claim.value[0] else "less"
    because = f"{listed} is {exact(added)}, {exact(gap)} {which} than the {exact(claim.value[0])} that the claim gives"
    apart = "something in two of the parts, or in none of them, would have to be named"
    return Part("does not hold", because, (f"{because}: {apart}.",), missing=(apart,))


def _unconfirmed(
    claim: Claim, quantity: str, known: Fraction, claimed: Decimal, scope: Scope, verdict: Verdict
) -> list[Caveat]:
    turned = turned_count(scope.rows, quantity)
    if turned is None or _compare(claim, quantity, Fraction(turned), claimed) == verdict:
        return []
    return [Caveat("definition", unconfirmed_words(quantity, known, Fraction(turned)))]


def unconfirmed_words(quantity: str, known: Fraction, turned: Fraction) -> str:
    """How many alerts are unconfirmed, and what the count would be with all of them turned the other way."""
    number = int(abs(turned - known))
    left = count(number)
    if quantity == "true_alerts":
        sure = f"{count(turned)} {be(int(turned), 'is a confirmed true alert', 'are confirmed true alerts')}"
        return f"{left} of them {be(number)} unconfirmed; {sure}"
    false = f"{count(turned)} false {noun(int(turned), 'alert')}"
    otherwise = f"if {be(number, 'it', 'all of them')} were false there would be {false}, not {count(known)}"
    return f"{left} unconfirmed {noun(number, 'alert')} {be(number)} counted as true; {otherwise}"


def _bound(quantity: str, scope: Scope) -> str | None:
    # Hours, not faces: the number of hours does not depend on how faces are counted.
    counts = count_of(MEASURES[f"{quantity}_per_hour"], scope.rows)
    if counts is None:
        return None
    faces = total(scope.rows, "faces_seen").amount
    seen = "" if faces is None else f" with {count(faces)} faces seen (estimate)"
    most = f"{count(int(1 / counts.interval.high))} hours (95%, events in clumps of two)"
    return f"None in {counted(round(counts.trials), 'hour')}{seen} is compatible with up to one in {most}."


def _compare(claim: Claim, quantity: str, known: Fraction, claimed: Decimal) -> Verdict:
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


def relation_words(relation: str) -> str:
    """What stands before a claimed number: "at most ", "at least ", "a sum of ", or nothing."""
    return {"at_most": "at most ", "at_least": "at least ", "sum_equals": "a sum of "}.get(relation, "")


def _rule(claim: Claim, quantity: str, claimed: Decimal) -> str:
    if claim.relation in ("at_most", "at_least"):
        return "compared as it is"
    if claim.digits is None and quantity != "hours":
        return "a count must be equal to the last digit"
    return f"compared at {counted(claim.digits or figures(claimed), 'significant figure')}, rounded half up"


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
    caveats += _unconfirmed_rate(claim, measure, counts, claimed, agreement)
    if gap := partly(measure, scope.rows):
        caveats.append(Caveat("definition", gap))
    reason = {
        "equal": "at the figures the claim prints, that is what it says",
        "cut": f"the claim says {_claimed(claim, claimed)}, which is the figure cut off, not rounded",
        "differs": f"the claim says {_claimed(claim, claimed)}",
    }[agreement]
    return Part(
        "holds" if agreement == "equal" else "does not hold",
        f"{f'{counts.recorded}: {counts.in_words}' if counts.events else counts.recorded_with_bound}; {reason}",
        (
            *first_steps(claim, counts, scope.rows),
            *_piece_steps(pieces),
            *(scope.untested if measure.per_face else ()),
            _comparison(claim, counts.rate, claimed),
        ),
        row_ranges(counts.rows),
        caveats=tuple(caveats),
        recorded=counts.recorded_with_bound,
        over=extent(counts.rows, "deployment") + ("; a mean over different regimes" if regimes else ""),
        overreach=_overreach(counts, regimes),
        number=None if claim.relation == "one_in" and not counts.events else _in_unit(claim, counts.rate),
    ).settled


def _in_unit(claim: Claim, rate: Fraction) -> Fraction:
    return 1 / rate if claim.relation == "one_in" else rate


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
    some = ((piece.label, counts) for piece, counts in pieces if counts.events)
    parts = [f"{label}: {count(counts.events)} in {count(counts.trials)}, {counts.in_words}" for label, counts in some]
    without = sum(not counts.events for _, counts in pieces)
    if without:
        parts.append(f"none in the other {without}" if parts else "none in any")
    events = sum(counts.events for _, counts in pieces)
    last = max((number for number, (_, counts) in enumerate(pieces) if counts.events), default=len(pieces))
    after = [row.date for piece, _ in pieces[last + 1 :] for row in piece.rows if row.date is not None]
    before = [row.date for piece, _ in pieces[: last + 1] for row in piece.rows if row.date is not None]
    ended = ""
    if after and before and max(before) < min(after):
        all_of = f"{be(events, 'the', 'all')} {amount_of(events, QUANTITIES[pieces[0][1].measure.numerator])}"
        ended = f"; {all_of} {be(events, 'falls', 'fall')} before {day(min(after))}"
    return f"it mixes {len(pieces)} regimes ({'; '.join(parts)}){ended}"


def _unconfirmed_rate(
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
    rows = ((f"{piece.label}, {counted(len(counts.rows), 'row')}", counts) for piece, counts in pieces)
    return [f"{of}: {counts.recorded}, {counts.in_words}." for of, counts in rows]


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
