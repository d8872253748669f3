"""Tables of web pages, saved pages and mail, read with lxml: row and column spans, several tables on a page.

A page saved whole (MHTML) and a mail are taken apart first. What a page hides (``hidden``, ``display: none``) is no
part of it. Nothing is fetched: an address in a page is never opened. Headings before a table name it.

>>> page = b"<html><h1>LFR</h1><table><tr><th>Date<th>Location<th>Alerts<tr><td>11/06/2024<td>Dagenham<td>9</table>"
>>> record = read_html(page, "page.html")
>>> record.rows[0].place, record.documents[0].title
('Dagenham', 'LFR')
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from typing import Any

from countersign.errors import WrongForm
from countersign.published.files import UnknownForm, digest
from countersign.published.table.grids import About, record_of
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import raised
from countersign.published.table.record import Record
from countersign.published.table.rows import MOST_ROWS
from countersign.published.table.shapes import Grid, Merged, on_grid
from countersign.words.lists import counted

#: The widest and highest span that a cell can state; more is no table that a person reads.
MOST_SPAN = 1000
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|text-top)", re.IGNORECASE)
_BLOCK = {"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"}
_FILE_LINK = re.compile(r"\.(?:pdf|xlsx?|ods|csv|docx?|json|zip)(?:$|[?#])", re.IGNORECASE)


class BrokenPage(WrongForm, next_step="Save the page again, or copy its table to a spreadsheet or CSV."):
    """A web page or mail cannot be taken apart, or is nested beyond any page that a person reads."""


def read_html(content: bytes, name: str, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a page or mail. Raises ``UnknownForm`` where it has no table, and what ``record_of`` raises."""
    grids, title = grids_of_html(content, name)
    return record_of(grids, About(name, "html", digest(content), title), columns)


def grids_of_html(content: bytes, name: str) -> tuple[list[Grid], str]:
    """The tables of a page and its title. Raises ``UnknownForm`` or ``BrokenPage``."""
    from lxml import etree, html

    page, encoding = _page_of(content, name)
    try:
        parser = html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False)
        root = html.document_fromstring(page, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError, RecursionError) as error:
        raise BrokenPage(f"{name}: the page is empty or damaged: {error}") from error
    for element in list(root.iter()):
        if (
            not isinstance(element.tag, str)
            or element.tag in ("script", "style", "template", "noscript")
            or _is_hidden(element)
        ) and element.getparent() is not None:
            element.drop_tree()
    for element in [found for found in root.iter() if found.tag == "sup" or _RAISED.search(found.get("style", ""))]:
        text, tail = raised(element.text_content()), element.tail
        element.clear()
        element.text, element.tail = text, tail
    tables = [table for table in root.iter("table") if not any(True for _ in table.iterancestors("table"))]
    tables = [inner for table in tables for inner in _innermost(table)]
    grids = [_grid(table, number, len(tables), name) for number, table in enumerate(tables, start=1)]
    grids = [grid for grid in grids if grid.rows]
    if not grids:
        raise _no_table(root, name)
    return grids, _title(root)


def _page_of(content: bytes, name: str) -> tuple[bytes, str | None]:
    """The page inside a mail or a page saved whole, and its encoding where that is said outside it."""
    opening = content[:2048].lower()
    if opening.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content, "utf-16"
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return content, None
        return content.removeprefix(b"\xef\xbb\xbf"), "utf-8"
    message = email.message_from_bytes(content, policy=email.policy.default)
    part = message.get_body(("html",)) if hasattr(message, "get_body") else None
    if part is None:
        part = next((found for found in message.walk() if found.get_content_type() == "text/html"), None)
    if part is None:
        raise UnknownForm(
            f"{name}: this is a mail without a page in it", next_step="Save what is attached to it, and give that file."
        )
    page = part.get_payload(decode=True)
    if not isinstance(page, bytes):
        raise BrokenPage(f"{name}: the page in this mail is damaged")
    return page, part.get_content_charset()


def _is_hidden(element: Any) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))


def _innermost(table: Any) -> list[Any]:
    """A table, or, where it only lays out a page, the tables inside it."""
    inner = [found for found in table.iter("table") if found is not table]
    if not inner:
        return [table]
    return [found for found in inner if not any(other is not found for other in found.iter("table"))]


def _rows_of(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _grid(table: Any, number: int, tables: int, name: str) -> Grid:
    rows: list[dict[int, str]] = []
    spans: list[Merged] = []
    taken: set[tuple[int, int]] = set()
    for at, row in enumerate(_rows_of(table)):
        if at > 2 * MOST_ROWS:
            raise BrokenPage(f"{name}, table {number}: it has more than {2 * MOST_ROWS:,} rows")
        cells: dict[int, str] = {}
        column = 0
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while (at, column) in taken:
                column += 1
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            cells[column] = _text(cell)
            if high > 1 or wide > 1:
                taken |= {(at + down, column + right) for down in range(high) for right in range(wide)}
                spans.append(Merged(at, column, at + high - 1, column + wide - 1))
            column += wide
        rows.append(cells)
    filled = [index for index, cells in enumerate(rows) if any(cells.values())]
    kept = [span for span in on_grid(spans, filled) if span.bottom > span.top]
    return Grid(
        name=_caption(table, number) if tables > 1 else "",
        number=number if tables > 1 else None,
        rows=tuple(tuple(rows[index].get(column, "") for column in range(max(rows[index]) + 1)) for index in filled),
        numbers=tuple(index + 1 for index in filled),
        kind="table",
        spans=tuple(kept),
        merged=tuple(f"row {span.top + 1}, column {span.left + 1}" for span in kept),
    )


def _span(cell: Any, name: str) -> int:
    text = cell.get(name, "1").strip()
    return max(1, min(int(text), MOST_SPAN)) if text.isascii() and text.isdecimal() else 1


def _text(element: Any) -> str:
    pieces: list[str] = []

    def gather(node: Any) -> None:
        if node.text:
            pieces.append(node.text)
        for child in node:
            if child.tag in _BLOCK:
                pieces.append(" ")
            gather(child)
            if child.tail:
                pieces.append(child.tail)

    gather(element)
    return " ".join("".join(pieces).split())


def _caption(table: Any, number: int) -> str:
    for caption in table.iter("caption"):
        return _text(caption)[:80] or str(number)
    for before in table.itersiblings(preceding=True):
        if before.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            return _text(before)[:80] or str(number)
    return str(number)


def _title(root: Any) -> str:
    for tag in ("h1", "title"):
        for element in root.iter(tag):
            if text := _text(element):
                return text[:200]
    return ""


def _no_table(root: Any, name: str) -> UnknownForm:
    links = [link.get("href", "") for link in root.iter("a") if _FILE_LINK.search(link.get("href", ""))]
    if links:
        return UnknownForm(
            f"{name}: this web page has no table; it links to {counted(len(links), 'file')}",
            next_step=f"Download what it links to ({links[0][:200]}) and give that file.",
        )
    return UnknownForm(
        f"{name}: this web page has no table",
        next_step="Save the page that shows the table, or copy the table to a CSV.",
    )
