"""Releases in their order, and what stands after them: of each day the latest release of a series that covers it.

A release is immutable: force, series, the digest of its bytes, and three dates. Its *period* is stated, or runs from
its first row to its last. A later release of the same series takes the place of the earlier one's rows within its
period; rows outside it still stand. Between the series of a force nothing replaces anything; a row that two series
print with the same date, place and counts stands once. Forces are never put together.

>>> Release("force-a", "deployments", "ab", 0, "2026-03-01", "2026-03-05T10:00:00Z", "by-hand").ordered
('2026-03-01', 0)
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from countersign.published.table.grids import same_row
from countersign.published.table.record import Document, Record, Row
from countersign.releases.readings import Glimpse, Reading

Period = tuple[datetime.date, datetime.date]


class Release(msgspec.Struct, frozen=True):
    """What a force published: ``published`` is a day or empty, ``fetched`` a moment, ``source`` the id of where it came
    from; ``entry`` is its place in the library's log. ``stated``: the period it covers, where the operator says so.
    """

    force: str
    series: str
    digest: str
    entry: int
    published: str
    fetched: str
    source: str
    size: int = 0
    stated: Period | None = None

    @property
    def day(self) -> str:
        """The day it counts from: of publication, or else of fetching."""
        return self.published or self.fetched[:10]

    @property
    def ordered(self) -> tuple[str, int]:
        """Its place among the releases of its series."""
        return (self.day, self.entry)

    def period(self, reading: Reading | Glimpse) -> Period | None:
        """The days that it covers: stated, or from its first row to its last."""
        return self.stated or reading.period


class Held(NamedTuple):
    """A row that stands, the release it is of, and the regime that its reading puts it in."""

    row: Row
    release: Release
    regime: str


class Standing(NamedTuple):
    """What stands of one force: rows with where they are from, and the documents that they are of."""

    rows: tuple[Held, ...]
    documents: tuple[Document, ...]

    @property
    def record(self) -> Record:
        """The rows as one record."""
        return Record(self.documents, tuple(held.row for held in self.rows))


def series_of(releases: Iterable[Release]) -> dict[str, list[Release]]:
    """The releases of one force by series, each in its order."""
    found: dict[str, list[Release]] = {}
    for release in sorted(releases, key=lambda release: release.ordered):
        found.setdefault(release.series, []).append(release)
    return found


def standing(releases: Iterable[Release], readings: Mapping[str, Reading]) -> Standing:
    """What stands after these releases of one force; those whose reading is missing replace nothing."""
    rows: list[Held] = []
    documents: dict[str, Document] = {}
    known: set[tuple[object, ...]] = set()
    for line in series_of(releases).values():
        held: list[Held] = []
        for release in line:
            reading = readings.get(release.digest)
            if reading is None or reading.record is None:
                continue
            held = [kept for kept in held if not _covered(kept.row, release.period(reading))]
            names = {each.id: _free(each.id, release, documents) for each in reading.record.documents}
            documents |= {names[each.id]: replace(each, id=names[each.id]) for each in reading.record.documents}
            held += _held(release, reading, names)
        keys = [same_row(each.row) for each in held]
        rows += [each for each, key in zip(held, keys, strict=True) if key is None or key not in known]
        known |= {key for key in keys if key is not None}
    named = {held.row.document for held in rows}
    return Standing(tuple(rows), tuple(documents[name] for name in documents if name in named))


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
