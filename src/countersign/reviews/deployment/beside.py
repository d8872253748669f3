"""What stands beside the force's account: observers, reviewers' findings and answers, deletions recounted.

Observers are never merged with the force: their counts have a table of their own. Deletions come twice: the retention
accounts of sealed values, which anyone can recount from the log, and the force's own signed statements, which only say
so. An entry that broke order or rules is shown with the sentence a command would have refused it by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from countersign.deployments.clock import time_text
from countersign.deployments.state import Finding, Irregularity
from countersign.deployments.view import Statement
from countersign.document import Block, Paragraph, RowRange, Section
from countersign.grids import Grid, GridColumn, column, number
from countersign.record.entries.retention import Account, Overdue
from countersign.reviews.deployment.duties import anchor_of
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.rulebook.catalogue import DUTIES
from countersign.words.dates import dated, hour_words, moment_words
from countersign.words.lists import capital, listing, noun
from countersign.words.names import class_name, supplier, token

#: A table of more rows than this starts closed.
FOLDED = 12


def observers_section(evidence: DeploymentEvidence) -> Section:
    """What observers saw and counted, beside the force's numbers for the same thing where it gives them."""
    blocks = (*_counts(evidence), *_signs(evidence), *_sightings(evidence))
    none = Paragraph("No observer's entry is on the record: nobody from outside says what they saw.")
    return Section("observers", "Observers", blocks or (none,))


def _own(statement: Statement) -> tuple[RowRange, ...]:
    """The entry that a statement stands in."""
    return rows([statement.entry])


def _stated(key: str, label: str, field: str = "") -> GridColumn[Statement]:
    """A column of a number as stated, under the field's own name unless another is given."""
    return number(key, label, lambda statement: statement.one(field or key), missing="not published")


class _Count(NamedTuple):
    """An observer's count, and the force's hour in which it was made."""

    statement: Statement
    hour: Statement | None

    @property
    def by_force(self) -> int | None:
        """What the force stated for the same thing, if it did."""
        field = _FIELDS.get(str(self.statement.one("what")))
        return None if field is None or self.hour is None else self.hour.one(field)


#: What observers count, and the field of the force's hour for the same thing.
_FIELDS = {"faces": "faces", "alerts-heard": "alerts", "leaflets": "leaflets"}
_COUNTS = Grid[_Count](
    column(
        "what",
        "What",
        lambda row: capital(token(str(row.statement.one("what")))),
        rows=lambda row: _own(row.statement),
    ),
    column("hour", "Hour", lambda row: hour_words(str(row.statement.one("hour")))),
    number("minutes", "Minutes", lambda row: row.statement.one("minutes"), words=str),
    number("count", "Observer's count", lambda row: row.statement.one("count")),
    column("method", "How", lambda row: str(row.statement.one("method"))),
    number(
        "force",
        "The force, that hour",
        lambda row: row.by_force,
        missing="not stated",
        rows=lambda row: () if row.hour is None else _own(row.hour),
    ),
)


def _counts(evidence: DeploymentEvidence) -> Iterator[Block]:
    counts = evidence.view.statements("observer_count")
    if counts:
        hours = {hour.one("hour"): hour for hour in evidence.view.statements("hour")}
        yield _COUNTS.table(
            "observer-counts",
            "Counted by observers, and stated by the force for the same hour",
            [_Count(statement, hours.get(str(statement.one("hour")))) for statement in counts],
            note="Set side by side, never merged. An observer may have seen a part of the zone or of the hour.",
        )


_SIGNS = Grid[Statement](
    column("when", "When", lambda seen: moment_words(str(seen.one("seen_at"))), rows=_own),
    _stated("signs", "Signs"),
    _stated("approaches", "Approaches"),
    _stated("without", "Approaches without", "approaches_without"),
    column("legible", "Legible", lambda seen: "yes" if seen.one("legible") else "no"),
)
_SIGHTINGS = Grid[Statement](
    column("place", "Place", lambda seen: str(seen.one("place")), rows=_own),
    column("first", "From", lambda seen: moment_words(str(seen.one("first")))),
    column("last", "To", lambda seen: moment_words(str(seen.one("last")))),
    _stated("units", "Units"),
)


def _signs(evidence: DeploymentEvidence) -> Iterator[Block]:
    signs = evidence.view.statements("observer_signs")
    if signs:
        yield _SIGNS.table("observer-signs", "Signs an observer saw", signs)


def _sightings(evidence: DeploymentEvidence) -> Iterator[Block]:
    sightings = evidence.view.statements("observer_sighting")
    if sightings:
        yield _SIGHTINGS.table("observer-sightings", "Seen by observers", sightings)


def _duty_words(duty: str) -> str:
    return DUTIES[duty].requirement if duty in DUTIES else duty


_FINDINGS = Grid[tuple[str, Finding]](
    column("finding", "Finding", lambda row: row[0], rows=lambda row: rows([row[1].entry])),
    column("duty", "Duty", lambda row: _duty_words(row[1].duty), link=lambda row: f"#{anchor_of(row[1].duty)}"),
    column("due", "Answer due", lambda row: dated(row[1].answer_due)),
    column(
        "answer",
        "Answer",
        lambda row: "answered" if row[1].answered_by is not None else _NOT_ANSWERED,
        rows=lambda row: () if row[1].answered_by is None else rows([row[1].answered_by]),
    ),
)
_NOT_ANSWERED = "not answered; it stands against the next authority"
_IRREGULARITIES = Grid[Irregularity](
    number("entry", "Entry", lambda broken: broken.entry, words=str, rows=lambda broken: rows([broken.entry])),
    column("kind", "Kind", lambda broken: broken.kind),
    column("why", "What it broke", lambda broken: capital(broken.sentence.removeprefix(f"{broken.kind}: "))),
)


def findings_section(evidence: DeploymentEvidence) -> Section:
    """Findings of reviewers with their answers, and entries that broke order or rules."""
    blocks: list[Block] = []
    findings = [
        (name, finding)
        for name, finding in evidence.programme.findings.items()
        if finding.subject in (evidence.subject, evidence.force)
    ]
    if findings:
        blocks.append(_FINDINGS.table("findings-table", "Findings of reviewers, and the force's answers", findings))
    else:
        blocks.append(Paragraph("No reviewer's finding is on the record."))
    broken = (*evidence.deployment.irregularities, *evidence.programme.irregularities)
    if broken:
        blocks.append(
            _IRREGULARITIES.table(
                "irregularities",
                "Entries that broke order or rules, and moved nothing",
                broken,
                note="Each is shown with the sentence by which a command would have refused it. One early entry out of "
                "order can leave every later one out of order.",
                fold=len(broken) > FOLDED,
            )
        )
    late = (*evidence.deployment.late, *evidence.programme.late)
    if late:
        listed = listing([str(one) for one in sorted(late)])
        blocks.append(Paragraph(f"Entered late, and saying so: {noun(len(late), 'entry')} {listed}."))
    return Section("findings", "Findings and answers", tuple(blocks))


def deletions_section(evidence: DeploymentEvidence) -> Section:
    """The retention accounts recounted from the log, what is overdue, and the force's statements on deleting."""
    blocks = (*_retention(evidence), *_deleting(evidence))
    none = Paragraph("Nothing on deletion is on the record: neither sealed values nor a statement.", "warning")
    return Section("deletions", "Deletions, recounted", blocks or (none,))


class _Account(NamedTuple):
    """The retention account of a class of sealed values."""

    name: str
    account: Account


def _account_column(key: str, label: str) -> GridColumn[_Account]:
    return number(key, label, lambda row: getattr(row.account, key))


_ACCOUNTS = Grid[_Account](
    column("class", "What", lambda row: capital(class_name(row.name))),
    _account_column("committed", "Committed"),
    _account_column("live", "Live"),
    _account_column("erased", "Erased"),
    _account_column("lost", "Declared lost"),
    _account_column("held", "Held"),
)
_OVERDUE = Grid[Overdue](
    column(
        "class",
        "What",
        lambda overdue: capital(class_name(overdue.retention_class)),
        rows=lambda overdue: rows([overdue.entry]),
    ),
    number("items", "Items", lambda overdue: overdue.items),
    column("due", "Due", lambda overdue: moment_words(time_text(overdue.due))),
)


def _retention(evidence: DeploymentEvidence) -> Iterator[Block]:
    accounts = [_Account(name, evidence.retention.of(name)) for name in evidence.retention.classes()]
    committed = [row for row in accounts if row.account.committed]
    if committed:
        yield _ACCOUNTS.table(
            "accounts-retention",
            "Sealed values, recounted from the entries here",
            committed,
            note="Committed = live + erased + declared lost; held ones are live too. Counted from the log alone: a "
            "value that is live can still be opened by whoever keeps it.",
        )
        overdue = evidence.retention.overdue(evidence.moment)
        if overdue:
            yield _OVERDUE.table("overdue", "Past its time and still live", overdue)
    for index, sentence in evidence.retention.violations:
        yield Paragraph(f"An account does not come out: {sentence} (entry {index}).", "warning")


_DELETIONS = Grid[Statement](
    column("class", "What", lambda stated: capital(class_name(str(stated.one("class")))), rows=_own),
    _stated("count", "Count"),
    column("at", "When", lambda stated: moment_words(str(stated.one("deleted_at")))),
    column("method", "How", lambda stated: token(str(stated.one("method")))),
    column("by", "Stated by", lambda stated: supplier(stated.supplied_by)),
    _stated("left", "Remaining", "remaining"),
)


def _deleting(evidence: DeploymentEvidence) -> Iterator[Block]:
    statements = evidence.view.statements("deletion")
    if statements:
        yield _DELETIONS.table(
            "deletion-statements",
            "Statements on deleting",
            statements,
            note="Deletion by the engine and the force is a signed statement. Nobody has looked at a disk.",
        )
