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
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from countersign.document import Document
from countersign.render.charts.draw import card_svg, chart_svg
from countersign.render.charts.svg import NARROW, WIDE
from countersign.render.fit import fit_page
from countersign.render.text import ZERO_WIDTH_SPACE, breakable
from countersign.render.view import Node, view

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache(maxsize=16)
def template(folder: Path, name: str, *functions: Callable[..., Any]) -> Template:
    """A template of a folder, which may import the report's own; ``functions`` are those it may call, by name."""
    # Imported at the first page: most commands draw none.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    lines: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    environment = Environment(
        loader=FileSystemLoader([folder, _TEMPLATES]), autoescape=True, undefined=StrictUndefined, **lines
    )
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
    page = template(_TEMPLATES, "report.html", row_links, table_rows, packed, broken)
    about = " · ".join(tree["about"])
    texts = {"style": report_style() + page_rules(tree), "back": back, "about": about}
    return page.render(tree=tree, drawings=drawings, **texts).encode("utf-8")


def render_page(document: Document, folder: Path, name: str, *, up: str, **texts: object) -> bytes:
    """``document``, which has no charts or cards, in the frame ``name`` of a folder of templates, as a page of a site:
    ``up`` leads to the site's root ("../"), from which links that begin with ``./`` are read. Raises ``CannotDraw``.
    """
    page, tree = template(folder, name, row_links, table_rows, packed, broken), view(document, up)
    return page.render(tree=tree, up=up, rules=page_rules(tree), **texts).encode("utf-8")


def packed(drawing: str) -> str:
    """A drawing as text for an address that holds it whole, to be saved from the page without fetching anything."""
    return base64.b64encode(drawing.encode("utf-8")).decode("ascii")


def report_style() -> str:
    """The style sheet of every report; the public site adds rules to it."""
    narrow = f"@media (max-width: {STACKED}px) {{\n{_stacking('.scroll')}}}\n"
    return (_TEMPLATES / "report.css").read_text(encoding="utf-8") + narrow


def _stacking(which: str) -> str:
    """The rules under which the rows of tables stack, for the frames with this selector."""
    return (_TEMPLATES / "stacked.css").read_text(encoding="utf-8").replace(".room", which)


def page_rules(tree: Node) -> str:
    """The rules of one page, after those of every report: labels of stacked cells, the rows that a link marks, the part
    of the contents in which a reader is, and what stands in the margin of each sheet.
    """
    labels = "".join(
        f".c{number} tr>:nth-child({place}){{--label:{quoted(label)}}}"
        for labels, number in _columns(tree).items()
        for place, label in enumerate(labels, 1)
    )
    rooms = sorted({table["room"] for table in _tables(tree)})
    stacked = "".join(f"@container (max-width:{room}ch){{{_stacking(f'.n{room}')}}}" for room in rooms)
    marks = [mark for table in _tables(tree) for row in table["rows"] for mark in row["marks"]]
    rules = [
        f"table:has(#{_escaped(mark['id'])}:target) tbody tr:nth-child(n+{mark['first']}):nth-child(-n+{mark['last']})"
        for mark in marks
    ]
    marked = f"{','.join(rules)}{{background:var(--target)}}" if rules else ""
    count = len(tree["sections"])
    here = [
        f"main>section:nth-of-type({at}){{view-timeline-name:--s{at}}}"
        f"nav li:nth-child({at}) a{{animation-timeline:--s{at}}}"
        for at in range(1, count + 1)
    ]
    scope = f"body{{timeline-scope:{','.join(f'--s{at}' for at in range(1, count + 1))}}}" if count else ""
    margin = f"@page{{@top-left{{content:{quoted(' · '.join(tree['about']))};font-size:8pt}}}}" if tree["about"] else ""
    return f"{labels}\n{stacked}\n{marked}\n{scope}{''.join(here)}\n{margin}"


def quoted(text: str) -> str:
    """``text`` as a string of a style sheet; whatever could end it or the sheet is written as its number.

    >>> print(quoted("</style>"))
    "\\3c \\2f style\\3e "
    """
    return '"' + re.sub(r"[^\w .,:;()%·–-]", lambda match: f"\\{ord(match.group()):x} ", text) + '"'


def _escaped(name: str) -> str:
    return re.sub(r"[^\w-]", lambda match: f"\\{match.group()}", name)


def _tables(tree: Node) -> Iterator[Node]:
    """All tables of a tree, those of charts too."""
    for section in tree["sections"]:
        for block in section["blocks"]:
            if block["kind"] in ("table", "chart"):
                yield block["table"] if block["kind"] == "chart" else block


def _columns(tree: Node) -> dict[tuple[str, ...], int]:
    """The labels of all tables' columns, each list once, numbered; each table is fitted, and given its number."""
    numbers: dict[tuple[str, ...], int] = {}
    for table in _tables(tree):
        room = fit_page(table, _KEPT_TEXT)
        table["room"] = min(max(-(-room // _ROOMS), _LEAST_ROOM), _MOST_ROOM) * _ROOMS
        labels = tuple(column["label"] for column in table["columns"])
        table["labels"] = numbers.setdefault(labels, len(numbers))
    return numbers


#: At this width in pixels and below rows stack.
STACKED = 599
#: Tables stack where their frame has less room than they need, in steps of so many characters; none has more.
_ROOMS, _LEAST_ROOM, _MOST_ROOM = 10, 5, 20
#: So many ranges of rows are shown at once; more are folded.
_SHOWN_RANGES = 6
#: Names of documents shorter than this are kept on one line, as are short texts of cells.
_KEPT_NAME, _KEPT_TEXT = 25, 15
#: Where rows stack on a wide page, a label and its cell of more characters take two places of a line, or all of it.
_LONGER = 27


def row_links(links: list[Node]) -> Markup:
    """The links of ranges of rows, with commas between.

    >>> print(row_links([{"before": "", "text": "rows 1–3", "target": "rows-a-1-3"}]))
    <a class="rows" href="#rows-a-1-3">rows 1–3</a>
    """
    drawn = ", ".join(map(_link, links))
    if len(links) > _SHOWN_RANGES:
        few = f"{escape(links[0]['before'])} {escape(links[0]['text'])}".strip()
        drawn = f'<details class="fold"><summary>{few} and {len(links) - 1:,} more</summary>{drawn}</details>'
    return Markup(drawn)  # noqa: S704 - each text in it is escaped


def table_rows(block: Node) -> Markup:
    """The rows of a table's node, each cell with the classes of its column."""
    ends = [column["end"] for column in block["columns"]]
    before = [len(column["label"]) for column in block["columns"]]
    lines = []
    for row in block["rows"]:
        place = f' id="{escape(row["id"])}"' if row["id"] else ""
        lines.append(f'<tr role="row"{place}>')
        marks = "".join(f'<i id="{escape(mark["id"])}"></i>' for mark in row["marks"])
        for number, cell in enumerate(row["cells"]):
            names = " ".join([*(["end"] if ends[number] else []), *_sizes(cell, before[number])])
            classes = f' class="{names}"' if names else ""
            if number:
                lines.append(f'<td role="cell"{classes}>{_content(cell)}</td>')
            else:
                lines.append(f'<th scope="row" role="rowheader"{classes}>{marks}{_content(cell)}</th>')
        lines.append("</tr>")
    return Markup("".join(f"{line}\n" for line in lines))  # noqa: S704 - each text in it is escaped


def _sizes(cell: Node, label: int) -> Iterator[str]:
    """The classes of a cell by how long its text is, by itself and after its column's label of so many characters."""
    if " " in cell["text"] and len(cell["text"]) < _KEPT_TEXT and not cell["rows"]:
        yield "keep"
    linked = (len(link["before"]) + len(link["text"]) - label for link in cell["rows"])
    characters = label + max(len(cell["text"]), *linked, 0)
    if characters > _LONGER:
        yield "longest" if characters > 2 * _LONGER else "longer"


def _link(link: Node) -> str:
    before = ""
    if link["before"]:
        keep = ' class="keep"' if len(link["before"]) < _KEPT_NAME else ""
        before = f"<span{keep}>{escape(link['before'])}</span> "
    if link["target"]:
        return f'{before}<a class="rows" href="#{escape(link["target"])}">{escape(link["text"])}</a>'
    return f'{before}<span class="rows">{escape(link["text"])}</span>'


def broken(text: str) -> Markup:
    """A text escaped, with places in very long words at which to break; nothing is copied with it.

    >>> print(broken("<" + "0" * 30))
    &lt;00000000000<wbr>000000000000<wbr>0000000
    """
    return Markup(str(escape(breakable(text))).replace(ZERO_WIDTH_SPACE, "<wbr>"))  # noqa: S704 - it is escaped


def _content(cell: Node) -> str:
    text = str(broken(cell["text"]))
    if cell["shape"]:
        text = f'<span class="shape {cell["shape"]}"></span>{text}'
    if cell["file"] or cell["target"]:
        place = f"#{cell['target']}" if cell["target"] else ""
        text = f'<a href="{escape(cell["file"] + place)}">{text}</a>'
    if cell["address"]:
        text += f' <span class="address">{broken(cell["address"])}</span>'
    if cell["rows"]:
        text += f'<div class="cell-rows">{row_links(cell["rows"])}</div>'
    return text
