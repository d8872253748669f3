"""A document as a PDF with the same words as the HTML report: tagged, with bookmarks, produced as PDF/UA-1.

The typst compiler runs in this process, with one fixed template and the shipped font alone. Every text goes in as data,
never as markup. "Produced as PDF/UA-1" says what the compiler was asked for and checked; it is no outside validation.

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
from countersign.render.charts.draw import WIDE, chart_svg
from countersign.render.fit import on_paper
from countersign.render.text import FOLDER, breakable, drawable
from countersign.render.view import view

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
#: Keys of the tree that name places or choose a form; all other strings are words for people.
_NAMES = frozenset({"id", "target", "kind", "tone", "language", "region"})


def render_pdf(document: Document, *, progress: Progress = silent) -> bytes:
    """``document`` as a PDF; the same document gives the same bytes. Raises ``CannotDraw`` (see ``view.view``)."""
    # Imported here: only who asks for a PDF pays for the compiler.
    import typst

    tree = view(document)
    charts = [block for section in tree["sections"] for block in section["blocks"] if block["kind"] == "chart"]
    for done, block in enumerate(charts):
        progress("drawing charts", done, len(charts))
        block["svg"] = chart_svg(block.pop("chart"), WIDE)
    for section in tree["sections"]:
        section["blocks"] = on_paper(section["blocks"])
    progress("setting the PDF", 0, None)
    # A fixed time besides the template's ``date: none``: not even the file's own identifier may come from the clock.
    inputs = {"tree": json.dumps(_words(tree))}
    fonts: dict[str, Any] = {"font_paths": [FOLDER], "ignore_system_fonts": True}
    pdf: bytes = typst.compile(_TEMPLATE, format="pdf", **fonts, sys_inputs=inputs, pdf_standards=["ua-1"], timestamp=0)
    progress("setting the PDF", 1, 1)
    return pdf


def _words(node: Any, key: str = "") -> Any:
    """The tree with every word drawable by the shipped font, and places in very long ones at which to break."""
    if isinstance(node, dict):
        return {name: _words(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_words(value, key) for value in node]
    if not isinstance(node, str) or key in _NAMES:
        return node
    return drawable(node) if key == "svg" else breakable(drawable(node))
