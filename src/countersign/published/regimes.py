"""Regimes: stretches of a record over which figures may be summed, because nothing known to change them changes.

A regime changes with the threshold setting, with the system (vans, cameras fixed in a street) and with a break in how
faces are counted (``breaks``). Rows that may lie
on either side of a break, because they fall inside the interval of its date, belong to a regime *between*, which
enters no series per face. Rows without a date are assigned by their place in the printed order. A date that stands
out of order (``dates.out_of_order``) is not let to stretch a regime: such a row is assigned by its neighbours, and
left out of first and last date.

``per_face_comparable`` says that no break was found inside, not that there is none: what was looked for, and what could
have been seen, is in ``face_counts``. A shift that a change of places could explain parts no regime; ``why``
tells of it.

>>> from countersign.published.read import read_source
>>> from countersign.published.faults.breaks.find import find_breaks
>>> record = read_source("shipped:met")
>>> [str(regime.threshold) for regime in find_regimes(record, find_breaks(record)) if regime.per_face_comparable]
['None', '0.6', '0.62', '0.64', '0.64', '0.64']
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from countersign.published.faults.breaks.find import Break
from countersign.published.faults.dates import out_of_order
from countersign.published.table.record import Record
from countersign.published.tested import error_rate, face_counts
from countersign.words.dates import day, span


class Regime(msgspec.Struct, frozen=True):
    """A stretch of one threshold and one way of counting faces. ``rows`` are indices into ``record.rows``, ascending.

    ``id`` is stable for a record ("r1" ...), in order of first row; ``threshold`` is ``None`` where none is published.
    ``first`` and ``last`` are dates of its rows. ``why`` says in sentences why it is kept apart. ``face_counts`` is
    *changed*, *tested, no change seen* (with the step that could have been seen) or *not tested* (with the reason);
    ``error_rate`` whether false alerts per face are one rate in it (``published.tested``).
    """

    id: str
    label: str
    threshold: Decimal | None
    first: datetime.date | None
    last: datetime.date | None
    rows: tuple[int, ...]
    why: str
    per_face_comparable: bool
    face_counts: str
    error_rate: str


def find_regimes(record: Record, breaks: Sequence[Break]) -> tuple[Regime, ...]:
    """The regimes of a record, in order of their first row; every row is in exactly one."""
    standing = [step for step in breaks if step.stands]
    open_shifts = [step for step in breaks if not step.stands]
    misplaced = {index for index, _ in out_of_order(record)}
    systems = {document.id: document.system for document in record.documents}
    assigned: dict[tuple[Decimal | None, int, str], list[int]] = {}
    previous = 0
    for index, row in enumerate(record.rows):
        if row.date is not None and index not in misplaced:
            previous = _stretch(row.date, standing)
        assigned.setdefault((row.threshold, previous, systems.get(row.document, "")), []).append(index)
    ordered = sorted(assigned.items(), key=lambda item: _start(record, item[1], misplaced))
    return tuple(
        _regime(f"r{number}", threshold, stretch, system, rows, record, standing, open_shifts, misplaced)
        for number, ((threshold, stretch, system), rows) in enumerate(ordered, start=1)
    )


def _stretch(date: datetime.date, standing: Sequence[Break]) -> int:
    """Which stretch a date lies in: 0 before the first break, 1 in its interval, 2 after it, and so on."""
    stretch = 0
    for step in standing:
        if date >= step.first_after:
            stretch += 2
        elif date > step.last_before:
            return stretch + 1
    return stretch


def _start(record: Record, rows: Sequence[int], misplaced: set[int]) -> tuple[datetime.date, int]:
    dates = _dates(record, rows, misplaced)
    return (min(dates) if dates else datetime.date.max, rows[0])


def _dates(record: Record, rows: Sequence[int], misplaced: set[int]) -> list[datetime.date]:
    chosen = [record.rows[index] for index in rows if index not in misplaced] or [record.rows[index] for index in rows]
    return [row.date for row in chosen if row.date is not None]


def _regime(
    identifier: str,
    threshold: Decimal | None,
    stretch: int,
    system: str,
    rows: Sequence[int],
    record: Record,
    standing: Sequence[Break],
    open_shifts: Sequence[Break],
    misplaced: set[int],
) -> Regime:
    dates = _dates(record, rows, misplaced)
    first, last = (min(dates), max(dates)) if dates else (None, None)
    between = stretch % 2 == 1
    setting = "threshold not published" if threshold is None else f"threshold {threshold}"
    named = f"{setting}, {system}" if system else setting
    label = f"{named}, {span(first, last)}{', between two ways of counting faces' if between else ''}"
    reasons = [f"These rows print {setting}." if threshold is not None else "These rows print no threshold."]
    if system:
        reasons.append(f"They are of another system ({system}), which is averaged with no other.")
    if between:
        step = standing[stretch // 2]
        reasons.append(
            f"The step in faces per hour lies after {day(step.last_before)} and by {day(step.first_after)}; "
            "these rows may be counted either way, and enter no figure per face that is compared with another."
        )
    else:
        if stretch > 0:
            complete = day(standing[stretch // 2 - 1].first_after)
            reasons.append(f"They follow the step in faces per hour that was complete by {complete}.")
        if stretch // 2 < len(standing):
            reasons.append(f"They precede the step in faces per hour after {day(standing[stretch // 2].last_before)}.")
        reasons += _inside(first, last, open_shifts)
    inside = [record.rows[index] for index in rows]
    counts = "changed (these rows may be counted either way)" if between else face_counts(inside)
    why = " ".join(reasons)
    return Regime(identifier, label, threshold, first, last, tuple(rows), why, not between, counts, error_rate(inside))


def _inside(first: datetime.date | None, last: datetime.date | None, open_shifts: Sequence[Break]) -> list[str]:
    if first is None or last is None:
        return []
    return [
        f"Faces per hour of all places together {step.in_words} between {day(step.last_before)} and "
        f"{day(step.first_after)}; that cannot be told from a change of places, and is not treated as a break."
        for step in open_shifts
        if first <= step.best_before and step.best_after <= last
    ]
