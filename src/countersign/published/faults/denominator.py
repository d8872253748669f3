"""Breaks in how faces are counted, said as faults: a ``denominator-break`` for each, with what stands beside it.

The sentence says the size, where and when, what alerts did in the same rows, and what the step does not show: a small
one may be a season, one at a single place concerns that place, and one of all places together may be a change of
places.

>>> from countersign.published.faults.breaks import find_breaks
>>> from countersign.published.read import read_source
>>> record = read_source("shipped:met")
>>> [fault.code for fault in break_faults(record, find_breaks(record))]
['denominator-break', 'denominator-break', 'denominator-break']
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from countersign.published.faults.breaks import Break, Kind
from countersign.published.faults.codes import Fault, draft
from countersign.published.table.record import Record, Row
from countersign.words.dates import day
from countersign.words.lists import counted
from countersign.words.numbers import count

#: The kinds in words.
KINDS: dict[Kind, str] = {
    "within-places": "within the same places",
    "step-or-season": "within the same places, a step or a season",
    "one-place": "at one place alone",
    "places-could-explain": "a change of places could explain it",
}
#: A step smaller than this, up or down, may also be a season or a slow drift: the detector cannot tell them apart.
SMALL_FOLD = 2.0
#: Alerts per hour that move by less than this share of the step in faces (on the logarithm) are said to stay level.
LEVEL_SHARE = 0.25


def break_faults(record: Record, breaks: Sequence[Break]) -> list[Fault]:
    """A ``denominator-break`` for each break found, at the first row after its best split."""
    sentences = {"one-place": _at_one_place, "places-could-explain": _open}
    faults = []
    for step in breaks:
        row = record.rows[step.first_row]
        message = f"{_from(row)}: {sentences.get(step.kind, _standing)(step)}"
        faults.append(draft("denominator-break", row.document, row.number, "faces_seen", message, _details(step)))
    return faults


def _standing(step: Break) -> str:
    by_words = ""
    if step.fold_by_words is not None:
        by_words = f", {step.fold_by_words:.1f}-fold in {step.places_by_words} where names are matched word for word"
    return (
        f"faces per hour in the same places {step.in_words} ({counted(step.places, 'place')}{by_words}) {_when(step)}, "
        f"most likely between {day(step.best_before)} and {day(step.best_after)}; {_alerts(step)}. "
        f"{_small(step)}{_differing(step)}No figure per face may be carried across it."
    )


def _open(step: Break) -> str:
    return (
        f"faces per hour of all places together {step.in_words} {_when(step)}, but "
        f"{counted(step.places, 'place has', 'places have')} rows on both sides and no step is found within the same "
        f"places: this cannot be told from a change of places; {_alerts(step)}."
    )


def _at_one_place(step: Break) -> str:
    return (
        f"faces per hour at {step.place} alone {step.in_words} ({counted(step.rows_before, 'row')} before, "
        f"{step.rows_after} after) {_when(step)}, and not at the other places; {_alerts(step)}. Figures per face of "
        "this place alone may not be carried across it."
    )


def _when(step: Break) -> str:
    return f"after {day(step.last_before)} and by {day(step.first_after)}"


def _differing(step: Break) -> str:
    if step.alike or step.among is None:
        return ""
    low, high = step.among
    return f"Places differ: the middle half of them changed {low:.2g}-fold to {high:.2g}-fold. "


def _small(step: Break) -> str:
    if not step.named:
        return "It is a step or a season: a yearly curve fitted to these rows explains it as well. "
    if max(step.fold, 1 / step.fold) >= SMALL_FOLD:
        return ""
    return "So small a step may also be a season or a slow drift, which cannot be told from it. "


def _from(row: Row) -> str:
    return f"{row.document}, from row {row.number}{'' if row.date is None else f' ({day(row.date)})'} on"


def _alerts(step: Break) -> str:
    if step.alerts_per_hour is None:
        return "alerts per hour are not published"
    before, after = step.alerts_per_hour
    figures = f"from {before:.2f} to {after:.2f}"
    if before <= 0 or after <= 0:
        return f"alerts per hour go {figures}"
    share = math.log(after / before) / math.log(step.fold)
    if abs(share) <= LEVEL_SHARE:
        return f"alerts per hour of the same rows stay level ({figures}), which speaks for another way of counting"
    if share > 0:
        busier = "busier or quieter streets may be part of it"
        return f"alerts per hour of the same rows move with them ({figures}): {busier}"
    return f"alerts per hour of the same rows move the other way ({figures})"


def _details(step: Break) -> tuple[tuple[str, str], ...]:
    before, after = step.faces_per_hour
    details = [
        ("kind", KINDS[step.kind]),
        ("interval of the date", f"after {step.last_before.isoformat()}, by {step.first_after.isoformat()}"),
        ("faces per hour", f"{count(round(before))} before, {count(round(after))} after"),
        ("rows compared", f"{count(step.rows_before)} before, {count(step.rows_after)} after"),
        ("step, places matched by town" if step.stands else "shift", f"{step.fold:.2f}-fold"),
    ]
    if step.fold_by_words is not None:
        details.append(("step, places matched word for word", f"{step.fold_by_words:.2f}-fold"))
    if step.alerts_per_hour is not None:
        alerts = f"{step.alerts_per_hour[0]:.2f} before, {step.alerts_per_hour[1]:.2f} after"
        details.append(("alerts per hour", alerts))
    details.append(("chance", f"{step.chance:.3g} by {count(step.shuffles)} shuffles within places"))
    return tuple(details)
