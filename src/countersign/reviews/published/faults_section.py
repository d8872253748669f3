"""The section on faults: how many of each kind, then each with its place, its sentence and its details."""

from __future__ import annotations

from collections import Counter

from countersign.document import Block, Cell, Column, Finding, Paragraph, RowRange, Section, Table
from countersign.reviews.model import FaultLine
from countersign.reviews.published.evidence import Evidence
from countersign.words.phrases import counted
from countersign.words.wording import be, count

#: A report tells so many faults in full; ``review.json`` holds all.
MOST_FAULTS = 250


def faults_section(evidence: Evidence) -> Section:
    """Faults in the order they are numbered."""
    from countersign.published.faults.codes import CODES

    found = evidence.faults
    if not found:
        said = "No fault was found. That is no evidence that the figures are right: only contradictions can be seen."
        return Section("faults", "Faults in the data", (Paragraph(said),))
    kinds = Counter(fault.code for fault in found)
    blocks: list[Block] = [
        Paragraph(
            f"{counted(len(found), 'fault')} {be(len(found))} listed: {be(len(found), 'a place', 'each a place')} "
            "where the data contradict themselves, leave something out, or changed; what is printed stays as printed. "
            "A fault says nothing about why."
        ),
        Table(
            "faults-kinds", "Faults by kind",
            (Column("code", "Code"), Column("meaning", "Meaning"), Column("times", "Found", "end")),
            tuple((Cell(code), Cell(CODES.get(code, "")), Cell(count(times), times)) for code, times in
                  sorted(kinds.items(), key=lambda item: (-item[1], item[0]))),
        ),
    ]  # fmt: skip
    if len(found) > MOST_FAULTS:
        blocks.append(Paragraph(
            f"The first {count(MOST_FAULTS)} are told here; review.json holds all {count(len(found))}.", "warning"
        ))  # fmt: skip
    titles = {document.id: document.title for document in evidence.documents}
    blocks += [_finding(fault, titles) for fault in found[:MOST_FAULTS]]
    return Section("faults", "Faults in the data", tuple(blocks))


def _finding(fault: FaultLine, titles: dict[str, str]) -> Finding:
    where = titles.get(fault.document, fault.document)
    if fault.row is not None:
        where += f", row {fault.row}"
    if fault.column is not None:
        where += f", {fault.column.replace('_', ' ')}"
    rows = () if fault.row is None else (RowRange(fault.document, fault.row, fault.row),)
    return Finding(f"fault-{fault.number}", fault.code, f"{fault.number}. {where}", fault.message, fault.details, rows)
