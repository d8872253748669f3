"""Answers of this deployment that are much like an earlier one's, side by side, with the question "What differs here?".

A text used again is no fault by itself: two deployments may be alike. It is shown because a reason given for one place
and day must fit that place and day. Only answers open to this reader can be compared: a bundle holds one deployment, a
log's folder all that its sealed store still holds. How much two texts share is ``rulebook.statements.likeness``.

>>> NOTHING.compared
0
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from countersign.deployments.view import View
from countersign.document import Block, Finding, Paragraph, Section
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.reviews.model import AlikeLine
from countersign.rulebook.catalogue import DUTIES, Duty
from countersign.rulebook.conditions.look import Look
from countersign.rulebook.statements import alike, answers_of
from countersign.words.phrases import counted
from countersign.words.wording import be, per_cent

#: Pairs shown in the report; all are in ``review.json``.
SHOWN = 12


class Answer(NamedTuple):
    """An answer that is open to this reader, and the entry that holds it."""

    text: str
    entry: int


class Pair(NamedTuple):
    """Two answers much alike."""

    line: AlikeLine
    text: str
    earlier_text: str


class Compared(NamedTuple):
    """What was found alike, and with how many earlier deployments whose answers are open it was compared."""

    pairs: tuple[Pair, ...]
    compared: int

    @property
    def lines(self) -> tuple[AlikeLine, ...]:
        """The pairs as ``review.json`` holds them, without the texts."""
        return tuple(one.line for one in self.pairs)

    @property
    def sentence(self) -> str | None:
        """For the first page; nothing where nothing is alike."""
        number = len(self.pairs)
        if not number:
            return None
        return (
            f"{counted(number, 'answer')} in writing {be(number)} much like an earlier deployment's: what differs here?"
        )


NOTHING = Compared((), 0)


def compared(evidence: DeploymentEvidence) -> Compared:
    """The answers to this deployment's attested duties beside those of every earlier deployment in the record."""
    duties = [DUTIES[one.duty] for one in evidence.results]
    asked = [one for one in duties if one.kind == "attested" and one.scope == "deployment"]
    here = _answers(evidence.view, asked, evidence.moment)
    if not here:
        return NOTHING
    before = {name: found for name, view in _earlier(evidence) if (found := _answers(view, asked, evidence.moment))}
    pairs = []
    for duty, answers in here.items():
        earlier = {name: _texts(found[duty]) for name, found in before.items() if duty in found}
        for one in alike(_texts(answers), earlier):
            own, other = answers[one.question], before[one.earlier][duty][one.question]
            line = AlikeLine(duty, one.question, own.entry, one.earlier, other.entry, round(one.share, 4), one.asks)
            pairs.append(Pair(line, own.text, other.text))
    pairs.sort(key=lambda one: (-one.line.share, one.line.duty, one.line.question, one.line.earlier))
    return Compared(tuple(pairs), len(before))


def _texts(answers: Mapping[str, Answer]) -> dict[str, str]:
    return {question: one.text for question, one in answers.items()}


def _answers(view: View, duties: Sequence[Duty], at: datetime.datetime) -> dict[str, dict[str, Answer]]:
    """The latest open answer to each question of each duty, by duty; nothing for one that nobody answered."""
    return {duty.id: given for duty in duties if (given := _given(view, duty, at))}


def _given(view: View, duty: Duty, at: datetime.datetime) -> dict[str, Answer]:
    asked = {question.id for question in duty.questions}
    opened, _ = answers_of(Look(view, frozenset(duty.evidence), at), duty)
    return {
        question: Answer(text, line.entry)
        for line, texts in sorted(opened, key=lambda one: one[0].entry)
        for question, text in texts.items()
        if question in asked
    }


def _earlier(evidence: DeploymentEvidence) -> Iterator[tuple[str, View]]:
    """The deployments begun before this one, with a view of the entries of each alone."""
    begun = {subject: found[0][0] for subject, found in evidence.record.by_subject.items() if "/" in subject}
    start = begun.get(evidence.subject, -1)
    for subject, first in begun.items():
        if first < start and subject.startswith(f"{evidence.force}/"):
            entries = evidence.record.by_subject[subject]
            yield subject, View.of(entries, subject, as_at=evidence.as_at, opened=evidence.record.opened)


def alike_section(found: Compared) -> Section | None:
    """The pairs side by side, the most alike first; no section where no earlier answer is open to compare with."""
    if not found.compared:
        return None
    number = len(found.pairs)
    others = counted(found.compared, "earlier deployment")
    blocks: list[Block] = [
        Paragraph(
            f"The answers given in writing for this deployment were compared with those of {others} open to this "
            f"reader: {counted(number, 'answer')} {be(number)} much like an earlier one. That is no fault by itself. "
            "The question is what differs here."
        )
    ]
    if found.pairs:
        blocks.append(
            Paragraph(
                "These texts lie sealed in the log and were opened for this reader: whoever passes this report on "
                "passes them on.",
                "note",
            )
        )
    if number > SHOWN:
        blocks.append(Paragraph(f"The {SHOWN} most alike are shown; review.json names all {number}.", "note"))
    blocks += [_shown(number, one) for number, one in enumerate(found.pairs[:SHOWN], 1)]
    return Section("alike", "Answers much like an earlier deployment's", tuple(blocks))


def _shown(number: int, pair: Pair) -> Finding:
    line = pair.line
    question = next(one.text for one in DUTIES[line.duty].questions if one.id == line.question)
    share = "all" if line.share == 1 else per_cent(line.share)
    return Finding(
        f"alike-{number}",
        line.asks,
        question,
        f"{share[:1].upper()}{share[1:]} of the stretches of five words in this answer also stand in that of "
        f"{line.earlier} (entry {line.earlier_entry}). It is given for the duty {line.duty}.",
        (("Here", pair.text), (f"Earlier: {line.earlier}", pair.earlier_text)),
        rows([line.entry]),
    )
