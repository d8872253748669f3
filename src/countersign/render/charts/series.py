"""Series over dates, numbers or names in order: lines, points, bars by period, or bars by name.

Lines are never joined across a break: they are cut there, and the break is a dashed rule with its name above. Regimes
are shaded and named under the axis. A period covered in part only is hollow, and the chart says so. Bars over names
stand one under the other, each with its number.

>>> from countersign.document import SeriesPoint, Table
>>> points = (SeriesPoint("2024-07", 1.0), SeriesPoint("2024-08", 4.0))
>>> chart = Chart("c", "lines", "", "", Table("t", "", (), ()), points=points, breaks=(("2024-08", "counted anew"),))
>>> [[point.x for point in part] for part in segments(chart, chart.points)]
[['2024-07'], ['2024-08']]
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.document import Chart, SeriesPoint
from countersign.render.charts.axes import Across, Axis, all_dates, upward
from countersign.render.charts.notes import keyed, layout_of, legend, named, shade, stretches
from countersign.render.charts.svg import DASHES, LINE, NARROW, PAPER, Drawing, series_color, wide, wrapped
from countersign.render.text import number, shown

_PART = "Hollow: a period covered in part only"


def series(chart: Chart, width: int) -> Drawing:
    """Bars by period, lines or points."""
    drawing = Drawing(width)
    y, height = headed(drawing, chart), {PAPER: 140, NARROW: 190}.get(width, 210)
    names = list(dict.fromkeys(point.series for point in chart.points))
    if len(names) > 1:
        draw = {"bars": "bar", "lines": "line"}.get(chart.kind, "mark")
        y = legend(drawing, names, y, draw, DASHES)
    rising = upward([point.y for point in chart.points], 0, 0, log=chart.log)
    left = rising.margin()
    across = Across(chart.points)
    axis = across.axis(chart, left + 4, width - 10)
    layout = layout_of(chart, across, axis)
    top = y + layout.height + 10
    bottom = top + height
    places = stretches(chart, across, axis)
    shade(drawing, places, top - 4, bottom)
    rising = rising.within(bottom, top)
    rising.upward(drawing, left, width)
    layout.draw(drawing, top - 4, bottom)
    for index, name in enumerate(names):
        own = [point for point in chart.points if point.series == name]
        if chart.kind == "bars":
            _bars(drawing, chart, own, across, axis, rising, (index, len(names)))
        else:
            _dots(drawing, chart, own, across, axis, rising, index)
    axis.across(drawing, bottom, title=chart.x_label)
    foot = named(drawing, places, bottom + (46 if chart.x_label else 28), layout.key) if places else drawing.height
    if chart.parts:
        drawing.text(0, foot + 18, _PART, color="muted")
        foot += 20
    keyed(drawing, layout.key, foot + 4)
    return drawing


def headed(drawing: Drawing, chart: Chart) -> float:
    """What the upward axis counts, above everything. Where it ends."""
    lines = wrapped(chart.y_label, drawing.width, 2) if chart.y_label else []
    for index, line in enumerate(lines):
        drawing.text(0, 12 + LINE * index, line, color="muted")
    return LINE * len(lines) + 2


def segments(chart: Chart, points: Sequence[SeriesPoint]) -> list[list[SeriesPoint]]:
    """Points in order, parted where a break lies between two."""
    across = Across(chart.points)
    breaks = [across.place(where) for where, _ in chart.breaks if across.knows(where)]
    parts: dict[int, list[SeriesPoint]] = {}
    for point in points:
        parts.setdefault(sum(across.place(point.x) >= where for where in breaks), []).append(point)
    return list(parts.values())


def _dots(
    drawing: Drawing, chart: Chart, points: Sequence[SeriesPoint], across: Across, axis: Axis, rising: Axis, index: int
) -> None:
    color = series_color(index)
    for part in segments(chart, points) if chart.kind != "points" else []:
        places = [f"{axis.at(across.place(point.x)):.1f},{rising.at(point.y):.1f}" for point in part]
        if len(places) > 1:
            drawing.path("M" + "L".join(places), stroke=color, dash=DASHES[index % len(DASHES)])
    if chart.kind == "points" or len(chart.points) <= 80:
        for point in points:
            x, y = axis.at(across.place(point.x)), rising.at(point.y)
            drawing.mark(x, y, index, color, size=3, hollow=point.x in chart.parts)


def _bars(
    drawing: Drawing, chart: Chart, points: Sequence[SeriesPoint], across: Across, axis: Axis, rising: Axis,
    place: tuple[int, int],
) -> None:  # fmt: skip
    """Each bar has its part of the period."""
    index, of = place
    for point in points:
        begins, ends = (axis.at(end) for end in across.period(point.x))
        step = (ends - begins) / of
        left, right = begins + step * (index + 0.08), begins + step * (index + 0.92)
        hollow = point.x in chart.parts
        drawing.rect(
            left, rising.at(point.y), right, rising.at(0), fill="paper" if hollow else series_color(index),
            stroke=series_color(index) if hollow else "", dash="4 2" if hollow else "",
        )  # fmt: skip


def bars(chart: Chart, width: int) -> Drawing:
    """The bars as a series where every place across is a date, else by name."""
    return series(chart, width) if all_dates(chart.points) else categories(chart, width)


def categories(chart: Chart, width: int) -> Drawing:
    """The bars, their names beside them on a wide drawing and above them on a narrow one."""
    drawing = Drawing(width)
    beside = width >= 600
    left = width * 0.32 if beside else 0.0
    names = list(dict.fromkeys(point.series for point in chart.points))
    values = [f"{number(point.y)}  {shown(point.series)}".strip() for point in chart.points]
    plot = max(width - left - max(map(wide, values), default=0.0) - 8, width * 0.25)
    largest = max([point.y for point in chart.points] + [0.0]) or 1.0
    y = headed(drawing, chart) + 4
    for category in dict.fromkeys(point.x for point in chart.points):
        members = [point for point in chart.points if point.x == category]
        lines = wrapped(category, left - 16 if beside else width, 2)
        words, depth = len(lines) * LINE, len(members) * 18
        first, bar = (y, y + words + 2)
        if beside:
            first, bar = y + max(depth - words, 0) / 2, y + max(words - depth, 0) / 2
        for index, line in enumerate(lines):
            drawing.text(0, first + 12 + LINE * index, line)
        for point in members:
            end = left + plot * max(point.y, 0) / largest
            drawing.rect(left, bar + 1, end, bar + 16, fill=series_color(names.index(point.series)))
            name = f"  {shown(point.series)}" if len(names) > 1 else ""
            drawing.text(end + 6, bar + 12.5, wrapped(f"{number(point.y)}{name}", width - end - 6, 1)[0])
            bar += 18
        y = max(bar, first + words) + 8
    return drawing
