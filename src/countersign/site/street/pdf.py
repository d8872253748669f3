"""The sign (A3) and the leaflet (A5) as PDF: tagged, produced as PDF/UA-1 in their language, with the shipped font.

Each paper is one fixed typst template; every text goes in as data, never as markup. The QR code holds the page's
address and nothing else, and is drawn as lines with a text alternative. No clock takes part: the same facts give the
same bytes. On the sign the letters of the title are at least 25 mm high without ascenders (seen from ten metres, 8.6
minutes of arc) and those of "you may walk round it" at least 14.5 mm (5 minutes of arc, what an eye of normal acuity,
6/6, just reads).

>>> _safe({"title": "#panic()\\u202e"})
{'title': '#panic()[U+202E]'}
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from countersign.errors import NotReached
from countersign.render.text import FOLDER, breakable, drawable, shown
from countersign.site.street.papers import Language, PaperFacts
from countersign.site.street.words import leaflet_words, sign_words

_TEMPLATES = Path(__file__).parent / "templates"
#: ISO/IEC 18004 asks for four modules of white around the code, and has level M restore about 15% of it.
QUIET_MODULES = 4
#: Texts of letters and digits alone that are typed or read aloud: nothing invisible may stand in them.
_WHOLE = frozenset({"address", "qr"})


class QrMakerMissing(NotReached):
    """The library that makes QR codes is not installed."""

    code = "qr-maker-missing"
    next_step = "Install segno beside countersign, then run the command again."


def papers(facts: PaperFacts) -> dict[str, bytes]:
    """All papers of a deployment by file name: ``sign-en.pdf``, ``leaflet-en.pdf``, and in Welsh with ``-cy``.

    Raises ``QrMakerMissing``.
    """
    code = qr_svg(facts.address)
    made: dict[str, bytes] = {}
    for language in facts.languages:
        made[f"sign-{language}.pdf"] = sign_pdf(facts, language, code)
        made[f"leaflet-{language}.pdf"] = leaflet_pdf(facts, language, code)
    return made


def sign_pdf(facts: PaperFacts, language: Language, code: str) -> bytes:
    """The sign in a language; ``code`` is the drawing of the QR code."""
    return _compiled("sign.typ", sign_words(facts, language), code)


def leaflet_pdf(facts: PaperFacts, language: Language, code: str) -> bytes:
    """The leaflet in a language; ``code`` is the drawing of the QR code."""
    return _compiled("leaflet.typ", leaflet_words(facts, language), code)


def qr_svg(address: str) -> str:
    """The QR code of an address as a drawing. Raises ``QrMakerMissing``."""
    try:
        import segno
    except ImportError:
        raise QrMakerMissing("QR codes are made with the library segno, which is not installed") from None
    drawing = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawing, kind="svg", border=QUIET_MODULES, xmldecl=False, dark="#000000", light="#ffffff")
    return drawing.getvalue().decode("utf-8")


def _compiled(template: str, words: dict[str, object], code: str) -> bytes:
    # Imported here: only who asks for a PDF pays for the compiler.
    import typst

    pdf: bytes = typst.compile(
        _TEMPLATES / template,
        format="pdf",
        font_paths=[FOLDER],
        ignore_system_fonts=True,
        sys_inputs={"words": json.dumps(_safe(words)), "code": code},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    return pdf


def _safe(node: Any, key: str = "") -> Any:
    """The tree with every text on one line, drawable by the shipped font, and places in very long words to break."""
    if isinstance(node, dict):
        return {name: _safe(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_safe(value) for value in node]
    return node if key in _WHOLE else breakable(drawable(shown(node)))
