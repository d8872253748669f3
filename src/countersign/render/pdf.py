"""A document as a PDF with the same words as the HTML report: tagged, with bookmarks, produced as PDF/UA-1.

The typst compiler runs in this process, with one fixed template and the shipped font alone. Every text goes in as data,
never as markup. "Produced as PDF/UA-1" says what the compiler was asked for and checked; it is no outside validation.

Tables are all in one size and on upright pages (``render.fit``).

>>> from countersign.document import Document, Paragraph, Section
>>> render_pdf(Document("Review", "", "en-GB", (Section("s", "Seen", (Paragraph("#panic()"),)),)))[:5]
b'%PDF-'
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
from countersign.render.fit import fit
from countersign.render.text import FOLDER, breakable, drawable
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
