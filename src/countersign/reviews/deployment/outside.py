"""Logs of outside bodies beside a deployment's record: which sources they are, reading them, and what a report says.

The reader's file decides which of the sources given are outside bodies' logs, by their origin; each is verified under
the policy it names. What such a log says stands under its own origin: entries are ``(origin, index)``.

>>> OUTSIDE
'outside'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from countersign.deployments.kinds import NOUNS, SCHEMAS
from countersign.deployments.outside import (
    OutsideLog,
    Said,
    named_place,
    registered_keys,
    why_forces,
)
from countersign.deployments.reader import NOBODY, BodysLog, Reader
from countersign.document import Block, Paragraph, RowRange, Section
from countersign.errors import CountersignError
from countersign.grids import Grid, column, number
from countersign.progress import Progress, silent
from countersign.record.entries.entry import key_id
from countersign.record.entries.forms import force_of
from countersign.record.tlog.encoding import VerifierKey
from countersign.reviews import model
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.reviews.deployment.reading import origin_of, read_bundles, read_log
from countersign.reviews.deployment.record import DeploymentRecord, RecordsDiffer
from countersign.words.dates import local_words
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import token

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
        keys = registered_keys(record.entries)
        logs = tuple(_read(log, paths, record, keys, progress) for log, paths in self.named)
        return replace(record, outside=logs, unnamed=self.unnamed)


def _read(
    log: BodysLog, paths: tuple[Path, ...], record: DeploymentRecord, keys: frozenset[str], progress: Progress
) -> OutsideLog:
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
    heads = tuple(_head_keys(each.trust.signed_by) for each in (record, read))
    found = OutsideLog(
        log, read.trust.size, read.entries, shared=keys, file=read.origin.file, sha256=read.origin.sha256
    )
    force = force_of(record.deployments()[0]) if record.deployments() else ""
    return replace(found, because=why_forces(found, force, keys, (heads[0], heads[1])))


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
