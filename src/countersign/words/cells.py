"""Text cells of CSV that people open in a spreadsheet: one that a spreadsheet would take for a formula is quoted.

The convention (OWASP, "CSV Injection"): an apostrophe in front of a text that begins with ``= + - @``, a tab or a
carriage return. A text that has apostrophes before such a beginning gets one more, so that ``read_cell`` gives back
what was written. A number is no formula and stays as it is.

>>> safe_cell("=1+1"), safe_cell("-12.5"), safe_cell("'=1"), safe_cell("'tis")
("'=1+1", '-12.5', "''=1", "'tis")
>>> read_cell("'=1+1"), read_cell("''=1"), read_cell("'tis")
('=1+1', "'=1", "'tis")
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?%?")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def safe_cell(text: str) -> str:
    """The cell that holds ``text``; the same text unless it begins as a formula does and is no number."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def read_cell(cell: str) -> str:
    """The text that ``safe_cell`` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
