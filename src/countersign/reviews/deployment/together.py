"""What stands beside a deployment's record in one report: outside bodies' logs, and cases about the same deployment.

The reader's file decides which of the sources given are outside bodies' logs, by their origin; each is verified under
the policy it names. What such a log says stands under its own origin: entries are ``(origin, index)``.

Of a record and cases every source is answered alone, by the same duties and at the same moment: no count is added to
another's, and no order or role of a record is judged by what papers say. Then they are set together: a duty that one
source contradicts is *not met*; else it is as the source that shows most shows it. It names every source that speaks to
it. Entries of the source numbered n in the report have places from (n - 1) times ``SOURCE`` on.

>>> places_at((3, 7), 1)
(100000000003, 100000000007)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from countersign.deployments.kinds import NOUNS, SCHEMAS
from countersign.deployments.outside.logs import (
    OfForce,
    OutsideLog,
    Said,
    named_place,
    registered_keys,
    why_forces,
)
from countersign.deployments.outside.reader import NOBODY, BodysLog, Reader
from countersign.deployments.view import Place
from countersign.document import Block, Heading, Items, Paragraph, RowRange, Section, line_of
from countersign.errors import CountersignError, NotAllowed
from countersign.grids import Grid, column, number
from countersign.progress import Progress, silent
from countersign.record.entries.entry import key_id
from countersign.record.entries.forms import force_of
from countersign.record.tlog.encoding import VerifierKey
from countersign.reviews import model
from countersign.reviews.deployment.evidence import SOURCE, DeploymentEvidence, rows
from countersign.reviews.deployment.reading import origin_of, read_bundles, read_log
from countersign.reviews.deployment.record import DeploymentRecord, Origin, RecordsDiffer
from countersign.rulebook.conditions.results import Result, rank, tally
from countersign.words.dates import local_words
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import token
from countersign.words.numbers import count

#: The place of the section in the evidence.
OUTSIDE = "outside"


@dataclass(frozen=True)
class Beside:
    """The sources of a review apart: those of the force's own log, and those of other logs by origin."""

    own: tuple[Path, ...]
    named: tuple[tuple[BodysLog, tuple[Path, ...]], ...]
    unnamed: tuple[str, ...]

    @classmethod
    def of(cls, sources: Sequence[Path], reader: Reader) -> Beside:
        """Apart by the origin each source says. Of logs that the reader's file does not name the first is the force's.
        Raises ``RecordsDiffer`` where none is left, and what reading a checkpoint raises.
        """
        by_origin: dict[str, list[Path]] = {}
        for path in sources:
            by_origin.setdefault(origin_of(path), []).append(path)
        own = [origin for origin in by_origin if reader.log(origin) is None]
        if not own:
            which = listing([log.origin for log in reader.logs if log.origin in by_origin])
            rule = "so none is left that is a force's"
            raise RecordsDiffer(f"{sources[0]}: the reader's file names {which} as the log of a body outside, {rule}")
        named = tuple((log, tuple(by_origin[log.origin])) for log in reader.logs if log.origin in by_origin)
        return cls(tuple(by_origin[own[0]]), named, tuple(own[1:]))

    def beside(self, record: DeploymentRecord, *, progress: Progress = silent) -> DeploymentRecord:
        """The record with these logs beside it. Raises what reading and verifying them raises."""
        of = of_force(record)
        logs = tuple(_read(log, paths, of, progress) for log, paths in self.named)
        return replace(record, outside=logs, unnamed=self.unnamed)


class LogNotNamed(
    NotAllowed,
    next_step="Have the reader's file name the log (`countersign policy reader --log`), or leave the log out.",
):
    """A log is given as an outside body's, and the reader's file does not name it."""


def read_outside(
    sources: Sequence[Path], reader: Reader, of: OfForce, *, progress: Progress = silent
) -> tuple[OutsideLog, ...]:
    """The logs of outside bodies at these places. Raises ``LogNotNamed`` and what reading and verifying them raises."""
    by_log: dict[str, tuple[BodysLog, list[Path]]] = {}
    for path in sources:
        origin = origin_of(path)
        log = reader.log(origin)
        if log is None:
            raise LogNotNamed(f"{path}: the reader's file does not name {origin or 'a log that this would be'}")
        by_log.setdefault(origin, (log, []))[1].append(path)
    return tuple(_read(log, tuple(paths), of, progress) for log, paths in by_log.values())


def of_force(record: DeploymentRecord) -> OfForce:
    """Whose record it is."""
    force = force_of(record.deployments()[0]) if record.deployments() else ""
    return OfForce(force, registered_keys(record.entries), _head_keys(record.trust.signed_by))


def _read(log: BodysLog, paths: tuple[Path, ...], of: OfForce, progress: Progress) -> OutsideLog:
    folder = next((path for path in paths if path.is_dir()), None)
    if folder is not None and len(paths) > 1:
        raise RecordsDiffer(f"{folder}: is given beside bundles of the same log; give the one or the others")
    try:
        if folder is not None:
            read = read_log(folder, log.policy, None, progress=progress)
        else:
            read = read_bundles(paths, log.policy, progress=progress)
    except CountersignError as error:
        error.args = (f"{error} (the reader's file names it as the log of {log.body})", *error.args[1:])
        raise
    found = OutsideLog(
        *(log, read.trust.size, read.entries),
        shared=of.keys,
        file=read.origin.file,
        sha256=read.origin.sha256,
        bundled=folder is None,
    )
    return replace(found, because=why_forces(found, of, _head_keys(read.trust.signed_by)))


def _head_keys(signed_by: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key_id(VerifierKey.parse(key).public_key) for key in signed_by)


def outside_warnings(record: DeploymentRecord) -> Iterator[str]:
    """What must be said first of logs given beside the force's that count for nothing."""
    if record.unnamed:
        logs = listing(list(record.unnamed))
        some = len(record.unnamed)
        said = f"the {be(some, 'log', 'logs')} {logs}, given beside, {be(some, 'was', 'were')} not read"
        if record.reader == NOBODY:
            yield f"No reader's file was given, so nobody is outside: {said}."
        else:
            yield f"The reader's file does not name {logs}: {said}."
    for log in record.outside:
        if log.because:
            named = f"The reader's file names {log.named.origin} as the log of {log.named.body}"
            yield f"{named}; it does not count as outside, because {log.because}."


def outside_sentence(evidence: DeploymentEvidence) -> str | None:
    """How many statements of outside bodies there are, and what they say, for the first page."""
    logs = [log for log in evidence.record.outside if not log.because]
    if not logs:
        return None
    says = Counter(said.says for said in evidence.said if said.matched)
    unmatched = sum(not said.matched for said in evidence.said)
    bodies = listing(list(dict.fromkeys(log.named.body for log in logs)))
    parts = [
        f"{counted(says[which], 'statement')} {be(says[which], *words)}"
        for which, words in _SAID.items()
        if says[which]
    ]
    parts += [f"{counted(unmatched, 'statement is', 'statements are')} matched to nothing here"] if unmatched else []
    return (
        f"{capital(bodies)}, in {be(len(logs), 'a log', 'logs')} of their own: {'; '.join(parts) or 'nothing of it'}."
    )


_SAID = {
    "found": ("is a finding that the force must answer", "are findings that the force must answer"),
    "stops": ("is a moratorium", "are moratoria"),
    "lifts": ("lifts a moratorium", "lift a moratorium"),
    "bears-out": ("bears out what the force stated", "bear out what the force stated"),
    "contradicts": ("contradicts the force", "contradict the force"),
    "seen": ("says what was seen or judged", "say what was seen or judged"),
}


def outside_section(evidence: DeploymentEvidence) -> Section | None:
    """What each outside body's log says about this deployment and its force, matched or not."""
    blocks: list[Block] = [Paragraph(sentence, "warning") for sentence in outside_warnings(evidence.record)]
    for place, log in enumerate((log for log in evidence.record.outside if not log.because), 1):
        about = [said for said in evidence.said if said.log is log]
        kept = f"{log.named.body} ({token(log.named.kind)}) keeps the log {log.named.origin} itself"
        under = f"{counted(log.size, 'entry', 'entries')} under its head, {len(about)} of them about this deployment"
        blocks.append(Paragraph(f"{kept}: {under} or its force. Its head was verified under the reader's policy."))
        caption, anchor = f"What {log.named.body} says", f"outside-{place}"
        blocks.append(_SAYS.table(anchor, caption, about, rows_of=log.named.origin, rows_called="entry", note=_NOTE))
    return Section(OUTSIDE, "Outside statements", tuple(blocks)) if blocks else None


_NOTE = (
    "Entries are those of the body's own log. What bears out an entry takes it for more than the force's word, for the "
    "duties named; what contradicts makes these not met. Both accounts stay as they are. What is matched to nothing "
    "moves nothing."
)


def _about(said: Said) -> tuple[RowRange, ...]:
    return () if said.about is None else rows([said.about])


def _kind(said: Said) -> str:
    return SCHEMAS.latest(NOUNS[said.statement.noun]).title


_SAYS = Grid[Said](
    number("entry", "Entry", lambda said: said.statement.entry, words=str),
    column("at", "Speaks for", lambda said: local_words(said.statement.at)),
    column("what", "What it is", _kind),
    column("says", "Says", lambda said: token(said.says)),
    column("duties", "Of duties", lambda said: ", ".join(said.duties) or "-"),
    column("ground", "Known by", lambda said: token(said.ground) or "-"),
    column("matched", "Matched", lambda said: "yes" if said.matched else "no"),
    column("because", "To what, or why not", lambda said: capital(said.because), rows=_about),
)


def outside_logs(evidence: DeploymentEvidence) -> tuple[model.OutsideLog, ...]:
    """The logs given beside, as ``review.json`` holds them."""
    unread = "the reader's file does not name it, so nothing of it was read"
    return (
        *(
            model.OutsideLog(
                *(log.named.origin, log.named.body, log.named.kind, tuple(sorted(log.named.forces)), log.size),
                entries=len(log.about(evidence.subject)),
                outside=not log.because,
                because=log.because,
            )
            for log in evidence.record.outside
        ),
        *(
            model.OutsideLog(origin, "", "", (), 0, 0, outside=False, because=unread)
            for origin in evidence.record.unnamed
        ),
    )


def outside_sources(evidence: DeploymentEvidence) -> tuple[model.SourceRead, ...]:
    """The logs of outside bodies as sources, each under its origin, which its rows are named by."""
    made = []
    for log in evidence.record.outside:
        origin, days = log.named.origin, sorted(entry.draft.at[:10] for _, entry in log.entries)
        read = Origin("outside log", log.file, log.sha256)
        said = {"id": origin, "title": origin, "publisher": log.named.body, "published": "", "address": "", "notes": ()}
        spans = {"rows": len(log.entries), "refused": 0, "first": days[0] if days else None}
        spans |= {"last": days[-1] if days else None}
        made.append(line_of(model.SourceRead, read, **said, **spans))
    return tuple(made)


def outside_statements(evidence: DeploymentEvidence) -> tuple[model.OutsideStatement, ...]:
    """What outside bodies say, entry by entry, as ``review.json`` holds it."""
    own = evidence.record.trust.origin
    return tuple(
        model.OutsideStatement(
            place=model.LogPlace(*said.place),
            body=said.log.named.body,
            kind=said.log.named.kind,
            says=said.says,
            at=said.statement.at,
            matched=said.matched,
            because=said.because,
            entry_kind=NOUNS[said.statement.noun],
            duties=said.duties,
            about=None if said.about is None else model.LogPlace(own, said.about),
            ground=said.ground,
            **dict(
                zip(("seen_at", "first", "last"), (part or "" for part in named_place(said.statement)), strict=True)
            ),
        )
        for said in evidence.said
    )


Named = TypeVar("Named", bound=msgspec.Struct)
#: An entry, or several, by their places alone.
_BARE = re.compile(r"(?<![-\w])([Ee]ntr(?:y|ies)) (\d++(?:(?:, | and |–)\d++)*+)(?!,\d| of [a-z0-9.-]+[./])")


def entries_named(made: Named, origin: str, others: Collection[str]) -> Named:
    """A report that several logs stand in, with each entry that it names by its place alone as one of the log of this
    origin; ``others``: the origins whose tables hold their own rows.

    >>> report = Items(("It rests on entry 84.", "Entries 3 and 7 are late; entry 0 of panel.example/log is not."))
    >>> for item in entries_named(report, "log.example/force-a", ()).items:
    ...     print(item)
    It rests on entry 84 of log.example/force-a.
    Entries 3 and 7 of log.example/force-a are late; entry 0 of panel.example/log is not.
    """

    def named(value: Any, of: str) -> Any:
        if isinstance(value, str):
            return _BARE.sub(rf"\1 \2 of {of}", value) if value != "Entry" else f"Entry of {of}"
        if isinstance(value, dict):
            table = value.get("rows_of", "")
            if table in others:
                columns = named(value["columns"], table)
                return {name: named(part, origin) for name, part in value.items()} | {"columns": columns}
            return {name: named(part, of) for name, part in value.items()}
        return [named(part, of) for part in value] if isinstance(value, list | tuple) else value

    return msgspec.convert(named(msgspec.to_builtins(made), origin), type(made))


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
    for place, part in enumerate(parts):
        for result in part.results:
            said = f"by {part.record.origin.file}: {result.because}"
            placed = {"because": said, "entries": places_at(result.entries, place)}
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
