"""Spreadsheets once unpacked: the limits they are held to, and the errors of one that can't be had for certain.

``xlsx``, ``ods`` and ``xls`` make grids; their tables are found and read by the same rules as any other. Formulas are
never computed: the value that was last saved with the file is read, and the cells are named in the document's notes; a
formula without a saved value leaves its cell unread.
"""

from __future__ import annotations

import io
import zipfile

from countersign.errors import WrongForm
from countersign.published.files import TooLarge
from countersign.published.forms.sheet.bounds import MOST_PARTS, MOST_UNPACKED
from countersign.words.lists import counted

#: The most columns looked at on one sheet.
MOST_COLUMNS = 512
#: What stands in a cell whose formula has no saved value: it cannot be read, and says why.
UNSAVED = "= (a formula without a saved value)"


class BrokenSheet(WrongForm):
    """A spreadsheet is cut off, encrypted or damaged, so that its cells cannot be had for certain."""

    code = "broken-sheet"
    next_step = "Download it again, or open it and save the table as CSV."


def unpackable(content: bytes, name: str) -> zipfile.ZipFile:
    """The archive of a spreadsheet, after its stated sizes were checked. Raises ``TooLarge`` or ``BrokenSheet``.

    ``zipfile`` gives no more bytes of a part than its stated size, so the stated sizes are a true bound.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BrokenSheet(f"{name}: the spreadsheet is cut off or damaged: {error}") from error
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise TooLarge(f"{name}: the spreadsheet unpacks to more than {MOST_UNPACKED // 1024**2} MB")
    if any(part.flag_bits & 1 for part in parts):
        raise BrokenSheet(f"{name}: the spreadsheet is encrypted", next_step="Save it without its password.")
    return archive


def letters(column: int) -> str:
    """A column's letters: 1 is A, 27 is AA."""
    text = ""
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def pictured(pictures: int) -> tuple[str, ...]:
    """A note on pictures in a file, or none."""
    if not pictures:
        return ()
    return (f"The file also holds {counted(pictures, 'picture')}; none was read.",)
