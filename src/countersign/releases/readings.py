"""Readings: what a map and this version of the program read in the bytes of a release, with its faults and regimes.

A reading is made of three things: the bytes' digest, the map's digest (none is the empty text) and the program's
version. Another map or version makes another reading of the same bytes, and both stay: so what the force changed (the
bytes) and what our map or program changed stand apart. Of several maps the one is taken whose columns are all there
and by which most values are read. If none fits, the reading is missing and says why; the release stays.

>>> from countersign.published.files import shipped
>>> folder = shipped("btp")
>>> chosen = read_release((folder / "btp.csv").read_bytes(), "btp", [LayoutMap.read(folder / "btp.toml")])
>>> chosen.map_name, chosen.record.documents[0].publisher, len(chosen.record.rows)
('btp', 'British Transport Police', 22)
"""

from __future__ import annotations

import datetime
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from countersign.errors import CountersignError, WrongForm
from countersign.progress import Progress, silent
from countersign.published.faults.breaks import find_breaks
from countersign.published.faults.codes import Fault
from countersign.published.faults.detect import find_faults
from countersign.published.files import FileKind, digest, kind_of_bytes
from countersign.published.read import read_source, with_rows
from countersign.published.regimes import Regime, find_regimes
from countersign.published.table.record import COLUMN_NAMES, Record
from countersign.releases.kept import PROGRAM, Glimpse, LayoutMap
from countersign.releases.vault import is_packed, unpack

#: What each form is called.
FORMS: dict[FileKind, str] = {
    "pdf": "PDF", "xlsx": "spreadsheet (XLSX)", "xls": "spreadsheet (XLS)", "ods": "spreadsheet (ODS)",
    "docx": "document (DOCX)", "html": "web page", "json": "JSON", "text": "CSV",
}  # fmt: skip


class Reading(msgspec.Struct, frozen=True):
    """A release as read: ``record`` is ``None`` where it could not be, for the reason in ``because``.

    ``form`` is the release's form ("PDF", "CSV" ...), as its bytes show it.
    """

    release: str
    map: str
    map_name: str
    program: str
    form: str
    record: Record | None = None
    because: str = ""
    faults: tuple[Fault, ...] = ()
    regimes: tuple[Regime, ...] = ()

    @property
    def period(self) -> tuple[datetime.date, datetime.date] | None:
        """The first and the last day that its rows cover; ``None`` where none is dated."""
        rows = () if self.record is None else self.record.rows
        first = [day for row in rows if (day := row.date or row.date_to) is not None]
        last = [day for row in rows if (day := row.date_to or row.date) is not None]
        return (min(first), max(last)) if first else None

    @property
    def glimpse(self) -> Glimpse:
        """The reading without its rows."""
        rows, refused = (len(self.record.rows), len(self.record.refused)) if self.record else (0, 0)
        counts = (rows, refused, len(self.faults))
        return Glimpse(self.record is not None, self.form, *counts, self.period, self.because)

    @property
    def stated_published(self) -> str:
        """The last day of publication that its documents or its map state, or the empty text."""
        days = [document.published for document in self.record.documents] if self.record else []
        return max((day for day in days if re.fullmatch(r"\d{4}-\d\d-\d\d", day)), default="")


def read_release(
    content: bytes, name: str, maps: Sequence[LayoutMap], *, without: bool = True, progress: Progress = silent
) -> Reading:
    """Read the bytes of a release by the best of these maps; ``without``: by none too, where no map fits.

    ``name`` is what its document is called. It raises nothing for what cannot be read: that is a reading that is
    missing, for the reason it states.
    """
    form = form_of(content)
    tried: list[str] = []
    best: tuple[int, LayoutMap | None, Record] | None = None
    for layout in (*maps, *([None] if without else [])):
        if layout is None and best is not None:
            break
        try:
            record = _read(content, name, form, layout, progress)
        except CountersignError as error:
            tried.append(f"{layout.name}: {error}" if layout else str(error))
            continue
        values = sum(getattr(row, column) is not None for row in record.rows for column in COLUMN_NAMES[:-1])
        if best is None or values > best[0]:
            best = (values, layout, record)
    if best is None:
        because = tried[0] if len(tried) == 1 else f"no map fits: {'; '.join(tried)}"
        layout = maps[0] if len(maps) == 1 else None
        return Reading(digest(content), layout.digest if layout else "", layout.name if layout else "", PROGRAM, form,
                       because=because)  # fmt: skip
    _, layout, record = best
    progress("looking for faults", 0, None)
    breaks = find_breaks(record)
    made = Reading(digest(content), layout.digest if layout else "", layout.name if layout else "", PROGRAM, form)
    faults, regimes = find_faults(record, breaks=breaks), find_regimes(record, breaks)
    return replace(made, record=record, faults=tuple(faults), regimes=regimes)


def form_of(content: bytes) -> str:
    """The form of a release's bytes, as people call it ("data package", "PDF", "CSV" ...)."""
    if is_packed(content):
        return "data package"
    try:
        kind = kind_of_bytes(content, "the release")
    except WrongForm:
        return "another form"
    return FORMS[kind]


def _read(content: bytes, name: str, form: str, layout: LayoutMap | None, progress: Progress) -> Record:
    """Read in a folder of its own, which is gone afterwards. Raises what reading raises, without that folder's path."""
    with tempfile.TemporaryDirectory(prefix="countersign-") as scratch:
        folder = Path(scratch)
        columns = None
        if layout is not None:
            columns = folder / f"{layout.name}.toml"
            columns.write_bytes(layout.content)
        source = folder / name
        if form == "data package":
            source.mkdir()
            unpack(content, source)
        else:
            source.write_bytes(content)
        try:
            record = with_rows(read_source(source, columns=columns, progress=progress))
        except CountersignError as error:
            error.args = (str(error).replace(f"{scratch}/", ""),)
            raise
    return record
