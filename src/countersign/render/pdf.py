"""A document as a PDF with the same words as the HTML report: tagged, with bookmarks, produced as PDF/UA-1.

The typst compiler runs in this process, with one fixed template and the shipped font alone. Every text goes in as data,
never as markup. "Produced as PDF/UA-1" says what the compiler was asked for and checked; it is no outside validation.

Tables are fitted here, all in one size and on upright pages. Widths are in characters of the shipped font, a little on
the wide side. A column's least width is that of its longest word; its wanted width fits nine in ten of its cells
without wrapping. Where all columns have their least, the rest is shared by what each wants; else rows are written out.

>>> from countersign.document import Document, Paragraph, Section
>>> render_pdf(Document("Review", "", "en-GB", (Section("s", "Seen", (Paragraph("#panic()"),)),)))[:5]
b'%PDF-'
>>> shared([(4, 4), (6, 30)], 20)
[4.0, 16.0]
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from countersign.document import Document
from countersign.progress import Progress, silent
from countersign.render.charts.draw import chart_svg
from countersign.render.charts.svg import PAPER
from countersign.render.text import BREAK_EVERY, FOLDER, LONG_WORD, breakable, drawable
from countersign.render.view import Node, view

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
#: Keys of the tree that name places or choose a form; all other strings are words for people.
_NAMES = frozenset({"id", "target", "row", "kind", "tone", "language", "region", "shape", "state", "form", "counts"})


def render_pdf(document: Document, annex: Document | None = None, *, progress: Progress = silent) -> bytes:
    """``document`` as a PDF, and after it the contents and the ``annex`` (a brief and its evidence); the same documents
    give the same bytes. Raises ``CannotDraw`` (see ``view.view``).
    """
    # Imported here: only who asks for a PDF pays for the compiler.
    import typst

    tree = view(document)
    behind = view(annex) if annex else None
    _joined(tree, behind)
    if annex:
        _counts_behind(tree)
    sections = [*tree["sections"], *tree["annex"]]
    charts = [block for section in sections for block in section["blocks"] if block["kind"] == "chart"]
    for done, block in enumerate(charts):
        progress("drawing charts", done, len(charts))
        block["svg"] = chart_svg(block.pop("chart"), PAPER)
    for section in sections:
        for block in section["blocks"]:
            block.pop("card", None)
        section["blocks"] = on_paper(section["blocks"])
    progress("setting the PDF", 0, None)
    # A fixed time besides the template's ``date: none``: not even the file's own identifier may come from the clock.
    inputs = {"tree": json.dumps(_words(tree))}
    fonts: dict[str, Any] = {"font_paths": [FOLDER], "ignore_system_fonts": True}
    pdf: bytes = typst.compile(_TEMPLATE, format="pdf", **fonts, sys_inputs=inputs, pdf_standards=["ua-1"], timestamp=0)
    progress("setting the PDF", 1, 1)
    return pdf


def _joined(tree: Node, annex: Node | None) -> None:
    """Put the sections of ``annex`` behind those of ``tree``, as one file. Places of the first get a name of their own;
    a link from one to the other's file leads to the place in it, if it is there.
    """
    tree["annex"], tree["annex_title"] = (annex["sections"], annex["title"]) if annex else ([], "")
    first, behind = set(_places(tree["sections"])), set(_places(tree["annex"]))
    before = "brief:" if annex else ""
    _led(tree["sections"], before, behind, "")
    _led(tree["annex"], "", first, before)


def _counts_behind(tree: Node) -> None:
    """Put the tables of a brief's charts in front of its annex, for the brief is short; each chart links to its own."""
    tables = []
    for block in (block for section in tree["sections"] for block in section["blocks"]):
        if block["kind"] == "chart":
            tables.append(block.pop("table"))
            block["counts"] = tables[-1]["id"]
    if tables:
        section = {"id": "brief:counts", "title": "The counts behind the charts of the brief", "blocks": tables}
        tree["annex"] = [section, *tree["annex"]]


def _places(node: Any) -> Iterator[str]:
    """The names of all places in a tree; a link is none on paper."""
    if isinstance(node, dict) and "file" not in node:
        if node.get("id"):
            yield node["id"]
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _places(part)


def _led(node: Any, before: str, beside: set[str], named: str) -> None:
    """Put ``before`` in front of places and links; a link to the other file gets ``named``, if its place is there."""
    if isinstance(node, list):
        for part in node:
            _led(part, before, beside, named)
    elif isinstance(node, dict) and node.get("file"):
        node["id"], node["target"] = "", f"{named}{node['target']}" if node["target"] in beside else ""
    elif isinstance(node, dict):
        node |= {key: f"{before}{node[key]}" for key in ("id", "target", "row") if node.get(key)}
        for part in node.values():
            _led(part, before, beside, named)


def _words(node: Any, key: str = "") -> Any:
    """The tree with every word drawable by the shipped font, and places in very long ones at which to break."""
    if isinstance(node, dict):
        return {name: _words(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_words(value, key) for value in node]
    if not isinstance(node, str) or key in _NAMES:
        return node
    return drawable(node) if key == "svg" else breakable(drawable(node))


#: The size of type in tables, in points, and the characters of it that fit across a page. Nothing is smaller.
SIZE, CHARACTERS = 8.0, 100
#: No column asks for more than this many characters; longer cells wrap.
MOST_CHARACTERS = 36
#: A table of at most so many rows is turned round, columns for rows, before its rows are written out.
FEW_ROWS = 8
#: Rows stay whole at the foot of a page unless a cell has more lines than this, and might be higher than a page.
WHOLE_LINES = 30
#: The room between columns, in characters.
_BETWEEN = 2


def fit(table: Node) -> None:
    """Set ``form``: ``table`` with its ``shares`` (none if the columns may keep their natural width) and whether rows
    stay ``whole``; or ``records``, where not even the longest words of all columns fit beside each other. Then each row
    is written out, each cell after its column's label. No page is turned.
    """
    columns = [_widths(table, at) for at in range(len(table["columns"]))]
    if sum(least for least, _ in columns) > CHARACTERS and 1 < len(table["rows"]) <= FEW_ROWS:
        turned = _turned(table)
        widths = [_widths(turned, at) for at in range(len(turned["columns"]))]
        if sum(least for least, _ in widths) <= CHARACTERS:
            table |= turned
            columns = widths
    if sum(least for least, _ in columns) > CHARACTERS:
        table["form"] = "records"
        return
    natural = sum(wanted for _, wanted in columns) <= CHARACTERS * 0.75
    widths_of = [float(wanted) for _, wanted in columns] if natural else shared(columns, CHARACTERS)
    cells = (pair for row in table["rows"] for pair in zip(row["cells"], widths_of, strict=True))
    longest = max((len(cell["text"]) / max(width, 1.0) for cell, width in cells), default=0.0)
    table |= {"form": "table", "shares": [] if natural else widths_of, "whole": longest <= WHOLE_LINES}


def _turned(table: Node) -> Node:
    """The columns and rows of a table with each taking the other's place; a row's place is its column's then. What
    the first cells stand on is a row of its own at the end.
    """
    first, *labels = (column["label"] for column in table["columns"])
    heads = [{"label": first, "end": False, "id": ""}]
    heads += [{"label": row["cells"][0]["text"], "end": True, "id": row["id"]} for row in table["rows"]]
    blank = {"target": "", "address": "", "rows": [], "shape": ""}
    rows = [
        {"id": "", "marks": [], "cells": [{"text": label, **blank}, *(row["cells"][at] for row in table["rows"])]}
        for at, label in enumerate(labels, 1)
    ]
    stands_on = [{"text": "", **blank, "rows": row["cells"][0]["rows"]} for row in table["rows"]]
    if any(cell["rows"] for cell in stands_on):
        rows.append({"id": "", "marks": [], "cells": [{"text": "Source rows", **blank}, *stands_on]})
    return {"columns": heads, "rows": rows}


def on_paper(blocks: Sequence[Node]) -> list[Node]:
    """Blocks in the order of the page: a chart's table follows it, and each table is fitted."""
    flat: list[Node] = []
    for block in blocks:
        flat.append(block)
        if "table" in block:
            flat.append(block.pop("table"))
        if flat[-1]["kind"] == "table":
            fit(flat[-1])
    return flat


def shared(columns: Sequence[tuple[int, int]], characters: int) -> list[float]:
    """The width of each of ``columns`` (least, wanted): the least, and its share of what is left over."""
    least = sum(column[0] for column in columns)
    beyond = sum(column[1] - column[0] for column in columns) or 1
    spare = max(characters - least, 0)
    return [float(low + spare * (want - low) / beyond) for low, want in columns]


def _widths(table: Node, at: int) -> tuple[int, int]:
    """The least and the wanted width of a column, with the room beside it."""
    cells = [row["cells"][at] for row in table["rows"]]
    texts = [cell["text"] for cell in cells]
    lengths = sorted(map(len, texts)) or [0]
    # One or two long cells may wrap; in a short table the longest but one decides, or the only one.
    usual = lengths[max(len(lengths) * 9 // 10 - 1, 0)]
    words = [word for text in [*texts, table["columns"][at]["label"]] for word in text.split()]
    links = [link for cell in cells for link in cell["rows"]]
    parts = [len(part) for link in links for part in (link["before"], link["text"])]
    least = max([BREAK_EVERY if len(word) >= LONG_WORD else len(word) for word in words] + parts, default=1)
    linked = max((len(link["before"]) + len(link["text"]) for link in links), default=0)
    wanted = min(max(usual, linked), MOST_CHARACTERS)
    return least + _BETWEEN, max(least, wanted) + _BETWEEN
