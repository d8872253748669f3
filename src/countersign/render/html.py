"""A document as one HTML file that stands alone: styles and drawings inside, no script, no outward reference.

A content security policy in the page forbids every fetch and every script, so that even a mistake here could not reach
outward. Each chart is drawn for a narrow and a wide page; the style sheet shows one of them. Rows of tables and links
to rows are written here without the template, each text escaped: a site has a million cells.

>>> from countersign.document import Document, Paragraph, Section
>>> page = render_html(Document("A <b>", "", "en-GB", (Section("s", "Seen", (Paragraph("</script>"),)),)))
>>> b"A &lt;b&gt;" in page, b"<script" in page
(True, False)
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from countersign.document import Document
from countersign.render.charts.draw import NARROW, WIDE, card_svg, chart_svg
from countersign.render.view import Node, view

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache(maxsize=16)
def template(folder: Path, name: str, *functions: Callable[..., Any]) -> Template:
    """A template of a folder; ``functions`` are those it may call, by their names."""
    # Imported at the first page: most commands draw none.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    lines: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, **lines)
    environment.globals.update({function.__name__: function for function in functions})
    return environment.get_template(name)


_TEMPLATES = Path(__file__).parent / "templates"


def render_html(document: Document, *, back: tuple[tuple[str, str], ...] = ()) -> bytes:
    """``document`` as a complete HTML page in UTF-8; the same document gives the same bytes. ``back`` are links (text,
    relative path) to the pages of the site that the report is part of; without them it refers to nothing outside
    itself. Raises ``CannotDraw`` (see ``view.view`` and ``chart_svg``).
    """
    tree = view(document)
    blocks = [block for section in tree["sections"] for block in section["blocks"]]
    drawings: dict[str, object] = {block["id"]: card_svg(block["card"]) for block in blocks if block["kind"] == "card"}
    drawings |= {
        block["id"]: (chart_svg(block["chart"], NARROW), chart_svg(block["chart"], WIDE))
        for block in blocks
        if block["kind"] == "chart"
    }
    page = template(_TEMPLATES, "report.html", row_links, table_rows, packed)
    about = " · ".join(tree["about"])
    texts = {"style": report_style(), "back": back, "about": about}
    return page.render(tree=tree, drawings=drawings, **texts).encode("utf-8")


def packed(drawing: str) -> str:
    """A drawing as text for an address that holds it whole, to be saved from the page without fetching anything."""
    return base64.b64encode(drawing.encode("utf-8")).decode("ascii")


def report_style() -> str:
    """The style sheet of every report; the public site adds rules to it."""
    return (_TEMPLATES / "report.css").read_text(encoding="utf-8")


#: Names of documents shorter than this are kept on one line, as are short texts of cells.
_KEPT_NAME, _KEPT_TEXT = 25, 15


def row_links(links: list[Node]) -> Markup:
    """The links of ranges of rows, with commas between.

    >>> print(row_links([{"before": "", "text": "rows 1–3", "target": "row-a-1"}]))
    <a class="rows" href="#row-a-1">rows 1–3</a>
    """
    return Markup(", ".join(map(_link, links)))  # noqa: S704 - each text in it is escaped


def table_rows(block: Node) -> Markup:
    """The rows of a table's node, each cell with the classes of its column."""
    columns = [
        [name for name, key in (("end", "end"), ("off", "narrow")) if column[key]] for column in block["columns"]
    ]
    lines = []
    for row in block["rows"]:
        place = f' id="{escape(row["id"])}"' if row["id"] else ""
        lines.append(f"<tr{place}>")
        for number, cell in enumerate(row["cells"]):
            keeps = " " in cell["text"] and len(cell["text"]) < _KEPT_TEXT and not cell["rows"]
            names = " ".join([*columns[number], "keep"] if keeps else columns[number])
            classes = f' class="{names}"' if names else ""
            opens, closes = (f"<td{classes}>", "</td>") if number else (f'<th scope="row"{classes}>', "</th>")
            lines.append(f"{opens}{_content(cell)}{closes}")
        lines.append("</tr>")
    return Markup("".join(f"{line}\n" for line in lines))  # noqa: S704 - each text in it is escaped


def _link(link: Node) -> str:
    before = ""
    if link["before"]:
        keep = ' class="keep"' if len(link["before"]) < _KEPT_NAME else ""
        before = f"<span{keep}>{escape(link['before'])}</span> "
    if link["target"]:
        return f'{before}<a class="rows" href="#{escape(link["target"])}">{escape(link["text"])}</a>'
    return f'{before}<span class="rows">{escape(link["text"])}</span>'


def _content(cell: Node) -> str:
    text = str(escape(cell["text"]))
    if cell["target"]:
        text = f'<a href="{escape(cell["file"])}#{escape(cell["target"])}">{text}</a>'
    if cell["address"]:
        text += f' <span class="address">{escape(cell["address"])}</span>'
    if cell["rows"]:
        text += f' <span class="cell-rows">{row_links(cell["rows"])}</span>'
    return text
