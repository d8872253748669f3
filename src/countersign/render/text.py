"""Strings as a reader may see them: white space folded, and what cannot be seen or turns text round made visible.

Control characters, marks that reverse the direction of reading, invisible joiners, lone surrogates and code points that
are no characters are written out as ``[U+202E]``, so that nothing in the report can be moved or hidden by them. Nothing
is escaped here: the HTML template does that, and the PDF takes strings as data. A PDF/UA-1 file may hold no character
that its font cannot draw: those are written out by number too, in the PDF alone.

>>> shown("St\\u202eMary\\x00 \\n Axe")
'St[U+202E]Mary[U+0000] Axe'
>>> drawable("£5 ± ŵ"), drawable("東")
('£5 ± ŵ', '[U+6771]')
"""

from __future__ import annotations

import hashlib
import re
import struct
from functools import lru_cache
from pathlib import Path

from countersign.words.hidden import KEPT_JOINERS, code_point, is_hidden

FOLDER = Path(__file__).parent / "fonts"
REGULAR = FOLDER / "Inter-Regular.otf"
HEAVY = FOLDER / "Inter-SemiBold.otf"

_SPACE = re.compile(r"[\s\u2028\u2029]+")
_PLAIN = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2015\u2018-\u201f\u2020-\u2026]*")
#: A word of this many characters or more may be broken after every ``BREAK_EVERY`` in the PDF.
LONG_WORD, BREAK_EVERY = 25, 12
_LONG_WORD = re.compile(rf"[^\s\u00a0]{{{LONG_WORD},}}")
ZERO_WIDTH_SPACE = "\u200b"


def shown(text: str) -> str:
    """``text`` on one line, with every character that could not be seen written out as ``[U+XXXX]``."""
    if _PLAIN.fullmatch(text) and "  " not in text:
        return text.strip(" ")
    return "".join(map(_shown_character, _SPACE.sub(" ", text))).strip(" ")


def _shown_character(character: str) -> str:
    return code_point(character) if is_hidden(character) and character not in KEPT_JOINERS else character


def anchor(text: str) -> str:
    """An identifier for a place: letters, digits, ``. _ -``; other texts end in eight digits of their SHA-256.

    >>> anchor("row met 2024")
    'row-met-2024'
    """
    spaced = re.sub(r"\s+", "-", text.strip())
    plain = re.sub(r"[^A-Za-z0-9._-]", "", spaced)
    if plain == spaced and plain:
        return plain
    return f"{plain or 'place'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def breakable(text: str) -> str:
    """``text`` with invisible places at which a very long word (a digest, an address) may be broken."""

    def broken(match: re.Match[str]) -> str:
        word = match.group()
        return ZERO_WIDTH_SPACE.join(word[at : at + BREAK_EVERY] for at in range(0, len(word), BREAK_EVERY))

    return _LONG_WORD.sub(broken, text)


def number(value: float | int) -> str:
    """A number with commas by thousands and at most three decimals.

    >>> number(902748), number(1003.5), number(2.0)
    ('902,748', '1,003.5', '2')
    """
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def drawable(text: str) -> str:
    """``text`` with every character that the shipped font cannot draw written out by its number."""
    if text.isascii():
        return text
    return "".join(character if character in characters() else code_point(character) for character in text)


@lru_cache(maxsize=1)
def characters() -> frozenset[str]:
    """The characters that both shipped weights can draw, and the invisible place to break a word."""
    return frozenset(_advances(REGULAR)) & frozenset(_advances(HEAVY)) | {ZERO_WIDTH_SPACE}


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """How wide ``text`` is in the shipped font at ``size``, in the same unit; a character it lacks counts as an em.

    >>> round(width_of("1 in 33,400", 12)), round(width_of("1 in 33,400", 12, bold=True))
    (64, 65)
    """
    advances = _advances(HEAVY if bold else REGULAR)
    return size * sum(advances.get(character, 1.0) for character in text)


@lru_cache(maxsize=2)
def _advances(path: Path) -> dict[str, float]:
    """The characters in a font's own table (OpenType ``cmap``, formats 4 and 12) and their advance widths in ems."""
    font = path.read_bytes()
    tables = struct.unpack_from(">H", font, 4)[0]
    directory = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * tables, 16)}
    cmap = directory[b"cmap"]
    glyphs: dict[int, int] = {}
    for index in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        table = cmap + struct.unpack_from(">I", font, cmap + 4 + 8 * index + 4)[0]
        kind = struct.unpack_from(">H", font, table)[0]
        if kind == 12:
            for group in range(struct.unpack_from(">I", font, table + 12)[0]):
                first, last, glyph = struct.unpack_from(">III", font, table + 16 + 12 * group)
                glyphs |= {code: glyph + code - first for code in range(first, last + 1) if glyph + code - first}
        elif kind == 4:
            glyphs |= _format_4(font, table)
    em = struct.unpack_from(">H", font, directory[b"head"] + 18)[0]
    metrics = struct.unpack_from(">H", font, directory[b"hhea"] + 34)[0]
    widths = struct.unpack_from(">" + metrics * "Hh", font, directory[b"hmtx"])[::2]
    return {chr(code): widths[min(glyph, metrics - 1)] / em for code, glyph in glyphs.items()}


def _format_4(font: bytes, table: int) -> dict[int, int]:
    double = struct.unpack_from(">H", font, table + 6)[0]
    ends, starts = table + 14, table + 16 + double
    glyphs = {}
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
                glyphs[code] = (glyph + delta) & 0xFFFF
    return glyphs
