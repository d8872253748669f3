"""Breaks in how faces are counted, told as faults: the step, its places, its dates, and what alerts did meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence

from countersign.published.faults.breaks.find import Break
from countersign.published.faults.codes import Fault, draft
from countersign.published.table.record import Record, Row
from countersign.words.phrases import counted, day, whole

#: A step smaller than this, up or down, may also be a season or a slow drift: the detector cannot tell them apart.
SMALL_FOLD = 2.0
#: Alerts per hour that move by less than this share of the step in faces (on the logarithm) are said to stay level.
LEVEL_SHARE = 0.25


def tell_breaks(record: Record, breaks: Sequence[Break]) -> list[Fault]:
    """A ``denominator-break`` for each break found, at the first row after its best split."""
    return [_standing(record, found) if found.stands else _open(record, found) for found in breaks]


def _standing(record: Record, found: Break) -> Fault:
    row = record.rows[found.first_row]
    by_words = ""
    if found.fold_by_words is not None:
        by_words = f", {found.fold_by_words:.1f}-fold in {found.places_by_words} where names are matched word for word"
    message = (
        f"{_from(row)}: faces per hour in the same places {found.told} "
        f"({counted(found.places, 'place')}{by_words}) after {day(found.last_before)} and by {day(found.first_after)}, "
        f"most likely between {day(found.best_before)} and {day(found.best_after)}; {_alerts(found)}. "
        f"{_small(found)}No figure per face may be carried across it."
    )
    return draft("denominator-break", row.document, row.number, "faces_seen", message, _details(found))


def _open(record: Record, found: Break) -> Fault:
    row = record.rows[found.first_row]
    message = (
        f"{_from(row)}: faces per hour of all places together {found.told} after {day(found.last_before)} and by "
        f"{day(found.first_after)}, but {counted(found.places, 'place has', 'places have')} rows on both sides and no "
        f"step is found within the same places: this cannot be told from a change of places; {_alerts(found)}."
    )
    return draft("denominator-break", row.document, row.number, "faces_seen", message, _details(found))


def _small(found: Break) -> str:
    if max(found.fold, 1 / found.fold) >= SMALL_FOLD:
        return ""
    return "So small a step may also be a season or a slow drift, which cannot be told from it. "


def _from(row: Row) -> str:
    return f"{row.document}, from row {row.number}{'' if row.date is None else f' ({day(row.date)})'} on"


def _alerts(found: Break) -> str:
    if found.alerts_per_hour is None:
        return "alerts per hour are not published"
    before, after = found.alerts_per_hour
    figures = f"from {before:.2f} to {after:.2f}"
    if before <= 0 or after <= 0:
        return f"alerts per hour go {figures}"
    share = math.log(after / before) / math.log(found.fold)
    if abs(share) <= LEVEL_SHARE:
        return f"alerts per hour of the same rows stay level ({figures}), which speaks for another way of counting"
    if share > 0:
        return (
            f"alerts per hour of the same rows move with them ({figures}): busier or quieter streets may be part of it"
        )
    return f"alerts per hour of the same rows move the other way ({figures})"


def _details(found: Break) -> tuple[tuple[str, str], ...]:
    before, after = found.faces_per_hour
    details = [
        ("kind", "within the same places" if found.stands else "a change of places could explain it"),
        ("interval of the date", f"after {found.last_before.isoformat()}, by {found.first_after.isoformat()}"),
        ("faces per hour", f"{whole(round(before))} before, {whole(round(after))} after"),
        ("rows compared", f"{whole(found.rows_before)} before, {whole(found.rows_after)} after"),
        ("step, places matched by town" if found.stands else "shift", f"{found.fold:.2f}-fold"),
    ]
    if found.fold_by_words is not None:
        details.append(("step, places matched word for word", f"{found.fold_by_words:.2f}-fold"))
    if found.alerts_per_hour is not None:
        details.append(
            ("alerts per hour", f"{found.alerts_per_hour[0]:.2f} before, {found.alerts_per_hour[1]:.2f} after")
        )
    details.append(("chance", f"{found.chance:.3g} by {whole(found.shuffles)} shuffles within places"))
    return tuple(details)
