"""Duties in a report: the tables that both reviews share, and the duties of a published row.

A row goes through the same rulebook as a record: it becomes what a force has stated of one deployment, every unprinted
field absent. A table of counts shows little of how it came about, so nearly every duty is *not shown*: that is the
finding, and what to ask for. Duties are answered for one row (the latest, or the one chosen), because they are about
one deployment; the section says which, and the answers for the others differ only where their numbers do.

>>> sorted(MEANING)
['met', 'not met', 'not shown', 'stated']
>>> from countersign.published.table.record import Row
>>> statement = row_statement(Row("d", 1, alerts=8), "force-a/d-1", 12)
>>> statement.entry, statement.one("alerts"), statement.one("faces")
(12, 8, None)
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from countersign.deployments.view import Statement
from countersign.document import Block, Cell, Column, Paragraph, RowRange, Section, Table
from countersign.errors import WrongForm
from countersign.published.table.record import Record, Row
from countersign.reviews.model import Duty
from countersign.reviews.options import PROFILE
from countersign.rulebook.catalogue import DUTIES, PHASES
from countersign.rulebook.conditions.results import OUTCOMES, Result, tally
from countersign.rulebook.evaluate import evaluate
from countersign.rulebook.letters import wanted_for
from countersign.rulebook.published_view import view_of_row
from countersign.words.lists import capital, counted
from countersign.words.numbers import count

#: What each outcome says, wherever the words stand.
MEANING = {
    "met": "borne out by someone other than the force, or by arithmetic anyone can repeat",
    "stated": "the force's word alone, whatever it says",
    "not met": "contradicted by the evidence",
    "not shown": "the evidence for it is not here; silence is never counted in anyone's favour",
}


def by_phase(results: Sequence[Result], *, linked: bool = True) -> Table:
    """How many duties of each phase have each outcome; ``linked`` to the phases' own headings."""
    found = Counter((DUTIES[one.duty].phase, one.outcome) for one in results)
    columns = (Column("phase", "Phase"), *(Column(one.replace(" ", "-"), capital(one), "end") for one in OUTCOMES))
    cells = [
        (
            Cell(capital(phase), link=f"#duties-{phase}" if linked else None),
            *(Cell(count(found[phase, one]), found[phase, one]) for one in OUTCOMES),
        )
        for phase in PHASES
        if any(found[phase, one] for one in OUTCOMES)
    ]
    return Table("duties-phases", "Outcomes by phase", columns, tuple(cells))


#: How a row is named: document and number.
_NAMED = re.compile(r"(.+):([1-9][0-9]*)")


class RowNotThere(WrongForm):
    """The row chosen for the duties is not in what was read."""

    code = "row-not-there"
    next_step = "Name it as DOCUMENT:NUMBER, as in the report's table of every row (met-2023-2024:113)."


def row_statement(row: Row, subject: str, place: int) -> Statement:
    """A printed row as an unsigned statement of results, standing at a place of the reader's choice."""
    [stated] = view_of_row(row, subject).statements("results")
    return replace(stated, entry=place)


def chosen_row(record: Record, name: str | None) -> Row | None:
    """The row named, else the latest by its date; ``None`` where no row has a date. Raises ``RowNotThere``."""
    if name is None:
        dated = [row for row in record.rows if row.date is not None]
        return max(dated, key=lambda row: (row.date or datetime.date.min, row.document, row.number), default=None)
    named = _NAMED.fullmatch(name)
    for row in record.rows:
        if named is not None and (row.document, str(row.number)) == (named[1], named[2]):
            return row
    raise RowNotThere(f"there is no row {name} in what was read")


def row_duties(record: Record, name: str | None, as_of: datetime.date | None) -> tuple[tuple[Duty, ...], Section]:
    """The duties answered for one row, as lines and as a section. Raises ``RowNotThere``."""
    row = chosen_row(record, name)
    if row is None:
        return (), Section(
            "duties", "Duties", (Paragraph("No row prints a date, so no deployment can be answered for."),)
        )
    day = as_of or row.date or datetime.date(1970, 1, 1)
    results = evaluate(view_of_row(row, f"force/row-{row.number}"), profile=PROFILE, as_at=day)
    ranges = (RowRange(row.document, row.number, row.number),)
    lines = tuple(_line(one, f"{row.document}:{row.number}", ranges if one.entries else ()) for one in results)
    return lines, _section(row, results, day, ranges)


def _line(result: Result, of: str, ranges: tuple[RowRange, ...]) -> Duty:
    duty = DUTIES[result.duty]
    return Duty(
        id=duty.id, state=result.outcome, because=capital(result.because), requirement=duty.requirement,
        sources=duty.sources, in_force=duty.in_force, phase=duty.phase, severity=duty.severity, layer=duty.layer,
        kind=duty.kind, supplied_by=result.supplied_by, asked=result.asked, rows=ranges, of=of,
    )  # fmt: skip


def _section(row: Row, results: Sequence[Result], day: datetime.date, ranges: tuple[RowRange, ...]) -> Section:
    told = tally(results)
    place = f" at {row.place}" if row.place else ""
    blocks: list[Block] = [
        Paragraph(
            f"The duties of England and Wales as at {day.isoformat()}, for one row: {row.document}, row {row.number}"
            f"{place}. "
            "The row is taken as what the force stated; whatever it does not print is absent. "
            f"{counted(told['not shown'], 'duty is', 'duties are')} not shown by it, of {count(len(results))}: a table "
            "of counts says little of how they came about. Another row is chosen with --row DOCUMENT:NUMBER; "
            "countersign ask review.json writes a letter that asks for what is not shown."
        ),
        Table(
            "duties-meaning", "What each outcome says",
            (Column("outcome", "Outcome"), Column("times", "Duties", "end"), Column("means", "What it says")),
            tuple((Cell(capital(one)), Cell(count(told[one]), told[one]), Cell(MEANING[one])) for one in OUTCOMES),
        ),
        by_phase(results, linked=False),
    ]  # fmt: skip
    cells = tuple(
        (Cell(one.duty), Cell(one.outcome, rows=ranges if one.entries else ()), Cell(capital(one.because)),
         Cell(wanted_for(DUTIES[one.duty]).what))
        for one in results
    )  # fmt: skip
    columns = (
        Column("duty", "Duty"), Column("outcome", "Outcome"), Column("because", "Why"),
        Column("ask", "What would show it: ask for this", narrow=True),
    )  # fmt: skip
    blocks.append(Table("duties-row", "Every duty, for this row", columns, cells, fold=True))
    return Section("duties", "Duties", tuple(blocks))
