"""Charts as SVG: each kind of ``Chart`` is drawn by one module here, without a library (docs/decisions/0006).

The same chart and width give the same bytes. A drawing carries its title and text alternative as ``title`` and
``desc``, and its text stays text. Colours are those of ``PALETTE``, literally in the ``fill`` and ``stroke``
attributes, so that a page may restyle them for a dark ground.

>>> from countersign.document import FunnelStage, Table
>>> stages = (FunnelStage("Faces", 900), FunnelStage("Engagements", None))
>>> chart = Chart("f", "funnel", "From faces", "900 faces.", Table("f-table", "", (), ()), stages=stages)
>>> "not published" in chart_svg(chart, 760)
True
"""

from __future__ import annotations

import math
from collections.abc import Callable

from countersign.document import Chart, QuoteCard
from countersign.render.charts.axes import Across
from countersign.render.charts.funnel import funnel
from countersign.render.charts.intervals import intervals
from countersign.render.charts.series import bars, series
from countersign.render.charts.strips import multiples, timeline
from countersign.render.charts.svg import LINE, NARROW, Drawing, wrapped
from countersign.render.text import anchor
from countersign.render.view import CannotDraw


def chart_svg(chart: Chart, width: int) -> str:
    """``chart`` drawn ``width`` CSS pixels wide, as one ``<svg>`` element with ``role="img"``, title and description.
    Raises ``CannotDraw``: a number not finite, an interval's ends crossed, a value not positive on a log axis.
    """
    _check(chart)
    # Both are read out one after the other: the title is not to be heard twice.
    more = chart.alternative.removeprefix(f"{chart.title}. ")
    return DRAWN_BY[chart.kind](chart, width).svg(f"{anchor(chart.anchor)}-{width}", chart.title, more)


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


#: Kind of chart: what draws it.
DRAWN_BY: dict[str, Callable[[Chart, int], Drawing]] = {
    "funnel": funnel,
    "intervals": intervals,
    "bars": bars,
    "lines": series,
    "points": series,
    "timeline": timeline,
    "multiples": multiples,
}


def card_svg(card: QuoteCard) -> str:
    """The quote card as a picture to share: all its words, on a white ground whatever the page around it."""
    drawing = Drawing(NARROW)
    y = 12.0
    for words, size, color in (
        (card.figure, 20, "ink"), (card.period, 14, "ink"), (card.interval, 14, "ink"), (card.unconfirmed, 14, "ink"),
        (f"Source: {card.source}", 12, "muted"), (f"Reviewed {card.reviewed}. Countersign", 12, "muted"),
    ):  # fmt: skip
        # A reader's own bold font can be a fifth wider than the one measured.
        for line in wrapped(words, NARROW - (64 if size == 20 else 32), 9, bold=size == 20, size=size):
            y += size * 1.3
            drawing.text(16, y, line, color=color, bold=size == 20, size=size)
        y += 0.5 * LINE
    drawing.parts.insert(0, f'<rect x="0.5" y="0.5" width="{NARROW - 1}" height="{y + 7:.1f}" fill="white"'
                            ' stroke="#7b8794"/>')  # fmt: skip
    drawing.down(y + 4)
    return drawing.svg(f"{anchor(card.anchor)}-card", card.figure, card.text)
