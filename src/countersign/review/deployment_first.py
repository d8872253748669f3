"""The first page of a deployment's report: what must be known first, then the record in a few sentences.

Who made the entries and who signed stand before any finding. Each sentence is a count with what it counts; none says
whether what was done was right.
"""

from __future__ import annotations

import msgspec

from countersign.document import Block, Items, Paragraph, Section
from countersign.published.phrases import counted, dated, listing
from countersign.review.deployment_convention import questions
from countersign.review.deployment_convention import told as convention_told
from countersign.review.deployment_duties import against
from countersign.review.deployment_evidence import DeploymentEvidence
from countersign.review.deployment_figures import funnel
from countersign.review.deployment_gates import ahead_told
from countersign.review.deployment_gates import told as gates_told
from countersign.review.deployment_makers import sentence as makers_told
from countersign.review.deployment_words import stage_told
from countersign.review.model import EnteredBy, GateLine, NextAuthority, Promise, RateLine
from countersign.review.wording import count, one_in_range
from countersign.rulebook.results import tally


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
    broken = [one for one in promises if one.state == "not as promised"]
    kept = sum(one.state == "as promised" for one in promises)
    false = next((one for one in lines if one.measure == "false_alerts_per_face"), None)
    mandatory = [
        one for one in evidence.results if one.outcome == "not met" and evidence.duty(one).severity == "mandatory"
    ]
    sentences = [
        f"{evidence.subject}: {counted(len(evidence.view.entries()), 'statement')} read from the {source} "
        f"{files}; as at {dated(evidence.as_at[:10])} {state}.",
        f"Of {count(len(evidence.results))} duties: {count(told['met'])} met, {count(told['stated'])} stated by "
        f"the force alone, {count(told['not met'])} not met and {count(told['not shown'])} not shown.",
    ]
    if mandatory:
        sentences.append(
            f"{counted(len(mandatory), 'mandatory duty is', 'mandatory duties are')} not met: "
            + ", ".join(one.duty for one in mandatory[:6])
            + (" and others." if len(mandatory) > 6 else ".")
        )
    steps = gates_told(gates)
    if steps is not None:
        sentences.append(steps)
    sentences.append(convention_told(questions(evidence.results)))
    if promises:
        sentences.append(
            f"Of {counted(len(promises), 'promise')} made before, {count(kept)} stand as promised and "
            f"{count(len(broken))} do not" + (f": {', '.join(one.id for one in broken[:6])}." if broken else ".")
        )
    if false is not None:
        sentences.append(
            f"{counted(false.events, 'false alert')} in {count(false.trials)} faces, by "
            f"{false.scope.partition(': ')[2]}; the 95 per cent interval is {one_in_range(false.low, false.high)}."
        )
    else:
        sentences.append("False alerts per face cannot be told: false alerts and faces are not on the record together.")
    by = makers_told(makers)
    if by is not None:
        sentences.insert(1, by)
    sentences += [one for one in (ahead_told(ahead), alike) if one is not None]
    if evidence.record.first is None:
        sentences.append("An outside body has cosigned the log; that says nothing about whether it is true.")
    return tuple(sentences)
