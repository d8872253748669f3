"""Axes: where a date, a number or a name stands across, where a number stands upward, and the ticks of both.

Dates are read and written in UTC, so that no machine's time zone moves a point. Every axis runs one way: further right
and further up is more, or more often. Ticks are at round places, at as many as their labels leave room for.

>>> across = Across((SeriesPoint("2024-08", 1.0), SeriesPoint("2024-09", 1.0)))
>>> across.kind, across.place("2024-08-12") < across.place("2024-09")
('dates', True)
>>> [round(1 / tick) for tick in log_ticks(1 / 50_000, 1 / 900, 5, one_in=True)]
[20000, 10000, 5000, 2000, 1000]
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from countersign.document import Chart, SeriesPoint
from countersign.render.charts.svg import Drawing, wide, wrapped
from countersign.render.text import number

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
#: Months between ticks, the closest first.
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Axis:
    """From the value ``low`` at the pixel ``start`` to ``high`` at ``end``; ``ticks`` are values with their labels."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...] = ()
    log: bool = False

    def at(self, value: float) -> float:
        """The pixel of a value; what lies outside is put on the nearer end."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(max(value, low))
        share = (value - low) / ((high - low) or 1)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def within(self, start: float, end: float) -> Axis:
        """The same axis between two other pixels."""
        return replace(self, start=start, end=end)

    def across(self, drawing: Drawing, y: float, *, rules_from: float | None = None, title: str = "") -> None:
        """Draw it level at ``y``: a tick and a label wherever there is room, rules up to ``rules_from``, its title."""
        if rules_from is None:
            drawing.line(self.start, y, self.end, y, color="axis")
        free = -math.inf
        for value, label in self.ticks:
            x = self.at(value)
            if rules_from is None:
                drawing.line(x, y, x, y + 4, color="axis")
            else:
                drawing.line(x, rules_from, x, y)
            middle = min(max(x, wide(label) / 2), drawing.width - wide(label) / 2)
            if middle - wide(label) / 2 >= free:
                drawing.text(middle, y + 17, label, color="muted", side="middle")
                free = middle + wide(label) / 2 + 6
        if title:
            lines = wrapped(title, drawing.width, 2)
            for index, line in enumerate(lines):
                side = (self.start + self.end) / 2
                middle = min(max(side, wide(line) / 2), drawing.width - wide(line) / 2)
                drawing.text(middle, y + 36 + 15 * index, line, color="muted", side="middle")

    def upward(self, drawing: Drawing, left: float, right: float) -> None:
        """Draw it standing: a level rule for each tick from ``left`` to ``right``, its label before it."""
        for value, label in self.ticks:
            y = self.at(value)
            drawing.line(left, y, right, y, color="axis" if value == 0 else "rule")
            drawing.text(left - 6, y + 4, label, color="muted", side="end")

    def margin(self) -> float:
        """The room that its labels take before it."""
        return max((wide(label) for _, label in self.ticks), default=0.0) + 8


class Across:
    """How the texts of ``x`` are read. Dates are milliseconds of UTC since 1970, names their rank."""

    def __init__(self, points: Sequence[SeriesPoint]) -> None:
        texts = list(dict.fromkeys(point.x for point in points))
        self.order = {text: index for index, text in enumerate(texts)}
        if all_dates(points):
            self.kind = "dates"
        elif points and all(_NUMBER.fullmatch(text) for text in texts):
            self.kind = "numbers"
        else:
            self.kind = "order"
        self.years = self.kind == "dates" and all(len(text) == 4 for text in texts)
        #: Days that are all the first of a month stand for their months.
        self.months = self.kind == "dates" and len(texts) > 1 and all(text[7:] in ("-01", "") for text in texts)

    def knows(self, text: str) -> bool:
        """Whether this text has a place on the axis."""
        if self.kind == "order":
            return text in self.order
        if self.kind == "dates":
            return bool(_DATE.fullmatch(text)) and _exists(text)
        return bool(_NUMBER.fullmatch(text))

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

    def axis(self, chart: Chart, start: float, end: float) -> Axis:
        """The axis of this chart between two pixels: over its data, shaded stretches, and whole periods of bars."""
        places = [self.period(text) if chart.kind == "bars" else 2 * (self.place(text),) for text in self.order]
        known = [span for span in chart.spans if self.knows(span.first) and self.knows(span.last)]
        places += [(self.place(span.first), self.period(span.last)[1]) for span in known]
        low, high = min((p[0] for p in places), default=0.0), max((p[1] for p in places), default=1.0)
        room = end - start
        if self.kind == "dates":
            return Axis(low, high, start, end, self._dates(chart, low, high, room))
        if self.kind == "order":
            ticks = tuple((float(rank), wrapped(text, 90, 1)[0]) for text, rank in self.order.items())
            return Axis(low, high, start, end, ticks)
        if chart.x_log:
            (low, high), values = log_axis(map(self.place, self.order), int(room / 80))
            return Axis(low, high, start, end, tuple((value, _plain(value)) for value in values), log=True)
        values = _round_steps(low, high, max(int(room / 80), 2))
        kept = [value for value in values if low <= value <= high]
        return Axis(low, high, start, end, tuple((value, number(value)) for value in kept))

    def _dates(self, chart: Chart, low: float, high: float, room: float) -> tuple[tuple[float, str], ...]:
        """Ticks at the first of a year or month; years stand in the middle of their bars."""
        if self.years and chart.kind == "bars":
            return tuple((sum(self.period(text)) / 2, text) for text in self.order)
        first, last = (datetime.fromtimestamp(end / 1000, UTC) for end in (low, high))
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        for step in _MONTHS:
            kept = [month for month in months if month % step == 0]
            labels = [str(m // 12) if step >= 12 else f"{_NAMES[m % 12]} {m // 12}" for m in kept]
            if sum(wide(label) + 14 for label in labels) <= room:
                break
        placed = ((datetime(m // 12, m % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000, label)
                  for m, label in zip(kept, labels, strict=True))  # fmt: skip
        return tuple((place, label) for place, label in placed if low <= place <= high)


def upward(values: Iterable[float], bottom: float, top: float, *, log: bool = False, most: int = 5) -> Axis:
    """The axis upward from ``bottom`` to ``top``: from zero, or on a log scale."""
    known = list(values)
    if log:
        (low, high), ticks = log_axis(known, most)
        return Axis(low, high, bottom, top, tuple((tick, _plain(tick)) for tick in ticks), log=True)
    low, high = min([0.0, *known]), max([0.0, *known]) or 1.0
    # Counts have no parts.
    whole = all(value == int(value) for value in known)
    steps = _round_steps(low, high, most, least=1.0 if whole else 0.0)
    return Axis(steps[0], steps[-1], bottom, top, tuple((step, number(step)) for step in steps))


def _plain(value: float) -> str:
    """A round place of a log axis without an exponent: 0.00001, 2,000."""
    return number(value) if value >= 1 else f"{value:.12f}".rstrip("0")


def all_dates(points: Sequence[SeriesPoint]) -> bool:
    """Whether every place is an ISO year, month or day that exists."""
    return bool(points) and all(_DATE.fullmatch(point.x) and _exists(point.x) for point in points)


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text + "-01-01"[: 10 - len(text)] if len(text) == 4 else text + "-01"[: 10 - len(text)])
    except ValueError:
        return False
    return not text.startswith("0000")


def _round_steps(low: float, high: float, most: int, least: float = 0.0) -> list[float]:
    """Round places a step apart that hold both ends, about ``most`` of them at the most; the step is a multiple of
    ``least`` where that is given.
    """
    high = high if high > low else low + 1
    step = 10 ** math.floor(math.log10((high - low) / most))
    steps = [step * times for times in (1, 2, 2.5, 5, 10, 20, 50)]
    fitting = [each for each in steps if each >= least and not (least and each % least)]
    step = next((each for each in fitting if (high - low) / each <= most), fitting[-1])
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * index for index in range(first, last + 1)]


def linear_axis(values: Iterable[float], most: int) -> tuple[list[float], list[float]]:
    """The two ends of a linear axis from zero, and its ticks; shares that come near 1 get an axis up to 1."""
    known = [0.0, *values]
    low, high = min(known), max(known) or 1.0
    steps = _round_steps(low, 1.0 if low >= 0 and 0.8 < high <= 1 else high, most)
    return [steps[0], steps[-1]], steps


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
