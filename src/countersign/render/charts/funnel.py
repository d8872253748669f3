"""The funnel from faces to arrests as SVG, in pixels: a bar to scale for each stage, label and count above it.

Everything stands at a place that is known beforehand, so no drawing program is asked: it would take a thousand times as
long for the same bytes.

>>> [stage.label for _, _, members in panels((FunnelStage("Faces", 9),)) for stage in members]
['Faces']
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree

from countersign.document import Chart, FunnelStage
from countersign.render.charts.canvas import FONT, PALETTE, SIZE, SVG, wrapped
from countersign.render.text import number

#: How far a line of text is set below its middle: three tenths of its size, in whole pixels.
BELOW_MIDDLE = round(0.3 * SIZE)
#: The next stages are drawn again on a larger scale once they are smaller than this part of the widest.
MAGNIFY_BELOW = 1 / 25


def funnel(chart: Chart, width: int) -> ElementTree.Element:
    """The bars of all panels, one under the other, label and count above each."""
    drawing = _Drawing(width)
    shown_panels = list(panels(chart.stages))
    for place, (widest, before, members) in enumerate(shown_panels):
        if place:
            drawing.magnified(before / widest)
        for stage in members:
            again = place + 1 < len(shown_panels) and stage is members[-1]
            drawing.stage(stage, widest, note="" if again else stage.note)
    return drawing.drawn()


class _Box(NamedTuple):
    """A rectangle: from and to across, from and to down."""

    x: float
    x2: float
    top: float
    bottom: float


class _Words(NamedTuple):
    """A text, and the middle of its line."""

    text: str
    x: float
    y: float


class _Drawing:
    """Marks in pixels, and how far down they have come."""

    def __init__(self, width: int) -> None:
        self.width, self.y = width, 0.0
        self.labels, self.counts, self.notes = list[_Words](), list[_Words](), list[_Words]()
        self.bars, self.tracks, self.boxes = list[_Box](), list[_Box](), list[_Box]()
        self.rules: list[float] = []

    def magnified(self, factor: float) -> None:
        """A rule, and by how much what follows is drawn larger."""
        times = number(round(factor)) if factor >= 10 else f"{factor:.1f}"
        self.rules.append(self.y + 6)
        self.notes.append(_Words(f"Below, drawn {times} times larger than above", 0, self.y + 24))
        self.y += 40

    def stage(self, stage: FunnelStage, widest: int, note: str) -> None:
        """Label, count and bar; or an empty box in which it says that the count was not published."""
        self.labels.append(_Words(wrapped(stage.label, self.width - 80, 1)[0], 0, self.y + 10))
        top, bottom = self.y + 20, self.y + 38
        if stage.count is None:
            self.boxes.append(_Box(0.5, self.width - 0.5, top, bottom))
            self.notes.append(_Words("not published", 8, (top + bottom) / 2 + 0.5))
        else:
            self.counts.append(_Words(number(stage.count), self.width, self.y + 10))
            self.tracks.append(_Box(0, self.width, top, bottom))
            self.bars.append(_Box(0, self.width * stage.count / max(widest, 1), top, bottom))
        self.y = bottom + 8
        for line in wrapped(note, self.width, 3) if note else []:
            self.notes.append(_Words(line, 0, self.y + 5))
            self.y += 15
        self.y += 6

    def drawn(self) -> ElementTree.Element:
        """The whole as SVG, as high as it came down."""
        width, height = self.width, max(self.y, 20)
        size = {"width": _text(width), "height": _text(height), "viewBox": f"0 0 {_text(width)} {_text(height)}"}
        root = ElementTree.Element(f"{SVG}svg", {"version": "1.1", **size})
        outer = _group(root, fill="none", **{"stroke-miterlimit": "10", "transform": "translate(0,0)"})
        inner = _group(_group(outer), transform="translate(0,0)")
        ElementTree.SubElement(inner, f"{SVG}path", d=f"M0,0h{_text(width)}v{_text(height)}h-{_text(width)}Z")
        marks = _group(inner)
        outline = {"stroke": PALETTE["muted"], "stroke-dasharray": "4,3"}
        self._rectangles(_group(marks), self.tracks, fill=PALETTE["track"])
        self._rectangles(_group(marks), self.bars, fill=PALETTE["series-1"])
        self._rectangles(_group(marks), self.boxes, **outline)
        rules = _group(marks)
        for y in self.rules:
            at = {"transform": f"translate(0,{_text(self._down(y))})", "x2": _text(width), "y2": "0"}
            ElementTree.SubElement(rules, f"{SVG}line", {**at, "stroke": PALETTE["rule"]})
        self._texts(_group(marks), self.labels, "start", {"font-weight": "bold", "fill": PALETTE["ink"]})
        self._texts(_group(marks), self.counts, "end", {"fill": PALETTE["ink"]})
        self._texts(_group(marks), self.notes, "start", {"fill": PALETTE["muted"]})
        ElementTree.SubElement(inner, f"{SVG}path", d="", display="none")
        return root

    def _down(self, y: float) -> float:
        # As a share of the height and back, as the drawing program that draws the other charts rounds.
        height = max(self.y, 20)
        return height * (y / height)

    def _rectangles(self, group: ElementTree.Element, boxes: list[_Box], **look: str) -> None:
        for x, x2, top, bottom in boxes:
            x, x2 = (self.width * (place / self.width) for place in (x, x2))
            across, down = _text(x2 - x), _text(self._down(bottom) - self._down(top))
            path = f"M{_text(x)},{_text(self._down(top))}h{across}v{down}h{'-' if x2 > x else ''}{across}Z"
            ElementTree.SubElement(group, f"{SVG}path", {"d": path, **look})

    def _texts(self, group: ElementTree.Element, words: list[_Words], align: str, look: dict[str, str]) -> None:
        for text, x, y in words:
            place = f"translate({_text(x)},{_text(self._down(y) + BELOW_MIDDLE)})"
            set_in = {"font-family": FONT, "font-size": f"{SIZE}px", **look}
            element = ElementTree.SubElement(group, f"{SVG}text", {"text-anchor": align, "transform": place, **set_in})
            element.text = text


def _group(parent: ElementTree.Element, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{SVG}g", attributes)


def _text(value: float) -> str:
    """A number as scripts in a browser write it.

    >>> _text(720.0), _text(1.5e-05), _text(7.2e-07)
    ('720', '0.000015', '7.2e-7')
    """
    text = repr(float(value))
    return f"{Decimal(text):f}" if 1e-6 <= value < 1e-4 else text.removesuffix(".0").replace("e-0", "e-")


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
