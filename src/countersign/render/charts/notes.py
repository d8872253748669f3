"""What is said on a chart beside its data: breaks and notes above it, shaded stretches under it, a key below.

A break is a dashed rule over the whole height, a note a fine one; both have their words at the top. Words are put where
they meet no other words and no rule: beside their rule on the side with room, in as few lines and as low as that goes.
Where there is no such place a number stands there, and the key says what it means. So does a stretch too short for its
name.

>>> layout = Layout([(40.0, "counted anew", "break"), (60.0, "a new threshold", "note")], 20.0, 340.0)
>>> [label.lines for label in layout.labels], layout.key
([['a new threshold'], ['counted anew']], [])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from countersign.document import Chart
from countersign.render.charts.axes import Across, Axis
from countersign.render.charts.svg import LINE, SIZE, Box, Drawing, Side, series_color, whole, wide, wrapped
from countersign.render.text import shown

#: Where a mark stands across, what it says, and whether data are broken there.
Mark = tuple[float, str, Literal["break", "note"]]
#: How far up words may be lifted over others.
_LIFTS = range(0, 181, LINE)


@dataclass(frozen=True)
class Label:
    """Words beside a rule at ``x``; ``lift`` is how far the foot of the last line stands over the plot."""

    x: float
    lines: list[str]
    side: Side
    lift: float
    kind: str

    def box(self) -> Box:
        """Its place, measured upward from the plot: the top of a box has the lower number."""
        across = max(map(wide, self.lines)) + 5
        left = self.x if self.side == "start" else self.x - across
        return Box(left, -self.lift - LINE * len(self.lines), left + across, -self.lift)

    def rule(self) -> Box:
        """The place of its rule, which runs from the plot to the top of the words."""
        return Box(self.x - 2, self.box().top, self.x + 2, 1)


class Layout:
    """The words of marks over a plot that reaches from ``left`` to ``right``, and how high they stand."""

    def __init__(self, marks: Sequence[Mark], left: float, right: float) -> None:
        self.left, self.right = left, right
        self.labels: list[Label] = []
        self.key: list[str] = []
        for mark in sorted(marks, key=lambda mark: -mark[0]):
            waiting = [other[0] for other in marks if other[0] < mark[0]]
            label = next((label for label in self._candidates(mark) if self._fits(label, waiting)), None)
            self.labels.append(label or self._numbered(mark))
        self.height = max((-label.box().top for label in self.labels), default=0.0)

    def draw(self, drawing: Drawing, top: float, bottom: float) -> None:
        """Words above ``top``, rules down to ``bottom``."""
        for label in self.labels:
            dash, color = ("4 3", "ink") if label.kind == "break" else ("", "axis")
            drawing.line(label.x, top + label.box().top + 2, label.x, bottom, color=color, width=1.5, dash=dash)
            away = 5 if label.side == "start" else -5
            first = top - label.lift - 4 - LINE * (len(label.lines) - 1)
            for index, line in enumerate(label.lines):
                drawing.text(label.x + away, first + LINE * index, line, side=label.side)

    def _candidates(self, mark: Mark) -> Iterator[Label]:
        x, words, kind = mark
        rooms: tuple[tuple[Side, float], ...] = (("start", self.right - x - 6), ("end", x - self.left - 6))
        for lines in (1, 2, 3):
            for side, room in rooms:
                made = whole(words, min(room, 220), lines) if room > 50 else None
                if made and len(made) == lines:
                    yield from (Label(x, made, side, lift, kind) for lift in _LIFTS)

    def _fits(self, label: Label, waiting: list[float]) -> bool:
        box, rule = label.box(), label.rule()
        if any(box.left - 3 <= x <= box.right + 3 for x in waiting):
            return False
        return not any(
            box.meets(other.box()) or box.meets(other.rule()) or rule.meets(other.box()) for other in self.labels
        )

    def _numbered(self, mark: Mark) -> Label:
        x, words, kind = mark
        self.key.append(words)
        side: Side = "start" if x + 20 < self.right else "end"
        tries = [Label(x, [f"({len(self.key)})"], side, lift, kind) for lift in _LIFTS]
        return next((label for label in tries if self._fits(label, [])), tries[-1])


def layout_of(chart: Chart, across: Across, axis: Axis) -> Layout:
    """The words of a chart's breaks and notes."""
    kinds: tuple[tuple[tuple[tuple[str, str], ...], Literal["break", "note"]], ...] = (
        (chart.breaks, "break"),
        (chart.notes, "note"),
    )
    marks = [
        (axis.at(across.place(x)), shown(words), kind) for pairs, kind in kinds for x, words in pairs if across.knows(x)
    ]
    return Layout(marks, axis.start, axis.end)


def stretches(chart: Chart, across: Across, axis: Axis) -> list[tuple[float, float, str]]:
    """The shaded stretches in pixels, with their names."""
    known = [span for span in chart.spans if across.knows(span.first) and across.knows(span.last)]
    return [
        (axis.at(across.place(span.first)), axis.at(across.period(span.last)[1]), shown(span.label)) for span in known
    ]


def shade(drawing: Drawing, places: list[tuple[float, float, str]], top: float, bottom: float) -> None:
    """Every other stretch on a ground of its own, for what is drawn on it afterwards."""
    for index, (left, right, _) in enumerate(places):
        if index % 2 == 0:
            drawing.rect(left, top, right, bottom, fill="track")


def named(drawing: Drawing, places: list[tuple[float, float, str]], y: float, key: list[str]) -> float:
    """The stretches' names under the axis from ``y`` on; one without room gets a number. Where it ends."""
    foot = y
    for left, right, words in places:
        drawing.line(left + 1, y, right - 1, y, color="axis", width=3)
        lines = whole(words, right - left - 10, 4)
        if lines is None:
            key.append(words)
            lines = [f"({len(key)})"]
        for index, line in enumerate(lines):
            drawing.text((left + right) / 2, y + 15 + LINE * index, line, side="middle")
        foot = max(foot, y + 8 + LINE * len(lines))
    return foot


def keyed(drawing: Drawing, key: list[str], y: float) -> None:
    """What the numbers on the chart mean, a line or two each."""
    for number, words in enumerate(key, 1):
        for index, line in enumerate(wrapped(words, drawing.width - 24, 3)):
            if index == 0:
                drawing.text(0, y + LINE, f"({number})")
            drawing.text(24, y + LINE, line)
            y += LINE


def legend(drawing: Drawing, names: Sequence[str], y: float, draw: str, dashes: Sequence[str] = ()) -> float:
    """The names of the series after their signs (``line``, ``mark`` or ``bar``), from ``y`` on. Where it ends."""
    x, y = 0.0, y + 14
    for index, name in enumerate(names):
        words = wrapped(name, drawing.width - 34, 1)[0]
        if x and x + 30 + wide(words) > drawing.width:
            x, y = 0.0, y + 18
        if draw == "line":
            drawing.line(
                x, y - 4, x + 22, y - 4, color=series_color(index), width=2.5, dash=dashes[index % len(dashes)]
            )
        elif draw == "bar":
            drawing.rect(x + 4, y - 10, x + 18, y + 1, fill=series_color(index))
        if draw != "bar":
            drawing.mark(x + 11, y - 4, index, series_color(index), size=3.2)
        drawing.text(x + 28, y, words)
        x += 28 + wide(words) + 18
    return y + SIZE * 0.6
