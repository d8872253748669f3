"""Every row as printed, a table a document: the place each figure of the report links to."""

from __future__ import annotations

from countersign.document import Block, Cell, Column, Paragraph, Section, Table
from countersign.published.table.record import COLUMNS, Document, Row
from countersign.reviews.published.evidence import Evidence
from countersign.words.wording import count

#: A report shows at most so many rows; a longer record is read in its own file, and the report says so.
MOST_ROWS = 2000


def every_row(evidence: Evidence) -> Section:
    """The section: what was printed, in printed order, corrections marked and never written over."""
    rows = evidence.printed.rows
    blocks: list[Block] = [
        Paragraph(
            "Every row in the order it was printed, with what was printed. An empty cell was empty, or its document "
            "has no such column." + (" A value that a correction reads otherwise is marked." if evidence.corrections
                                     else ""),
        )
    ]  # fmt: skip
    if len(rows) > MOST_ROWS:
        blocks.append(Paragraph(
            f"The record has {count(len(rows))} rows; the first {count(MOST_ROWS)} are shown here, all of them are in "
            "every figure. Links to rows beyond these are printed, not linked.", "warning",
        ))  # fmt: skip
    corrected = {(one.document, one.row, one.column): one.read_as for one in evidence.corrections}
    by_document: dict[str, list[Row]] = {document.id: [] for document in evidence.documents}
    for row in rows[:MOST_ROWS]:
        by_document[row.document].append(row)
    blocks += [_table(document, by_document[document.id], corrected) for document in evidence.documents
               if by_document[document.id]]  # fmt: skip
    return Section("rows", "Every row", tuple(blocks))


def _table(document: Document, rows: list[Row], corrected: dict[tuple[str, int, str], str]) -> Table:
    shown = [spec for spec in COLUMNS if spec.name in document.columns or
             any(getattr(row, spec.name, None) is not None for row in rows[:1])]  # fmt: skip
    shown = [spec for spec in shown if spec.name != "source"]
    columns = (
        Column("row", "Row", "end"),
        *(Column(spec.name, _HEADINGS.get(spec.name, spec.name.replace("_", " ").capitalize()),
                 "start" if spec.kind in ("text", "date") else "end", narrow=spec.name not in _ALWAYS)
          for spec in shown),
    )  # fmt: skip
    cells = tuple(
        (Cell(str(row.number), row.number), *(_cell(row, spec.name, corrected) for spec in shown)) for row in rows
    )
    return Table(f"rows-{document.id}", document.title, columns, cells, rows_of=document.id)


#: Headings that are not the column's name in words.
_HEADINGS = {
    "duration_minutes": "Duration", "faces_seen": "Faces seen (estimate)", "false_alert_rate_printed":
    "False alert rate",
}  # fmt: skip
_ALWAYS = frozenset({"date", "place", "faces_seen", "alerts", "false_alerts", "arrests"})


def _cell(row: Row, column: str, corrected: dict[tuple[str, int, str], str]) -> Cell:
    plain = getattr(row, column)
    text = row.printed.get(column, "" if plain is None else str(plain))
    read_as = corrected.get((row.document, row.number, column))
    return Cell(text if read_as is None else f"{text} (read as {read_as})")
