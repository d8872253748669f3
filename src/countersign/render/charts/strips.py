"""Many small series on the same axis across: a timeline of places, and small multiples.

A timeline has a strip for each series and a dot for each point; a point whose number is not zero is a larger diamond of
another colour with that number beside it where there is room. Small multiples are one chart a series, all on the same
two axes, so that heights can be compared.

>>> from countersign.document import SeriesPoint, Table
>>> points = (SeriesPoint("2024-07-01", 0, "Croydon"), SeriesPoint("2024-07-09", 2, "Soho"))
>>> chart = Chart("c", "timeline", "", "", Table("t", "", (), ()), y_label="false alerts", points=points)
>>> "no false alerts" in timeline(chart, 340).svg("c", "", "")
True
"""

from __future__ import annotations

from countersign.document import Chart
from countersign.render.charts.axes import Across, upward
from countersign.render.charts.notes import keyed, layout_of, named, shade, stretches
from countersign.render.charts.series import headed, segments
from countersign.render.charts.svg import LINE, NARROW, PAPER, Drawing, series_color, wide, wrapped
from countersign.render.text import number

_DISC, _DIAMOND = 0, 1
_MARKED = "series-2"


def timeline(chart: Chart, width: int) -> Drawing:
    """A strip for each series, its name beside it on a wide drawing and above it on a narrow one."""
    drawing = Drawing(width)
    beside = width >= 600
    left = width * 0.26 if beside else 0.0
    y = _signs(drawing, chart)
    across = Across(chart.points)
    axis = across.axis(chart, left + 8, width - 12)
    layout = layout_of(chart, across, axis)
    top = y + layout.height + 10
    names = list(dict.fromkeys(point.series for point in chart.points))
    strip = {PAPER: 19, NARROW: 38}.get(width, 24)
    bottom = top + strip * len(names)
    places = stretches(chart, across, axis)
    shade(drawing, places, top - 4, bottom)
    layout.draw(drawing, top - 4, bottom)
    for row, name in enumerate(names):
        middle = top + strip * row + (strip / 2 if beside else 26)
        drawing.line(left + 4, middle, width - 4, middle)
        words = wrapped(name, left - 12 if beside else width, 1)[0]
        drawing.text(0, middle + 4 if beside else middle - 12, words)
        own = [point for point in chart.points if point.series == name]
        for point in sorted(own, key=lambda point: point.y > 0):
            x = axis.at(across.place(point.x))
            if point.y <= 0:
                drawing.mark(x, middle, _DISC, "series-1", size=3)
                continue
            drawing.mark(x, middle, _DIAMOND, _MARKED, size=4.5)
            count = number(point.y)
            if point.y != 1 and drawing.free(drawing.box(x + 8, middle - 3, count, bold=True)):
                drawing.text(x + 8, middle - 3, count, bold=True)
    axis.across(drawing, bottom, title=chart.x_label)
    foot = named(drawing, places, bottom + (46 if chart.x_label else 28), layout.key) if places else drawing.height
    keyed(drawing, layout.key, foot + 4)
    return drawing


def _signs(drawing: Drawing, chart: Chart) -> float:
    """What a dot and a diamond mean."""
    drawing.mark(6, 9, _DISC, "series-1", size=3)
    words = f"no {chart.y_label}"
    drawing.text(16, 13, words)
    x, y = 16 + wide(words) + 20, 0.0
    marked = f"{chart.y_label}, with their number where it is not 1"
    if x + 12 + wide(marked) > drawing.width:
        x, y = 0.0, 18.0
    drawing.mark(x + 6, y + 9, _DIAMOND, _MARKED, size=4.5)
    drawing.text(x + 16, y + 13, wrapped(marked, drawing.width - x - 16, 1)[0])
    return y + 20


def multiples(chart: Chart, width: int) -> Drawing:
    """A panel for each series, three beside each other on a wide drawing and one on a narrow one."""
    drawing = Drawing(width)
    names = list(dict.fromkeys(point.series for point in chart.points))
    columns = min(3, len(names) or 1) if width >= 600 else 1
    gap = 24
    panel = (width - gap * (columns - 1)) / columns
    rising = upward([point.y for point in chart.points], 0, 0, log=chart.log, most=3)
    across = Across(chart.points)
    margin, y = rising.margin(), headed(drawing, chart) + 6
    for start in range(0, len(names), columns):
        members = names[start : start + columns]
        titles = [wrapped(name, panel - 4, 2, bold=True) for name in members]
        top = y + LINE * max(map(len, titles)) + 10
        bottom = top + (58 if width == PAPER else 78)
        for column, (name, lines) in enumerate(zip(members, titles, strict=True)):
            left = column * (panel + gap)
            for index, line in enumerate(lines):
                drawing.text(left, y + 12 + LINE * index, line, bold=True)
            axis = across.axis(chart, left + margin + 4, left + panel - 6)
            shade(drawing, stretches(chart, across, axis), top - 4, bottom)
            panel_axis = rising.within(bottom, top)
            panel_axis.upward(drawing, left + margin, left + panel)
            for where, _ in chart.breaks:
                if across.knows(where):
                    x = axis.at(across.place(where))
                    drawing.line(x, top - 4, x, bottom, color="ink", width=1.5, dash="4 3")
            own = [point for point in chart.points if point.series == name]
            for part in segments(chart, own):
                d = "L".join(f"{axis.at(across.place(p.x)):.1f},{panel_axis.at(p.y):.1f}" for p in part)
                if len(part) > 1:
                    drawing.path(f"M{d}", stroke=series_color(0))
            for point in own:
                x, height = axis.at(across.place(point.x)), panel_axis.at(point.y)
                drawing.mark(x, height, _DISC, series_color(0), size=2.6, hollow=point.x in chart.parts)
            axis.across(drawing, bottom)
        y = bottom + 30
    key = [words for _, words in chart.breaks] and [f"Dashed: {'; '.join(words for _, words in chart.breaks)}"]
    key += [f"Shaded: {span.label}" for span in chart.spans[::2]]
    key += ["Hollow: a period covered in part only"] if chart.parts else []
    for words in key:
        for line in wrapped(words, width, 3):
            drawing.text(0, y + 12, line, color="muted")
            y += LINE
    return drawing
