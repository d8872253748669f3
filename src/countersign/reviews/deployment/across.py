"""Across deployments: what changed since the last time here, how use grew, and answers much like earlier ones.

Only what the record holds of other deployments can be counted: a bundle holds one, a log's folder all of them. Places
are matched by their name as noticed. Nothing here is an estimate, so nothing carries an interval. A text used again is
no fault by itself; it is shown with the question "What differs here?". How much two texts share is
``rulebook.signed.likeness``.

>>> NOTHING.compared
0
>>> [name for name, _ in COMPARED][:2]
['policy', 'use case']
"""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from countersign.deployments.view import View
from countersign.document import Block, Finding, Paragraph, RowRange, Section, Table, line_of
from countersign.grids import Grid, column, number
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.reviews.deployment.record import Use
from countersign.reviews.model import AlikeLine
from countersign.rulebook.catalogue import DUTIES, Duty
from countersign.rulebook.conditions.look import Look
from countersign.rulebook.signed import alike, answers_of
from countersign.words.dates import dated
from countersign.words.lists import be, capital, counted
from countersign.words.numbers import count, percent

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
    """What is alike, and with how many earlier deployments whose answers are open it was compared."""

    pairs: tuple[Pair, ...]
    compared: int

    @property
    def lines(self) -> tuple[AlikeLine, ...]:
        """The pairs as ``review.json`` holds them, without the texts."""
        return tuple(pair.line for pair in self.pairs)

    @property
    def sentence(self) -> str | None:
        """For the first page; nothing where nothing is alike."""
        number = len(self.pairs)
        alike = f"{counted(number, 'answer')} in writing {be(number)} much like an earlier deployment's"
        return f"{alike}: what differs here?" if number else None


NOTHING = Compared((), 0)


def compared(evidence: DeploymentEvidence) -> Compared:
    """The answers to this deployment's attested duties beside those of every earlier deployment in the record."""
    duties = [result.duty for result in evidence.results]
    asked = [duty for duty in duties if duty.kind == "attested" and duty.scope == "deployment"]
    here = _answers(evidence.view, asked, evidence.moment)
    if not here:
        return NOTHING
    before = {name: given for name, view in _earlier(evidence) if (given := _answers(view, asked, evidence.moment))}
    pairs = []
    for duty, answers in here.items():
        earlier = {name: _texts(given[duty]) for name, given in before.items() if duty in given}
        for likeness in alike(_texts(answers), earlier):
            own, other = answers[likeness.question], before[likeness.earlier][duty][likeness.question]
            entries = {"entry": own.entry, "earlier_entry": other.entry}
            line = line_of(AlikeLine, likeness, duty=duty, share=round(likeness.share, 4), **entries)
            pairs.append(Pair(line, own.text, other.text))
    pairs.sort(key=lambda pair: (-pair.line.share, pair.line.duty, pair.line.question, pair.line.earlier))
    return Compared(tuple(pairs), len(before))


def _texts(answers: Mapping[str, Answer]) -> dict[str, str]:
    return {question: answer.text for question, answer in answers.items()}


def _answers(view: View, duties: Sequence[Duty], at: datetime.datetime) -> dict[str, dict[str, Answer]]:
    """The latest open answer to each question of each duty that somebody answered."""
    return {duty.id: given for duty in duties if (given := _given(view, duty, at))}


def _given(view: View, duty: Duty, at: datetime.datetime) -> dict[str, Answer]:
    asked = {question.id for question in duty.questions}
    opened, _ = answers_of(Look(view, frozenset(duty.evidence), at), duty)
    return {
        question: Answer(text, line.entry)
        for line, texts in sorted(opened, key=lambda answer: answer[0].entry)
        for question, text in texts.items()
        if question in asked
    }


def _earlier(evidence: DeploymentEvidence) -> Iterator[tuple[str, View]]:
    """The deployments begun before this one, with a view of the entries of each alone."""
    record = evidence.record
    begun = {subject: entries[0][0] for subject, entries in record.by_subject.items() if "/" in subject}
    for subject, first in begun.items():
        if first < begun.get(evidence.subject, -1) and subject.startswith(f"{evidence.force}/"):
            entries = record.by_subject[subject]
            yield subject, View.of(entries, subject, as_at=evidence.as_at, opened=record.opened, reader=record.reader)


def alike_section(alike_answers: Compared) -> Section | None:
    """The pairs side by side, the most alike first; no section where no earlier answer is open to compare with."""
    if not alike_answers.compared:
        return None
    pairs, number = alike_answers.pairs, len(alike_answers.pairs)
    others = counted(alike_answers.compared, "earlier deployment")
    blocks: list[Block] = [
        Paragraph(
            f"The answers given in writing for this deployment were compared with those of {others} open to this "
            f"reader: {counted(number, 'answer')} {be(number)} much like an earlier one. That is no fault by itself. "
            "The question is what differs here."
        )
    ]
    sealed = (
        "These texts are sealed in the log and were opened for this reader. Anyone who passes this report on passes "
        "them on too."
    )
    blocks += [Paragraph(sealed, "note")] if pairs else []
    if number > SHOWN:
        blocks.append(Paragraph(f"The {SHOWN} most alike are shown; review.json names all {number}.", "note"))
    blocks += [_shown(place, pair) for place, pair in enumerate(pairs[:SHOWN], 1)]
    return Section("alike", "Answers much like an earlier deployment's", tuple(blocks))


def _shown(place: int, pair: Pair) -> Finding:
    line = pair.line
    [asked] = [question.text for question in DUTIES[line.duty].questions if question.id == line.question]
    share = "All" if line.share == 1 else percent(line.share)
    text = (
        f"{share} of the stretches of five words in this answer also stand in that of {line.earlier} (entry "
        f"{line.earlier_entry}). It is given for the duty {line.duty}."
    )
    details = (("Here", pair.text), (f"Earlier: {line.earlier}", pair.earlier_text))
    return Finding(f"alike-{place}", line.asks, asked, text, details, rows([line.entry]))


#: With more deployments than this on the record, only those at the same place are listed, the last of them.
LISTED = 50
#: What is compared with the last time, and where it stands in the view.
COMPARED: tuple[tuple[str, str], ...] = (
    ("policy", "proposal.policy"),
    ("use case", "proposal.use_case"),
    ("objective", "proposal.objective"),
    ("engine version", "opened.engine_version"),
    ("threshold", "opened.threshold"),
    ("cameras", "opened.cameras"),
    ("units", "proposal.units"),
    ("entries on the list", "manifest.size"),
    ("children on the list", "manifest.children"),
    ("carried over from the list before", "manifest.carried_over"),
    ("windows", "notice.windows"),
    ("zone", "notice.zone"),
    ("expected faces", "assessment.expected_faces"),
)


def since_last_section(evidence: DeploymentEvidence) -> Section:
    """What differs from the last deployment at the same place, value by value."""
    title, here = "Since the last time here", _place(evidence.view)
    if here is None:
        text = "The place is not on the record, so the last time here cannot be found."
        return Section("since-last", title, (Paragraph(text),))
    uses = evidence.uses
    own = evidence.opened or evidence.as_at
    earlier = [use for use in uses if use.place == here and "" < use.opened < own]
    before = evidence.record.view(earlier[-1].subject, evidence.as_at) if earlier else None
    if before is None:
        text = f"No earlier deployment at {here} is in this record. {_holds(evidence)}"
        return Section("since-last", title, (Paragraph(text),))
    opened = before.last("opened")
    day = f", {dated(str(opened.one('opened_at'))[:10])}" if opened is not None else ""
    then = f"Then ({before.subject.partition('/')[2]}{day})"
    grid = Grid[_Compared](
        column("what", "What", lambda row: capital(row.name)),
        column("then", then, lambda row: row.was[0], rows=lambda row: row.was[1]),
        column("now", "Now", lambda row: row.now[0], rows=lambda row: row.now[1]),
        column("change", "Change", lambda row: "the same" if row.was[0] == row.now[0] else "differs"),
    )
    values = [_Compared(name, _value(before, path), _value(evidence.view, path)) for name, path in COMPARED]
    return Section("since-last", title, (grid.table("since-last-table", f"At {here}", values),))


class _Compared(NamedTuple):
    """A value then and now, each in words with the entry that states it."""

    name: str
    was: tuple[str, tuple[RowRange, ...]]
    now: tuple[str, tuple[RowRange, ...]]


def _value(view: View, path: str) -> tuple[str, tuple[RowRange, ...]]:
    stated = view.get(path)
    return (_in_words(stated[-1].value), rows([stated[-1].entry])) if stated else ("not stated", ())


def programme_section(evidence: DeploymentEvidence) -> Section:
    """All deployments of the force on this record, in order: counts, lists, places returned to."""
    uses = evidence.uses
    number = max(len(uses), 1)
    on_record = "on this record, up to this one" if evidence.record.up_to_own and evidence.opened else "on this record"
    said = Paragraph(f"{counted(number, 'deployment')} of {evidence.force} {on_record}. {_holds(evidence)}")
    title = "Creep: how use has grown"
    if number == 1:
        return Section("creep", title, (said,))
    here, many = _place(evidence.view), len(uses) > LISTED
    seen: Counter[str] = Counter()
    listed = []
    for use in uses:
        if not many or use.subject == evidence.subject or (here is not None and use.place == here):
            listed.append(_Listed(use, seen[use.place]))
        seen[use.place] += 1
    caption, note = f"Every deployment {on_record}", ""
    if many:
        caption = "Deployments at this place"
        note = f"Of {count(len(uses))} {on_record} {count(len(listed))} were here; the last {LISTED} are listed."
    table = _PROGRAMME.table("programme", caption, listed[-LISTED:], note=note)
    return Section("creep", title, (said, _growth(uses, on_record), table))


class _Listed(NamedTuple):
    """A deployment, and how many were at its place before."""

    use: Use
    before: int


_PROGRAMME = Grid[_Listed](
    column("deployment", "Deployment", lambda row: row.use.subject),
    column("day", "Opened", lambda row: dated(row.use.opened[:10]) or "not opened"),
    column("place", "Place", lambda row: row.use.place or "not public"),
    number("before", "Times here before", lambda row: row.before if row.use.place else None),
    column("use", "Use case", lambda row: row.use.use_case or None),
    number("list", "List", lambda row: row.use.list_size, rows=lambda row: rows([row.use.list_entry])),
    number("faces", "Faces", lambda row: row.use.faces if row.use.hours else None),
    number("alerts", "Alerts", lambda row: row.use.alerts if row.use.hours else None),
    number("overrides", "Overrides", lambda row: row.use.overrides),
)


def _holds(evidence: DeploymentEvidence) -> str:
    """How much of a force's use the record can show at all."""
    if evidence.record.whole:
        return "These are all entries of its log; what was kept off the log cannot be seen here."
    if evidence.record.origin.kind == "case":
        return "A case file is about one deployment and says nothing about others."
    return "A bundle holds one deployment; the log's folder holds all."


class _Year(NamedTuple):
    """The deployments opened in a year, and how many of them were at a place used before."""

    name: str
    uses: list[Use]
    again: int

    @property
    def lists(self) -> str | None:
        """Smallest, median and largest list, where any is stated."""
        sizes = [use.list_size for use in self.uses if use.list_size is not None]
        return ", ".join(map(count, (min(sizes), statistics.median(sizes), max(sizes)))) if sizes else None


_GROWTH = Grid[_Year](
    column("year", "Year opened", lambda year: year.name),
    number("deployments", "Deployments", lambda year: len(year.uses)),
    number("hours", "Hours stated", lambda year: sum(len(use.hours) for use in year.uses)),
    number("places", "Places", lambda year: len({use.place for use in year.uses if use.place})),
    number("again", "At a place used before", lambda year: year.again),
    number("uses", "Use cases", lambda year: len({use.use_case for use in year.uses if use.use_case})),
    number("lists", "List: smallest, median, largest", lambda year: year.lists),
    number("faces", "Faces stated", lambda year: sum(use.faces for use in year.uses)),
    number("overrides", "Gone ahead", lambda year: sum(use.overrides for use in year.uses)),
)


def _growth(others: Sequence[Use], on_record: str) -> Table:
    """By year: deployments, places, lists, use cases, faces and goings-ahead; counts, not estimates."""
    by_year: dict[str, list[Use]] = {}
    for use in others:
        by_year.setdefault(use.opened[:4] or "not opened", []).append(use)
    years, before = [], set[str]()
    for name, uses in sorted(by_year.items()):
        again = 0
        for use in uses:
            again += use.place in before
            before |= {use.place} if use.place else set()
        years.append(_Year(name, uses, again))
    note = (
        f"All deployments {on_record}, counted and not sampled: no interval and no test. A place is compared by its "
        "name as noticed."
    )
    return _GROWTH.table("growth", "Use by year", years, note=note)


def _place(view: View) -> str | None:
    stated = (*view.get("notice.place"), *view.get("opened.place.place"), *view.get("results.place"))
    return str(stated[0].value) if stated else None


def _in_words(value: Any) -> str:
    shown: Mapping[type, Callable[[Any], str]] = {
        int: count,
        bool: lambda part: "yes" if part else "no",
        dict: _folded,
        list: lambda part: "; ".join(map(_in_words, part)),
    }
    text = shown.get(type(value), str)(value)
    return f"{text[:16]}…" if len(text) == 64 and " " not in text else text


def _folded(value: dict[str, Any]) -> str:
    if set(value) == {"start", "end"}:
        return f"{str(value['start'])[11:16]} to {str(value['end'])[11:16]}"
    if "points" in value:
        from countersign.deployments.place import area_words

        return area_words(value)
    return ", ".join(f"{name} {_in_words(part)}" for name, part in value.items())
