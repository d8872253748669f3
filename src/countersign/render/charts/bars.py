"""Bars: over dates as a series; over names one under the other, so that long names have room, each with its number.

>>> from countersign.document import SeriesPoint, Table
>>> chart = Chart("c", "bars", "", "", Table("t", "", (), ()), points=(SeriesPoint("Croydon", 31.0),))
>>> categories(chart, 340)["width"]
340
"""

from __future__ import annotations

from countersign.document import Chart
from countersign.render.charts.across import all_dates
from countersign.render.charts.canvas import Specification, frame, rectangles, series_color, texts, wrapped
from countersign.render.charts.series import series
from countersign.render.text import number, shown


def bars(chart: Chart, width: int) -> Specification:
    """The bars as a series where every place across is a date, else by name."""
    return series(chart, width) if all_dates(chart.points) else categories(chart, width)


def categories(chart: Chart, width: int) -> Specification:
    """The bars, their names beside them on a wide drawing and above them on a narrow one."""
    beside = width >= 600
    left = int(width * 0.32) if beside else 0
    plot = width - left - 64
    largest = max([point.y for point in chart.points] + [0.0]) or 1.0
    names = list(dict.fromkeys(point.series for point in chart.points))
    labels: list[Specification] = []
    drawn: list[Specification] = []
    values: list[Specification] = []
    y = 2.0
    for category in dict.fromkeys(point.x for point in chart.points):
        members = [point for point in chart.points if point.x == category]
        lines = wrapped(category, left - 16 if beside else width, 2)
        words, depth = len(lines) * 15, len(members) * 18
        if beside:
            first, bar = y + max(depth - words, 0) / 2, y + max(words - depth, 0) / 2
        else:
            first, bar = y, y + words + 2
        labels += [{"text": [line], "x": 0, "y": first + 8 + 15 * index} for index, line in enumerate(lines)]
        for point in members:
            end = left + plot * max(point.y, 0) / largest
            color = series_color(names.index(point.series))
            drawn.append({"x": left, "x2": end, "y": bar + 1, "y2": bar + 16, "color": color})
            name = f"  {shown(point.series)}" if len(names) > 1 else ""
            values.append({"text": [f"{number(point.y)}{name}"], "x": end + 6, "y": bar + 8.5})
            bar += 18
        y = max(bar, first + words) + 8
    height = y
    if chart.y_label:
        labels.append({"text": wrapped(chart.y_label, width, 1), "x": 0, "y": y + 10})
        height += 20
    rectangle = rectangles(drawn, width, height)
    rectangle["encoding"]["color"] = {"field": "color", "type": "nominal", "scale": None}
    return frame(width, height, [rectangle, texts(labels, width, height), texts(values, width, height)])
