"""Figures laid out as tables and marks: the same columns wherever a rate or a total is shown.

Where a correction changes a row of a table, the row stands twice: as corrected and as printed.

>>> read = Table("t", "", (), ((Cell("2023"), Cell("23")), (Cell("2025"), Cell("112"))))
>>> printed = Table("t", "", (), ((Cell("2023"), Cell("24")), (Cell("2025"), Cell("112"))))
>>> [[cell.text for cell in row] for row in both_readings(read, printed).rows]
[['2023, as corrected', '23'], ['2023, as printed', '24'], ['2025', '112']]
>>> [made.column.label for made in rate_grid({}).columns][:4]
['Which rows', 'What', 'Events', 'Of']
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from countersign.document import Cell, IntervalMark, Table
from countersign.grids import Grid, GridColumn, column, number
from countersign.published.table.measures import MEASURES
from countersign.reviews.model import RateLine, RateRange, Totals, TotalsOf
from countersign.words.intervals import each, each_range, rate_range, rate_words
from countersign.words.lists import be, counted
from countersign.words.numbers import count, plain, significant

_Cells = tuple[Cell, ...]


def both_readings(read: Table, printed: Table, *, keys: int = 1) -> Table:
    """``read`` with the rows of ``printed`` that differ beside its own; the first ``keys`` cells name a row.

    Rows only in one reading are marked too, those only in ``printed`` stand last.
    """
    others = {_key(row, keys): row for row in printed.rows}
    rows: list[_Cells] = []
    for row in read.rows:
        other = others.pop(_key(row, keys), None)
        if other is not None and [cell.text for cell in row] == [cell.text for cell in other]:
            rows.append(row)
            continue
        rows.append(_marked(row, "as corrected"))
        if other is not None:
            rows.append(_marked(other, "as printed"))
    rows += [_marked(row, "as printed") for row in others.values()]
    return msgspec.structs.replace(read, rows=tuple(rows))


def _key(row: _Cells, keys: int) -> tuple[str, ...]:
    return tuple(cell.text for cell in row[:keys])


def _marked(row: _Cells, reading: str) -> _Cells:
    first = msgspec.structs.replace(row[0], text=f"{row[0].text}, {reading}", number=None)
    return (first, *row[1:])


#: What a totals table shows, in order: quantity of ``Totals`` and heading.
TOTAL_COLUMNS: tuple[tuple[str, str], ...] = (
    ("deployments", "Deployments"),
    ("hours", "Hours"),
    ("faces_seen", "Faces seen (estimate)"),
    ("alerts", "Alerts"),
    ("true_alerts", "True"),
    ("false_alerts", "False"),
    ("unconfirmed_alerts", "Unconfirmed"),
    ("engagements", "Engagements"),
    ("arrests", "Arrests"),
    ("other_disposal", "Other outcomes"),
    ("watchlist_size", "List entries, summed"),
)
#: Columns of totals that may be left out of view on a phone.
NARROW = frozenset({"hours", "engagements", "other_disposal", "watchlist_size"})
_UNITS = {"hours": "hour", "deployments": "deployment"}


def rate_text(line: RateLine) -> str:
    """The estimate: "1 in 33,435", or "0.673 an hour" for a rate in time; "none seen" at no events."""
    if line.events == 0:
        return "none seen"
    if line.unit in _UNITS:
        return each(line.estimate, _UNITS[line.unit])
    return rate_words(line.estimate)


def interval_text(line: RateLine, low: float, high: float) -> str:
    """An interval of this line in the words of its rate, rounded outwards; at no events a bound.

    An upper end that is infinite says that the deployments are too few to bound the rate.
    """
    if math.isinf(high):
        return f"too few deployments to bound (if independent, {interval_text(line, line.low, line.high)})"
    if line.unit in _UNITS:
        return each_range(low, high, _UNITS[line.unit])
    return rate_range(low, high, line.estimate)


def range_text(found: RateRange) -> str:
    """A rate at both ends of the values printed as bounds: "with the 3 rows that print a bound, 1 in 900 to ..."."""
    rows = f"with the {counted(found.bounded, 'row')} that {be(found.bounded, 'prints', 'print')} a bound"
    return f"{rows}, {rate_range(found.low, math.inf if found.high is None else found.high, 0)}"


def widest(line: RateLine) -> tuple[float, float]:
    """The ends to print first: the clustered interval where there is one."""
    if line.clustered is None:
        return line.low, line.high
    return line.clustered.low, math.inf if line.clustered.high is None else line.clustered.high


def scope_text(line: RateLine, labels: Mapping[str, str]) -> str:
    """Which rows a line is of, with its reading and regime where these matter."""
    name = labels.get(line.scope, line.scope) if line.by == "regime" else line.scope
    if line.reading != "either":
        name = f"{name}, {line.reading}"
    if line.crosses:
        return f"{name}, across {len(line.crosses)} regimes"
    if line.regime and line.by != "regime" and len(labels) > 1:
        return f"{name}, in {labels.get(line.regime, line.regime)}"
    return name


def rate_table(
    anchor: str,
    caption: str,
    lines: Iterable[RateLine],
    labels: Mapping[str, str],
    *,
    note: str = "",
    fold: bool = False,
) -> Table:
    """A table of rates, a line each, with both intervals and the design effect."""
    return rate_grid(labels).table(anchor, caption, lines, note=note, fold=fold)


def rate_grid(labels: Mapping[str, str]) -> Grid[RateLine]:
    """The columns of a table of rates; ``labels`` name the regimes."""
    return Grid[RateLine](
        column("scope", "Which rows", lambda line: scope_text(line, labels)),
        column("measure", "What", lambda line: MEASURES[line.measure].short),
        number("events", "Events", lambda line: line.events, rows=lambda line: line.rows),
        number("trials", "Of", lambda line: line.trials),
        number("rate", "Rate", lambda line: Cell(rate_text(line), line.estimate)),
        number("exact", "95% interval, events independent", lambda line: interval_text(line, line.low, line.high)),
        number("design_effect", "Design effect (events, deployments)", _design_effect, narrow=True),
        number("clustered", "95% interval, allowing for clumps", clustered_text, narrow=True),
    )


def clustered_text(line: RateLine) -> str:
    """The interval that allows for clumps; one deployment shows none."""
    wide = line.clustered
    return "one deployment" if wide is None else interval_text(line, *widest(line))


def _design_effect(line: RateLine) -> Cell:
    if line.clustered is None:
        return Cell("-")
    behind = f"{count(line.clustered.events)}, {count(line.clustered.clusters)}"
    if line.events in (0, line.trials):
        return Cell(f"not known ({behind})")
    return Cell(f"{plain(significant(line.clustered.design_effect))} ({behind})", line.clustered.design_effect)


def totals_table(
    anchor: str,
    caption: str,
    first: str,
    lines: Sequence[TotalsOf],
    labels: Mapping[str, str],
    *,
    note: str = "",
    fold: bool = False,
) -> Table:
    """A table of totals, a line a scope; a sum over only some of the rows says over how many."""
    grid = Grid[TotalsOf](
        column("scope", first, lambda line: _totals_scope(line, labels), rows=lambda line: line.rows),
        *(_total(quantity, label) for quantity, label in TOTAL_COLUMNS),
    )
    return grid.table(anchor, caption, lines, note=note, fold=fold)


def _total(quantity: str, label: str) -> GridColumn[TotalsOf]:
    return number(quantity, label, lambda line: amount_cell(line.totals, quantity), narrow=quantity in NARROW)


def _totals_scope(line: TotalsOf, labels: Mapping[str, str]) -> str:
    name = labels.get(line.scope, line.scope) if line.by == "regime" else line.scope
    return name if line.reading == "either" else f"{name}, {line.reading}"


def amount_cell(totals: Totals, quantity: str) -> Cell:
    """A total with, where not every row prints it, over how many rows it runs."""
    amount = getattr(totals, quantity)
    if (found := totals.ranges.get(quantity)) is not None:
        most = "or more" if found.high is None else f"to {count(found.high)}"
        return Cell(
            f"{count(found.low)} {most} ({counted(found.rows, 'row')} of {count(totals.rows)} as a bound)", amount
        )
    if amount is None:
        return Cell("not all printed" if quantity == "deployments" else "not published")
    printed = totals.printed_by.get(quantity, totals.rows)
    part = "" if printed == totals.rows else f" (printed in {count(printed)} of {count(totals.rows)} rows)"
    return Cell(f"{count(amount)}{part}", amount)


def marks(lines: Iterable[RateLine], labels: Mapping[str, str], group: str = "") -> tuple[IntervalMark, ...]:
    """Lines of an interval chart, with the widest interval of each."""
    charted = []
    for line in lines:
        low, high = widest(line)
        charted.append(IntervalMark(scope_text(line, labels), line.estimate if line.events else None, low, high, group))
    return tuple(charted)
