"""The canvas all charts share: colours, text of one size, marks placed by pixels, as parts of a Vega-Lite description.

>>> frame(340, 20, [])["width"]
340
"""

from __future__ import annotations

import textwrap
from typing import Any

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
    """``text``, or its first ``most`` characters where it holds one beyond U+FFFF.

    The drawing shortens what is too long by units of UTF-16, and would cut such a character in two.

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


def rules(rows: list[Specification], width: float, height: float, **mark: Any) -> Specification:
    """Level rules from ``x`` to ``x2`` at ``y``, in pixels."""
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", **mark},
        "encoding": {"x": pixels("x", width), "x2": {"field": "x2"}, "y": pixels("y", height)},
    }
