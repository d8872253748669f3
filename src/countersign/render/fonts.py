"""The one font that is shipped, for the PDF: which characters it can draw.

A PDF made as PDF/UA-1 may hold no character that its font cannot draw. Those are written out by their number, as
``[U+6771]``; the HTML report keeps them, for a browser has more fonts. The set is read from the font's own table
(OpenType ``cmap``, formats 4 and 12), so that it cannot go stale.

>>> drawable("£5 ± ŵ"), drawable("東")
('£5 ± ŵ', '[U+6771]')
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path

from countersign.render.text import ZERO_WIDTH_SPACE, code_point

FOLDER = Path(__file__).parent / "fonts"
REGULAR = FOLDER / "Inter-Regular.otf"
HEAVY = FOLDER / "Inter-SemiBold.otf"


def drawable(text: str) -> str:
    """``text`` with every character that the shipped font cannot draw written out by its number."""
    if text.isascii():
        return text
    known = characters()
    return "".join(character if character in known else code_point(character) for character in text)


@lru_cache(maxsize=1)
def characters() -> frozenset[str]:
    """The characters that both shipped weights can draw, and the invisible place to break a word."""
    return (_mapped(REGULAR.read_bytes()) & _mapped(HEAVY.read_bytes())) | {ZERO_WIDTH_SPACE}


def _mapped(font: bytes) -> frozenset[str]:
    """The characters in a font's ``cmap``: OpenType specification, tables ``cmap`` of format 4 and 12."""
    tables = struct.unpack_from(">H", font, 4)[0]
    directory = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * tables, 16)}
    cmap = directory[b"cmap"]
    found: set[int] = set()
    for index in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        table = cmap + struct.unpack_from(">I", font, cmap + 4 + 8 * index + 4)[0]
        kind = struct.unpack_from(">H", font, table)[0]
        if kind == 12:
            groups = struct.unpack_from(">I", font, table + 12)[0]
            for group in range(groups):
                first, last, glyph = struct.unpack_from(">III", font, table + 16 + 12 * group)
                found.update(code for code in range(first, last + 1) if glyph + code - first)
        elif kind == 4:
            found.update(_format_4(font, table))
    return frozenset(map(chr, found))


def _format_4(font: bytes, table: int) -> set[int]:
    double = struct.unpack_from(">H", font, table + 6)[0]
    ends, starts = table + 14, table + 16 + double
    found = set()
    for at in range(0, double, 2):
        last, first = struct.unpack_from(">H", font, ends + at)[0], struct.unpack_from(">H", font, starts + at)[0]
        delta = struct.unpack_from(">H", font, starts + double + at)[0]
        offset = struct.unpack_from(">H", font, starts + 2 * double + at)[0]
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offset:
                where = starts + 2 * double + at + offset + 2 * (code - first)
                glyph = struct.unpack_from(">H", font, where)[0]
                if not glyph:
                    continue
            if (glyph + delta) & 0xFFFF:
                found.add(code)
    return found
