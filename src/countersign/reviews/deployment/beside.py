"""What stands beside the force's account: observers, reviewers' findings and answers, deletions recounted.

Observers are never merged with the force: their counts have a table of their own. Deletions come twice: the retention
accounts of sealed values, which anyone can recount from the log, and the force's own signed statements, which only say
so. An entry that broke order or rules is shown with the sentence a command would have refused it by.
"""

from __future__ import annotations

from collections.abc import Iterator

from countersign.deployments.clock import time_text
from countersign.document import Block, Cell, Column, Paragraph, Section, Table
from countersign.reviews.deployment.duties import anchor_of
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.rulebook.catalogue import DUTIES
from countersign.words.dates import dated, hour_words, moment_words
from countersign.words.lists import capital, listing
from countersign.words.names import class_name, supplier
from countersign.words.numbers import count

#: A table of more rows than this starts closed.
FOLDED = 12


def observers_section(evidence: DeploymentEvidence) -> Section:
    """What observers saw and counted, beside the force's numbers for the same thing where it gives them."""
    blocks = (*_counts(evidence), *_signs(evidence), *_sightings(evidence))
    none = Paragraph("No observer's entry is on the record: nobody from outside says what they saw.")
    return Section("observers", "Observers", blocks or (none,))


def _counts(evidence: DeploymentEvidence) -> Iterator[Block]:
    counts = evidence.view.statements("observer_count")
    if counts:
        columns = (
            Column("what", "What"),
            Column("hour", "Hour"),
            Column("minutes", "Minutes", "end"),
            Column("count", "Observer's count", "end"),
            Column("method", "How"),
            Column("force", "The force, that hour", "end"),
        )
        hours = {one.one("hour"): one for one in evidence.view.statements("hour")}
        cells = []
        for one in counts:
            what, hour = str(one.one("what")), str(one.one("hour"))
            field = {"faces": "faces", "alerts-heard": "alerts", "leaflets": "leaflets"}.get(what)
            beside = hours.get(hour)
            stated = None if field is None or beside is None else beside.one(field)
            cells.append(
                (
                    Cell(capital(what.replace("-", " ")), rows=rows([one.entry])),
                    Cell(hour_words(hour)),
                    Cell(str(one.one("minutes"))),
                    Cell(count(one.one("count")), one.one("count")),
                    Cell(str(one.one("method"))),
                    Cell(
                        "not stated" if stated is None else count(stated),
                        stated,
                        () if beside is None else rows([beside.entry]),
                    ),
                )
            )
        yield Table(
            "observer-counts",
            "Counted by observers, and stated by the force for the same hour",
            columns,
            tuple(cells),
            note="Set side by side, never merged. An observer may have seen a part of the zone or of the hour.",
        )


def _signs(evidence: DeploymentEvidence) -> Iterator[Block]:
    signs = evidence.view.statements("observer_signs")
    if signs:
        columns = (
            Column("when", "When"),
            Column("signs", "Signs", "end"),
            Column("approaches", "Approaches", "end"),
            Column("without", "Approaches without", "end"),
            Column("legible", "Legible"),
        )
        yield Table(
            "observer-signs",
            "Signs an observer saw",
            columns,
            tuple(
                (
                    Cell(moment_words(str(one.one("seen_at"))), rows=rows([one.entry])),
                    Cell(count(one.one("signs"))),
                    Cell(count(one.one("approaches"))),
                    Cell(count(one.one("approaches_without"))),
                    Cell("yes" if one.one("legible") else "no"),
                )
                for one in signs
            ),
        )


def _sightings(evidence: DeploymentEvidence) -> Iterator[Block]:
    sightings = evidence.view.statements("observer_sighting")
    if sightings:
        columns = (
            Column("place", "Place"),
            Column("first", "From"),
            Column("last", "To"),
            Column("units", "Units", "end"),
        )
        yield Table(
            "observer-sightings",
            "Seen by observers",
            columns,
            tuple(
                (
                    Cell(str(one.one("place")), rows=rows([one.entry])),
                    Cell(moment_words(str(one.one("first")))),
                    Cell(moment_words(str(one.one("last")))),
                    Cell(count(one.one("units"))),
                )
                for one in sightings
            ),
        )


def findings_section(evidence: DeploymentEvidence) -> Section:
    """Findings of reviewers with their answers, and entries that broke order or rules."""
    blocks: list[Block] = []
    columns: tuple[Column, ...]
    found = {
        name: one
        for name, one in evidence.programme.findings.items()
        if one.subject in (evidence.subject, evidence.force)
    }
    if found:
        columns = (
            Column("finding", "Finding"),
            Column("duty", "Duty"),
            Column("due", "Answer due"),
            Column("answer", "Answer"),
        )
        blocks.append(
            Table(
                "findings-table",
                "Findings of reviewers, and the force's answers",
                columns,
                tuple(
                    (
                        Cell(name, rows=rows([one.entry])),
                        Cell(
                            DUTIES[one.duty].requirement if one.duty in DUTIES else one.duty,
                            link=f"#{anchor_of(one.duty)}",
                        ),
                        Cell(dated(one.answer_due)),
                        Cell("not answered; it stands against the next authority")
                        if one.answered_by is None
                        else Cell("answered", rows=rows([one.answered_by])),
                    )
                    for name, one in found.items()
                ),
            )
        )
    else:
        blocks.append(Paragraph("No reviewer's finding is on the record."))
    broken = (*evidence.deployment.irregularities, *evidence.programme.irregularities)
    if broken:
        columns = (Column("entry", "Entry", "end"), Column("kind", "Kind"), Column("why", "What it broke"))
        blocks.append(
            Table(
                "irregularities",
                "Entries that broke order or rules, and moved nothing",
                columns,
                tuple(
                    (
                        Cell(str(one.entry), one.entry, rows([one.entry])),
                        Cell(one.kind),
                        Cell(capital(one.sentence.removeprefix(f"{one.kind}: "))),
                    )
                    for one in broken
                ),
                note="Each is shown with the sentence by which a command would have refused it. One early entry out of "
                "order can leave every later one out of order.",
                fold=len(broken) > FOLDED,
            )
        )
    late = (*evidence.deployment.late, *evidence.programme.late)
    if late:
        listed = listing([str(one) for one in sorted(late)])
        blocks.append(Paragraph(f"Entered late, and saying so: {'entry' if len(late) == 1 else 'entries'} {listed}."))
    return Section("findings", "Findings and answers", tuple(blocks))


def deletions_section(evidence: DeploymentEvidence) -> Section:
    """The retention accounts recounted from the log, what is overdue, and the force's statements on deleting."""
    blocks = (*_retention(evidence), *_deleting(evidence))
    none = Paragraph("Nothing on deletion is on the record: neither sealed values nor a statement.", "warning")
    return Section("deletions", "Deletions, recounted", blocks or (none,))


def _retention(evidence: DeploymentEvidence) -> Iterator[Block]:
    columns: tuple[Column, ...]
    classes = [one for one in evidence.retention.classes() if evidence.retention.of(one).committed]
    if classes:
        columns = (
            Column("class", "What"),
            *(
                Column(name, label, "end")
                for name, label in (
                    ("committed", "Committed"),
                    ("live", "Live"),
                    ("erased", "Erased"),
                    ("lost", "Declared lost"),
                    ("held", "Held"),
                )
            ),
        )
        cells = [
            (Cell(capital(class_name(one))), *(Cell(count(number), number) for number in evidence.retention.of(one)))
            for one in classes
        ]
        yield Table(
            "accounts-retention",
            "Sealed values, recounted from the entries here",
            columns,
            tuple(cells),
            note="Committed = live + erased + declared lost; held ones are live too. Counted from the log alone: a "
            "value that is live can still be opened by whoever keeps it.",
        )
        overdue = evidence.retention.overdue(evidence.moment)
        if overdue:
            columns = (Column("class", "What"), Column("items", "Items", "end"), Column("due", "Due"))
            yield Table(
                "overdue",
                "Past its time and still live",
                columns,
                tuple(
                    (
                        Cell(capital(class_name(one.retention_class)), rows=rows([one.entry])),
                        Cell(count(one.items), one.items),
                        Cell(moment_words(time_text(one.due))),
                    )
                    for one in overdue
                ),
            )
    for index, sentence in evidence.retention.violations:
        yield Paragraph(f"An account does not come out: {sentence} (entry {index}).", "warning")


def _deleting(evidence: DeploymentEvidence) -> Iterator[Block]:
    statements = evidence.view.statements("deletion")
    if statements:
        columns = (
            Column("class", "What"),
            Column("count", "Count", "end"),
            Column("at", "When"),
            Column("method", "How"),
            Column("by", "Stated by"),
            Column("left", "Remaining", "end"),
        )
        yield Table(
            "deletion-statements",
            "Statements on deleting",
            columns,
            tuple(
                (
                    Cell(capital(class_name(str(one.one("class")))), rows=rows([one.entry])),
                    Cell(count(one.one("count"))),
                    Cell(moment_words(str(one.one("deleted_at")))),
                    Cell(str(one.one("method")).replace("-", " ")),
                    Cell(supplier(one.supplied_by)),
                    Cell(count(one.one("remaining"))),
                )
                for one in statements
            ),
            note="Deletion by the engine and the force is a signed statement. Nobody has looked at a disk.",
        )
