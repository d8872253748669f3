"""Duties with their outcome: how many have each, then every duty with why, who supplied it and the entries it rests on.

Outcomes are counted and never added up into one. *Stated* is the force's word alone; *not shown* is silence; each duty
keeps its severity and layer (law, own policy, good practice) beside it, and a pinpoint still to be checked says so.

>>> anchor_of("uk.auth.rank")
'duty-uk-auth-rank'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countersign.document import Block, Cell, Column, Finding, Heading, Paragraph, Section, Table
from countersign.published.phrases import counted, dated
from countersign.review.deployment_evidence import DeploymentEvidence, rows
from countersign.review.deployment_words import profile_told, suppliers
from countersign.review.duty_tables import MEANING, by_phase
from countersign.review.model import Duty as DutyLine
from countersign.review.model import NotShown
from countersign.review.wording import be, capital, count, small
from countersign.rulebook.catalogue import DUTIES, PHASES
from countersign.rulebook.results import OUTCOMES, Result, tally

#: So many mandatory duties not met stand on the first page.
ON_FIRST_PAGE = 8
#: Not met first: what a reader must see before the rest.
_SHOWN_FIRST = ("not met", "not shown", "stated", "met")


def anchor_of(duty: str) -> str:
    """The place of a duty in the report."""
    return f"duty-{duty.replace('.', '-')}"


def duty_line(result: Result) -> DutyLine:
    """A result as ``review.json`` holds it."""
    duty = DUTIES[result.duty]
    return DutyLine(
        id=result.duty,
        state=result.outcome,
        because=capital(result.because),
        requirement=duty.requirement,
        sources=duty.sources,
        in_force=duty.in_force,
        phase=duty.phase,
        severity=duty.severity,
        layer=duty.layer,
        kind=duty.kind,
        entries=result.entries,
        supplied_by=result.supplied_by,
        asked=result.asked,
        rows=rows(result.entries),
    )


def duties_section(evidence: DeploymentEvidence) -> Section:
    """The section: counts by phase, then a finding for each duty, worst outcome first within its phase."""
    results = evidence.results
    told = tally(results)
    blocks: list[Block] = [
        Paragraph(
            f"{count(len(results))} duties count here, those of {profile_told(evidence.profile)}, as at "
            f"{dated(evidence.as_at[:10])}. Their outcomes are counted, never added up into one."
        ),
        Table(
            "duties-meaning",
            "What each outcome says",
            (Column("outcome", "Outcome"), Column("times", "Duties", "end"), Column("means", "What it says")),
            tuple((Cell(capital(one)), Cell(count(told[one]), told[one]), Cell(MEANING[one])) for one in OUTCOMES),
        ),
        by_phase(results),
    ]
    if told["not shown"]:
        asking = counted(told["not shown"], "duty is", "duties are")
        blocks.append(
            Paragraph(
                f"{capital(asking)} not shown. What would show each stands in its details; countersign ask review.json "
                "writes one letter that asks the force for all of it."
            )
        )
    for phase in PHASES:
        here = [one for one in results if DUTIES[one.duty].phase == phase]
        if here:
            blocks.append(Heading(capital(phase), f"duties-{phase}"))
            blocks += [finding(one, evidence) for one in sorted(here, key=lambda one: _SHOWN_FIRST.index(one.outcome))]
    return Section("duties", "Duties", tuple(blocks))


def against(evidence: DeploymentEvidence) -> Iterator[Block]:
    """For the first page: the mandatory duties that the evidence contradicts, with where to read more."""
    found = [one for one in evidence.results if one.outcome == "not met" and DUTIES[one.duty].severity == "mandatory"]
    if not found:
        return
    columns = (Column("duty", "Mandatory duty not met"), Column("because", "What the record shows"))
    cells = tuple(
        (
            Cell(DUTIES[one.duty].requirement, link=f"#{anchor_of(one.duty)}"),
            Cell(_with_papers(one, evidence), rows=rows(one.entries)),
        )
        for one in found[:ON_FIRST_PAGE]
    )
    left = len(found) - len(cells)
    note = f"{capital(small(left))} more {be(left)} among the duties below." if left else ""
    yield Table("against", "Contradicted by the evidence", columns, cells, note=note)


def _with_papers(result: Result, evidence: DeploymentEvidence) -> str:
    """Why, and by which papers where a case names them; an invented one has none worth naming."""
    told, papers = capital(result.because), _papers(result, evidence)
    return told if evidence.invented or not papers else f"{told} ({'; '.join(papers)})"


def _papers(result: Result, evidence: DeploymentEvidence) -> list[str]:
    return sorted({evidence.sources[one] for one in result.entries if one in evidence.sources})


def finding(result: Result, evidence: DeploymentEvidence) -> Finding:
    """One duty as a block: what it asks, its outcome and why, who supplied the evidence, what it leaves open."""
    duty = DUTIES[result.duty]
    details = [
        ("Duty", result.duty),
        ("Sources", duty.sources),
        ("Layer and severity", f"{duty.layer}; {duty.severity}"),
        ("Dates", duty.in_force),
        ("Evidence from", suppliers(result.supplied_by)),
    ]
    papers = _papers(result, evidence)
    if papers:
        details.append(("Papers", "; ".join(papers)))
    if result.outcome == "not shown":
        details.append(("What would show it", duty.evidence_in_words))
    details += [("Question left open", one) for one in result.asked]
    return Finding(
        anchor_of(result.duty),
        result.outcome,
        duty.requirement,
        capital(result.because),
        tuple(details),
        rows(result.entries),
        fold=True,
    )


def not_shown_of(results: Sequence[Result]) -> tuple[NotShown, ...]:
    """The duties not shown, as lines of what is not shown."""
    return tuple(
        NotShown(DUTIES[one.duty].requirement, one.duty, capital(one.because))
        for one in results
        if one.outcome == "not shown"
    )
