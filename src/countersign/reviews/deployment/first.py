"""The first page of a deployment's report: what must be known first, then the record in a few sentences.

Who made the entries and who signed stand before any finding. Each sentence is a count with what it counts; none says
whether what was done was right.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from countersign.document import Block, Items, Paragraph, Section
from countersign.reviews.deployment.convention import questions
from countersign.reviews.deployment.convention import told as convention_told
from countersign.reviews.deployment.duties import against, of_outcome
from countersign.reviews.deployment.evidence import DeploymentEvidence
from countersign.reviews.deployment.figures import funnel
from countersign.reviews.deployment.gates import ahead_told
from countersign.reviews.deployment.gates import told as gates_told
from countersign.reviews.deployment.makers import sentence as makers_told
from countersign.reviews.model import EnteredBy, GateLine, NextAuthority, Promise, RateLine
from countersign.rulebook.conditions.results import tally
from countersign.words.phrases import counted, dated, listing
from countersign.words.record import stage_told
from countersign.words.wording import be, capital, count, one_in_range

#: The rate that counts unresolved alerts as false.
AT_MOST = "false_alerts_at_most_per_face"
#: So many duties of one outcome, and promises not kept, are named in a sentence.
NAMED = 6


def first_page(evidence: DeploymentEvidence, first: tuple[str, ...], told: tuple[str, ...]) -> Section:
    """The first section: warnings, whose standard, the sentences, what the evidence contradicts, the stages."""
    blocks: list[Block] = [Paragraph(one, "warning") for one in first]
    if evidence.standard:
        blocks.append(Paragraph(f"Told by this standard: {evidence.standard}", "note"))
    stages = msgspec.structs.replace(funnel(evidence).table, anchor="stages", caption="The stages, and who says so")
    blocks += [Items(told, numbered=True), *against(evidence), stages]
    return Section("first-page", "First page", tuple(blocks))


def summary_of(
    evidence: DeploymentEvidence,
    lines: tuple[RateLine, ...],
    promises: tuple[Promise, ...],
    gates: tuple[GateLine, ...],
    makers: tuple[EnteredBy, ...],
    ahead: NextAuthority,
    alike: str | None,
) -> tuple[str, ...]:
    """The sentences that follow the warnings, in the order a reader needs them."""
    told = tally(evidence.results)
    origin = evidence.record.origin
    deployment = evidence.deployment
    state = stage_told(deployment.stage) if deployment.entries else "no entry tells how far it came"
    source = origin.kind if not evidence.record.beside else f"{count(1 + len(evidence.record.beside))} bundles:"
    files = listing([one.file for one in (origin, *evidence.record.beside)])
    false = next((one for one in lines if one.measure == "false_alerts_per_face"), None)
    sentences = [
        f"{evidence.subject}: {counted(len(evidence.view.entries()), 'statement')} read from the {source} "
        f"{files}; as at {dated(evidence.as_at[:10])} {state}.",
        f"Of {count(len(evidence.results))} duties: {count(told['met'])} met, {count(told['stated'])} stated by "
        f"the force alone, {count(told['not met'])} not met and {count(told['not shown'])} not shown.",
    ]
    sentences += [one for one in (_which(evidence, outcome) for outcome in ("not met", "not shown")) if one is not None]
    steps = gates_told(gates)
    if steps is not None:
        sentences.append(steps)
    sentences.append(convention_told(questions(evidence.results)))
    if promises:
        sentences.append(_kept(promises))
    if false is not None:
        sentences.append(_false(false, next((one for one in lines if one.measure == AT_MOST), None)))
    else:
        sentences.append("False alerts per face cannot be told: false alerts and faces are not on the record together.")
    by = makers_told(makers)
    if by is not None:
        sentences.insert(1, by)
    sentences += [one for one in (ahead_told(ahead), alike) if one is not None]
    if evidence.record.first is None:
        sentences.append("An outside body has cosigned the log; that says nothing about whether it is true.")
    return tuple(sentences)


def _which(evidence: DeploymentEvidence, outcome: str) -> str | None:
    """The duties of one outcome by name, mandatory ones first; nothing where there are none."""
    found = of_outcome(evidence, outcome)
    if not found:
        return None
    names = [one.duty + (" (mandatory)" if evidence.duty(one).severity == "mandatory" else "") for one in found[:NAMED]]
    left = len(found) - NAMED
    return f"{capital(outcome)}: {listing([*names, f'{count(left)} more'] if left > 0 else names)}."


def _kept(promises: tuple[Promise, ...]) -> str:
    """How many promises stand, do not, and are not shown; those that do not are named."""
    states = Counter(one.state for one in promises)
    silent = states["not shown"]
    broken = [one.promised for one in promises if one.state == "not as promised"]
    told = (
        f"Of {counted(len(promises), 'promise')} made before, {count(states['as promised'])} "
        f"{be(states['as promised'], 'stands', 'stand')} as promised and {count(len(broken)) if broken else 'none'} "
        f"{be(len(broken), 'does', 'do')} not"
    )
    told += f"; of {count(silent)} nothing is shown" if silent else ""
    return told + (f". Not as promised: {'; '.join(broken[:NAMED])}." if broken else ".")


def _false(false: RateLine, most: RateLine | None) -> str:
    """False alerts per face with the interval; where alerts are unresolved, also with all of them counted as false."""
    by = false.scope.partition(": ")[2]
    told = (
        f"{counted(false.events, 'false alert')} in {count(false.trials)} faces, by {by}; the 95 per cent interval is "
        f"{one_in_range(false.low, false.high)}."
    )
    if most is None or (most.events, most.trials) == (false.events, false.trials):
        return told
    left = most.events - false.events
    return (
        f"{told} {counted(left, 'alert was', 'alerts were')} left unresolved; with {be(left, 'it', 'them')} "
        f"counted as false it is {count(most.events)} in {count(most.trials)}, {one_in_range(most.low, most.high)}."
    )
