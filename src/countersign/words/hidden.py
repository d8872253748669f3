"""Characters that cannot be seen, or that move what is seen, written out; and CSV cells safe in a spreadsheet.

Controls (C0, DEL, C1, and with ESC every terminal sequence), marks that turn the direction of reading, zero width and
other ignorable characters (Unicode's Default_Ignorable_Code_Point, DerivedCoreProperties.txt), blanks that are no white
space, lone surrogates and code points that are no characters. Reports, terminals and text files share this rule.

A CSV cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV Injection"), and so does a
text with apostrophes before such a beginning: ``read_cell`` gives back what was written. A number is no formula.

>>> on_one_line("27 faces\\x1b[2K\\r\\u202eno fault\\u200b")
'27 faces[U+001B][2K [U+202E]no fault[U+200B]'
>>> in_json('{"title": "\\u202eab"}')
'{"title": "\\\\u202eab"}'
>>> safe_cell("=1+1"), safe_cell("-12.5"), safe_cell("'=1"), safe_cell("'tis")
("'=1+1", '-12.5', "''=1", "'tis")
>>> read_cell("'=1+1"), read_cell("''=1"), read_cell("'tis")
('=1+1', "'=1", "'tis")
"""

from __future__ import annotations

import json
import re
import unicodedata

#: Invisible joiners and variation selectors that Indic scripts, Persian and emoji need; they reverse nothing. Reports
#: keep them.
KEPT_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
#: Shown as nothing or as a blank, and of a category that says otherwise: fillers, variation selectors, the blank
#: Braille cell and the rest of Default_Ignorable_Code_Point.
_IGNORED = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2015\u2018-\u201f\u2020-\u2026]*")
_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")


def is_hidden(character: str) -> bool:
    """Whether a character cannot be seen or moves others; white space other than the blank is hidden, too."""
    point = ord(character)
    return (
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        or _IGNORED.fullmatch(character) is not None
        or point & 0xFFFE == 0xFFFE
        or 0xFDD0 <= point <= 0xFDEF
    )


def code_point(character: str) -> str:
    """The character by its number, ``[U+202E]``."""
    return f"[U+{ord(character):04X}]"


def on_one_line(text: str) -> str:
    """``text`` for a terminal or a text file: line breaks and tabs as a blank, hidden characters by their numbers.
    Blanks stay as they are, so that what is laid out in columns stays so.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(code_point(each) if is_hidden(each) else each for each in _BREAKS.sub(" ", text))


def line_by_line(text: str) -> str:
    """``text`` whose line feeds are its author's own layout, every line as by ``on_one_line``."""
    return "\n".join(map(on_one_line, text.split("\n")))


def in_json(text: str) -> str:
    """JSON with hidden characters as the escapes of RFC 8259, section 7: the same value, safe on a terminal."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(json.dumps(each)[1:-1] if each != "\n" and is_hidden(each) else each for each in text)


_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?%?")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def safe_cell(text: str) -> str:
    """The cell that holds ``text``; the same text unless it begins as a formula does and is no number."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def read_cell(cell: str) -> str:
    """The text that ``safe_cell`` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
