"""Find where the way faces are counted changed, and say it as a fault: steps in faces per hour within the same place.

"Faces seen" is a force's own estimate; when the way it is made changes, so does every figure per face. Faces per hour
*within the same place* (``step_scan``) are looked at in order of date, split at a step and looked at again on either
side, as long as a stretch keeps ``LEAST_ROWS`` rows. No threshold is looked at and no date assumed. Places are matched
by town; the size of the step is also given with places matched word for word.

A step is looked for where ``LEAST_PLACES`` places have rows on both sides, and must be beyond chance without the place
that carries most of it. Where none is found, a shift of all places together of ``LEAST_RAW_FOLD`` or more *cannot be
told from a change of places*. It does not say why, sees no step under about half again as much in a few dozen rows, and
tells no step from a season. Power and false finds: ``docs/formats/faults.md``.

>>> from countersign.published.read import read_source
>>> [step.in_words for step in find_breaks(read_source("shipped:met"))]
['fall 5.7-fold', 'rise 5.5-fold', 'rise 1.5-fold']
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np

from countersign.published.faults.codes import Fault, draft
from countersign.published.faults.step_scan import Floats, Integers, Step, date_step, on_both_sides, scan
from countersign.published.table.places import place_keys
from countersign.published.table.record import Record, Row
from countersign.words.dates import day
from countersign.words.lists import counted
from countersign.words.numbers import count

#: A stretch between two steps holds at least this many rows: in a shorter one a handful of places decides.
LEAST_ROWS = 20
#: The same for a shift in the raw series, which is only ever reported as open.
LEAST_RAW_ROWS = 10
#: A step stands on at least this many places with rows on both sides of it.
LEAST_PLACES = 5
#: A step is reported when shuffling gives one as large at most this often.
CHANCE = 0.01
#: A shift in the raw series is reported from this size on, up or down.
LEAST_RAW_FOLD = 2.0

Kind = Literal["within-places", "places-could-explain"]


class Break(msgspec.Struct, frozen=True):
    """A step in faces per hour. ``kind``: found within the same places, or a change of places could explain it.

    The step lies after ``last_before`` and not later than ``first_after`` (95% interval, dates of rows); the best split
    is between ``best_before`` and ``best_after``. ``fold`` is the ratio of faces per hour after to before (geometric
    mean within places with rows on both sides, by town; word for word in ``fold_by_words``), or of the raw series.
    ``faces_per_hour`` and ``alerts_per_hour`` are sums over sums of the same rows. ``first_row``: index of the first
    row after the best split.
    """

    kind: Kind
    last_before: datetime.date
    first_after: datetime.date
    best_before: datetime.date
    best_after: datetime.date
    fold: float
    fold_by_words: float | None
    places: int
    places_by_words: int
    rows_before: int
    rows_after: int
    faces_per_hour: tuple[float, float]
    alerts_per_hour: tuple[float, float] | None
    chance: float
    shuffles: int
    first_row: int
    because: str

    @property
    def stands(self) -> bool:
        """Whether it was found within the same places, so that no figure per face may cross it."""
        return self.kind == "within-places"

    @property
    def in_words(self) -> str:
        """The size in words: "rise 5.5-fold", "fall 3.0-fold"."""
        return f"rise {self.fold:.1f}-fold" if self.fold > 1 else f"fall {1 / self.fold:.1f}-fold"


@dataclass(frozen=True, slots=True)
class _Series:
    index: Integers
    day: Integers
    faces: Floats
    hours: Floats
    alerts: Floats
    town: Integers
    words: Integers

    def part(self, start: int, stop: int) -> _Series:
        cut = slice(start, stop)
        return _Series(
            self.index[cut], self.day[cut], self.faces[cut], self.hours[cut], self.alerts[cut],
            _recoded(self.town[cut]), _recoded(self.words[cut]),
        )  # fmt: skip

    @property
    def logs(self) -> Floats:
        logs: Floats = np.log(self.faces / self.hours)
        return logs

    def __len__(self) -> int:
        return len(self.index)


def find_breaks(record: Record, *, seed: int = 0) -> tuple[Break, ...]:
    """All steps in faces per hour of a record, by date. The same record and seed give the same answer."""
    series = _series(record)
    generator = np.random.default_rng(seed)
    steps = _split(series, 0, len(series), generator)
    breaks = []
    for index, step in enumerate(steps):
        # Looked at again between its neighbours only, so that another step does not blur its date; rows that may
        # lie on either side of a neighbour are left out.
        start = steps[index - 1].latest + 1 if index else 0
        stop = steps[index + 1].earliest + 1 if index + 1 < len(steps) else len(series)
        again = _dated(_stretch(series, start, stop, raw=step.raw), step.step) or step
        breaks.append(_describe(series, again, start, stop))
    return tuple(breaks)


@dataclass(frozen=True, slots=True)
class _Found:
    position: int
    earliest: int
    latest: int
    step: Step
    raw: bool


def _series(record: Record) -> _Series:
    placed = ((index, row) for index, row in enumerate(record.rows) if row.place and not row.period)
    timed = ((index, row) for index, row in placed if (row.faces_seen or 0) > 0 and (row.duration_minutes or 0) > 0)
    usable = sorted((row.date.toordinal(), index) for index, row in timed if row.date is not None)
    index = np.array([index for _, index in usable], dtype=np.int64)
    rows = [record.rows[position] for position in index]
    alerts = [np.nan if row.alerts is None else row.alerts for row in rows]
    return _Series(
        index=index,
        day=np.array([day for day, _ in usable], dtype=np.int64),
        faces=np.array([row.faces_seen for row in rows], dtype=float),
        hours=np.array([row.duration_minutes for row in rows], dtype=float) / 60,
        alerts=np.array(alerts, dtype=float),
        town=_codes(place_keys(rows, "town")),
        words=_codes(place_keys(rows, "words")),
    )


def _codes(keys: list[str | None]) -> Integers:
    numbers: dict[str | None, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _recoded(codes: Integers) -> Integers:
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _split(series: _Series, start: int, stop: int, generator: np.random.Generator) -> list[_Found]:
    best = _look(_stretch(series, start, stop, raw=False), generator)
    best = best or _look(_stretch(series, start, stop, raw=True), generator)
    if best is None:
        return []
    before = _split(series, start, best.earliest + 1, generator)
    return [*before, best, *_split(series, best.latest + 1, stop, generator)]


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: int
    part: _Series
    strata: Integers
    positions: Integers
    raw: bool


def _stretch(series: _Series, start: int, stop: int, *, raw: bool) -> _Stretch:
    part = series.part(start, stop)
    if raw:
        least_before = LEAST_RAW_ROWS if start == 0 else LEAST_ROWS
        least_after = LEAST_RAW_ROWS if stop == len(series) else LEAST_ROWS
        together = np.zeros(len(part), dtype=np.int64)
        return _Stretch(start, part, together, _positions(part, least_before, least_after), True)
    positions = _positions(part, LEAST_ROWS, LEAST_ROWS)
    if len(positions):
        positions = positions[on_both_sides(part.town)[positions] >= LEAST_PLACES]
    return _Stretch(start, part, part.town, positions, False)


def _look(stretch: _Stretch, generator: np.random.Generator) -> _Found | None:
    step = scan(stretch.part.logs, stretch.strata, stretch.positions, generator, CHANCE)
    if step is None:
        return None
    if stretch.raw:
        size = abs(np.log(_fold(stretch.part, stretch.strata, step.position + 1)))
        return _dated(stretch, step) if size >= np.log(LEAST_RAW_FOLD) else None
    return _dated(stretch, step) if step.without_one >= step.beaten_at else None


def _dated(stretch: _Stretch, step: Step) -> _Found | None:
    """Date a step. In the raw series rows of one place are alike, so places count as independent and rows do not."""
    independent = int(stretch.part.town.max(initial=0)) + 1 if stretch.raw else None
    dated = date_step(stretch.part.logs, stretch.strata, stretch.positions, independent)
    if dated is None:
        return None
    position, earliest, latest = (stretch.start + at for at in dated)
    return _Found(position, earliest, latest, step, stretch.raw)


def _positions(part: _Series, least_before: int, least_after: int) -> Integers:
    last_of_day = np.flatnonzero(part.day[1:] != part.day[:-1])
    return last_of_day[(last_of_day >= least_before - 1) & (last_of_day < len(part) - least_after)]


def _describe(series: _Series, dated: _Found, start: int, stop: int) -> Break:
    part, split = series.part(start, stop), dated.position - start + 1
    strata = np.zeros(len(part), dtype=np.int64) if dated.raw else part.town
    places, places_by_words = _shared(part.town, split), _shared(part.words, split)
    if dated.raw:
        because = "no step is found within the same places, so a change of places could explain it"
    else:
        because = f"found within {places} places, and still there without any one of them"
    shared = np.isin(strata, np.intersect1d(strata[:split], strata[split:]))
    before, after = shared.copy(), shared.copy()
    before[split:], after[:split] = False, False
    at = {"last_before": dated.earliest, "first_after": dated.latest + 1}
    at |= {"best_before": dated.position, "best_after": dated.position + 1}
    return Break(
        kind="places-could-explain" if dated.raw else "within-places",
        **{name: _day(series, position) for name, position in at.items()},
        fold=_fold(part, strata, split),
        fold_by_words=_fold(part, part.words, split) if places_by_words else None,
        places=places,
        places_by_words=places_by_words,
        rows_before=int(before.sum()),
        rows_after=int(after.sum()),
        faces_per_hour=(_per_hour(part.faces, part, before), _per_hour(part.faces, part, after)),
        alerts_per_hour=_both_per_hour(part, before, after),
        chance=dated.step.chance,
        shuffles=dated.step.shuffles,
        first_row=int(series.index[dated.position + 1]),
        because=because,
    )


def _shared(strata: Integers, split: int) -> int:
    return len(np.intersect1d(strata[:split], strata[split:]))


def _fold(part: _Series, strata: Integers, split: int) -> float:
    """Geometric mean, over strata with rows on both sides, of faces per hour after to before; weights ``b a / n``."""
    size = np.bincount(strata).astype(float)
    before = np.bincount(strata[:split], minlength=len(size)).astype(float)
    weight = before * (size - before) / size
    both = weight > 0
    sum_before = np.bincount(strata[:split], part.logs[:split], len(size))[both]
    sum_after = np.bincount(strata[split:], part.logs[split:], len(size))[both]
    difference = sum_after / (size - before)[both] - sum_before / before[both]
    return float(np.exp(np.average(difference, weights=weight[both])))


_Chosen = np.ndarray[tuple[int], np.dtype[np.bool_]]


def _per_hour(values: Floats, part: _Series, rows: _Chosen) -> float:
    return float(values[rows].sum() / part.hours[rows].sum()) if rows.any() else float("nan")


def _both_per_hour(part: _Series, before: _Chosen, after: _Chosen) -> tuple[float, float] | None:
    known = ~np.isnan(part.alerts)
    if not (known & before).any() or not (known & after).any():
        return None
    return _per_hour(part.alerts, part, known & before), _per_hour(part.alerts, part, known & after)


def _day(series: _Series, position: int) -> datetime.date:
    return datetime.date.fromordinal(int(series.day[position]))


#: A step smaller than this, up or down, may also be a season or a slow drift: the detector cannot tell them apart.
SMALL_FOLD = 2.0
#: Alerts per hour that move by less than this share of the step in faces (on the logarithm) are said to stay level.
LEVEL_SHARE = 0.25


def break_faults(record: Record, breaks: Sequence[Break]) -> list[Fault]:
    """A ``denominator-break`` for each break found, at the first row after its best split."""
    return [_standing(record, step) if step.stands else _open(record, step) for step in breaks]


def _standing(record: Record, step: Break) -> Fault:
    row = record.rows[step.first_row]
    by_words = ""
    if step.fold_by_words is not None:
        by_words = f", {step.fold_by_words:.1f}-fold in {step.places_by_words} where names are matched word for word"
    message = (
        f"{_from(row)}: faces per hour in the same places {step.in_words} "
        f"({counted(step.places, 'place')}{by_words}) after {day(step.last_before)} and by {day(step.first_after)}, "
        f"most likely between {day(step.best_before)} and {day(step.best_after)}; {_alerts(step)}. "
        f"{_small(step)}No figure per face may be carried across it."
    )
    return draft("denominator-break", row.document, row.number, "faces_seen", message, _details(step))


def _open(record: Record, step: Break) -> Fault:
    row = record.rows[step.first_row]
    message = (
        f"{_from(row)}: faces per hour of all places together {step.in_words} after {day(step.last_before)} and by "
        f"{day(step.first_after)}, but {counted(step.places, 'place has', 'places have')} rows on both sides and no "
        f"step is found within the same places: this cannot be told from a change of places; {_alerts(step)}."
    )
    return draft("denominator-break", row.document, row.number, "faces_seen", message, _details(step))


def _small(step: Break) -> str:
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
        ("kind", "within the same places" if step.stands else "a change of places could explain it"),
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
