"""Claims about groups: a share of events ("80% were ..."), and that groups do not differ.

The counts come from a groups file, never from the table of deployments, which has none. A share is a recorded number;
that says nothing of how often the group passed the camera. A ratio needs that exposure: without it equal rates are
rejected for some shares of exposure and not for others, so a claim of no difference cannot be checked; with it, few
events may refute such a claim but never show it. The engine and the watchlist are not separated by any of this.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from countersign.inference.binomial import clopper_pearson
from countersign.inference.rate import Interval
from countersign.published.audit_blocks import sentence
from countersign.published.audit_samples import AuditStudy
from countersign.published.claims.claim import Claim
from countersign.published.claims.counts import compare, figures
from countersign.published.claims.quantities import Term
from countersign.published.claims.verdict import Caveat, Part, Verdict
from countersign.published.group_counts import Baseline, GroupCount, GroupStudy, exclusion_sentence, study
from countersign.words.dates import span
from countersign.words.intervals import percent_range, times_range
from countersign.words.lists import counted, listing
from countersign.words.names import token
from countersign.words.numbers import exact, percent, times

NO_COUNTS = "counts of these events by group, with how the labels were obtained"


def matching(claim: Claim, quantity: Term, groups: Sequence[GroupCount]) -> tuple[GroupCount, ...]:
    """The counts that answer a claim: same event and attribute, and group, period and threshold where it names them."""
    return tuple(
        group for group in groups
        if (group.event_name, group.attribute.casefold()) == (quantity.event, quantity.attribute.casefold())
        and (not quantity.group or group.group.casefold() == quantity.group.casefold())
        and (not claim.force or group.force == claim.force)
        and (claim.threshold is None or group.threshold == claim.threshold)
        and _within(group.period_from, claim.date_from, claim.date_to)
        and _within(group.period_to, claim.date_from, claim.date_to)
    )  # fmt: skip


def judge_share(claim: Claim, quantity: Term, claimed: Decimal, groups: Sequence[GroupCount]) -> Part:
    """A claim that a share of the events fell on a group. On the number for ``equals``, else on the interval."""
    matches = matching(claim, quantity, groups)
    if len(matches) != 1:
        return _none_or_several(claim, quantity, groups, matches)
    group = matches[0]
    if claim.of is not None and claim.of != group.of:
        because = f"the claim is of {exact(claim.of)}; the source gives {group.in_words}"
        return Part("does not hold", because)
    low, high = float(clopper_pearson(group.count, group.of)[0]), float(clopper_pearson(group.highest, group.of)[1])
    least, most = Fraction(group.count, group.of), Fraction(group.highest, group.of)
    verdict: Verdict
    if claim.relation == "equals":
        significant = claim.digits or figures(claimed)
        agrees = {compare(share, claimed, digits=claim.digits) for share in (least, most)}
        verdict = "holds" if agrees == {"equal"} else "does not hold"
        if verdict != "holds" and (least <= Fraction(claimed) <= most or "equal" in agrees):
            verdict = "neither shown nor refuted"
        at = counted(significant, "significant figure")
        compared = f"At {at}, rounded half up, against {claimed.normalize():f}: {' to '.join(sorted(agrees))}."
    else:
        above, below = low >= claimed, high <= claimed
        wanted, refuted = (below, low > claimed) if claim.relation == "at_most" else (above, high < claimed)
        verdict = "holds" if wanted else "does not hold" if refuted else "neither shown nor refuted"
        compared = f"Against {claim.relation.replace('_', ' ')} {claimed.normalize():f}: judged on the interval."
    unstated = f"how {group.attribute} was recorded, and by whom, is not stated by the source"
    caveats = () if group.labels_stated else (Caveat("definition", unstated),)
    kept = percent_range(low, high)
    return Part(
        verdict,
        f"{group.in_words}, {group.share_in_words}; as draws from a steady share the count is compatible "
        f"with {kept}; how many of those who passed were in the group is unpublished",
        (
            f"{span(group.period_from, group.period_to)}: {group.in_words} = {group.share_in_words} ({group.source}).",
            f"Exact 95% interval of the share: {kept}.",
            compared,
            exclusion_sentence(study([group])[0]),
        ),
        missing=(f"the share of the group ‘{group.group}’ among those who passed the cameras",),
        caveats=caveats,
        may_write=f"{group.in_words} {token(group.event)} were recorded as ‘{group.group}’"
        + ("" if group.count else f"; the true share could be as high as {percent(high, 'up')}"),
        overreach=_overreach(group),
    ).settled


def judge_ratio(
    claim: Claim,
    quantity: Term,
    claimed: Decimal,
    groups: Sequence[GroupCount],
    baselines: Sequence[Baseline],
    audits: Sequence[AuditStudy],
) -> Part:
    """A claim of how a group's rate compares with that of the rest: at an exposure, or left open.

    People counted passing decide where there are any that settle something; else the shares brought, where they agree.
    That rates do not differ may be refuted and is never shown.
    """
    matches = matching(claim, quantity, groups)
    if len(matches) != 1:
        return _none_or_several(claim, quantity, groups, matches)
    studied = study(matches, baselines=tuple(baselines))[0]
    group = studied.group
    recorded = f"{group.in_words} {token(group.event)} were recorded as ‘{group.group}’"
    beside = [audit for audit in audits if audit.group == group]
    sound = [audit for audit in beside if audit.rejected is not None]
    steps = [f"{recorded} ({group.source}).", exclusion_sentence(studied)]
    steps += [sentence(audit) for audit in beside]
    steps += [line.sentence for line in studied.baselines]
    kept = [audit.interval.hull(audit.over_shares) for audit in sound] or [line.interval for line in studied.baselines]
    verdicts = {_ratio_verdict(claim, claimed, interval) for interval in kept}
    if not sound and claim.relation == "no_difference":
        verdicts = {"does not hold" if line.rejected else "neither shown nor refuted" for line in studied.baselines}
    smallest = ("the smallest difference the study could have seen, which it does not state",)
    of = "people counted passing" if sound else "the share of those exposed that was given"
    missing: tuple[str, ...] = smallest
    if len(verdicts) != 1:
        verdict: Verdict = "cannot be checked"
        missing = (f"the share of the group ‘{group.group}’ among those exposed", *smallest)
        reason = "whether equal rates are rejected turns on the share of those exposed, which is not in the sources"
        if sound:
            reason = "people were counted by several bodies, and what follows from their counts differs"
    else:
        (verdict,) = verdicts
        reason = _ratio_reason(claim, claimed, verdict, of, kept)
    may_write = f"{recorded}. {exclusion_sentence(studied)}"
    if sound:
        may_write = f"{recorded}. {sentence(sound[0])}"
    because = f"{recorded}: {reason}; {detectable_words(studied)}"
    return Part(verdict, because, tuple(steps), missing=missing, may_write=may_write)


def _ratio_verdict(claim: Claim, claimed: Decimal, interval: Interval) -> Verdict:
    if claim.relation == "no_difference":
        return "neither shown nor refuted" if interval.low <= 1 <= interval.high else "does not hold"
    low, high = interval.low, interval.high
    met, failed = (high <= claimed, low > claimed) if claim.relation == "at_most" else (low >= claimed, high < claimed)
    return "holds" if met else "does not hold" if failed else "neither shown nor refuted"


def _ratio_reason(claim: Claim, claimed: Decimal, verdict: Verdict, of: str, kept: Sequence[Interval]) -> str:
    if claim.relation != "no_difference":
        ends = times_range(min(each.low for each in kept), max(each.high for each in kept))
        said = f"{claim.relation.replace('_', ' ')} {exact(claimed)} times"
        return f"at {of} the ratio to the rest is compatible with {ends}; the claim says {said}"
    if verdict == "does not hold":
        return f"equal rates are rejected at {of}"
    return f"equal rates are not rejected at {of}, which does not show that they are equal"


def detectable_words(studied: GroupStudy) -> str:
    """The smallest difference these counts could have shown, at each share it depends on."""
    shown = "; ".join(
        f"{times(ratio, 'up')} if the group were {percent(share)} of those exposed"
        if ratio != float("inf")
        else f"none at all if it were {percent(share)}"
        for share, ratio in studied.detectable
    )
    return f"the smallest difference {studied.group.of} events would have shown four times in five: {shown}"


def _overreach(group: GroupCount) -> tuple[str, str]:
    needs = "that needs the share of those who passed, and would still not tell the engine from the watchlist"
    if group.most is not None:
        return f"People recorded as ‘{group.group}’ are less likely to be alerted on than others.", needs
    if group.count == group.of:
        return f"Only people recorded as ‘{group.group}’ are ever alerted on.", f"{group.of} events cannot say so"
    odds = times(group.count / (group.of - group.count))
    return f"People recorded as ‘{group.group}’ are {odds} as likely to be alerted on as others.", needs


def _none_or_several(claim: Claim, quantity: Term, groups: Sequence[GroupCount], matches: Sequence[GroupCount]) -> Part:
    if not matches and claim.force:
        others = matching(msgspec.structs.replace(claim, force=""), quantity, groups)
        if others:
            forces = listing(sorted({group.force or "no force named" for group in others}))
            because = f"the claim is about another force: the counts by group given are of {forces}, not {claim.force}"
            return Part("cannot be checked", because, missing=(f"{NO_COUNTS}, of {claim.force}",))
    if not matches:
        return Part("cannot be checked", "no counts by group of that kind were given", missing=(NO_COUNTS,))
    names = ", ".join(f"{group.in_words} ({group.force or group.source})" for group in matches)
    meant = "which of these counts is meant (name its force, threshold or period in the claim)"
    return Part("cannot be checked", f"{len(matches)} counts by group fit it: {names}", missing=(meant,))


def _within(day: datetime.date | None, first: datetime.date | None, last: datetime.date | None) -> bool:
    return (first is None or (day is not None and day >= first)) and (last is None or (day is not None and day <= last))
