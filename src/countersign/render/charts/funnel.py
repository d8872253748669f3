"""The funnel: stages to scale, one bar under the other, with label and count above each.

A stage of some hundreds under one of hundreds of thousands is a hair's breadth, and is drawn as one. It and those after
it are then drawn again, larger, and the drawing says by how much.

>>> stages = (FunnelStage("a", 1000), FunnelStage("b", 10))
>>> [[stage.label for stage in members] for _, _, members in panels(stages)]
[['a', 'b'], ['b']]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from countersign.document import Chart, FunnelStage
from countersign.render.charts.svg import LINE, PAPER, Drawing, wide, wrapped
from countersign.render.text import number

#: The next stages are drawn again on a larger scale once they are smaller than this part of the widest.
MAGNIFY_BELOW = 1 / 25


def funnel(chart: Chart, width: int) -> Drawing:
    """The bars of all panels."""
    drawing, y = Drawing(width), 0.0
    shown_panels = list(panels(chart.stages))
    for place, (widest, before, members) in enumerate(shown_panels):
        if place:
            factor = before / widest
            times = number(round(factor)) if factor >= 10 else f"{factor:.1f}"
            drawing.line(0, y + 6, width, y + 6)
            drawing.text(0, y + 28, f"Below, drawn {times} times larger than above", color="muted")
            y += 40
        for stage in members:
            again = place + 1 < len(shown_panels) and stage is members[-1]
            y = _stage(drawing, stage, widest, y, note="" if again else stage.note)
    return drawing


def _stage(drawing: Drawing, stage: FunnelStage, widest: int, y: float, note: str) -> float:
    """Label, count and bar; or an empty box in which it says that the count was not published. Where it ends."""
    width = drawing.width
    counted = "" if stage.count is None else number(stage.count)
    drawing.text(0, y + 14, wrapped(stage.label, width - wide(counted, bold=True) - 16, 1, bold=True)[0], bold=True)
    top, bottom = y + 20, y + (32 if width == PAPER and stage.count is not None else 38)
    if stage.count is None:
        drawing.rect(0.5, top, width - 0.5, bottom, stroke="muted", dash="4 3")
        drawing.text(8, (top + bottom) / 2 + 4.5, "not published", color="muted")
    else:
        drawing.text(width, y + 14, counted, side="end", bold=True)
        drawing.rect(0, top, width, bottom, fill="track")
        drawing.rect(0, top, width * stage.count / max(widest, 1), bottom, fill="series-1")
    y = bottom + (3 if width == PAPER else 8)
    for line in wrapped(note, width, 3) if note else []:
        drawing.text(0, y + 9, line, color="muted")
        y += LINE
    return y + (3 if width == PAPER else 6)


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
