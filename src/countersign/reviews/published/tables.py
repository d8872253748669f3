"""Figures as tables, marks and charts, the same columns wherever a rate or a total is shown; and the accuracy section.

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

from countersign.document import Block, Cell, Chart, Heading, IntervalMark, Paragraph, Section, Table
from countersign.grids import Grid, GridColumn, column, number
from countersign.published.table.measures import MEASURES
from countersign.reviews.model import By, RateLine, RateRange, RegimeLine, Totals, TotalsOf
from countersign.reviews.published.evidence import Evidence, stretches
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


def part_text(line: RateLine) -> str:
    """Over how many rows of its scope a rate is: "over the 1 row of 4 that prints both counts"; empty where all are."""
    if line.of_rows in (None, line.deployments):
        return ""
    prints = be(line.deployments, "prints", "print")
    return f"over the {counted(line.deployments, 'row')} of {count(line.of_rows)} that {prints} both counts"


def range_text(found: RateRange) -> str:
    """A rate at both ends of the values printed as bounds: "with the 3 rows that print a bound, 1 in 900 to ..."."""
    rows = f"with the {counted(found.bounded, 'row')} that {be(found.bounded, 'prints', 'print')} a bound"
    return f"{rows}, {rate_range(found.low, math.inf if found.high is None else found.high, 0)}"


def widest(line: RateLine) -> tuple[float, float]:
    """The ends to print first: the clustered interval where there is one."""
    if line.clustered is None:
        return line.low, line.high
    return line.clustered.low, math.inf if line.clustered.high is None else line.clustered.high


def drawn_ends(line: RateLine) -> tuple[float, float]:
    """The ends that a chart draws: the widest, or where nothing bounds the rate those if independent, as words say."""
    low, high = widest(line)
    return (line.low, line.high) if math.isinf(high) else (low, high)


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
        number("design_effect", "Design effect (events, deployments)", _design_effect),
        number("clustered", "95% interval, allowing for clumps", clustered_text),
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
    return number(quantity, label, lambda line: amount_cell(line.totals, quantity))


def _totals_scope(line: TotalsOf, labels: Mapping[str, str]) -> str:
    name = labels.get(line.scope, line.scope) if line.by == "regime" else line.scope
    return name if line.reading == "either" else f"{name}, {line.reading}"


def amount_cell(totals: Totals, quantity: str) -> Cell:
    """A total with, where not every row prints it, over how many rows it runs."""
    amount = getattr(totals, quantity)
    if (found := totals.ranges.get(quantity)) is not None:
        most = "or more" if found.high is None else f"to {count(found.high)}"
        of = f"{counted(found.rows, 'row')} of {count(totals.rows)}"
        return Cell(f"{count(found.low)} {most} ({of} as a bound)", amount)
    if amount is None:
        return Cell("not all printed" if quantity == "deployments" else "not published")
    printed = totals.printed_by.get(quantity, totals.rows)
    part = "" if printed == totals.rows else f" (printed in {count(printed)} of {count(totals.rows)} rows)"
    return Cell(f"{count(amount)}{part}", amount)


def marks(lines: Iterable[RateLine], labels: Mapping[str, str], group: str = "") -> tuple[IntervalMark, ...]:
    """Lines of an interval chart, with the widest interval of each that has two ends."""
    charted = []
    for line in lines:
        bounds = interval_text(line, *widest(line))
        words = f"{rate_text(line)} ({bounds})" if line.events else bounds
        estimate = line.estimate if line.events else None
        charted.append(IntervalMark(scope_text(line, labels), estimate, *drawn_ends(line), group, words))
    return tuple(charted)


#: Dimensions shown with all their rates, in order: key, heading, what one scope of it is called.
SHOWN: tuple[tuple[By, str, str], ...] = (
    ("all", "All rows", "Rows"),
    ("year", "By year", "Year"),
    ("regime", "By regime", "Regime"),
    ("threshold", "By threshold", "Threshold"),
    ("document", "By document", "Document"),
    ("use_case", "By use case", "Use case as printed"),
    ("place", "By place", "Place as printed"),
)
#: What the report shows of a dimension that has few scopes; ``review.json`` has every rate of every scope.
MAIN: tuple[str, ...] = ("false_alerts_per_face", "false_alerts_at_most_per_face", "false_alerts_per_alert")
MAIN += ("false_alerts_per_hour", "arrests_per_alert")
#: Dimensions shown with every rate.
IN_FULL: frozenset[By] = frozenset({"all", "regime"})
#: Of a dimension with more scopes than this only false alerts per alert are shown, where there are enough deployments.
MOST_SCOPES_WITH_RATES = 12
LEAST_DEPLOYMENTS = 3
#: More scopes than this are shown in part.
MOST_SCOPES = 200


def accuracy(evidence: Evidence) -> Section:
    """The section, with the chart of false alerts per face first and a table for each dimension."""
    blocks: list[Block] = [
        Paragraph(
            "A false alert is one the force recorded as false. Each rate has its count, its denominator and a 95% "
            "interval. The number of faces is the force's own estimate, so each rate per face stands beside the "
            "rates per alert and per hour. Alerts may come in clumps: the design effect says how much more false "
            "alerts vary between deployments than independent ones would, and from how few events that is known."
        )
    ]
    charted = [chart for chart in _CHARTS if _split(evidence, chart[0])]
    blocks += [_chart(evidence, measure, f"chart-{name}", title) for measure, name, title in charted]
    for by, heading, first in SHOWN:
        if len(evidence.scopes[by]) > (1 if by == "regime" else 0):
            blocks += [Heading(heading, f"accuracy-{by.replace('_', '-')}")]
            blocks += [_regimes(evidence)] if by == "regime" else []
            blocks += _dimension(evidence, by, first)
    whole = evidence.rate("false_alerts_per_alert", "all", "all rows")
    said = ""
    if whole is not None and whole.events:
        said = f": {count(whole.events)} false in {counted(int(whole.trials), 'alert')}"
    return Section("accuracy", f"Accuracy{said}", tuple(blocks))


_AT_MOST = "False alerts per face seen, counting every unconfirmed alert as false"
_CHARTS = (
    ("false_alerts_per_face", "false-per-face", "False alerts per face seen"),
    ("false_alerts_at_most_per_face", "false-at-most-per-face", _AT_MOST),
    ("false_alerts_per_alert", "false-per-alert", "False alerts per alert"),
)


_REGIMES = Grid[RegimeLine](
    column("regime", "Regime", lambda line: line.label),
    column("threshold", "Threshold", lambda line: line.threshold, missing="not published"),
    column("from", "First row", lambda line: line.first, missing="no date"),
    column("to", "Last row", lambda line: line.last, missing="no date"),
    number("deployments", "Deployments", lambda line: line.deployments, rows=lambda line: line.rows),
    column("why", "Why it is kept apart", lambda line: line.why),
    column("faces", "Change in how faces are counted", lambda line: line.face_counts),
    column("errors", "Is its error rate one rate?", lambda line: line.error_rate),
)


def _regimes(evidence: Evidence) -> Table:
    caption = "Regimes: stretches without a known change of threshold or of how faces are counted"
    return _REGIMES.table("regimes", caption, evidence.regime_lines)


def _split(evidence: Evidence, measure: str) -> list[RateLine]:
    lines = [evidence.rate(measure, stretch.by, stretch.scope) for stretch in stretches(evidence)]
    return [line for line in lines if line is not None]


def _chart(evidence: Evidence, measure: str, anchor: str, title: str) -> Chart:
    lines = _split(evidence, measure)
    table = rate_table(f"{anchor}-table", title, lines, evidence.labels, fold=True)
    pairs = zip(table.rows, lines, strict=True)
    stretch = (f"{row[0].text}: {row[4].text}, {interval_text(line, *widest(line))}" for row, line in pairs)
    in_words = f"{title}, as 1 in N on a log axis, a line for each stretch, with 95% intervals. {'. '.join(stretch)}."
    axis, drawn = f"{title}: 1 in N", marks(lines, evidence.labels)
    return Chart(
        anchor,
        "intervals",
        _finding(evidence, title, lines),
        in_words,
        table,
        x_label=axis,
        one_in=True,
        log=True,
        marks=drawn,
    )


def _finding(evidence: Evidence, title: str, lines: Sequence[RateLine]) -> str:
    """What a chart of stretches shows: that they cannot be compared, that two lie apart, or that none does."""
    if len(lines) == 1:
        return f"{title}: {interval_text(lines[0], *widest(lines[0]))}"
    if lines[0].unit == "faces_seen" and any(step.stands for step in evidence.breaks):
        return f"{title}: the way faces are counted changed, so these rates cannot be compared"
    rare, often = min(lines, key=lambda line: widest(line)[1]), max(lines, key=lambda line: widest(line)[0])
    if widest(rare)[1] < widest(often)[0]:
        names = [scope_text(line, evidence.labels) for line in (often, rare)]
        return f"{title}: more in “{names[0]}” than in “{names[1]}”; their intervals lie apart"
    return f"{title}: the intervals of all {counted(len(lines), 'stretch', 'stretches')} overlap"


def _dimension(evidence: Evidence, by: By, first: str) -> list[Block]:
    name = by.replace("_", "-")
    called = "of all rows" if by == "all" else f"by {first.removesuffix(' as printed').lower()}"
    totals = [line for line in evidence.totals_by if line.by == by]
    notes = []
    if len(totals) > MOST_SCOPES:
        totals = sorted(totals, key=lambda line: -line.totals.rows)[:MOST_SCOPES]
        notes.append(f"The {MOST_SCOPES} with most deployments are shown; review.json holds all.")
    many, note = len(totals) > MOST_SCOPES_WITH_RATES, " ".join(notes)
    table = totals_table(f"totals-{name}", f"Totals {called}", first, totals, evidence.labels, note=note, fold=many)
    shown = {line.scope for line in totals}
    lines = [line for line in evidence.rates if line.by == by and line.scope in shown]
    if many:
        lines = [line for line in lines if line.measure == "false_alerts_per_alert"]
        lines = [line for line in lines if line.deployments >= LEAST_DEPLOYMENTS]
        notes.append(f"Only false alerts per alert, and only of {LEAST_DEPLOYMENTS} deployments or more.")
    elif by == "all":
        # Split by regime they are the next table but one.
        lines = list({line.measure: line for line in reversed(lines)}.values())[::-1]
    elif by not in IN_FULL:
        lines = [line for line in lines if line.measure in MAIN]
    note = " ".join([*notes, "At most: every unconfirmed alert counted as false. All rates are in review.json."])
    rates = rate_table(f"rates-{name}", f"Rates {called}", lines, evidence.labels, fold=True, note=note)
    return [table, rates] if lines else [table]
