"""A document as a PDF with the same words as the HTML report: tagged, with bookmarks, produced as PDF/UA-1.

The typst compiler runs in this process, with one fixed template, the shipped font alone, no system fonts and no
packages. Every text goes in as data, never as markup. "Produced as PDF/UA-1" says what the compiler was asked for and
checked; it is no outside validation. No clock takes part: the same document gives the same bytes.

>>> from countersign.document import Document, Paragraph, Section
>>> render_pdf(Document("Review", "", "en-GB", (Section("s", "Seen", (Paragraph("#panic()"),)),)))[:5]
b'%PDF-'
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from countersign.document import Document
from countersign.progress import Progress, silent
from countersign.render.charts import WIDE, chart_svg
from countersign.render.fonts import FOLDER, drawable
from countersign.render.text import breakable
from countersign.render.view import Node, view

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
#: Keys of the tree that name places or choose a form; all other strings are words for people.
_NAMES = frozenset({"id", "target", "kind", "tone", "language", "region"})
#: Sizes of type in points, and the characters that then fit across a page upright or on its side.
PORTRAIT_CHARACTERS = ((8.0, 112), (7.0, 128), (6.2, 145))
LANDSCAPE_CHARACTERS = ((7.0, 205), (6.2, 232), (5.6, 257))
#: No column asks for more than this many characters; longer cells wrap.
MOST_CHARACTERS = 36
#: A wide table of fewer rows stays on the upright page, in the smallest type: a page of its own would be mostly empty.
TURNED_FROM_ROWS = 12
#: Rows stay whole at the foot of a page unless a cell is longer than this, and might be higher than a page.
WHOLE_CHARACTERS = 400


def render_pdf(document: Document, *, progress: Progress = silent) -> bytes:
    """``document`` as a PDF. Raises ``CannotDraw`` if a block contradicts itself (see ``view.view``)."""
    # Imported here: only who asks for a PDF pays for the compiler.
    import typst

    tree = view(document)
    charts = [block for section in tree["sections"] for block in section["blocks"] if block["kind"] == "chart"]
    for done, block in enumerate(charts):
        progress("drawing charts", done, len(charts))
        block["svg"] = chart_svg(block.pop("chart"), WIDE)
    for section in tree["sections"]:
        for block in section["blocks"]:
            if block["kind"] in ("table", "chart"):
                _fit(block if block["kind"] == "table" else block["table"])
    progress("setting the PDF", 0, None)
    # A fixed time besides the template's ``date: none``: not even the file's own identifier may come from the clock.
    pdf: bytes = typst.compile(
        _TEMPLATE,
        format="pdf",
        font_paths=[FOLDER],
        ignore_system_fonts=True,
        sys_inputs={"tree": json.dumps(_words(tree))},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    progress("setting the PDF", 1, 1)
    return pdf


def _fit(table: Node) -> None:
    """Give a table its columns' shares of the width, its size of type, and a page turned on its side if it needs one.

    A column's share goes by its longest word and by the length that nine in ten of its cells keep to.
    """
    shares = []
    for at, column in enumerate(table["columns"]):
        texts = [row["cells"][at]["text"] for row in table["rows"]] + [column["label"]]
        links = [link for row in table["rows"] for link in row["cells"][at]["rows"]]
        lengths = sorted(len(text) for text in texts[:-1]) or [0]
        usual = min(lengths[len(lengths) * 9 // 10 if len(lengths) > 1 else 0], MOST_CHARACTERS)
        word = max((len(word) for text in texts for word in text.split()), default=1)
        linked = max((len(link["before"]) + len(link["text"]) for link in links), default=0)
        shares.append(max(min(max(word, linked), MOST_CHARACTERS), usual, 3) + 2)
    needed = sum(shares)
    table["turned"] = needed > PORTRAIT_CHARACTERS[-1][1] and len(table["rows"]) > TURNED_FROM_ROWS
    sizes = LANDSCAPE_CHARACTERS if table["turned"] else PORTRAIT_CHARACTERS
    table["size"] = next((size for size, characters in sizes if needed <= characters), sizes[-1][0])
    longest = max((len(cell["text"]) for row in table["rows"] for cell in row["cells"]), default=0)
    table["whole"] = longest <= WHOLE_CHARACTERS
    table["shares"] = shares if needed > sizes[0][1] * 0.75 else []


def _words(node: Any, key: str = "") -> Any:
    """The tree with every word drawable by the shipped font, and places in very long ones at which to break."""
    if isinstance(node, dict):
        return {name: _words(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_words(value, key) for value in node]
    if not isinstance(node, str) or key in _NAMES:
        return node
    return drawable(node) if key == "svg" else breakable(drawable(node))
