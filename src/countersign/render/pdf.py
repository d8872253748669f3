"""A document as a PDF with the same words as the HTML report: tagged, with bookmarks, produced as PDF/UA-1.

The typst compiler runs in this process, with one fixed template and the shipped font alone. Every text goes in as data,
never as markup. "Produced as PDF/UA-1" says what the compiler was asked for and checked; it is no outside validation.

Tables are fitted here. Widths are in characters of the shipped font, a little on the wide side. A column's least width
is that of its longest word; its wanted width fits nine in ten of its cells without wrapping. The first page and size
that hold what is wanted are taken; else the first that hold the least, the rest being shared by what each column wants.

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
from countersign.render.charts.draw import PAPER, chart_svg
from countersign.render.text import BREAK_EVERY, FOLDER, LONG_WORD, breakable, drawable
from countersign.render.view import Node, view

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
#: Keys of the tree that name places or choose a form; all other strings are words for people.
_NAMES = frozenset({"id", "target", "row", "kind", "tone", "language", "region", "shape", "state"})


def render_pdf(document: Document, annex: Document | None = None, *, progress: Progress = silent) -> bytes:
    """``document`` as a PDF, and after it the contents and the ``annex`` (a brief and its evidence); the same documents
    give the same bytes. Raises ``CannotDraw`` (see ``view.view``).
    """
    # Imported here: only who asks for a PDF pays for the compiler.
    import typst

    tree = view(document)
    behind = view(annex) if annex else None
    _joined(tree, behind)
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


#: Sizes of type in points, and the characters that then fit across a page upright, or on its side. The smallest upright
#: is only for a table of a few rows.
UPRIGHT = ((8.0, 100), (7.0, 114), (6.2, 129))
SMALLEST_UPRIGHT = (5.6, 143)
TURNED = ((7.0, 183), (6.2, 206), (5.6, 228), (5.0, 255))
#: No column asks for more than this many characters; longer cells wrap.
MOST_CHARACTERS = 36
#: A table of fewer rows stays on the upright page if its words fit: a page of its own would be mostly empty.
TURNED_FROM_ROWS = 12
#: Rows stay whole at the foot of a page unless a cell has more lines than this, and might be higher than a page.
WHOLE_LINES = 30
#: The room between columns, in characters.
_BETWEEN = 2


def fit(table: Node) -> None:
    """Set ``turned``, ``size``, ``shares`` (none if the columns may keep their natural width) and ``whole``."""
    columns = [_widths(table, at) for at in range(len(table["columns"]))]
    least, wanted = (sum(column[side] for column in columns) for side in (0, 1))
    choices = [(False, size, characters, wanted) for size, characters in UPRIGHT]
    if len(table["rows"]) > TURNED_FROM_ROWS:
        choices += [(True, size, characters, wanted) for size, characters in TURNED[:-1]]
    else:
        choices += [(False, size, characters, least) for size, characters in (*UPRIGHT, SMALLEST_UPRIGHT)]
    choices += [(True, size, characters, least) for size, characters in TURNED]
    holding = (choice for choice in choices if choice[3] <= choice[2])
    turned, size, characters, _ = next(holding, choices[-1])
    natural = wanted <= characters * 0.75
    widths = [float(want) for _, want in columns] if natural else shared(columns, characters)
    cells = (pair for row in table["rows"] for pair in zip(row["cells"], widths, strict=True))
    longest = max((len(cell["text"]) / max(width, 1.0) for cell, width in cells), default=0.0)
    table["turned"], table["size"] = turned, size
    table["shares"] = [] if natural else widths
    table["whole"] = longest <= WHOLE_LINES


def on_paper(blocks: Sequence[Node]) -> list[Node]:
    """Blocks in the order of the page: a chart's table follows it, and what needs a page on its side is gathered.
    Tables on their side that follow each other share pages, and a heading goes with the table under it.
    """
    flat: list[Node] = []
    for block in blocks:
        flat.append(block)
        if block["kind"] == "chart":
            flat.append(block.pop("table"))
        if flat[-1]["kind"] == "table":
            fit(flat[-1])
    paged: list[Node] = []
    for at, block in enumerate(flat):
        after = flat[at + 1] if at + 1 < len(flat) else {}
        heads = block["kind"] == "heading" and after.get("turned", False)
        if not heads and not block.get("turned", False):
            paged.append(block)
        elif paged and paged[-1]["kind"] == "turned":
            paged[-1]["blocks"].append(block)
        else:
            paged.append({"kind": "turned", "blocks": [block]})
    return paged


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
