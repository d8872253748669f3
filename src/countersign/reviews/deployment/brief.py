"""The brief of one deployment's review: what happened, what failed and on whose word, in at most 1,000 words.

It is a pure function of the evidence: a first paragraph (``story``), at most six points (``points``), the duty wall as
the first view of the duties, what is not shown, whose word it is, who reviewed what and when, and how to cite it.

>>> _PHASES["open"]
'public notice'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import NamedTuple

from countersign.document import (
    Block,
    Document,
    Items,
    Link,
    Paragraph,
    QuoteCard,
    Section,
    Square,
    Wall,
    WallPhase,
)
from countersign.reviews.deployment.duties import anchor_of
from countersign.reviews.deployment.evidence import DeploymentEvidence
from countersign.reviews.deployment.points import (
    EVIDENCE,
    NAMED,
    RANK,
    error_rate,
    false_words,
    interval,
    points,
    unresolved,
    unsealed,
    within,
)
from countersign.reviews.deployment.story import day_of, lead
from countersign.reviews.model import EnteredBy, GateLine, Promise, RateLine
from countersign.rulebook.catalogue import PHASES
from countersign.rulebook.conditions.results import Outcome, Result
from countersign.surroundings import REHEARSED, rehearsed
from countersign.words.dates import dated
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import body_name, profile_name, role_name, supplier
from countersign.words.numbers import count, small

INVENTED = "This deployment is invented: no such force, place or person exists."
_PHASES = {"brief": "briefing", "open": "public notice", "plan": "planning"}


def brief_of(
    evidence: DeploymentEvidence,
    title: str,
    lines: Sequence[RateLine],
    promises: Sequence[Promise],
    gates: Sequence[GateLine],
    makers: Sequence[EnteredBy],
) -> Document:
    """The brief: story, points, wall, what is not shown, whose word it is, who reviewed it, how to cite it."""
    card, shown = quote_card(evidence, lines), points(evidence, lines, promises, gates)
    sections = (
        Section("story", "What happened", (*_first(evidence), Paragraph(lead(evidence), "lead"))),
        Section("points", "What the record shows", (*shown, Paragraph(RANK, "note"))),
        *([Section("quote", "If you quote a number", (card,))] if card else []),
        Section("wall", "The duties, one square each", (wall(states_of(evidence.results)),)),
        Section("unseen", "What is not shown", tuple(_unseen(evidence))),
        Section("word", "Whose word this is", tuple(_word(evidence, makers))),
        Section("reviewed", "Who reviewed what, and when", (Items(tuple(_reviewed(evidence))),)),
        Section("cite", "How to cite this", (Paragraph(_cite(evidence, title)),)),
    )
    about = (body_name(evidence.force), dated(day_of(evidence)), f"reviewed as at {dated(evidence.as_at[:10])}")
    beside = (Link("All the evidence", "", EVIDENCE),)
    return Document(title, "The brief: what happened, and what the record shows", "en-GB", sections, about, beside)


def _first(evidence: DeploymentEvidence) -> Iterator[Block]:
    if evidence.invented:
        yield Paragraph(INVENTED, "warning")
    elif rehearsed(evidence.record.trust.origin):
        yield Paragraph(REHEARSED, "warning")


class DutyState(NamedTuple):
    """A duty and its state, as a wall shows it; ``sealed``: not shown only because what would show it is sealed."""

    id: str
    title: str
    phase: str
    state: Outcome
    sealed: bool

    @property
    def called(self) -> str:
        """Its title, and that it is sealed where it is."""
        return f"{self.title}, sealed here" if self.sealed else self.title


def states_of(results: Sequence[Result]) -> tuple[DutyState, ...]:
    """The states of the duties answered."""
    return tuple(
        DutyState(result.duty.id, result.duty.title, result.duty.phase, result.outcome, result.sealed)
        for result in results
    )


def wall(states: Sequence[DutyState], file: str = EVIDENCE, title: str = "The duty wall") -> Wall:
    """The duty wall: a square a duty, by phase, each with a link to its place in ``file``."""
    phases = []
    for phase in PHASES:
        squares = tuple(
            Square(duty.id, duty.called, duty.state, Link(duty.title, anchor_of(duty.id), file))
            for duty in states
            if duty.phase == phase
        )
        if squares:
            phases.append(WallPhase(capital(_PHASES.get(phase, phase)), squares))
    sealed = sum(duty.sealed for duty in states)
    note = "Open a duty to see what evidence would settle it. Nothing is added up."
    if sealed:
        rests = counted(sealed, "duty not shown rests", "duties not shown rest")
        note += f" Here {rests} on sealed statements."
    return Wall("duty-wall", title, tuple(phases), note)


def quote_card(evidence: DeploymentEvidence, lines: Sequence[RateLine]) -> QuoteCard | None:
    """The error rate to quote, with all that must go with it; none where there is no rate."""
    rate = error_rate(evidence, lines)
    if rate is None:
        return None
    source = "; ".join(paper.words for paper in evidence.read) or f"log {evidence.record.trust.origin}"
    said = (false_words(evidence, rate), dated(day_of(evidence)), unresolved(evidence))
    return QuoteCard("quote-errors", *said, f"95% interval: {interval(rate)}.", source, dated(evidence.as_at[:10]))


def _unseen(evidence: DeploymentEvidence) -> Iterator[Block]:
    unseen = unsealed(evidence)
    if unseen:
        lines = [f"{result.duty.title}: {result.because.partition('; ')[0]}." for result in unseen[:NAMED]]
        yield Items(tuple(lines), numbered=True)
        left = len(unseen) - NAMED
        more = f"{capital(small(left))} more {be(left)} in the evidence. " if left > 0 else ""
        yield Paragraph(f"{more}“countersign ask review.json” writes one letter that asks the force for all of it.")
    closed = sum(result.sealed for result in evidence.results)
    if closed:
        rests = counted(closed, "duty rests", "duties rest")
        yield Paragraph(
            f"{capital(rests)} on statements that are sealed here: the log holds them, for readers it names."
        )
    if not unseen and not closed:
        yield Paragraph("The record has evidence on every duty.")


def _word(evidence: DeploymentEvidence, makers: Sequence[EnteredBy]) -> Iterator[Block]:
    by: Counter[str] = Counter()
    for maker in makers:
        by[maker.supplied_by] += maker.entries
    for account in evidence.accounts:
        if account.name == "row":
            by_whom = f"printed by {supplier(account.supplied_by)}"
            yield Paragraph(f"The counts are one row {by_whom}.")
    if by:
        sides = listing([f"{count(number)} from {supplier(name)}" for name, number in by.most_common()])
        yield Paragraph(f"The record has {counted(sum(by.values()), 'entry', 'entries')}: {sides}.")
    first = evidence.record.first
    yield Paragraph(first or "An outside body has cosigned the log. That does not make what it says true.")
    if evidence.story:
        places = "; ".join(within(evidence, where) for where in dict.fromkeys(where for _, where in evidence.story))
        yield Paragraph(f"The first paragraph is in the compiler's words, from {places}.", "note")


def _reviewed(evidence: DeploymentEvidence) -> Iterator[str]:
    duties = counted(len(evidence.results), "duty", "duties")
    law = f"the {duties} of {profile_name(evidence.profile)}"
    yield f"Countersign {version('countersign')} held the record against {law} as at {dated(evidence.as_at[:10])}."
    if evidence.standard:
        yield f"Standard: {evidence.standard}."
    judged = Counter(
        (statement.role, supplier(statement.supplied_by), statement.at[:10])
        for statement in evidence.view.statements("judgement")
    )
    for (role, by, day), number in sorted(judged.items(), key=lambda item: (-item[1], item[0])):
        signed = "entered by a compiler" if role == "compiler" else f"signed as {role_name(role)}"
        yield f"{capital(counted(number, 'judgement'))} of {by}, {signed}, {dated(day)}."
    yield from (f"Read: {paper.words}." for part in (evidence, *evidence.beside) for paper in part.read)


def _cite(evidence: DeploymentEvidence, title: str) -> str:
    trust = evidence.record.trust
    source = evidence.record.origin
    stands = f"{source.file}, SHA-256 {source.sha256[:16]}…" if source.sha256 else f"log {trust.origin}"
    papers = (part.record.origin for part in evidence.beside)
    beside = "".join(f" Beside it {origin.file}, SHA-256 {origin.sha256[:16]}…." for origin in papers)
    return (
        f"“{title}”, reviewed with Countersign {version('countersign')} as at {dated(evidence.as_at[:10])}. "
        f"From {stands}, root {trust.root.hex()[:16]}…, {counted(trust.size, 'entry', 'entries')}.{beside}"
    )
