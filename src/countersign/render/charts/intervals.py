"""Intervals: one row each, a line with ends and a dot at the estimate, on a log axis of chances or a linear one.

On a log axis the places are round numbers of the chance, or of N where the axis is labelled "1 in N"; what happens
more often stands further right, as on every other axis. A lower end of zero cannot stand there: it is drawn to the edge
with an arrow instead of an end. No dot where there is no estimate; one that is itself an end stands in place of it. The
figure in words stands beside its row.

>>> from countersign.document import Table
>>> chart = Chart("c", "intervals", "", "", Table("t", "", (), ()), marks=(IntervalMark("a", 0.8, 0.44, 0.97),))
>>> axis = interval_axis(chart, 5)
>>> axis.low, axis.high, axis.ticks[-1]
(0.0, 1.0, (1.0, '100%'))
"""

from __future__ import annotations

from decimal import Decimal

from countersign.document import Chart, IntervalMark
from countersign.render.charts.axes import Axis, linear_axis, log_axis
from countersign.render.charts.svg import LINE, PAPER, Drawing, wide, wrapped
from countersign.render.text import number
from countersign.words.intervals import one_in_stated

_COLOR = "series-1"


def intervals(chart: Chart, width: int) -> Drawing:
    """The rows, each with its name before and its figure in words after it, or both above it on a narrow drawing."""
    drawing = Drawing(width)
    beside = width >= 600
    after = min(max((wide(mark.words) for mark in chart.marks), default=0.0), width * 0.34) + 12 if beside else 0.0
    left, right = (width * 0.26 if beside else 8.0), width - (after if after > 12 else 16.0)
    axis = interval_axis(chart, 5 if beside else 3).within(left, right)
    rows, y = list[tuple[IntervalMark, float]](), 4.0
    group, axis_from = "", 0.0
    for mark in chart.marks:
        if mark.group and mark.group != group:
            drawing.text(0, y + 14, wrapped(mark.group, width, 1, bold=True)[0], bold=True)
            y += 24
        group = mark.group
        axis_from = axis_from or y
        y = _words(drawing, mark, y, (left, right), rows)
    axis.across(drawing, y + 4, rules_from=axis_from if beside else None, title=chart.x_label)
    for mark, middle in rows:
        for value, _ in axis.ticks if not beside else ():
            # Between the rows stand words, through which no rule runs.
            drawing.line(axis.at(value), middle - 9, axis.at(value), middle + 9)
        _row(drawing, mark, middle, axis)
    if chart.one_in and len(chart.marks):
        _ways(drawing, drawing.height + 4, left, right)
    return drawing


def _words(
    drawing: Drawing, mark: IntervalMark, y: float, ends: tuple[float, float], rows: list[tuple[IntervalMark, float]]
) -> float:
    """The name and figure of a row, and where its line stands. Where it ends."""
    left, right = ends
    if left > 8:
        name = wrapped(mark.label, left - 16, 3)
        figure = wrapped(mark.words, drawing.width - right - 12, 3) if mark.words else []
        apart = 2 if drawing.width == PAPER else 5
        deep = max(len(name), len(figure)) * LINE
        middle = y + deep / 2 + apart
        for lines, x in ((name, 0.0), (figure, right + 12)):
            first = middle - (len(lines) - 1) * LINE / 2 + 4
            for index, line in enumerate(lines):
                drawing.text(x, first + LINE * index, line)
        rows.append((mark, middle))
        return y + deep + 2 * apart
    for line in wrapped(mark.label, drawing.width, 2):
        drawing.text(0, y + 13, line)
        y += LINE
    for line in wrapped(mark.words, drawing.width, 2) if mark.words else []:
        drawing.text(0, y + 13, line, color="muted")
        y += LINE
    rows.append((mark, y + 11))
    return y + 22


def _row(drawing: Drawing, mark: IntervalMark, y: float, axis: Axis) -> None:
    """A lower end that a log axis cannot show (zero) is drawn to the edge with an arrow, not with an end."""
    opens = axis.log and mark.low < axis.low
    low, high = axis.at(mark.low), axis.at(mark.high)
    drawing.line(low, y, high, y, color=_COLOR, width=2.5)
    if mark.estimate != mark.high:
        drawing.line(high, y - 5.5, high, y + 5.5, color=_COLOR, width=2)
    if opens:
        drawing.path(f"M{low - 2:.1f},{y:.1f}l9,-5v10Z", fill=_COLOR)
    elif mark.estimate != mark.low:
        drawing.line(low, y - 5.5, low, y + 5.5, color=_COLOR, width=2)
    if mark.estimate is not None and not (axis.log and mark.estimate <= 0):
        drawing.mark(axis.at(mark.estimate), y, 0, _COLOR, size=4.8)


def _ways(drawing: Drawing, y: float, left: float, right: float) -> None:
    """Which way the axis runs, in words."""
    drawing.text(left, y + 12, "← rarer", color="muted")
    drawing.text(right, y + 12, "more often →", color="muted", side="end")


def interval_axis(chart: Chart, most: int) -> Axis:
    """The axis over all ends and estimates, with at most about ``most`` ticks at round places."""
    ends = [end for mark in chart.marks for end in (mark.low, mark.estimate, mark.high) if end is not None]
    if chart.log or chart.one_in:
        (low, high), values = log_axis(ends, most, one_in=chart.one_in)
    else:
        (low, high), values = linear_axis(ends, most)
    shares = bool(chart.marks) and all(mark.low >= 0 and mark.high <= 1 for mark in chart.marks)

    def worded(value: float) -> str:
        if chart.one_in:
            return one_in_stated(Decimal(repr(round(1 / value, 3))))
        return f"{number(round(value * 100, 6))}%" if shares else number(value)

    ticks = tuple((value, worded(value)) for value in values)
    return Axis(low, high, 0, 1, ticks, log=chart.log or chart.one_in)
