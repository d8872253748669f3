"""What stands beside the force's account: observers, reviewers' findings and answers, deletions recounted.

Observers' counts are never merged with the force's. Deletions come twice: the retention accounts of sealed values,
which anyone can recount from the log, and the force's signed statements. An entry that broke order or rules is shown
with the sentence a command would have refused it by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from countersign.deployments.clock import time_text
from countersign.deployments.corrections import GROUP, Changed, Correction, changed, corrections_in
from countersign.deployments.disowning import disowned_in
from countersign.deployments.kinds import in_words
from countersign.deployments.limits import FIELDS, corrected, differing
from countersign.deployments.state import Finding, Irregularity
from countersign.deployments.view import Place, Statement
from countersign.document import Block, Paragraph, RowRange, Section
from countersign.grids import Grid, GridColumn, column, number
from countersign.record.entries.retention import Account, Overdue
from countersign.reviews.deployment.duties import anchor_of
from countersign.reviews.deployment.evidence import DeploymentEvidence, own_rows, rows, stated_number
from countersign.rulebook.catalogue import DUTIES
from countersign.words.dates import dated, local_words
from countersign.words.facts import value_words
from countersign.words.lists import capital, counted, listing, noun
from countersign.words.names import class_name, role_name, supplier, token

#: A table of more rows than this starts closed.
FOLDED = 12


def observers_section(evidence: DeploymentEvidence) -> Section:
    """What observers saw and counted, beside the force's numbers for the same thing where it gives them."""
    blocks = tuple(_observed(evidence))
    none = Paragraph("No observer's entry is on the record: nobody from outside says what they saw.")
    return Section("observers", "Observers" if blocks else "Observers: none on the record", blocks or (none,))


class _Count(NamedTuple):
    """An observer's count, and the force's hour in which it was made."""

    statement: Statement
    hour: Statement | None

    @property
    def what(self) -> str:
        """What was counted, in words."""
        return capital(token(str(self.statement.one("what"))))

    @property
    def by_force(self) -> int | None:
        """What the force stated for the same thing, if it did."""
        field = _FIELDS.get(str(self.statement.one("what")))
        return None if field is None or self.hour is None else self.hour.one(field)

    @property
    def rows(self) -> tuple[RowRange, ...]:
        """The entry with the force's hour."""
        return () if self.hour is None else own_rows(self.hour)


#: What observers count, and the field of the force's hour for the same thing.
_FIELDS = {"faces": "faces", "alerts-heard": "alerts", "leaflets": "leaflets"}
_COUNTS = Grid[_Count](
    column("what", "What", lambda row: row.what, rows=lambda row: own_rows(row.statement)),
    column("hour", "Hour", lambda row: local_words(str(row.statement.one("hour")))),
    number("minutes", "Minutes", lambda row: row.statement.one("minutes"), words=str),
    number("count", "Observer's count", lambda row: row.statement.one("count")),
    column("method", "How", lambda row: str(row.statement.one("method"))),
    number("force", "The force, that hour", lambda row: row.by_force, missing="not stated", rows=lambda row: row.rows),
)


def _observed(evidence: DeploymentEvidence) -> Iterator[Block]:
    counts = evidence.view.statements("observer_count")
    if counts:
        hours = {hour.one("hour"): hour for hour in evidence.view.statements("hour")}
        counted = [_Count(statement, hours.get(str(statement.one("hour")))) for statement in counts]
        caption = "Counted by observers, and stated by the force for the same hour"
        note = "Set side by side, never merged. An observer may have seen a part of the zone or of the hour."
        yield _COUNTS.table("observer-counts", caption, counted, note=note)
    if signs := evidence.view.statements("observer_signs"):
        yield _SIGNS.table("observer-signs", "Signs an observer saw", signs)
    if sightings := evidence.view.statements("observer_sighting"):
        yield _SIGHTINGS.table("observer-sightings", "Seen by observers", sightings)


_SIGNS = Grid[Statement](
    column("when", "When", lambda seen: local_words(str(seen.one("seen_at"))), rows=own_rows),
    stated_number("signs", "Signs"),
    stated_number("approaches", "Approaches"),
    stated_number("without", "Approaches without", "approaches_without"),
    column("legible", "Legible", lambda seen: "yes" if seen.one("legible") else "no"),
)
_SIGHTINGS = Grid[Statement](
    column("place", "Place", lambda seen: str(seen.one("place")), rows=own_rows),
    column("first", "From", lambda seen: local_words(str(seen.one("first")))),
    column("last", "To", lambda seen: local_words(str(seen.one("last")))),
    stated_number("units", "Units"),
)


def _duty_words(duty: str) -> str:
    return DUTIES[duty].requirement if duty in DUTIES else duty


def _answer(finding: Finding) -> str:
    words = {"answered": finding.answered_by, "disputed by the force": finding.disputed_by}
    given = [word for word, entry in words.items() if entry is not None]
    return " and ".join(given) or "not answered; it stands against the next authority"


def _place(finding: Finding) -> int | Place:
    return Place(finding.origin, finding.entry) if finding.origin else finding.entry


_FINDINGS = Grid[tuple[str, Finding]](
    column("finding", "Finding", lambda row: row[0], rows=lambda row: rows([_place(row[1])])),
    column("duty", "Duty", lambda row: _duty_words(row[1].duty), link=lambda row: f"#{anchor_of(row[1].duty)}"),
    column("due", "Answer due", lambda row: dated(row[1].answer_due)),
    column("answer", "Answer", lambda row: _answer(row[1]), rows=lambda row: rows(row[1].replies)),
)
_IRREGULARITIES = Grid[Irregularity](
    number("entry", "Entry", lambda broken: broken.entry, words=str, rows=lambda broken: rows([broken.entry])),
    column("kind", "Kind", lambda broken: broken.kind),
    column("why", "What it broke", lambda broken: capital(broken.sentence.removeprefix(f"{broken.kind}: "))),
)


class CorrectedLine(NamedTuple):
    """A field of an entry that was corrected, or an entry that was withdrawn: before and after, when and by whom."""

    made: Correction
    kind: str
    field: str
    before: str
    after: str
    entered: str
    stands: bool

    @property
    def counts(self) -> bool:
        """Whether it stands, and names an entry that is no correction itself."""
        return self.stands and not self.kind.startswith(GROUP)


def corrected_lines(evidence: DeploymentEvidence) -> tuple[CorrectedLine, ...]:
    """Every correction up to the review's moment, field by field, in the log's order."""
    placed = [one for one in evidence.record.about(evidence.subject) if one[1].draft.at <= evidence.as_at]
    entries, corrected = dict(placed), corrections_in(placed)
    lines = []
    for made in corrected.made:
        if made.fault is not None:
            continue
        named = entries[made.target]
        stands = corrected.stands(made)
        about = (named.draft.kind, named.draft.at, stands)
        parts = changed(made, entries.__getitem__) or (Changed("", "", None),)
        lines += [_corrected_line(made, part, *about) for part in parts]
    return tuple(lines)


def corrected_sentence(evidence: DeploymentEvidence) -> tuple[str, ...]:
    """How many entries were set right or taken back since, for the first page; nothing where none was."""
    targets = {line.made.target for line in corrected_lines(evidence) if line.counts}
    if not targets:
        return ()
    number = counted(len(targets), "entry was", "entries were")
    return (f"{capital(number)} corrected or withdrawn after being entered; both values stand under Findings.",)


def _corrected_line(made: Correction, part: Changed, kind: str, entered: str, stands: bool) -> CorrectedLine:
    if made.by is None:
        return CorrectedLine(made, kind, "whole entry", "as entered", "withdrawn", entered, stands)
    before, after = (_value(value) for value in (part.before, part.after))
    return CorrectedLine(made, kind, token(part.name), before, after, entered, stands)


def _value(value: object) -> str:
    if value is None:
        return "not stated"
    return value_words(value) if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)


_CORRECTED = Grid[CorrectedLine](
    column("what", "What", lambda line: line.kind, rows=lambda line: rows([line.made.target])),
    number("entry", "Entry", lambda line: line.made.target, words=str),
    column("field", "Field", lambda line: line.field),
    column("before", "Before", lambda line: line.before),
    column("entered", "Spoke for", lambda line: local_words(line.entered)),
    column("after", "After", lambda line: line.after, rows=lambda line: rows([line.made.by])),
    column("came", "Came", lambda line: local_words(line.made.draft.at), rows=lambda line: rows([line.made.entry])),
    column("why", "Why", lambda line: token(str(line.made.facts["reason"]))),
    column("by", "Signed as", lambda line: role_name(line.made.draft.role)),
    column("stands", "Stands", lambda line: "yes" if line.stands else "no: corrected again, or withdrawn"),
)


def findings_section(evidence: DeploymentEvidence) -> Section:
    """Findings of reviewers with their answers, and entries that broke order or rules."""
    blocks: list[Block] = [Paragraph("No reviewer's finding is on the record.")]
    about = (evidence.subject, evidence.force)
    every = evidence.programme.findings | evidence.programme.found_outside()
    findings = [item for item in every.items() if item[1].subject in about]
    if findings:
        blocks = [_FINDINGS.table("findings-table", "Findings of reviewers, and the force's answers", findings)]
    broken = (*evidence.deployment.irregularities, *evidence.programme.irregularities)
    if broken:
        note = (
            "Each is shown with the sentence by which a command would have refused it. One early entry out of order "
            "can leave every later one out of order."
        )
        caption, fold = "Entries that broke order or rules, and moved nothing", len(broken) > FOLDED
        blocks.append(_IRREGULARITIES.table("irregularities", caption, broken, note=note, fold=fold))
    blocks += [Paragraph(sentence, "warning") for sentence in _notices(evidence)]
    if lines := corrected_lines(evidence):
        note = (
            "Both values stay on the record. Figures, duties and states use the later one, and a duty sees when it "
            "came."
        )
        blocks.append(_CORRECTED.table("corrected", "Entries that were corrected or withdrawn", lines, note=note))
    blocks += [Paragraph(sentence, "warning") for sentence in _disowned(evidence)]
    late = (*evidence.deployment.late, *evidence.programme.late)
    if late:
        listed = listing([str(entry) for entry in sorted(late)])
        blocks.append(Paragraph(f"Entered late, and saying so: {noun(len(late), 'entry')} {listed}."))
    return Section("findings", "Findings and answers", tuple(blocks))


def disowned_sentence(evidence: DeploymentEvidence) -> tuple[str, ...]:
    """How many entries are disowned, for the first page; nothing where none is."""
    if not evidence.view.disowned:
        return ()
    number = counted(len(evidence.view.disowned), "entry is", "entries are")
    return (f"{capital(number)} disowned by the holder of the key that signed; no duty rests on what is disowned.",)


def _disowned(evidence: DeploymentEvidence) -> Iterator[str]:
    placed = [each for each in evidence.record.about(evidence.subject) if each[1].draft.at <= evidence.as_at]
    entries, found = dict(placed), disowned_in(placed)
    for index, standing in found.entries.items():
        entry = entries[index]
        why = f"{in_words(standing.reason)}, entry {standing.by}, {local_words(standing.at)}"
        yield (
            f"Entry {index} ({entry.draft.kind}, signed as {role_name(entry.draft.role)}) is disowned by the holder of "
            f"the key that signed it ({why}): it stays on the record, and no duty rests on it."
        )
    for index, fault in found.faults.items():
        yield f"The disowning of entry {index} moves nothing: {fault}."


def _notices(evidence: DeploymentEvidence) -> Iterator[str]:
    """Where a notice differs from the place authorised before it, as far as that is open, or from the last notice."""
    authorities = evidence.view.statements("authority")
    before: Statement | None = None
    for notice in evidence.view.statements("notice"):
        facts = {name: notice.one(name) for name in FIELDS}
        placed = [(given.entry, place) for given in authorities if (place := given.one("sealed.place")) is not None]
        entry, place = next(((index, place) for index, place in reversed(placed) if index < notice.entry), (-1, None))
        if place is not None and (differs := differing(place, facts)):
            yield f"The notice of entry {notice.entry} differs in {differs} from the place authorised in entry {entry}."
        if before is not None:
            fields = corrected({name: before.one(name) for name in FIELDS}, facts)
            said = "" if notice.one("corrects") else ", and does not say so"
            if fields:
                takes = f"The notice of entry {notice.entry} takes the place of that of entry {before.entry}"
                yield f"{takes}: it differs in {listing(fields)}{said}."
        before = notice


def deletions_section(evidence: DeploymentEvidence) -> Section:
    """The retention accounts recounted from the log, what is overdue, and the force's statements on deleting."""
    blocks = (*_retention(evidence), *_deleting(evidence))
    none = Paragraph("Nothing on deletion is on the record: neither sealed values nor a statement.", "warning")
    title = "Deletions, recounted" if blocks else "Deletions: nothing on the record"
    return Section("deletions", title, blocks or (none,))


#: A class of sealed values and its account.
_Account = tuple[str, Account]


def _account_column(key: str, label: str) -> GridColumn[_Account]:
    return number(key, label, lambda row: getattr(row[1], key))


_ACCOUNTS = Grid[_Account](
    column("class", "What", lambda row: capital(class_name(row[0]))),
    _account_column("committed", "Committed"),
    _account_column("live", "Live"),
    _account_column("erased", "Erased"),
    _account_column("lost", "Declared lost"),
    _account_column("held", "Held"),
)
_OVERDUE = Grid[Overdue](
    column("class", "What", lambda row: capital(class_name(row.retention_class)), rows=lambda row: rows([row.entry])),
    number("items", "Items", lambda row: row.items),
    column("due", "Due", lambda row: local_words(time_text(row.due))),
)


def _retention(evidence: DeploymentEvidence) -> Iterator[Block]:
    accounts = [(name, evidence.retention.of(name)) for name in evidence.retention.classes()]
    committed = [(name, account) for name, account in accounts if account.committed]
    if committed:
        note = (
            "Committed = live + erased + declared lost; held ones are live too. Counted from the log alone: a value "
            "that is live can still be opened by anyone who keeps it."
        )
        caption = "Sealed values, recounted from the entries here"
        yield _ACCOUNTS.table("accounts-retention", caption, committed, note=note)
        overdue = evidence.retention.overdue(evidence.moment)
        if overdue:
            yield _OVERDUE.table("overdue", "Past its time and still live", overdue)
    for index, sentence in evidence.retention.violations:
        yield Paragraph(f"An account does not come out: {sentence} (entry {index}).", "warning")


_DELETIONS = Grid[Statement](
    column("class", "What", lambda stated: capital(class_name(str(stated.one("class")))), rows=own_rows),
    stated_number("count", "Count"),
    column("at", "When", lambda stated: local_words(str(stated.one("deleted_at")))),
    column("method", "How", lambda stated: token(str(stated.one("method")))),
    column("by", "Stated by", lambda stated: supplier(stated.supplied_by)),
    stated_number("left", "Remaining", "remaining"),
)


def _deleting(evidence: DeploymentEvidence) -> Iterator[Block]:
    statements = evidence.view.statements("deletion")
    if statements:
        note = "Deletion by the engine and the force is a signed statement. Nobody has looked at a disk."
        yield _DELETIONS.table("deletion-statements", "Statements on deleting", statements, note=note)
