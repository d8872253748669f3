"""The Vega-Lite description of each kind of chart: a pure function of the chart and its width, as a plain dictionary.

The five kinds share one look: text of 12 pixels at any width, horizontal rules only, one accent. Lines are never joined
across a break; the break itself is drawn and named. Dates are read and written in UTC, so that no machine's time zone
moves a point. Text goes in as data; the names of an axis as one JSON list, which an
expression only reads.

>>> from countersign.document import Table
>>> chart = Chart("c", "bars", "", "", Table("t", "", (), ()), points=(SeriesPoint("2024", 180.0),))
>>> specification(chart, 340)["width"]
340
"""

from __future__ import annotations

import json
import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from countersign.document import Chart, FunnelStage, IntervalMark, SeriesPoint
from countersign.render.text import number, shown

Specification = dict[str, Any]

#: Colours by use. Text colours reach 4.5:1, the others 3:1 against the page in light and dark (tests measure it).
PALETTE = {
    "ink": "#1a2530",
    "muted": "#55616d",
    "rule": "#d5dbe1",
    "axis": "#7b8794",
    "series-1": "#1f5c7f",
    "series-2": "#b3541e",
    "series-3": "#5f4b8b",
    "series-4": "#3c7a4b",
    "series-5": "#8a6d00",
    "track": "#eef1f4",
}
#: The PDF is set in Inter, which is shipped; a page prefers the reader's own font.
FONT = "Inter, system-ui, sans-serif"
SIZE = 12
_SERIES = ["series-1", "series-2", "series-3", "series-4", "series-5"]
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3]]
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
#: A funnel's next stages are drawn again on a larger scale once they are smaller than this part of the widest.
MAGNIFY_BELOW = 1 / 25


def specification(chart: Chart, width: int) -> Specification:
    """The Vega-Lite description of ``chart`` at ``width`` CSS pixels."""
    if chart.kind == "funnel":
        return _funnel(chart.stages, width)
    if chart.kind == "intervals":
        return _intervals(chart, width)
    if chart.kind == "bars" and not _all_dates(chart.points):
        return _categories(chart, width)
    return _series(chart, width)


# What all kinds share: a canvas measured in pixels, and marks placed on it.


def _frame(width: int, height: float, layers: list[Specification], padding: Specification | int = 0) -> Specification:
    return {
        "width": width,
        "height": height,
        "padding": padding,
        "autosize": {"type": "none"},
        "background": "white",
        "layer": layers,
        "config": {
            "font": "Inter",
            "view": {"stroke": None},
            "text": {"color": PALETTE["ink"], "fontSize": SIZE},
            "axis": {
                "labelFontSize": SIZE,
                "labelColor": PALETTE["muted"],
                "titleFontSize": SIZE,
                "titleFontWeight": "normal",
                "titleColor": PALETTE["muted"],
                "gridColor": PALETTE["rule"],
                "domainColor": PALETTE["axis"],
                "tickColor": PALETTE["axis"],
            },
            "legend": {
                "labelFontSize": SIZE,
                "labelColor": PALETTE["ink"],
                "orient": "top",
                "title": None,
                "symbolStrokeWidth": 2.5,
                "labelLimit": width - 40,
            },
        },
    }


def _pixels(field: str, extent: float) -> Specification:
    """A channel on which the data are pixels already."""
    scale = {"domain": [0, extent], "range": [0, extent], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def _texts(rows: list[Specification], width: float, height: float, **mark: Any) -> Specification:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "baseline": "middle", "align": "left", **mark},
        "encoding": {
            "x": _pixels("x", width),
            "y": _pixels("y", height),
            "text": {"field": "text", "type": "nominal"},
        },
    }


def _wrapped(text: str, pixels: float, lines: int = 2) -> list[str]:
    """``text`` in at most ``lines`` lines of about ``pixels``; what does not fit ends in an ellipsis."""
    characters = max(int(pixels / (SIZE * 0.56)), 8)
    return textwrap.wrap(shown(text), characters, max_lines=lines, placeholder=" …") or [""]


# The funnel


def _funnel(stages: Sequence[FunnelStage], width: int) -> Specification:
    """Bars to scale, one under the other. Stages too small to see are drawn again, larger, and the factor is said."""
    labels: list[Specification] = []
    counts: list[Specification] = []
    notes: list[Specification] = []
    bars: list[Specification] = []
    boxes: list[Specification] = []
    rules: list[Specification] = []
    y = 0.0
    for panel, (widest, begins, members) in enumerate(_panels(stages)):
        if panel:
            factor = begins / widest
            words = f"Below, drawn {number(round(factor)) if factor >= 10 else f'{factor:.1f}'} times larger than above"
            y += 10
            rules.append({"x": 0, "x2": width, "y": y})
            y += 16
            notes.append({"text": [words], "x": 0, "y": y})
            y += 14
        for stage in members:
            y += 10
            labels.append({"text": [shown(stage.label)], "x": 0, "y": y})
            published = stage.count is not None
            counts.append({"text": [number(stage.count or 0) if published else "not published"], "x": width, "y": y})
            y += 12
            if published:
                bars.append({"x": 0, "x2": width * (stage.count or 0) / widest if widest else 0, "y": y, "y2": y + 16})
            else:
                boxes.append({"x": 0.5, "x2": width - 0.5, "y": y, "y2": y + 16})
            y += 24
            for line in _wrapped(stage.note, width, 3) if stage.note else []:
                notes.append({"text": [line], "x": 0, "y": y})
                y += 15
            y += 6
    height = max(y, 20)
    track = [{"x": 0, "x2": width, "y": bar["y"], "y2": bar["y2"]} for bar in bars]
    layers = [
        _rectangles(track, width, height, color=PALETTE["track"]),
        _rectangles(bars, width, height, color=PALETTE["series-1"]),
        _rectangles(boxes, width, height, filled=False, stroke=PALETTE["muted"], strokeDash=[4, 3]),
        _rules(rules, width, height, color=PALETTE["rule"]),
        _texts(labels, width, height, fontWeight="bold"),
        _texts(counts, width, height, align="right"),
        _texts(notes, width, height, color=PALETTE["muted"]),
    ]
    return _frame(width, height, [layer for layer in layers if layer["data"]["values"]] or [_texts([], width, height)])


def _panels(stages: Sequence[FunnelStage]) -> Iterable[tuple[int, int, list[FunnelStage]]]:
    """Stages by scale: the count drawn at full width, the full width of the panel before, and the stages."""
    known = [stage.count for stage in stages if stage.count is not None]
    widest, before, members = max(known, default=0), 0, list[FunnelStage]()
    for index, stage in enumerate(stages):
        rest = [later.count for later in stages[index:] if later.count is not None]
        if stage.count and members and max(rest) < widest * MAGNIFY_BELOW:
            # The first small stage stands in both panels: to scale with what went before, and as the new whole.
            yield widest, before, [*members, stage]
            widest, before, members = max(rest), widest, []
        members.append(stage)
    yield widest, before, members


def _rectangles(rows: list[Specification], width: float, height: float, **mark: Any) -> Specification:
    return {
        "data": {"values": rows},
        "mark": {"type": "rect", **mark},
        "encoding": {
            "x": _pixels("x", width),
            "x2": {"field": "x2"},
            "y": _pixels("y", height),
            "y2": {"field": "y2"},
        },
    }


def _rules(rows: list[Specification], width: float, height: float, **mark: Any) -> Specification:
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", **mark},
        "encoding": {"x": _pixels("x", width), "x2": {"field": "x2"}, "y": _pixels("y", height)},
    }


# Intervals


def _intervals(chart: Chart, width: int) -> Specification:
    """One row for each mark: the interval as a line with ends, the estimate as a dot, and what it is beside or above."""
    beside = width >= 600
    left = int(width * 0.36) if beside else 8
    plot = width - left - 16
    texts: list[Specification] = []
    groups: list[Specification] = []
    rows: list[Specification] = []
    domain, ticks = _interval_axis(chart, 7 if beside else 4)
    logarithmic = chart.log or chart.one_in
    y, group = 0.0, ""
    for mark in chart.marks:
        if mark.group and mark.group != group:
            y += 12
            groups.append({"text": [shown(mark.group)], "x": 0, "y": y})
            y += 14
        group = mark.group
        lines = _wrapped(mark.label, left - 16 if beside else width, 3 if beside else 2)
        if beside:
            middle = y + max(len(lines), 1) * 7.5 + 5
            first = middle - (len(lines) - 1) * 7.5
            y = middle + len(lines) * 7.5 + 5
        else:
            first = y + 9
            middle = first + len(lines) * 15 + 1
            y = middle + 13
        texts += [{"text": [line], "x": 0, "y": first + index * 15} for index, line in enumerate(lines)]
        rows.append(_interval_row(mark, middle, domain, logarithmic))
    height = max(y + 4, 24)
    scale: Specification = {"domain": domain, "nice": False, "zero": False}
    scale["type"] = "log" if logarithmic else "linear"
    axis = {
        "values": ticks,
        "labelExpr": _tick_label(chart),
        "title": shown(chart.x_label) or None,
        "titlePadding": 8,
        "orient": "bottom",
        "grid": True,
        "labelFlush": True,
        "labelOverlap": "greedy",
        "labelSeparation": 8,
    }
    across = {"field": "low", "type": "quantitative", "scale": scale, "axis": axis}
    down = _pixels("y", height)
    color = PALETTE["series-1"]
    data = {"values": rows}

    def layer(mark: Specification, field: str, where: str | None = None, **more: Any) -> Specification:
        values = {"values": [row for row in rows if row[where]]} if where else data
        return {"data": values, "mark": mark, "encoding": {"x": {**across, "field": field}, "y": down, **more}}

    tick = {"type": "tick", "orient": "vertical", "size": 11, "thickness": 2, "color": color}
    layers = [
        layer({"type": "rule", "strokeWidth": 2.5, "color": color}, "low", x2={"field": "high"}),
        layer(tick, "low", "closed"),
        layer(tick, "high"),
        layer({"type": "point", "shape": "triangle-left", "size": 70, "filled": True, "color": color}, "low", "open"),
        layer(
            {"type": "point", "shape": "circle", "size": 75, "filled": True, "opacity": 1, "color": color},
            "estimate",
            "dot",
        ),
    ]
    for words, weight in ((texts, "normal"), (groups, "bold")):
        if words:
            moved = [{**row, "x": row["x"] - left} for row in words]
            layers.append(_texts(moved, plot, height, fontWeight=weight, clip=False))
    padding = {"left": left, "right": 16, "top": 4, "bottom": 44 if chart.x_label else 26}
    return _frame(plot, height, layers, padding)


def _interval_row(mark: IntervalMark, y: float, domain: list[float], logarithmic: bool) -> Specification:
    """A lower end that a log axis cannot show (nought) is drawn to the edge with an arrow, not with an end."""
    opens = logarithmic and mark.low < domain[0]
    hides = mark.estimate is None or (logarithmic and mark.estimate <= 0)
    return {
        "low": domain[0] if opens else mark.low,
        "high": mark.high,
        "estimate": None if hides else mark.estimate,
        "y": y,
        "open": opens,
        "closed": not opens,
        "dot": not hides,
    }


def _interval_axis(chart: Chart, most: int) -> tuple[list[float], list[float]]:
    """The axis' two ends and at most about ``most`` ticks at round places."""
    ends = [end for mark in chart.marks for end in (mark.low, mark.estimate, mark.high) if end is not None]
    if chart.log or chart.one_in:
        ends = [end for end in ends if end > 0] or [1.0]
        low, high = min(ends), max(ends)
        if high / low < 4:
            low, high = low / 2, high * 2
        room = (high / low) ** 0.06
        low, high = low / room, high * room
        for steps in ((1, 2, 5), (1, 3), (1,)):
            ticks = _round_places(low, high, steps, chart.one_in)
            if len(ticks) <= most:
                break
        while len(ticks) > most:
            ticks = ticks[::2]
        return [low, high], ticks
    low, high = min([0.0, *ends]), max([*ends, 0.0]) or 1.0
    if low >= 0 and 0.8 < high <= 1:
        high = 1.0
    step = 10 ** math.floor(math.log10((high - low) / most))
    step = next(step * times for times in (1, 2, 2.5, 5, 10, 20) if (high - low) / (step * times) <= most)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return [low, high], [low + step * index for index in range(round((high - low) / step) + 1)]


def _round_places(low: float, high: float, steps: tuple[int, ...], one_in: bool) -> list[float]:
    """Round numbers between ``low`` and ``high``: of the chance itself, or of N in "1 in N"."""
    bottom, top = (1 / high, 1 / low) if one_in else (low, high)
    decades = range(math.floor(math.log10(bottom)), math.ceil(math.log10(top)) + 1)
    places = [step * 10.0**decade for decade in decades for step in steps]
    kept = [place for place in places if bottom <= place <= top]
    return sorted(1 / place for place in kept) if one_in else kept


def _tick_label(chart: Chart) -> str:
    """The expression that words a tick: "1 in N", a percentage where all are parts of one, or the plain number."""
    if chart.one_in:
        return "'1 in ' + format(1 / datum.value, ',.0f')"
    if chart.marks and all(mark.low >= 0 and mark.high <= 1 for mark in chart.marks):
        return "format(datum.value * 100, ',~r') + '%'" if chart.log else "format(datum.value, '.0~%')"
    return "format(datum.value, ',~r')"


# Bars of categories that are no dates: one under the other, so that long names have room


def _categories(chart: Chart, width: int) -> Specification:
    beside = width >= 600
    left = int(width * 0.32) if beside else 0
    plot = width - left - 64
    largest = max([point.y for point in chart.points] + [0.0]) or 1.0
    series = list(dict.fromkeys(point.series for point in chart.points))
    texts: list[Specification] = []
    bars: list[Specification] = []
    values: list[Specification] = []
    y = 2.0
    for category in dict.fromkeys(point.x for point in chart.points):
        members = [point for point in chart.points if point.x == category]
        lines = _wrapped(category, left - 16 if beside else width, 2)
        depth = len(members) * 18
        if not beside:
            texts += [{"text": [line], "x": 0, "y": y + 8 + 15 * index} for index, line in enumerate(lines)]
            y += 15 * len(lines) + 3
        else:
            first = y + depth / 2 - (len(lines) - 1) * 7.5
            texts += [{"text": [line], "x": 0, "y": first + 15 * index} for index, line in enumerate(lines)]
        for point in members:
            end = left + plot * max(point.y, 0) / largest
            color = _SERIES[series.index(point.series) % len(_SERIES)]
            bars.append({"x": left, "x2": end, "y": y + 1, "y2": y + 16, "color": PALETTE[color]})
            name = f"  {shown(point.series)}" if len(series) > 1 else ""
            values.append({"text": [f"{number(point.y)}{name}"], "x": end + 6, "y": y + 8.5})
            y += 18
        y += 8 if not beside else max(8, len(lines) * 15 - depth + 4)
    height = y
    if chart.y_label:
        texts.append({"text": _wrapped(chart.y_label, width, 1), "x": 0, "y": y + 10})
        height += 20
    drawn = _rectangles(bars, width, height)
    drawn["encoding"]["color"] = {"field": "color", "type": "nominal", "scale": None}
    return _frame(width, height, [drawn, _texts(texts, width, height), _texts(values, width, height)])


# Series over dates, numbers or an order of categories


def _series(chart: Chart, width: int) -> Specification:
    """Bars by period, lines or points. Data become numbers on the axis here, so that breaks cut where they stand."""
    axis = Across(chart.points)
    names = list(dict.fromkeys(point.series for point in chart.points))
    breaks = sorted((axis.place(where), shown(label)) for where, label in chart.breaks if axis.knows(where))
    rows = []
    for point in chart.points:
        at = axis.place(point.x)
        row: Specification = {"x": at, "y": point.y, "series": shown(point.series)}
        row["segment"] = f"{names.index(point.series)} {sum(at >= where for where, _ in breaks)}"
        if chart.kind == "bars":
            begins, ends = axis.period(point.x)
            step = (ends - begins) / len(names)
            row["x"] = begins + step * (names.index(point.series) + 0.08)
            row["x2"] = begins + step * (names.index(point.series) + 0.92)
        rows.append(row)
    ticks = 8 if width >= 600 else 4
    labels = [_wrapped(label, width * 0.6, 1)[0] for _, label in breaks]
    across = {"field": "x", "type": axis.type, "scale": axis.scale(chart.x_log), "axis": axis.axis(chart, ticks)}
    upward: Specification = {
        "field": "y",
        "type": "quantitative",
        "scale": {"type": "log", "nice": True} if chart.log else {"zero": True, "nice": True},
        "axis": {"title": None, "domain": False, "ticks": False, "labelPadding": 6, "format": ",~r", "tickCount": 5},
    }
    encoding: Specification = {"x": across, "y": upward}
    if len(names) > 1:
        domain = [shown(name) for name in names]
        colors = [PALETTE[_SERIES[index % len(_SERIES)]] for index in range(len(names))]
        legend = {"orient": "bottom", "columns": 1 if width < 600 else 3, "title": None}
        nominal = {"field": "series", "type": "nominal", "legend": legend}
        encoding["color"] = {**nominal, "scale": {"domain": domain, "range": colors}}
        if chart.kind == "lines":
            dashes = [_DASHES[index % len(_DASHES)] for index in range(len(names))]
            encoding["strokeDash"] = {**nominal, "scale": {"domain": domain, "range": dashes}}
        if chart.kind == "points":
            encoding["shape"] = {**nominal, "scale": {"domain": domain}}
    mark: Specification = {"color": PALETTE["series-1"]}
    if chart.kind == "bars":
        mark |= {"type": "bar"}
        encoding["x2"] = {"field": "x2"}
    elif chart.kind == "lines":
        mark |= {"type": "line", "strokeWidth": 2}
        if len(rows) <= 80:
            mark["point"] = {"filled": True, "size": 28, "opacity": 1}
        encoding["detail"] = {"field": "segment", "type": "nominal"}
    else:
        mark |= {"type": "point", "filled": True, "size": 26, "opacity": 0.75}
    layers: list[Specification] = [{"data": {"values": rows}, "mark": mark, "encoding": encoding}]
    for index, ((where, _), label) in enumerate(zip(breaks, labels, strict=True)):
        layers += _break_layers(where, label, -8 - 16 * (len(breaks) - 1 - index), axis, rows)
    height = 240 if width >= 600 else 210
    above = 16 * len(breaks) + (22 if chart.y_label else 6)
    frame = _frame(width, height + above + 44, layers)
    frame["padding"] = {"left": 2, "right": 10, "top": 4 if chart.y_label else above, "bottom": 2}
    frame["autosize"] = {"type": "fit", "contains": "padding"}
    if chart.y_label:
        title = {"text": _wrapped(chart.y_label, width, 2), "anchor": "start", "frame": "bounds", "fontSize": SIZE}
        frame["title"] = {**title, "fontWeight": "normal", "color": PALETTE["muted"], "offset": above - 12}
    return frame


def _break_layers(where: float, label: str, y: float, axis: Across, rows: list[Specification]) -> list[Specification]:
    """The break as a dashed rule over the whole height, and its name above the drawing, turned inwards."""
    places = [row["x"] for row in rows] or [where]
    inward = "right" if where - min(places) > (max(places) - min(places)) * 0.55 else "left"
    x = {"field": "x", "type": axis.type}
    data = {"values": [{"x": where, "text": label}]}
    rule = {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 1.5, "color": PALETTE["ink"], "y": y + 7}
    text = {
        "type": "text",
        "align": inward,
        "baseline": "middle",
        "dx": 5 if inward == "left" else -5,
        "y": y,
        "clip": False,
    }
    return [
        {"data": data, "mark": {**rule, "y2": "height"}, "encoding": {"x": x}},
        {"data": data, "mark": text, "encoding": {"x": x, "text": {"field": "text", "type": "nominal"}}},
    ]


class Across:
    """The horizontal axis: where a text such as ``2024-08`` stands on it. Dates in milliseconds of UTC since 1970."""

    def __init__(self, points: Sequence[SeriesPoint]) -> None:
        texts = list(dict.fromkeys(point.x for point in points))
        self.order = {text: index for index, text in enumerate(texts)}
        if _all_dates(points):
            self.kind, self.type = "dates", "temporal"
        elif points and all(_NUMBER.fullmatch(text) for text in texts):
            self.kind, self.type = "numbers", "quantitative"
        else:
            self.kind, self.type = "order", "quantitative"
        self.years = self.kind == "dates" and all(len(text) == 4 for text in texts)

    def knows(self, text: str) -> bool:
        """Whether this text has a place on the axis."""
        if self.kind == "order":
            return text in self.order
        return bool((_DATE if self.kind == "dates" else _NUMBER).fullmatch(text))

    def place(self, text: str) -> float:
        """Where it stands: a date's first moment, the number, or the category's rank."""
        if self.kind == "dates":
            return self.period(text)[0]
        return float(text) if self.kind == "numbers" else float(self.order[text])

    def period(self, text: str) -> tuple[float, float]:
        """First and last moment of a year, a month or a day; half a step to each side of anything else."""
        if self.kind != "dates":
            return self.place(text) - 0.5, self.place(text) + 0.5
        parts = [int(part) for part in text.split("-")]
        year, month, day = [*parts, 1, 1][:3]
        begins = datetime(year, month, day, tzinfo=UTC)
        if len(parts) == 1:
            ends = begins.replace(year=begins.year + 1)
        elif len(parts) == 2:
            ends = (begins + timedelta(days=31)).replace(day=1)
        else:
            ends = begins + timedelta(days=1)
        return begins.timestamp() * 1000, ends.timestamp() * 1000

    def scale(self, logarithmic: bool) -> Specification:
        """The Vega-Lite scale: UTC for dates, from the data's own ends."""
        if self.kind == "dates":
            return {"type": "utc", "nice": False}
        return {"type": "log" if logarithmic and self.kind == "numbers" else "linear", "zero": False, "nice": False}

    def axis(self, chart: Chart, ticks: int) -> Specification:
        """Its ticks: years in the middle of their bars, dates by month or year, categories by name."""
        axis: Specification = {"title": shown(chart.x_label) or None, "grid": False, "tickCount": ticks}
        axis |= {"labelOverlap": "greedy", "labelFlush": True, "labelSeparation": 8}
        if self.years and chart.kind == "bars":
            axis |= {"values": [sum(self.period(text)) / 2 for text in self.order], "format": "%Y", "ticks": False}
            axis["labelFlush"] = False
        elif self.kind == "dates":
            places = [self.place(text) for text in self.order]
            long = max(places) - min(places) > 3 * 365 * 86_400_000
            axis["format"] = "%Y" if long else "%b %Y"
            if long:
                axis["tickCount"] = {"interval": "year", "step": 1}
        elif self.kind == "order":
            axis["values"] = list(self.order.values())
            axis["labelExpr"] = f"{json.dumps([shown(text) for text in self.order])}[datum.value]"
        return axis


def _all_dates(points: Sequence[SeriesPoint]) -> bool:
    """Whether every place is an ISO year, month or day that exists."""
    return bool(points) and all(_DATE.fullmatch(point.x) and _exists(point.x) for point in points)


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text + "-01-01"[: 10 - len(text)] if len(text) == 4 else text + "-01"[: 10 - len(text)])
    except ValueError:
        return False
    return not text.startswith("0000")
