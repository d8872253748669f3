"""A document as one HTML file that stands alone: styles and drawings inside, no script, no outward reference.

The page is filled from ``view.view`` by one template with escaping on. A content security policy in the page forbids
every fetch and every script, so that even a mistake here could not reach outward. Each chart is drawn for a narrow and
a wide page; the style sheet shows one of them. The same document gives the same bytes.

>>> from countersign.document import Document, Paragraph, Section
>>> page = render_html(Document("A <b>", "", "en-GB", (Section("s", "Seen", (Paragraph("</script>"),)),)))
>>> b"A &lt;b&gt;" in page, b"<script" in page
(True, False)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from countersign.document import Chart, Document
from countersign.render.cells import row_links, table_rows
from countersign.render.charts.draw import NARROW, WIDE, chart_svg
from countersign.render.filling import template
from countersign.render.view import view

_TEMPLATES = Path(__file__).parent / "templates"


def render_html(
    document: Document, *, drawing: Callable[[Chart, int], str] = chart_svg, back: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """``document`` as a complete HTML page in UTF-8.

    ``drawing`` draws the charts, as ``chart_svg`` does. ``back`` are links (text, relative path) to the pages of the
    site that the report is part of; without them it refers to nothing outside itself.

    Raises ``CannotDraw`` if a block contradicts itself (see ``view.view`` and ``charts.chart_svg``).
    """
    tree = view(document)
    drawings = {
        block["id"]: (drawing(block["chart"], NARROW), drawing(block["chart"], WIDE))
        for section in tree["sections"]
        for block in section["blocks"]
        if block["kind"] == "chart"
    }
    page = template(_TEMPLATES, "report.html", row_links, table_rows)
    return page.render(tree=tree, drawings=drawings, style=report_style(), back=back).encode("utf-8")


def report_style() -> str:
    """The style sheet of every report; the public site adds its own rules to it."""
    return (_TEMPLATES / "report.css").read_text(encoding="utf-8")
