"""Intervals: one row each, a line with ends and a dot at the estimate, on a log axis of chances or a linear one.

On a log axis the places are round numbers of the chance, or of N where the axis is labelled "1 in N". A lower end of
zero cannot stand there: it is drawn to the edge with an arrow instead of an end. No dot where there is no estimate.

>>> from countersign.document import Table
>>> chart = Chart("c", "intervals", "", "", Table("t", "", (), ()), marks=(IntervalMark("a", 0.8, 0.44, 0.97),))
>>> intervals(chart, 340)["layer"][0]["encoding"]["x"]["scale"]["domain"]
[0.0, 1.0]
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from countersign.document import Chart, IntervalMark
from countersign.render.charts.canvas import PALETTE, Specification, frame, log_axis, pixels, texts, wrapped
from countersign.render.text import shown


def intervals(chart: Chart, width: int) -> Specification:
    """One row for each mark: a line with ends, a dot at the estimate, and what it is beside or above."""
    beside = width >= 600
    left = int(width * 0.36) if beside else 8
    plot = width - left - 16
    domain, ticks = _interval_axis(chart, 5 if beside else 3)
    drawn = _rows(chart, left, width, domain)
    layers = _marks(drawn.rows, _across(chart, domain, ticks), pixels("y", drawn.height), one_in=chart.one_in)
    for words, weight in ((drawn.labels, "normal"), (drawn.groups, "bold")):
        if words:
            layer_of_texts = texts(words, plot, drawn.height, fontWeight=weight, clip=False)
            # A field on x would share the logarithmic scale of the intervals.
            layer_of_texts["encoding"]["x"] = {"value": -left}
            layers.append(layer_of_texts)
    padding = {"left": left, "right": 16, "top": 4, "bottom": 44 if chart.x_label else 26}
    return frame(plot, drawn.height, layers, padding)


class _Drawn(NamedTuple):
    labels: list[Specification]
    groups: list[Specification]
    rows: list[Specification]
    height: float


def _rows(chart: Chart, left: int, width: int, domain: list[float]) -> _Drawn:
    """The marks one under the other: names beside them on a wide drawing, above them on a narrow one."""
    beside, logarithmic = width >= 600, chart.log or chart.one_in
    labels, groups, rows = list[Specification](), list[Specification](), list[Specification]()
    y, group = 0.0, ""
    for mark in chart.marks:
        if mark.group and mark.group != group:
            y += 12
            groups.append({"text": [shown(mark.group)], "x": 0, "y": y})
            y += 14
        group = mark.group
        lines = wrapped(mark.label, left - 16 if beside else width, 3 if beside else 2)
        if beside:
            middle = y + max(len(lines), 1) * 7.5 + 5
            first = middle - (len(lines) - 1) * 7.5
            y = middle + len(lines) * 7.5 + 5
        else:
            first = y + 9
            middle = first + len(lines) * 15 + 1
            y = middle + 13
        labels += [{"text": [line], "x": 0, "y": first + index * 15} for index, line in enumerate(lines)]
        rows.append(_interval_row(mark, middle, domain, logarithmic))
    return _Drawn(labels, groups, rows, max(y + 4, 24))


def _across(chart: Chart, domain: list[float], ticks: list[float]) -> Specification:
    logarithmic = chart.log or chart.one_in
    scale: Specification = {"domain": domain, "nice": False, "zero": False}
    scale["type"] = "log" if logarithmic else "linear"
    if chart.one_in:
        # N grows to the right, as numbers do on any axis; the rarer lies further right.
        scale["reverse"] = True
    sides = ("right", "left") if chart.one_in else ("left", "right")
    axis: Specification = {"values": ticks, "labelExpr": _tick_label(chart), "title": shown(chart.x_label) or None}
    axis |= {"titlePadding": 8, "orient": "bottom", "grid": True, "labelAlign": _inward(domain, logarithmic, sides)}
    axis |= {"labelOverlap": "greedy", "labelSeparation": 8}
    return {"field": "low", "type": "quantitative", "scale": scale, "axis": axis}


def _marks(
    rows: list[Specification], across: Specification, down: Specification, *, one_in: bool
) -> list[Specification]:
    """The lines, their ends (an arrow where the lower one is off the axis) and the dots."""
    color = PALETTE["series-1"]
    data = {"values": rows}

    def layer(mark: Specification, field: str, where: str | None = None, **more: Any) -> Specification:
        values = {"values": [row for row in rows if row[where]]} if where else data
        mark = {**mark, "color": color}
        return {"data": values, "mark": mark, "encoding": {"x": {**across, "field": field}, "y": down, **more}}

    tick = {"type": "tick", "orient": "vertical", "size": 11, "thickness": 2}
    arrow = {"type": "point", "shape": "triangle-right" if one_in else "triangle-left", "size": 70, "filled": True}
    return [
        layer({"type": "rule", "strokeWidth": 2.5}, "low", x2={"field": "high"}),
        layer(tick, "low", "closed"),
        layer(tick, "high"),
        layer(arrow, "low", "open"),
        layer({"type": "point", "shape": "circle", "size": 75, "filled": True, "opacity": 1}, "estimate", "dot"),
    ]


def _inward(domain: list[float], logarithmic: bool, sides: tuple[str, str]) -> Specification:
    """Labels near an end of the axis are set towards its middle, so that none is cut off."""
    low, high = [math.log(end) for end in domain] if logarithmic else domain
    near, far = low + 0.1 * (high - low), high - 0.1 * (high - low)
    first, last = (math.exp(near), math.exp(far)) if logarithmic else (near, far)
    ends = [
        {"test": f"datum.value < {first!r}", "value": sides[0]},
        {"test": f"datum.value > {last!r}", "value": sides[1]},
    ]
    return {"condition": ends, "value": "center"}


def _interval_row(mark: IntervalMark, y: float, domain: list[float], logarithmic: bool) -> Specification:
    """A lower end that a log axis cannot show (zero) is drawn to the edge with an arrow, not with an end."""
    opens = logarithmic and mark.low < domain[0]
    hides = mark.estimate is None or (logarithmic and mark.estimate <= 0)
    low, estimate = domain[0] if opens else mark.low, None if hides else mark.estimate
    row = {"low": low, "high": mark.high, "estimate": estimate, "y": y}
    return row | {"open": opens, "closed": not opens, "dot": not hides}


def _interval_axis(chart: Chart, most: int) -> tuple[list[float], list[float]]:
    """The axis' two ends and at most about ``most`` ticks at round places."""
    ends = [end for mark in chart.marks for end in (mark.low, mark.estimate, mark.high) if end is not None]
    if chart.log or chart.one_in:
        return log_axis(ends, most, one_in=chart.one_in)
    low, high = min([0.0, *ends]), max([*ends, 0.0]) or 1.0
    if low >= 0 and 0.8 < high <= 1:
        high = 1.0
    step = 10 ** math.floor(math.log10((high - low) / most))
    step = next(step * times for times in (1, 2, 2.5, 5, 10, 20) if (high - low) / (step * times) <= most)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return [low, high], [low + step * index for index in range(round((high - low) / step) + 1)]


def _tick_label(chart: Chart) -> str:
    if chart.one_in:
        return "'1 in ' + format(1 / datum.value, ',~r')"
    if chart.marks and all(mark.low >= 0 and mark.high <= 1 for mark in chart.marks):
        return "format(datum.value * 100, ',~r') + '%'"
    return "format(datum.value, ',~r')"
