"""Values far from their neighbours, with a robust score: a slip of one digit is seen and a change of level is not.

The score is ``0.6745 * deviation / median absolute deviation`` (Iglewicz and Hoaglin 1993), both on logarithms, except
for alerts, on the scale ``2 sqrt(alerts + 3/8)`` on which Poisson counts vary alike (Anscombe 1948). A deviation is
from the nearest of the medians of the rows before and after (*watchlist size*, there also of the two next rows;
*duration*); from what the same duration brings at the document's median rate (*alerts*). A value is a fault from
``LEAST_SCORE`` on; far out is not wrong.

*Faces seen* are held to faces per hour at the same place between two breaks: the median of its other rows, drawn
towards that of all places the fewer they are, each deviation over its own spread. ``LEAST_SCORE_FACES`` is on a curve
of finds against false finds (``docs/formats/faults.md``).

>>> from countersign.published.read import read_source
>>> find_outliers(read_source("shipped:south-wales"), ())
[]
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from countersign.published.faults.breaks import Break
from countersign.published.faults.codes import Fault, draft, where
from countersign.published.faults.step_scan import Floats, Integers
from countersign.published.table.places import place_keys
from countersign.published.table.record import Record, Row
from countersign.words.lists import counted
from countersign.words.numbers import count

#: A value is told from this score on; values of a normal curve pass it about twice in a thousand million.
LEAST_SCORE = 6.0
#: The same for faces beside those of other days at the place: tenfold faces are found by it (docs/formats/faults.md).
LEAST_SCORE_FACES = 4.0
#: How many rows before and after are looked at.
NEIGHBOURS = 8
#: Fewer values than this have no typical spread.
LEAST_VALUES = 12
#: A place is known by at least this number of other rows.
LEAST_OTHERS = 2
#: The spread is taken to be at least this, on the logarithm: rounding alone makes as much.
LEAST_SPREAD = 0.005
_NORMAL = 0.6745


def find_outliers(record: Record, breaks: Sequence[Break]) -> list[Fault]:
    """An ``outlier`` for each value far from its neighbours. ``breaks`` are those found in the record."""
    faults: list[Fault] = []
    for document in record.documents:
        rows = [row for row in record.rows if row.document == document.id]
        faults += _beside_neighbours(rows, "watchlist_size", adjacent=True)
        faults += _beside_neighbours(rows, "duration_minutes", adjacent=False)
        faults += _alerts(rows)
    return [*faults, *_faces(record.rows, breaks)]


def _scores(deviations: Floats, typical: Floats, least_spread: float) -> Floats:
    scores: Floats = _NORMAL * deviations / max(float(np.nanmedian(np.abs(typical))), _NORMAL * least_spread)
    return scores


def _beside_neighbours(rows: Sequence[Row], column: str, *, adjacent: bool) -> Iterator[Fault]:
    have = [row for row in rows if (getattr(row, column) or 0) > 0]
    if len(have) < LEAST_VALUES:
        return
    logs = np.log([getattr(row, column) for row in have])
    padded = np.concatenate((np.full(NEIGHBOURS, np.nan), logs, np.full(NEIGHBOURS, np.nan)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, NEIGHBOURS)
    expected = [_medians(windows[: len(logs)]), _medians(windows[NEIGHBOURS + 1 :])]
    if adjacent:
        expected += [windows[: len(logs), -1], windows[NEIGHBOURS + 1 :, 0]]
    away = logs - np.array(expected)
    nearest = np.nanargmin(np.abs(away), axis=0)
    # The spread is that of a deviation from one side: the nearest of several is always smaller.
    scores = _scores(away[nearest, np.arange(len(logs))], away[:2], LEAST_SPREAD)
    for index in np.flatnonzero(np.abs(scores) >= LEAST_SCORE):
        usual = float(np.exp(logs[index] - away[nearest[index], index]))
        yield _fault(have[index], column, f"about {count(round(usual))} in the rows beside it", float(scores[index]))


def _medians(windows: Floats) -> Floats:
    """Median of each window, leaving out what is missing; NaN for a window of nothing."""
    ordered = np.sort(windows, axis=1)
    known = np.count_nonzero(~np.isnan(windows), axis=1)
    rows = np.arange(len(windows))
    middle = (
        ordered[rows, np.maximum(known - 1, 0) // 2] + ordered[rows, np.minimum(known // 2, windows.shape[1] - 1)]
    ) / 2
    return np.where(known > 0, middle, np.nan)


def _alerts(rows: Sequence[Row]) -> Iterator[Fault]:
    have = [row for row in rows if row.alerts is not None and row.alerts >= 0 and (row.duration_minutes or 0) > 0]
    if len(have) < LEAST_VALUES:
        return
    alerts = np.array([row.alerts for row in have], dtype=float)
    hours = np.array([row.duration_minutes for row in have], dtype=float) / 60
    expected = hours * np.median(alerts / hours)
    away = 2 * (np.sqrt(alerts + 0.375) - np.sqrt(expected + 0.375))
    scores = _scores(away, away, 1.0)
    for index in np.flatnonzero(np.abs(scores) >= LEAST_SCORE):
        usual = f"about {counted(round(expected[index]), 'alert')} in that time at the document's median rate"
        yield _fault(have[index], "alerts", usual, float(scores[index]))


def _faces(rows: Sequence[Row], breaks: Sequence[Break]) -> Iterator[Fault]:
    have = [row for row in rows if row.date and row.place and (row.faces_seen or 0) > 0]
    have = [row for row in have if (row.duration_minutes or 0) > 0]
    if len(have) < LEAST_VALUES:
        return
    edges = [step.best_after.toordinal() for step in breaks]
    stretch = np.searchsorted(edges, [row.date.toordinal() for row in have if row.date], side="right")
    codes: dict[tuple[str | None, int], int] = {}
    keys = zip(place_keys(have, "town"), stretch.tolist(), strict=True)
    place = np.array([codes.setdefault(key, len(codes)) for key in keys])
    logs = np.log([(row.faces_seen or 1) / (row.duration_minutes or 1) * 60 for row in have])
    usual, others = _median_of_others(logs, place)
    scores = np.zeros(len(have))
    for part in np.unique(stretch):
        inside = stretch == part
        if inside.sum() >= LEAST_VALUES:
            usual[inside], scores[inside] = _beside_place(logs[inside], usual[inside], others[inside])
    for index in np.flatnonzero(np.abs(scores) >= LEAST_SCORE_FACES):
        rate, level = np.exp(logs[index]), np.exp(usual[index])
        text = f"{rate:,.0f} faces per hour where {level:,.0f} are to be expected while faces are counted alike"
        yield _fault(have[index], "faces_seen", text, float(scores[index]))


def _beside_place(logs: Floats, of_others: Floats, others: Integers) -> tuple[Floats, Floats]:
    """What is expected of each value of a stretch, and its score.

    The median of the others at its place, drawn towards that of all places the fewer they are (a place never seen
    before has the level of all): the spread of a value about its place, and of places about each other, are robust.
    """
    known = others >= LEAST_OTHERS
    level = float(np.median(logs))
    if known.any():
        about = np.maximum(np.abs(logs - of_others)[known] / np.sqrt(1 + math.pi / 2 / others[known]), 0.0)
        within = max(float(np.median(about)) / _NORMAL, LEAST_SPREAD)
    else:
        within = max(float(np.median(np.abs(logs - level))) / _NORMAL, LEAST_SPREAD)
    whole = float(np.median(np.abs(logs - level))) / _NORMAL
    between = max(whole**2 - within**2, LEAST_SPREAD**2)
    # A median of n values varies about pi/2 times as much as their mean.
    noise = np.where(others > 2, math.pi / 2, 1.0) * within**2 / np.maximum(others, 1)
    drawn = np.where(others > 0, between / (between + noise), 0.0)
    expected = level + drawn * (np.where(others > 0, of_others, level) - level)
    return expected, (logs - expected) / np.sqrt(within**2 + between * (1 - drawn))


def _median_of_others(values: Floats, groups: Integers) -> tuple[Floats, Integers]:
    """For each value the median of the others of its group (NaN where there is none), and how many they are."""
    order = np.lexsort((values, groups))
    sizes = np.bincount(groups)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    in_order, group = values[order], groups[order]
    rank, size = np.arange(len(values)) - starts[group], sizes[group]
    # Ranks of the two middle values among the others; from the value's own rank on, the others stand one further.
    middles = [np.maximum(size - 2, 0) // 2, np.maximum(size - 1, 0) // 2]
    middle = [in_order[np.minimum(starts[group] + at + (at >= rank), len(values) - 1)] for at in middles]
    medians = np.empty(len(values))
    medians[order] = np.where(size > 1, (middle[0] + middle[1]) / 2, np.nan)
    return medians, sizes[groups] - 1


#: How a value is named in a sentence: 1, and any other.
_NAMED = {
    "watchlist_size": ("a watchlist of {} entry lies", "a watchlist of {} entries lies"),
    "duration_minutes": ("a duration of {} minute lies", "a duration of {} minutes lies"),
    "faces_seen": ("{} face seen lies", "{} faces seen lie"),
    "alerts": ("{} alert lies", "{} alerts lie"),
}


def _fault(row: Row, column: str, usual: str, score: float) -> Fault:
    value = count(getattr(row, column))
    named = _NAMED[column][getattr(row, column) != 1].format(value)
    return draft(
        "outlier", row.document, row.number, column,
        f"{where(row)}: {named} far from what is usual: {usual} (robust score {score:+.1f}).",
        (("printed", value), ("usual", usual), ("robust score", f"{score:+.1f}")),
    )  # fmt: skip
