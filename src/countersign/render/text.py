"""Strings as a reader may see them: white space folded, and what cannot be seen or turns text round made visible.

A published document may hold any character. Control characters, marks that reverse the direction of reading, invisible
joiners, lone surrogates and code points that are no characters are written out as ``[U+202E]``, so that a reader sees
that they are there and nothing in the report can be moved or hidden by them. Arabic, Welsh or Chinese letters stay as
they are. This does no escaping: HTML is escaped by the template, the PDF takes strings as data.

>>> shown("St\\u202eMary\\x00 \\n Axe")
'St[U+202E]Mary[U+0000] Axe'
>>> anchor("row met 2024")
'row-met-2024'
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

#: Invisible joiners that Indic scripts, Persian and emoji need; they reverse nothing.
KEPT_JOINERS = frozenset("\u200c\u200d")
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
    category = unicodedata.category(character)
    hidden = category in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in KEPT_JOINERS
    if hidden or ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF:
        return code_point(character)
    return character


def code_point(character: str) -> str:
    """The character by its number, ``[U+202E]``."""
    return f"[U+{ord(character):04X}]"


def anchor(text: str) -> str:
    """An identifier for a place in the report: letters, digits, ``. _ -`` only; the same text gives the same one.

    Texts that would otherwise fall together keep apart by eight hexadecimal digits of their SHA-256.
    """
    spaced = re.sub(r"\s+", "-", text.strip())
    plain = re.sub(r"[^A-Za-z0-9._-]", "", spaced)
    if plain == spaced and plain:
        return plain
    return f"{plain or 'place'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def breakable(text: str) -> str:
    """``text`` with places where a very long word (a digest, an address) may be broken, invisible otherwise."""

    def broken(match: re.Match[str]) -> str:
        word = match.group()
        return ZERO_WIDTH_SPACE.join(word[at : at + BREAK_EVERY] for at in range(0, len(word), BREAK_EVERY))

    return _LONG_WORD.sub(broken, text)


def number(value: float | int) -> str:
    """A number with commas by thousands and no more decimals than it has, at most three.

    >>> number(902748), number(1003.5), number(2.0)
    ('902,748', '1,003.5', '2')
    """
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")
