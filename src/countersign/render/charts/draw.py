"""Charts as SVG: each kind of ``Chart`` becomes a plain Vega-Lite description, drawn in this process by vl-convert.

The same chart and width give the same bytes. A drawing carries its title and text alternative as ``title`` and
``desc``, and its text stays text. Colours are those of ``PALETTE``, literally in the ``fill`` and ``stroke``
attributes, so that a page may restyle them for a dark ground.

>>> from countersign.document import Table
>>> stages = (FunnelStage("Faces", 900), FunnelStage("Engagements", None))
>>> chart = Chart("f", "funnel", "From faces", "900 faces.", Table("f-table", "", (), ()), stages=stages)
>>> "not published" in chart_svg(chart, WIDE)
True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from countersign.document import Chart, FunnelStage
from countersign.render.charts.canvas import (
    FONT,
    PALETTE,
    Across,
    Specification,
    frame,
    rectangles,
    rules,
    texts,
    wrapped,
)
from countersign.render.charts.intervals import intervals
from countersign.render.charts.series import bars, series
from countersign.render.text import FOLDER, anchor, number, shown
from countersign.render.view import CannotDraw

#: Widths in CSS pixels that fit a phone of 390 and a column of text on a desktop or on paper.
NARROW = 340
WIDE = 760
_SVG = "{http://www.w3.org/2000/svg}"


@lru_cache(maxsize=256)
def chart_svg(chart: Chart, width: int) -> str:
    """``chart`` drawn ``width`` CSS pixels wide, as one ``<svg>`` element with ``role="img"``, title and description.
    Raises ``CannotDraw``: a number not finite, an interval's ends crossed, a value not positive on a log axis.
    """
    _check(chart)
    # Both are imported here: together they cost a second that no other command should pay.
    import vl_convert
    from defusedxml import ElementTree

    vl_convert.register_font_directory(str(FOLDER))
    drawn = vl_convert.vegalite_to_svg(specification(chart, width), vl_version="5.20", allowed_base_urls=[])
    return _finished(ElementTree.fromstring(drawn), chart, width)


def specification(chart: Chart, width: int) -> Specification:
    """The Vega-Lite description of ``chart`` at ``width`` CSS pixels."""
    return DRAWN_BY[chart.kind](chart, width)


def _check(chart: Chart) -> None:
    numbers = [point.y for point in chart.points]
    for mark in chart.marks:
        numbers += [mark.low, mark.high] + ([] if mark.estimate is None else [mark.estimate])
        where = f"chart {chart.anchor!r}, {mark.label!r}"
        if mark.low > mark.high:
            raise CannotDraw(f"{where}: the interval's lower end {mark.low} lies above {mark.high}")
        if (chart.log or chart.one_in) and mark.high <= 0:
            raise CannotDraw(f"{where}: {mark.high} cannot stand on a log axis")
    if not all(map(math.isfinite, numbers)):
        raise CannotDraw(f"chart {chart.anchor!r}: a number to be drawn is not finite")
    if chart.log and any(point.y <= 0 for point in chart.points):
        raise CannotDraw(f"chart {chart.anchor!r}: a value that is not positive cannot stand on a log axis")
    across = Across(chart.points)
    if chart.x_log and across.kind == "numbers" and any(across.place(point.x) <= 0 for point in chart.points):
        raise CannotDraw(f"chart {chart.anchor!r}: a place across that is not positive cannot stand on a log axis")
    if chart.log and chart.kind == "bars":
        raise CannotDraw(f"chart {chart.anchor!r}: a bar's length means nothing on a log axis; draw points")
    if any(stage.count is not None and stage.count < 0 for stage in chart.stages):
        raise CannotDraw(f"chart {chart.anchor!r}: a stage's count is below nought")


def _finished(root: object, chart: Chart, width: int) -> str:
    """The drawing with its name and alternative in front, and without the roles Vega gives to each line in it."""
    from xml.etree import ElementTree

    assert isinstance(root, ElementTree.Element)
    for element in root.iter():
        for name in [name for name in element.attrib if name == "role" or name.startswith("aria-") or name == "class"]:
            del element.attrib[name]
        if element.get("font-family"):
            element.set("font-family", FONT)
    place = f"{anchor(chart.anchor)}-{width}"
    for child in list(root):
        if child.tag == f"{_SVG}rect" and child.get("fill") == "white":
            root.remove(child)
    title, description = ElementTree.Element(f"{_SVG}title"), ElementTree.Element(f"{_SVG}desc")
    title.set("id", f"{place}-title")
    description.set("id", f"{place}-desc")
    title.text, description.text = shown(chart.title), shown(chart.alternative)
    root.insert(0, description)
    root.insert(0, title)
    root.set("role", "img")
    root.set("aria-labelledby", f"{place}-title {place}-desc")
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    return ElementTree.tostring(root, encoding="unicode")


#: The next stages are drawn again on a larger scale once they are smaller than this part of the widest.
MAGNIFY_BELOW = 1 / 25


def funnel(chart: Chart, width: int) -> Specification:
    """The bars of all panels, one under the other, label and count above each."""
    drawing = _Drawing(width)
    shown_panels = list(panels(chart.stages))
    for place, (widest, before, members) in enumerate(shown_panels):
        if place:
            drawing.magnified(before / widest)
        for stage in members:
            again = place + 1 < len(shown_panels) and stage is members[-1]
            drawing.stage(stage, widest, note="" if again else stage.note)
    return drawing.specification()


class _Drawing:
    """Marks in pixels, and how far down they have come."""

    def __init__(self, width: int) -> None:
        self.width, self.y = width, 0.0
        self.labels, self.counts, self.notes = list[Specification](), list[Specification](), list[Specification]()
        self.bars, self.tracks, self.boxes = list[Specification](), list[Specification](), list[Specification]()
        self.rules: list[Specification] = []

    def magnified(self, factor: float) -> None:
        """A rule, and by how much what follows is drawn larger."""
        times = number(round(factor)) if factor >= 10 else f"{factor:.1f}"
        self.rules.append({"x": 0, "x2": self.width, "y": self.y + 6})
        self.notes.append({"text": [f"Below, drawn {times} times larger than above"], "x": 0, "y": self.y + 24})
        self.y += 40

    def stage(self, stage: FunnelStage, widest: int, note: str) -> None:
        """Label, count and bar; or an empty box in which it says that the count was not published."""
        self.labels.append({"text": wrapped(stage.label, self.width - 80, 1), "x": 0, "y": self.y + 10})
        top, bottom = self.y + 20, self.y + 38
        if stage.count is None:
            self.boxes.append({"x": 0.5, "x2": self.width - 0.5, "y": top, "y2": bottom})
            self.notes.append({"text": ["not published"], "x": 8, "y": (top + bottom) / 2 + 0.5})
        else:
            self.counts.append({"text": [number(stage.count)], "x": self.width, "y": self.y + 10})
            self.tracks.append({"x": 0, "x2": self.width, "y": top, "y2": bottom})
            self.bars.append({"x": 0, "x2": self.width * stage.count / max(widest, 1), "y": top, "y2": bottom})
        self.y = bottom + 8
        for line in wrapped(note, self.width, 3) if note else []:
            self.notes.append({"text": [line], "x": 0, "y": self.y + 5})
            self.y += 15
        self.y += 6

    def specification(self) -> Specification:
        """The whole as a Vega-Lite description, as high as it came down."""
        size = (self.width, max(self.y, 20))
        layers = [
            rectangles(self.tracks, *size, color=PALETTE["track"]),
            rectangles(self.bars, *size, color=PALETTE["series-1"]),
            rectangles(self.boxes, *size, filled=False, stroke=PALETTE["muted"], strokeDash=[4, 3]),
            rules(self.rules, *size, color=PALETTE["rule"]),
            texts(self.labels, *size, fontWeight="bold"),
            texts(self.counts, *size, align="right"),
            texts(self.notes, *size, color=PALETTE["muted"]),
        ]
        return frame(*size, layers)


def panels(stages: Sequence[FunnelStage]) -> Iterable[tuple[int, int, list[FunnelStage]]]:
    """Stages by scale: the count drawn at full width, the full width of the panel before, and the stages. A stage of
    some hundreds under one of hundreds of thousands is a hair's breadth, and is drawn as one. It and those after it are
    then drawn again, larger, and the drawing says by how much.

    >>> stages = (FunnelStage("a", 1000), FunnelStage("b", 10))
    >>> [[stage.label for stage in members] for _, _, members in panels(stages)]
    [['a', 'b'], ['b']]
    """
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


#: Kind of chart: what draws it.
DRAWN_BY: dict[str, Callable[[Chart, int], Specification]] = {
    "funnel": funnel,
    "intervals": intervals,
    "bars": bars,
    "lines": series,
    "points": series,
}
