"""What all charts share, as parts of a Vega-Lite description: colours, text of one size, marks placed by pixels, axes.

An axis has dates, numbers or names in order, or round places on a log scale. Dates are read and written in UTC, so that
no machine's time zone moves a point. Names are handed on as one JSON list, which an expression only reads.

>>> frame(340, 20, [])["width"]
340
>>> axis = Across((SeriesPoint("2024-08", 1.0), SeriesPoint("2024-09", 1.0)))
>>> axis.kind, axis.place("2024-08-12") < axis.place("2024-09")
('dates', True)
>>> [round(1 / tick) for tick in log_ticks(1 / 50_000, 1 / 900, 5, one_in=True)]
[20000, 10000, 5000, 2000, 1000]
"""

from __future__ import annotations

import json
import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from countersign.document import Chart, SeriesPoint
from countersign.render.text import shown

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
SVG = "{http://www.w3.org/2000/svg}"
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3]]


def series_color(index: int) -> str:
    """The colour of the series with this place in the order; the sixth has the first's again, and another dash."""
    return PALETTE[f"series-{index % 5 + 1}"]


def frame(width: int, height: float, layers: list[Specification], padding: Specification | int = 0) -> Specification:
    """A description of ``layers`` on a ground of ``width`` by ``height`` pixels, with the look all charts share."""
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


def uncut(text: str, most: int) -> str:
    """``text``, or its first ``most`` characters where it holds one beyond U+FFFF. The drawing shortens what is too
    long by units of UTF-16, and would cut such a character in two.

    >>> uncut("a long name", 4), uncut(3 * chr(0x1F46E), 2) == chr(0x1F46E) + "…"
    ('a long name', True)
    """
    if len(text) <= most or max(text) <= "\uffff":
        return text
    return f"{text[: most - 1]}…"


def pixels(field: str, extent: float) -> Specification:
    """A channel on which the data are pixels already."""
    scale = {"domain": [0, extent], "range": [0, extent], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def texts(rows: list[Specification], width: float, height: float, **mark: Any) -> Specification:
    """Texts at ``x`` and ``y``, both in pixels."""
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "baseline": "middle", "align": "left", **mark},
        "encoding": {"x": pixels("x", width), "y": pixels("y", height), "text": {"field": "text", "type": "nominal"}},
    }


def wrapped(text: str, pixels: float, lines: int = 2) -> list[str]:
    """``text`` in at most ``lines`` lines of about ``pixels``; what does not fit ends in an ellipsis."""
    characters = max(int(pixels / (SIZE * 0.56)), 8)
    return textwrap.wrap(shown(text), characters, max_lines=lines, placeholder=" …") or [""]


def rectangles(rows: list[Specification], width: float, height: float, **mark: Any) -> Specification:
    """Rectangles from ``x``, ``y`` to ``x2``, ``y2``, in pixels."""
    return {
        "data": {"values": rows},
        "mark": {"type": "rect", **mark},
        "encoding": {"x": pixels("x", width), "x2": {"field": "x2"}, "y": pixels("y", height), "y2": {"field": "y2"}},
    }


_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


class Across:
    """The horizontal axis: where a text such as ``2024-08`` stands on it. Dates in milliseconds of UTC since 1970."""

    def __init__(self, points: Sequence[SeriesPoint]) -> None:
        texts = list(dict.fromkeys(point.x for point in points))
        self.order = {text: index for index, text in enumerate(texts)}
        if all_dates(points):
            self.kind, self.type = "dates", "temporal"
        elif points and all(_NUMBER.fullmatch(text) for text in texts):
            self.kind, self.type = "numbers", "quantitative"
        else:
            self.kind, self.type = "order", "quantitative"
        self.years = self.kind == "dates" and all(len(text) == 4 for text in texts)
        #: Days that are all the first of a month stand for their months.
        self.months = self.kind == "dates" and len(texts) > 1 and all(text[7:] in ("-01", "") for text in texts)

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
        elif len(parts) == 2 or (self.months and day == 1):
            ends = (begins + timedelta(days=31)).replace(day=1)
        else:
            ends = begins + timedelta(days=1)
        return begins.timestamp() * 1000, ends.timestamp() * 1000

    def scale(self, chart: Chart) -> Specification:
        """The Vega-Lite scale, from the data's own ends: UTC for dates, a log one for numbers if the chart asks."""
        if self.kind == "dates":
            return {"type": "utc", "nice": False}
        if chart.x_log and self.kind == "numbers":
            return {"type": "log", "domain": log_axis(map(self.place, self.order), 4)[0], "nice": False}
        return {"type": "linear", "zero": False, "nice": False}

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
        elif chart.x_log and self.kind == "numbers":
            axis["values"] = log_axis(map(self.place, self.order), ticks)[1]
        elif self.kind == "order":
            axis["values"] = list(self.order.values())
            axis["labelExpr"] = f"{json.dumps([uncut(shown(text), 9) for text in self.order])}[datum.value]"
        return axis


def all_dates(points: Sequence[SeriesPoint]) -> bool:
    """Whether every place is an ISO year, month or day that exists."""
    return bool(points) and all(_DATE.fullmatch(point.x) and _exists(point.x) for point in points)


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text + "-01-01"[: 10 - len(text)] if len(text) == 4 else text + "-01"[: 10 - len(text)])
    except ValueError:
        return False
    return not text.startswith("0000")


def log_axis(values: Iterable[float], most: int, *, one_in: bool = False) -> tuple[list[float], list[float]]:
    """The two ends of a log axis that holds all positive ``values`` with some room, at least fourfold; its ticks."""
    positive = [value for value in values if value > 0] or [1.0]
    low, high = min(positive), max(positive)
    if high / low < 4:
        low, high = low / 2, high * 2
    room = (high / low) ** 0.06
    return [low / room, high * room], log_ticks(low / room, high * room, most, one_in=one_in)


def log_ticks(low: float, high: float, most: int, *, one_in: bool = False) -> list[float]:
    """At most ``most`` places from ``low`` to ``high`` (both positive), rising: round, or 1 in a round number."""
    ticks: list[float] = []
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = _round_places(low, high, steps, one_in)
        if len(ticks) <= most:
            break
    while len(ticks) > most:
        ticks = ticks[::2]
    return ticks


def _round_places(low: float, high: float, steps: tuple[int, ...], one_in: bool) -> list[float]:
    bottom, top = (1 / high, 1 / low) if one_in else (low, high)
    decades = range(math.floor(math.log10(bottom)), math.ceil(math.log10(top)) + 1)
    places = [float(f"{step}e{decade}") for decade in decades for step in steps]
    kept = [place for place in places if bottom <= place <= top]
    return sorted(1 / place for place in kept) if one_in else kept
