"""The funnel: stages as bars to one scale, a stage that was not published as an empty box that says so.

A stage of some hundreds under one of hundreds of thousands is a hair's breadth, and is drawn as one. It and those after
it are then drawn again, larger, and the drawing says by how much.

>>> [[stage.label for stage in members] for _, _, members in panels((FunnelStage("a", 1000), FunnelStage("b", 10)))]
[['a', 'b'], ['b']]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from countersign.document import Chart, FunnelStage
from countersign.render.charts.canvas import PALETTE, Specification, frame, rectangles, rules, texts, wrapped
from countersign.render.text import number

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
