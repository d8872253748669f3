"""Duties in a report: the tables that both reviews share, and the duties of a published row.

A row goes through the same rulebook as a record: what a force has stated of one deployment, every unprinted field
absent. So nearly every duty is *not shown*: that is the finding, and what to ask for.

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
from typing import Any

from countersign.deployments.view import Statement, View
from countersign.document import Block, Paragraph, RowRange, Section, Table, line_of
from countersign.errors import WrongForm
from countersign.grids import Grid, GridColumn, column, number
from countersign.published.table.record import Record, Row
from countersign.reviews.model import Duty, LogPlace, OutsideWord
from countersign.reviews.options import PROFILE
from countersign.rulebook.catalogue import PHASES
from countersign.rulebook.conditions.results import OUTCOMES, Outcome, Result, tally
from countersign.rulebook.duties import evaluate
from countersign.rulebook.letters import wanted_for
from countersign.words.dates import day as written
from countersign.words.lists import capital, counted
from countersign.words.numbers import count

#: What each outcome says, wherever the words stand.
MEANING = {
    "met": "borne out by someone other than the force, or by arithmetic anyone can repeat",
    "stated": "the force's word alone, whatever it says",
    "not met": "contradicted by the evidence",
    "not shown": "the evidence for it is not here; silence is never counted in anyone's favour",
}


#: Outcomes as a reader must see them: what was not met before the rest.
WORST_FIRST: tuple[Outcome, ...] = ("not met", "not shown", "stated", "met")


def meanings(results: Sequence[Result]) -> Table:
    """What each outcome says, and how many duties have it."""
    times = tally(results)
    grid = Grid[Outcome](
        column("outcome", "Outcome", capital),
        number("times", "Duties", lambda outcome: times[outcome]),
        column("means", "What it says", lambda outcome: MEANING[outcome]),
    )
    return grid.table("duties-meaning", "What each outcome says", OUTCOMES)


def outcome_words(results: Sequence[Result]) -> str:
    """How many duties have each outcome, what was not met first: "4 not met, 97 not shown". Nothing is added up."""
    times = tally(results)
    return ", ".join(f"{count(times[outcome])} {outcome}" for outcome in WORST_FIRST if times[outcome])


def by_phase(results: Sequence[Result], *, linked: bool = True) -> Table:
    """How many duties of each phase have each outcome; ``linked`` to the phases' headings."""
    times = Counter((result.duty.phase, result.outcome) for result in results)

    def outcome_column(outcome: Outcome) -> GridColumn[str]:
        return number(outcome.replace(" ", "-"), capital(outcome), lambda phase: times[phase, outcome])

    grid = Grid[str](
        column("phase", "Phase", capital, link=lambda phase: f"#duties-{phase}" if linked else None),
        *map(outcome_column, OUTCOMES),
    )
    phases = [phase for phase in PHASES if any(times[phase, outcome] for outcome in OUTCOMES)]
    return grid.table("duties-phases", "Outcomes by phase", phases)


#: How a row is named: document and number.
_NAMED = re.compile(r"(.+):([1-9][0-9]*)")


class RowNotThere(
    WrongForm, next_step="Name it as DOCUMENT:NUMBER, as in the report's table of every row (met-2023-2024:113)."
):
    """The row chosen for the duties is not in what was read."""


#: Column of a row: field of ``publish.results``. Totals of true and false alerts stand in where parts are not printed.
FIELDS = {"place": "place", "use_case": "purpose", "watchlist_size": "list_size", "faces_seen": "faces"}
FIELDS |= {"alerts": "alerts", "arrests": "arrests"}
FIELDS |= {"true_alerts_confirmed": "confirmed_true", "false_alerts_confirmed": "confirmed_false"}


def facts_of_row(row: Row) -> dict[str, Any]:
    """The facts a row states, in the words of the vocabulary; a cell that was not printed gives no field."""
    cells = ((field, getattr(row, cell)) for cell, field in FIELDS.items())
    facts: dict[str, Any] = {field: value for field, value in cells if value is not None}
    if row.date is not None:
        facts["date"] = row.date.isoformat()
    if row.threshold is not None:
        facts["threshold"] = format(row.threshold, "f")
    # Unconfirmed alerts, whichever way the force counts them, were never resolved: both readings are weighed.
    parts = (row.true_alerts_unconfirmed, row.false_alerts_unconfirmed)
    if None not in parts:
        facts["unresolved"] = sum(part for part in parts if part is not None)
    if row.false_alerts is not None and row.false_alerts_confirmed is None:
        facts["false"] = row.false_alerts
    if row.true_alerts is not None and row.true_alerts_confirmed is None:
        facts["true"] = row.true_alerts
    if row.false_alert_engagements is not None and row.true_alert_engagements is not None:
        facts["engagements"] = row.false_alert_engagements + row.true_alert_engagements
    return facts


def view_of_row(row: Row, subject: str) -> View:
    """The view of one published row under a subject ``force/deployment``, as the force's own word; its number as the
    entry.

    >>> view = view_of_row(Row("met-2024", 3, date=datetime.date(2024, 5, 1), faces_seen=9000), "met/row-3")
    >>> view.get("results.faces")[0].value, view.get("results.alerts")
    (9000, ())
    """
    at = "" if row.date is None else f"{row.date.isoformat()}T00:00:00Z"
    facts = facts_of_row(row)
    statement = Statement("results", row.number, subject, at, "press-officer", "", "force", False, (), facts, {})
    return View(subject, {"results": (statement,)})


def row_statement(row: Row, subject: str, place: int) -> Statement:
    """A printed row as an unsigned statement of results, at a place of the reader's choice."""
    [stated] = view_of_row(row, subject).statements("results")
    return replace(stated, entry=place)


def chosen_row(record: Record, name: str | None) -> Row | None:
    """The row named, else the latest; ``None`` where no row has a date. Raises ``RowNotThere``."""
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
        none = Paragraph("No row prints a date, so no deployment can be answered for.")
        return (), Section("duties", "Duties", (none,))
    day = as_of or row.date or datetime.date(1970, 1, 1)
    results = evaluate(view_of_row(row, f"force/row-{row.number}"), profile=PROFILE, as_at=day)
    ranges = (RowRange(row.document, row.number, row.number),)
    of = f"{row.document}:{row.number}"
    lines = tuple(duty_line(result, rows=ranges if result.entries else (), of=of) for result in results)
    return lines, _section(row, results, day, ranges)


def duty_line(result: Result, *, entries: tuple[int, ...] = (), rows: tuple[RowRange, ...] = (), of: str = "") -> Duty:
    """A result as ``review.json`` holds it; ``entries`` or ``rows`` it stands on, and what it is answered for."""
    outside = tuple(OutsideWord(LogPlace(*word.place), word.body, word.says) for word in result.bearings)
    stands_on = {"entries": entries, "rows": rows, "of": of, "outside": outside}
    outcome = {"state": result.outcome, "because": capital(result.because), "asked": result.asked}
    return line_of(Duty, result.duty, supplied_by=result.supplied_by, **outcome, **stands_on)


def _section(row: Row, results: Sequence[Result], day: datetime.date, ranges: tuple[RowRange, ...]) -> Section:
    silent = tally(results)["not shown"]
    place = f" at {row.place}" if row.place else ""

    def stands_on(result: Result) -> tuple[RowRange, ...]:
        return ranges if result.entries else ()

    def to_ask(result: Result) -> str:
        return wanted_for(result.duty).what

    grid = Grid[Result](
        column("duty", "Duty", lambda result: result.duty.id),
        column("outcome", "Outcome", lambda result: result.outcome, rows=stands_on),
        column("because", "Why", lambda result: capital(result.because)),
        column("ask", "What would show it: ask for this", to_ask),
    )
    blocks: tuple[Block, ...] = (
        Paragraph(
            f"The duties of England and Wales as at {written(day)}, for one row: {row.document}, row {row.number}"
            f"{place}. "
            "The row is taken as what the force stated; whatever it does not print is absent. "
            f"{counted(silent, 'duty is', 'duties are')} not shown by it, of {count(len(results))}: a table "
            "of counts says little of how they came about. Another row is chosen with --row DOCUMENT:NUMBER; "
            "countersign ask review.json writes a letter that asks for what is not shown."
        ),
        meanings(results),
        by_phase(results, linked=False),
        grid.table("duties-row", "Every duty, for this row", results, fold=True),
    )
    return Section("duties", f"Duties: {outcome_words(results)}, for one row", blocks)
