"""A record and the cases about the same deployment in one report, each figure and duty with the source it is from.

Every source is answered alone, by the same duties and at the same moment: no count is added to another's, and no order
or role of a record is judged by what papers say. Then they are set together: a duty that one source contradicts is *not
met*; else it is as the source that shows most shows it. It names every source that speaks to it. Entries of the source
numbered n in the report have places from (n - 1) times ``SOURCE`` on.

>>> places_at((3, 7), 1)
(100000000003, 100000000007)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import msgspec

from countersign.deployments.view import Place
from countersign.document import Block, Heading, Items, Paragraph, Section
from countersign.reviews.deployment.evidence import SOURCE, DeploymentEvidence
from countersign.reviews.deployment.record import RecordsDiffer
from countersign.rulebook.conditions.results import Result, rank, tally
from countersign.words.lists import listing
from countersign.words.numbers import count


def places_at(entries: Iterable[int], number: int) -> tuple[int, ...]:
    """Places within a source as places of the report."""
    return tuple(entry + number * SOURCE for entry in entries)


def set_together(first: DeploymentEvidence, others: Sequence[DeploymentEvidence]) -> DeploymentEvidence:
    """The evidence of the first source with the others beside it; duties are answered from all. Raises
    ``RecordsDiffer`` for a case that is made up: it says nothing of a deployment that was.
    """
    for part in others:
        if part.invented:
            raise RecordsDiffer(f"{part.record.origin.file}: is an invented case, and stands beside no record")
    if not others:
        return first
    parts = [_named(part, number) for number, part in enumerate((first, *others))]
    answers: dict[str, list[Result]] = {}
    for number, part in enumerate(parts):
        for result in part.results:
            said = f"by {part.record.origin.file}: {result.because}"
            placed = {"because": said, "entries": places_at(result.entries, number)}
            answers.setdefault(result.duty.id, []).append(msgspec.structs.replace(result, **placed))
    of_first = {result.duty.id: result for result in first.results}
    results = tuple(_answered(each, of_first.get(duty)) for duty, each in answers.items())
    cited = {
        place: paper
        for number, part in enumerate(parts)
        for place, paper in zip(places_at(part.sources, number), part.sources.values(), strict=True)
    }
    return replace(parts[0], results=results, sources=cited, beside=tuple(parts[1:]))


def _named(part: DeploymentEvidence, number: int) -> DeploymentEvidence:
    file = part.record.origin.file
    accounts = []
    for account in part.accounts:
        own = places_at((entry for entry in account.entries if isinstance(entry, int)), number)
        others = tuple(entry for entry in account.entries if isinstance(entry, Place))
        accounts.append(replace(account, entries=(*own, *others), file=file))
    return replace(part, accounts=tuple(accounts))


def _answered(answers: Sequence[Result], of_first: Result | None) -> Result:
    """A duty answered by several sources: what decides it stands first, and every source that speaks is named."""
    shown = [result for result in answers if result.outcome != "not shown"]
    if not shown:
        return of_first or answers[0]
    worst = [result for result in shown if result.outcome == "not met"]
    best = max(rank(result.outcome) for result in shown)
    deciding = worst or [result for result in shown if rank(result.outcome) == best]
    beside = [result for result in shown if result not in deciding]
    because = "; ".join(
        [result.because for result in deciding] + [f"{result.outcome} {result.because}" for result in beside]
    )
    return msgspec.structs.replace(
        deciding[0],
        because=because,
        entries=tuple(sorted({entry for result in shown for entry in result.entries})),
        supplied_by=tuple(dict.fromkeys(by for result in deciding for by in result.supplied_by)),
        outside=tuple(sorted({place for result in shown for place in result.outside})),
        bearings=tuple(dict.fromkeys(word for result in answers for word in result.bearings)),
    )


def beside_section(evidence: DeploymentEvidence) -> Section | None:
    """What each case beside the record says: its standard, what happened by its papers, its outcomes by themselves."""
    blocks = tuple(block for part in evidence.beside for block in _beside(part))
    return Section("beside", "What the papers say", blocks) if blocks else None


def _beside(part: DeploymentEvidence) -> Iterator[Block]:
    file, times = part.record.origin.file, tally(part.results)
    yield Heading(file, f"beside-{part.record.origin.sha256[:8]}")
    if part.standard:
        yield Paragraph(f"Standard: {part.standard}", "note")
    yield Items(tuple(f"{sentence} ({cited})" for sentence, cited in part.story))
    outcomes = listing([f"{count(number)} {outcome}" for outcome, number in times.items()])
    yield Paragraph(f"By this source alone, of {count(len(part.results))} duties: {outcomes}.")
