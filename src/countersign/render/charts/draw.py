"""Charts as SVG: a funnel is drawn in pixels (``funnel``); each other kind of ``Chart`` becomes a plain Vega-Lite
description, drawn in this process by vl-convert.

The same chart and width give the same bytes. A drawing carries its title and text alternative as ``title`` and
``desc``, and its text stays text. Colours are those of ``PALETTE``, literally in the ``fill`` and ``stroke``
attributes, so that a page may restyle them for a dark ground.

>>> from countersign.document import FunnelStage, Table
>>> stages = (FunnelStage("Faces", 900), FunnelStage("Engagements", None))
>>> chart = Chart("f", "funnel", "From faces", "900 faces.", Table("f-table", "", (), ()), stages=stages)
>>> "not published" in chart_svg(chart, WIDE)
True
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from countersign.document import Chart
from countersign.render.charts.canvas import FONT, SVG, Across, Specification
from countersign.render.charts.funnel import funnel
from countersign.render.charts.intervals import intervals
from countersign.render.charts.series import bars, series
from countersign.render.text import FOLDER, anchor, shown
from countersign.render.view import CannotDraw

#: Widths in CSS pixels that fit a phone of 390 and a column of text on a desktop or on paper.
NARROW = 340
WIDE = 760


@lru_cache(maxsize=256)
def chart_svg(chart: Chart, width: int) -> str:
    """``chart`` drawn ``width`` CSS pixels wide, as one ``<svg>`` element with ``role="img"``, title and description.
    Raises ``CannotDraw``: a number not finite, an interval's ends crossed, a value not positive on a log axis.
    """
    _check(chart)
    if chart.kind == "funnel":
        return _finished(funnel(chart, width), chart, width)
    # Both are imported here: together they cost a second that no other command should pay.
    import vl_convert
    from defusedxml import ElementTree

    vl_convert.register_font_directory(str(FOLDER))
    drawn = vl_convert.vegalite_to_svg(specification(chart, width), vl_version="5.20", allowed_base_urls=[])
    return _finished(ElementTree.fromstring(drawn), chart, width)


def specification(chart: Chart, width: int) -> Specification:
    """The Vega-Lite description of ``chart``, which is no funnel, at ``width`` CSS pixels."""
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
        if child.tag == f"{SVG}rect" and child.get("fill") == "white":
            root.remove(child)
    title, description = ElementTree.Element(f"{SVG}title"), ElementTree.Element(f"{SVG}desc")
    title.set("id", f"{place}-title")
    description.set("id", f"{place}-desc")
    title.text, description.text = shown(chart.title), shown(chart.alternative)
    root.insert(0, description)
    root.insert(0, title)
    root.set("role", "img")
    root.set("aria-labelledby", f"{place}-title {place}-desc")
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    return ElementTree.tostring(root, encoding="unicode")


#: Kind of chart: what describes it.
DRAWN_BY: dict[str, Callable[[Chart, int], Specification]] = {
    "intervals": intervals,
    "bars": bars,
    "lines": series,
    "points": series,
}
