"""Releases in their order, and what stands after them: of each day the latest release of a series that covers it.

A later release of the same series takes the place of the earlier one's rows within its period; rows outside it still
stand. Between the series of a force nothing replaces anything; a deployment that two series print stands once
(``overlap``). Forces are never put together.

>>> import datetime
>>> day = datetime.date(2026, 3, 1)
>>> _covered(Row("a", 1, date=day), (day, day)), _covered(Row("a", 1, date=day), None)
(True, False)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from countersign.published.table.record import Document, Record, Row
from countersign.releases.overlap import Overlap, put_together
from countersign.releases.readings import Reading
from countersign.releases.release import Held, Period, Release, series_of


class Standing(NamedTuple):
    """What stands of one force: rows with where they are from, the documents that they are of, and what several of its
    series print of the same deployments."""

    rows: tuple[Held, ...]
    documents: tuple[Document, ...]
    overlaps: tuple[Overlap, ...] = ()

    @property
    def record(self) -> Record:
        """The rows as one record; those of another series that are not counted are set aside."""
        aside = tuple(refused for overlap in self.overlaps for refused in overlap.refused)
        return Record(self.documents, tuple(held.row for held in self.rows), set_aside=aside)


def standing(releases: Iterable[Release], readings: Mapping[str, Reading]) -> Standing:
    """What stands after these releases of one force; those whose reading is missing replace nothing."""
    rows: list[Held] = []
    documents: dict[str, Document] = {}
    overlaps: list[Overlap] = []
    for line in series_of(releases).values():
        held: list[Held] = []
        for release in line:
            reading = readings.get(release.digest)
            if reading is None or reading.record is None:
                continue
            period = release.period(reading)
            held = [kept for kept in held if not _covered(kept.row, period)]
            names = {each.id: _free(each.id, release, documents) for each in reading.record.documents}
            documents |= {names[each.id]: replace(each, id=names[each.id]) for each in reading.record.documents}
            held += _held(release, reading, names)
        rows, met = put_together(rows, held, {name: document.system for name, document in documents.items()})
        overlaps += met
    named = {held.row.document for held in rows} | {row.document for met in overlaps for row in met.aside}
    return Standing(tuple(rows), tuple(documents[name] for name in documents if name in named), tuple(overlaps))


def _free(name: str, release: Release, documents: Mapping[str, Document]) -> str:
    """The id of a document, with its release's digest behind it where another release has one of this name."""
    return name if name not in documents else f"{name}-{release.digest[:8]}"


def _held(release: Release, reading: Reading, names: Mapping[str, str]) -> list[Held]:
    assert reading.record is not None
    regimes = {place: regime.id for regime in reading.regimes for place in regime.rows}
    rows = enumerate(reading.record.rows)
    return [
        Held(replace(row, document=names[row.document]), release, f"{release.digest[:8]}-{regimes.get(place, '')}")
        for place, row in rows
    ]


def _covered(row: Row, period: Period | None) -> bool:
    """Whether a release of this period says anew what an earlier row said; rows without a day are said anew."""
    first, last = row.date or row.date_to, row.date_to or row.date
    if period is None:
        return False
    return first is None or last is None or (first <= period[1] and last >= period[0])
