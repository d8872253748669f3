"""Series over dates, numbers or names in order: lines, points, bars by period, or bars by name.

Lines are never joined across a break: the data are cut there before they are drawn, and the break is a dashed rule with
its name above. A period without data is a gap. Bars over names stand one under the other, each with its number.

>>> from countersign.document import SeriesPoint, Table
>>> points = (SeriesPoint("2024-07", 1.0), SeriesPoint("2024-08", 4.0))
>>> chart = Chart("c", "lines", "", "", Table("t", "", (), ()), points=points, breaks=(("2024-08", "counted anew"),))
>>> [row["segment"] for row in series(chart, 340)["layer"][0]["data"]["values"]]
['0 0', '0 1']
"""

from __future__ import annotations

import json

from countersign.document import Chart, SeriesPoint
from countersign.render.charts.canvas import (
    DASHES,
    PALETTE,
    SIZE,
    Across,
    Specification,
    all_dates,
    frame,
    log_axis,
    rectangles,
    series_color,
    texts,
    uncut,
    wrapped,
)
from countersign.render.text import number, shown


def series(chart: Chart, width: int) -> Specification:
    """Bars by period, lines or points. Data become numbers on the axis here, so that breaks cut where they stand."""
    axis = Across(chart.points)
    names = list(dict.fromkeys(point.series for point in chart.points))
    breaks = sorted((axis.place(where), shown(label)) for where, label in chart.breaks if axis.knows(where))
    rows = [_row(chart, point, axis, names, [where for where, _ in breaks]) for point in chart.points]
    ticks = 8 if width >= 600 else 4
    across = {"field": "x", "type": axis.type, "scale": axis.scale(chart), "axis": axis.axis(chart, ticks)}
    mark, own = _mark(chart, len(rows))
    encoding = {"x": across, "y": _upward(chart), **_told_apart(chart, names, width), **own}
    places = [row["x"] for row in rows] or [0.0]
    above, layers = _breaks(breaks, min(places), max(places), width, axis)
    height = 240 if width >= 600 else 210
    above += 22 if chart.y_label else 2
    drawing = frame(
        width, height + above + 44, [{"data": {"values": rows}, "mark": mark, "encoding": encoding}, *layers]
    )
    drawing["padding"] = {"left": 2, "right": 10, "top": 4 if chart.y_label else above, "bottom": 2}
    drawing["autosize"] = {"type": "fit", "contains": "padding"}
    if chart.y_label:
        title = {"text": wrapped(chart.y_label, width, 2), "anchor": "start", "frame": "bounds", "fontSize": SIZE}
        drawing["title"] = {**title, "fontWeight": "normal", "color": PALETTE["muted"], "offset": 8}
    return drawing


def _row(chart: Chart, point: SeriesPoint, axis: Across, names: list[str], breaks: list[float]) -> Specification:
    """A point as numbers; its segment ends at each break. A bar has its part of the period."""
    at, place = axis.place(point.x), names.index(point.series)
    row: Specification = {"x": at, "y": point.y, "series": shown(point.series)}
    row["segment"] = f"{place} {sum(at >= where for where in breaks)}"
    if chart.kind == "bars":
        begins, ends = axis.period(point.x)
        step = (ends - begins) / len(names)
        row["x"], row["x2"] = begins + step * (place + 0.08), begins + step * (place + 0.92)
    return row


def _upward(chart: Chart) -> Specification:
    """The channel upward, from zero; on a log axis where the chart asks for one."""
    quiet: Specification = {"title": None, "domain": False, "ticks": False, "labelPadding": 6}
    quiet |= {"format": ",~r", "tickCount": 5}
    upward: Specification = {"field": "y", "type": "quantitative", "scale": {"zero": True, "nice": True}, "axis": quiet}
    if chart.log:
        domain, quiet["values"] = log_axis([point.y for point in chart.points], 5)
        upward["scale"] = {"type": "log", "domain": domain, "nice": False}
    return upward


def _told_apart(chart: Chart, names: list[str], width: int) -> Specification:
    """Several series by colour, and by dashes or shapes too; one needs neither."""
    if len(names) < 2:
        return {}
    domain = [shown(name) for name in names]
    legend = {"orient": "bottom", "columns": 1 if width < 600 else 3, "title": None}
    labels = [uncut(name, width // 20) for name in domain]
    if labels != domain:
        legend["labelExpr"] = f"{json.dumps(labels)}[indexof({json.dumps(domain)}, datum.label)]"
    if chart.kind == "lines":
        legend |= {"symbolType": "stroke", "symbolSize": 400, "symbolOpacity": 1}

    def channel(**scale: object) -> Specification:
        return {"field": "series", "type": "nominal", "legend": legend, "scale": {"domain": domain, **scale}}

    told = {"color": channel(range=[series_color(index) for index in range(len(names))])}
    if chart.kind == "lines":
        told["strokeDash"] = channel(range=[DASHES[index % len(DASHES)] for index in range(len(names))])
    if chart.kind == "points":
        told["shape"] = channel()
    return told


def _mark(chart: Chart, rows: int) -> tuple[Specification, Specification]:
    mark: Specification = {"color": PALETTE["series-1"]}
    if chart.kind == "bars":
        return mark | {"type": "bar"}, {"x2": {"field": "x2"}, "y2": {"datum": 0}}
    if chart.kind == "lines":
        mark |= {"type": "line", "strokeWidth": 2}
        if rows <= 80:
            mark["point"] = {"filled": True, "size": 28, "opacity": 1}
        return mark, {"detail": {"field": "segment", "type": "nominal"}}
    return mark | {"type": "point", "filled": True, "size": 26, "opacity": 0.85}, {}


def _breaks(
    breaks: list[tuple[float, str]], low: float, high: float, width: int, axis: Across
) -> tuple[float, list[Specification]]:
    """How high the names of the breaks stand above the drawing, and the layers of the breaks. A name is turned to the
    side with more room. From the lowest to the highest, the order is such that no name meets the rule of another break:
    those turned back first by date, then those turned forward, the last date first.
    """
    above, layers, middle = 4.0, list[Specification](), (low + high) / 2
    back = [item for item in breaks if item[0] > middle]
    for where, label in back + [item for item in reversed(breaks) if item[0] <= middle]:
        along = (where - low) / ((high - low) or 1)
        lines = wrapped(label, (width - 50) * max(along, 1 - along), 2)
        layers += _break_layers(where, lines, above, "right" if where > middle else "left", axis)
        above += 15 * len(lines) + 3
    return above, layers


def _break_layers(where: float, lines: list[str], above: float, turned: str, axis: Across) -> list[Specification]:
    """The break as a dashed rule over the whole height, its name beside it ``above`` pixels over the drawing."""
    depth = 15 * len(lines) + 3
    x = {"field": "x", "type": axis.type}
    rule = {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5, "color": PALETTE["ink"], "y": -above - depth + 3}
    full = {**rule, "y2": "height"}
    marks: list[Specification] = [{"data": {"values": [{"x": where}]}, "mark": full, "encoding": {"x": x}}]
    text = {"type": "text", "align": turned, "baseline": "middle", "dx": -5 if turned == "right" else 5}
    encoding = {"x": x, "text": {"field": "text", "type": "nominal"}}
    for index, line in enumerate(lines):
        placed = {**text, "y": -above - depth + 10 + 15 * index}
        marks.append({"data": {"values": [{"x": where, "text": [line]}]}, "mark": placed, "encoding": encoding})
    return marks


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
    labels, drawn, values = list[Specification](), list[Specification](), list[Specification]()
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
