"""Reading a list for ``reconcile``: a small CSV of deployments that someone saw or reported, each line with who says
so.

Columns ``date`` (ISO), ``place`` and ``who`` are required; any column of counts of ``docs/formats/columns.md`` may be
added, and ``note``. A line is read for certain or the file is refused with the place. ``who`` says where it comes
from (a newspaper, a group, an observer's reference), never the name of a person who was scanned. A list is named
after its file.

>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "seen.csv"
>>> _ = path.write_text("date,place,who,alerts\\n2024-05-02,Kingston,a local newspaper,4\\n", encoding="utf-8")
>>> read_list(path).entries[0].numbers
{'alerts': 4}
"""

from __future__ import annotations

from pathlib import Path

from countersign.errors import WrongForm
from countersign.published.forms.strict_csv import CsvMalformed, Line, read_lines
from countersign.published.lists.reconcile import NUMBERS, Entry, Source
from countersign.published.table.values import LONGEST_TEXT

REQUIRED = ("date", "place", "who")
OPTIONAL = (*NUMBERS, "note")


class ListMalformed(WrongForm):
    """A list of sightings or reports has a line that cannot be read for certain."""

    code = "list-malformed"
    next_step = "Put the named line right; docs/formats/reconcile-lists.md shows the form with an example."


def read_list(path: Path) -> Source:
    """Read one list. Raises ``CsvNotRead`` where it cannot be opened, and ``ListMalformed`` with the line and
    column."""
    try:
        entries = tuple(_entry(line) for line in read_lines(path, REQUIRED, OPTIONAL))
    except CsvMalformed as error:
        raise ListMalformed(str(error)) from error
    return Source(path.stem, entries)


def _entry(line: Line) -> Entry:
    date = line.date("date")
    if date is None:
        raise ListMalformed(f"{line.place}, column 'date': is empty")
    place, who, note = line.text("place"), line.text("who"), line.text("note", required=False)
    for column, text in (("place", place), ("who", who), ("note", note)):
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise ListMalformed(
                f"{line.place}, column {column!r}: is longer than {LONGEST_TEXT} characters, or not text"
            )
    numbers = {name: value for name in NUMBERS if (value := line.whole_or_none(name)) is not None}
    return Entry(line.number, date, place, who, numbers, note)
