"""Claims that rest on a number which no table of deployments holds: a population, or what a seeded test gave.

A count per head is the sum over the rows, divided by the people of the base that the claims file names. Faces seen are
faces, and one person is counted at every pass, so such a figure is no share of the people. Who walked past without an
alert leaves no trace in a record: a claim of how many people on the watchlist are recognised needs a test with people
who were put on the list for it (the "blue list"), and is judged on the exact interval of that test, one person's passes
counted as one where that is wider.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from countersign.inference.binomial import clopper_pearson
from countersign.published.claims.claim import Claim, SeededTest
from countersign.published.claims.counts import compare, relation_words
from countersign.published.claims.quantities import SEEDED, Term
from countersign.published.claims.rows import Scope, amount_in, extent
from countersign.published.claims.verdict import Caveat, Part, Verdict
from countersign.published.table.measures import QUANTITIES, row_ranges, total
from countersign.words.intervals import one_in, one_in_stated, percent_range
from countersign.words.lists import counted
from countersign.words.numbers import count, exact, percent, plain, significant

#: What a claim of recognition needs and no table of deployments prints.
NO_TEST = "a seeded test: how often people put on the watchlist for it walked past, and how often an alert came"


def judge_head(claim: Claim, quantity: Term, claimed: Decimal, scope: Scope) -> Part:
    """A claim of a count per head of a population."""
    base, summed, label = claim.population, total(scope.rows, quantity.of), QUANTITIES[quantity.of]
    if base is None or summed.amount is None:
        return Part("cannot be checked", f"no row of the period prints {label}", missing=(label,))
    known = Fraction(summed.amount)
    figure = known * base.per / base.people
    verdict = _on_number(claim, figure, claimed)
    missing: tuple[str, ...] = ()
    caveats: list[Caveat] = []
    if not summed.complete:
        gap = f"{label} in {counted(summed.rows - summed.counted, 'row')} of the period, where none is printed"
        missing = (gap,)
        caveats.append(Caveat("definition", gap))
        if verdict == "does not hold" or claim.relation == "at_most":
            verdict = "cannot be checked"
    per = "head" if base.per == 1 else f"{count(base.per)}"
    heads = f"{count(base.people)} {base.what}"
    recorded = f"{amount_in(quantity.of, known, scope.rows)} beside {heads}"
    said = f"{plain(significant(float(figure), 3))} per {per}"
    if claim.relation == "one_in" and known:
        said = one_in(float(1 / figure))
    wanted = one_in_stated(claimed) if claim.relation == "one_in" else f"{exact(claimed)} per {per}"
    steps = (
        f"Rows {claim.about()}: {extent(scope.rows)}. Sum of {label}: {count(known)}.",
        f"{count(known)} / {heads} ({base.source}): {said}. Claimed: {wanted}.",
    )
    because = f"{recorded}: {said}; the claim says {relation_words(claim.relation)}{wanted}"
    number = None if claim.relation == "one_in" and not known else 1 / figure if claim.relation == "one_in" else figure
    found = steps, row_ranges(scope.rows), missing, tuple(caveats), recorded, extent(scope.rows, "deployment")
    beyond = (f"{said[:1].upper()}{said[1:]} of the {base.what} were affected.", "the rows do not say who they were")
    return Part(verdict, because, *found, overreach=beyond, number=number).settled


def _on_number(claim: Claim, figure: Fraction, claimed: Decimal) -> Verdict:
    match claim.relation:
        case "at_most":
            holds = figure <= claimed
        case "at_least":
            holds = figure >= claimed
        case "one_in":
            holds = figure > 0 and compare(1 / figure, claimed, digits=claim.digits) == "equal"
        case _:
            holds = compare(figure, claimed, digits=claim.digits) == "equal"
    return "holds" if holds else "does not hold"


def judge_seeded(claim: Claim, quantity: Term, claimed: Decimal) -> Part:
    """A claim of how many people on the watchlist are recognised, or missed."""
    test = claim.seeded
    if test is None:
        because = "a record counts alerts: someone on the watchlist who was not recognised leaves no trace in it"
        may_write = "What has been published does not show how many people on the watchlist were missed"
        return Part("cannot be checked", because, missing=(NO_TEST,), may_write=may_write)
    events = test.recognised if quantity.name == "seeded:recognised" else test.passes - test.recognised
    low, high = _ends(test, events)
    share = Fraction(events, test.passes)
    verdict: Verdict
    if claim.relation == "equals":
        verdict = "holds" if compare(share, claimed, digits=claim.digits) == "equal" else "does not hold"
    else:
        at_most = claim.relation == "at_most"
        met, failed = (high <= claimed, low > claimed) if at_most else (low >= claimed, high < claimed)
        verdict = "holds" if met else "does not hold" if failed else "neither shown nor refuted"
    kept = percent_range(low, high)
    by = counted(test.people, "person", "people")
    recorded = f"{count(events)} of {count(test.passes)} {SEEDED[quantity.name]}, by {by}"
    claims = f"the claim says {relation_words(claim.relation)}{exact(claimed)}"
    because = f"{recorded}: {percent(float(share))}, compatible with {kept}; {claims}"
    steps = (f"{recorded} ({test.source}).", f"Exact 95% interval, one person's passes as one where wider: {kept}.")
    repeats = "several passes are of one person, and another person may be harder to recognise"
    caveats = (Caveat("definition", repeats),) if test.people < test.passes else ()
    may_write = f"In a seeded test {recorded}; compatible with {kept}"
    beyond = (
        f"{percent(float(share))} of everyone on the watchlist.",
        "the test was of other people than those sought",
    )
    return Part(verdict, because, steps, caveats=caveats, may_write=may_write, overreach=beyond, number=share).settled


def _ends(test: SeededTest, events: int) -> tuple[float, float]:
    """The hull of the exact interval of the passes and of that of as many people with the same share of them."""
    low, high = (float(end) for end in clopper_pearson(events, test.passes))
    share = Fraction(events * test.people, test.passes)
    fewer, more = share.__floor__(), share.__ceil__()
    return min(low, float(clopper_pearson(fewer, test.people)[0])), max(
        high, float(clopper_pearson(more, test.people)[1])
    )
