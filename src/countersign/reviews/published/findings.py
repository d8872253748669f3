"""What was found and what is not shown: faults, groups, claims, and the gaps in the sources.

A column is *not published* where a document prints it in no row, and *left empty* in single rows. What no table of
counts by deployment can hold is the same list for any force: what a reader would need in order to judge accuracy or
targeting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from countersign.document import Block, Finding, Paragraph, RowRange, Section
from countersign.grids import Grid, column, number
from countersign.published.table.record import Document, Record, Row
from countersign.reviews.model import FaultLine, NotShown
from countersign.reviews.published.evidence import Evidence
from countersign.words.lists import be, capital, counted, listing, noun
from countersign.words.numbers import count

#: The most faults shown in full; ``review.json`` holds all.
MOST_FAULTS = 250


def faults_section(evidence: Evidence) -> Section:
    """Faults in the order they are numbered."""
    from countersign.published.faults.codes import CODES

    faults = evidence.faults
    if not faults:
        said = "No fault was found. That is no evidence that the figures are right: only contradictions can be seen."
        return Section("faults", "Faults in the data", (Paragraph(said),))
    kinds = Counter(fault.code for fault in faults)
    grid = Grid[tuple[str, int]](
        column("code", "Code", lambda kind: kind[0]),
        column("meaning", "Meaning", lambda kind: CODES.get(kind[0], "")),
        number("times", "Found", lambda kind: kind[1]),
    )
    blocks: list[Block] = [
        Paragraph(
            f"{counted(len(faults), 'fault')} {be(len(faults))} listed: {be(len(faults), 'a place', 'each a place')} "
            "where the data contradict themselves, leave something out, or changed; what is printed stays as printed. "
            "A fault says nothing about why."
        ),
        grid.table("faults-kinds", "Faults by kind", sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))),
    ]
    if len(faults) > MOST_FAULTS:
        said = f"The first {count(MOST_FAULTS)} are told here; review.json holds all {count(len(faults))}."
        blocks.append(Paragraph(said, "warning"))
    titles = {document.id: document.title for document in evidence.documents}
    blocks += [_finding(fault, titles) for fault in faults[:MOST_FAULTS]]
    return Section("faults", "Faults in the data", tuple(blocks))


def _finding(fault: FaultLine, titles: dict[str, str]) -> Finding:
    where = titles.get(fault.document, fault.document)
    if fault.row is not None:
        where += f", row {fault.row}"
    if fault.column is not None:
        where += f", {fault.column.replace('_', ' ')}"
    rows = () if fault.row is None else (RowRange(fault.document, fault.row, fault.row),)
    return Finding(f"fault-{fault.number}", fault.code, f"{fault.number}. {where}", fault.message, fault.details, rows)


def groups_section(evidence: Evidence) -> Section:
    """Counts by group, if any were given."""
    if evidence.group_blocks:
        return Section("groups", "Groups", evidence.group_blocks)
    said = (
        "No counts by group were given (option --groups). The rows themselves say nothing about who was seen, alerted "
        "on, stopped or arrested."
    )
    return Section("groups", "Groups", (Paragraph(said),))


def claims_section(evidence: Evidence) -> Section:
    """Public claims, if any were given."""
    if evidence.claim_blocks:
        return Section("claims", "Claims", evidence.claim_blocks)
    return Section("claims", "Claims", (Paragraph("No public claims were given to check (option --claims)."),))


#: Columns whose absence is named: the name in a sentence, and what its absence keeps from the reader.
NAMED_COLUMNS: dict[str, tuple[str, str]] = {
    "duration_minutes": ("duration", "no rate per hour can be given, and faces per hour cannot be followed"),
    "watchlist_size": ("size of the watchlist", "nothing can be said of how many were sought"),
    "threshold": ("threshold setting", "which setting an alert was raised at is unknown"),
    "faces_seen": ("faces seen", "no rate per face can be given"),
    "alerts": ("alerts", "no rate per alert can be given"),
    "true_alerts": ("true alerts", "how many alerts the force counts as true is unknown"),
    "false_alerts": ("false alerts", "how many alerts the force counts as false is unknown"),
    "true_alerts_unconfirmed": (
        "alerts left unconfirmed",
        "false alerts cannot be bounded above: an unconfirmed alert may have been false",
    ),
    "false_alert_engagements": (
        "people engaged after a false alert",
        "how many people were stopped after a false alert is unknown",
    ),
    "true_alert_engagements": (
        "people engaged after a true alert",
        "how often an officer decided against an engagement is unknown",
    ),
    "arrests": ("arrests", "outcomes cannot be followed"),
    "other_disposal": ("other outcomes", "outcomes short of arrest cannot be followed"),
    "no_action": ("no action taken", "how often nothing followed is unknown"),
}
ALWAYS: tuple[tuple[str, str], ...] = (
    (
        "People on the watchlist who passed unnoticed (missed matches)",
        "a table of alerts holds none of them, so nothing can be said about how many were found of those who came by",
    ),
    ("Who passed the camera, by sex, age or ethnicity", "without it no rate by group exists, only shares of alerts"),
    (
        "Who was on the watchlist, for which reasons, and how many were on several lists",
        "only the size is printed, so list entries are not people",
    ),
    (
        "How many different people were seen",
        "faces seen is the force's estimate of faces, and one person may be counted many times",
    ),
    (
        "Where exactly the camera looked, what signs stood there and what people were told",
        "this needs someone who was there",
    ),
    ("What officers decided, and why, at each alert", "only outcomes are printed"),
    ("Which engine and version was used", "a change of engine would not show"),
)
#: So many row numbers are named before the rest is only counted.
MOST_NUMBERS = 6


def not_shown(record: Record) -> tuple[NotShown, ...]:
    """The list for a record: columns never published, cells left empty, then what no such table holds."""
    rows: dict[str, list[Row]] = {document.id: [] for document in record.documents}
    for row in record.rows:
        rows[row.document].append(row)
    documents = [document for document in record.documents if rows[document.id]]
    return (
        *_never(documents, rows),
        *(line for document in documents for line in _empty(document, rows[document.id])),
        *(NotShown(what, "in any table of deployments", because) for what, because in ALWAYS),
    )


def _never(documents: Sequence[Document], rows: Mapping[str, Sequence[Row]]) -> Iterator[NotShown]:
    """A line for each column that some documents print in no row."""
    for quantity, (name, because) in NAMED_COLUMNS.items():
        without = [
            document.title for document in documents if all(getattr(row, quantity) is None for row in rows[document.id])
        ]
        if without:
            where = "every document reviewed" if len(without) == len(documents) > 1 else listing(without)
            yield NotShown(capital(name), where, because)


def _empty(document: Document, rows: Sequence[Row]) -> Iterator[NotShown]:
    """A line for each set of rows that leave the same columns empty which the document prints elsewhere."""
    printed = [column for column in NAMED_COLUMNS if any(getattr(row, column) is not None for row in rows)]
    found: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        empty = tuple(column for column in printed if getattr(row, column) is None)
        if empty:
            found.setdefault(empty, []).append(row.number)
    for columns, numbers in found.items():
        named = ", ".join(map(str, numbers[:MOST_NUMBERS])) + (" and more" if len(numbers) > MOST_NUMBERS else "")
        yield NotShown(
            f"{capital(listing([NAMED_COLUMNS[column][0] for column in columns]))}, in {counted(len(numbers), 'row')}",
            f"{document.title}, {noun(len(numbers), 'row')} {named}",
            "left empty, and in no sum or rate",
        )
