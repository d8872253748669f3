"""Rows of a table and links to rows as HTML, without the template: a report has thousands of cells, a site a million.

Everything that is a text is escaped here; the template takes what comes back as it is.

>>> print(row_links([{"before": "", "text": "rows 1–3", "target": "row-a-1"}]))
<a class="rows" href="#row-a-1">rows 1–3</a>
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

#: Names of documents shorter than this are kept on one line, as are short texts of cells.
_KEPT_NAME, _KEPT_TEXT = 25, 15

Node = dict[str, Any]


def row_links(links: list[Node]) -> Markup:
    """The links of ranges of rows, with commas between."""
    return Markup(", ".join(map(_link, links)))  # noqa: S704 - each text in it is escaped


def table_rows(block: Node) -> Markup:
    """The rows of a table's node, each cell with the classes of its column."""
    columns = [[name for name, has in (("end", one["end"]), ("off", one["narrow"])) if has] for one in block["columns"]]
    lines = []
    for row in block["rows"]:
        place = f' id="{escape(row["id"])}"' if row["id"] else ""
        lines.append(f"<tr{place}>")
        for number, cell in enumerate(row["cells"]):
            names = " ".join([*columns[number], "keep"] if _keeps(cell) else columns[number])
            classes = f' class="{names}"' if names else ""
            if number:
                lines.append(f"<td{classes}>{_content(cell)}</td>")
            else:
                lines.append(f'<th scope="row"{classes}>{_content(cell)}</th>')
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


def _keeps(cell: Node) -> bool:
    return " " in cell["text"] and len(cell["text"]) < _KEPT_TEXT and not cell["rows"]


def _content(cell: Node) -> str:
    text = str(escape(cell["text"]))
    if cell["target"]:
        text = f'<a href="#{escape(cell["target"])}">{text}</a>'
    if cell["address"]:
        text += f' <span class="address">{escape(cell["address"])}</span>'
    if cell["rows"]:
        text += f' <span class="cell-rows">{row_links(cell["rows"])}</span>'
    return text
