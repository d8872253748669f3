"""Find where the way faces are counted changed, and say it as a fault: steps in faces per hour within the same place.

"Faces seen" is a force's own estimate; when the way it is made changes, so does every figure per face. Faces per hour
*within the same place* (``step_scan``) are looked at in order of date, split at a step and looked at again on either
side, as long as a stretch keeps ``LEAST_ROWS`` rows. No threshold is looked at and no date assumed. Places are matched
by town; the size of the step is also given with places matched word for word.

A step is looked for where ``LEAST_PLACES`` places have rows on both sides: one common to all places, or one of its own
size in several, and it must be beyond chance without the place that carries most of it. Steps that only parting the
whole record at once finds (up, and back down) join those, where they are found again between their neighbours. Each
system (vans, fixed cameras) is looked at apart. Where none is found, a shift of all places together of
``LEAST_RAW_FOLD`` or more *cannot be told from a change of places*; a step of one place alone is that place's own.

Seasons play no part in finding a step. Afterwards a small one that a fitted season explains as well is a *step or
season* (``seasons``). Power and false finds: ``docs/formats/faults.md``.

>>> from countersign.published.read import read_source
>>> [step.in_words for step in find_breaks(read_source("shipped:met"))]
['fall 5.7-fold', 'rise 5.5-fold', 'rise 1.5-fold']
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from scipy.special import chdtrc, chdtri

from countersign.published.faults.seasons import beyond_season
from countersign.published.faults.step_scan import (
    MOST_EDGES,
    Floats,
    Integers,
    Step,
    date_step,
    on_both_sides,
    own_steps,
    partition,
    rank_scores,
    scan,
    weights,
)
from countersign.published.table.places import place_keys
from countersign.published.table.record import Record

#: A stretch between two steps holds at least this many rows: in a shorter one a handful of places decides.
LEAST_ROWS = 20
#: The same for a shift in the raw series, which is only ever reported as open.
LEAST_RAW_ROWS = 10
#: A step stands on at least this many places with rows on both sides of it.
LEAST_PLACES = 5
#: A step is reported when shuffling gives one as large at most this often.
CHANCE = 0.002
#: On either side of a step already found, this share of it: there are two sides.
BESIDE_A_STEP = 0.5
#: And where parting the whole record already put one, which chance alone did in none of 1,500 made-up records.
CHANCE_PARTED = 0.02
#: A shift in the raw series is reported from this size on, up or down.
LEAST_RAW_FOLD = 2.0

#: A step within places of this size, or of that in a quarter of the places, is named whatever a fitted season says: a
#: season of a fifth up and down makes a step of 1.5.
NAMED_FOLD, NAMED_QUARTER = 1.75, 2.25

#: Steps differ between places where chance gives as different ones at most this often: no season is so local.
UNLIKE = 0.001

Kind = Literal["within-places", "step-or-season", "one-place", "places-could-explain"]


class Break(msgspec.Struct, frozen=True):
    """A step in faces per hour. ``kind``: found within the same places; a *step or season*, small enough for one; at
    ``place`` alone; or a change of places could explain it.

    The step lies after ``last_before`` and not later than ``first_after`` (95% interval, dates of rows); the best split
    is between ``best_before`` and ``best_after``. ``fold`` is the ratio of faces per hour after to before (geometric
    mean within places with rows on both sides, by town; word for word in ``fold_by_words``), or of the raw series.
    ``faces_per_hour`` and ``alerts_per_hour`` are sums over sums of the same rows. ``first_row``: index of the first
    row after the best split. ``alike``: whether places differ no more than chance makes them; ``among``: the middle
    half of the places' own folds. ``system`` is the document's ("" for the usual one).
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
    alike: bool = True
    among: tuple[float, float] | None = None
    system: str = ""
    place: str = ""

    @property
    def stands(self) -> bool:
        """Whether it was found within the same places, so that no figure per face may cross it."""
        return self.kind in ("within-places", "step-or-season")

    @property
    def named(self) -> bool:
        """Whether a season cannot explain it either: only then is it said to be a step."""
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
        return self.of(np.arange(start, stop))

    def of(self, cut: Integers) -> _Series:
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
    """All steps in faces per hour of a record, by date, each system apart. The same record and seed give the same."""
    found = [
        step
        for system in dict.fromkeys(document.system for document in record.documents)
        for step in _of_system(record, system, np.random.default_rng(seed))
    ]
    return tuple(sorted(found, key=lambda step: step.best_after))


def _of_system(record: Record, system: str, generator: np.random.Generator) -> list[Break]:
    series = _series(record, system)
    steps = _again(series, _split(series, 0, len(series), generator))
    steps = _again(series, _joined(series, steps, generator))
    ends = [_ends(series, steps, index) for index in range(len(steps))]
    breaks = [_describe(series, step, *end) for step, end in zip(steps, ends, strict=True)]
    breaks = [*_seasoned(series, breaks), *_of_one_place(record, series, steps, generator)]
    return [msgspec.structs.replace(step, system=system) for step in breaks]


def _of_one_place(
    record: Record, series: _Series, steps: Sequence[_Found], generator: np.random.Generator
) -> Iterator[Break]:
    """Steps of ``LEAST_RAW_FOLD`` or more at one place alone, between the steps of all.

    A place is looked at where it has ``2 LEAST_ROWS`` rows in a stretch; the chance is over all looked at.
    """
    edges = np.array([step.position for step in steps if not step.raw], dtype=np.int64)
    stretch = np.searchsorted(edges, np.arange(len(series)), side="left")
    groups = [
        np.flatnonzero((series.town == town) & (stretch == part))
        for part in range(len(edges) + 1)
        for town in range(int(series.town.max(initial=-1)) + 1)
    ]
    looked = [rows for rows in groups if len(rows) >= 2 * LEAST_ROWS]
    beyond = float(chdtri(1, CHANCE / max(1, len(looked))))
    for rows in looked:
        own = series.of(rows)
        if _largest_gain(own) < beyond:  # not beyond chance at any one date, so not over a search of dates
            continue
        alone = _Stretch(0, own, np.zeros(len(own), dtype=np.int64), _positions(own, LEAST_ROWS, LEAST_ROWS), True)
        step = scan(own.logs, alone.strata, alone.positions, generator, CHANCE / len(looked))
        dated = None if step is None else _dated(alone, step)
        if dated is not None:
            found = _describe(own, dated, 0, len(own))
            if abs(math.log(found.fold)) >= math.log(LEAST_RAW_FOLD):
                place = record.rows[found.first_row].place or ""
                because = "found at this place alone"
                yield msgspec.structs.replace(found, kind="one-place", place=place, because=because)


def _largest_gain(own: _Series) -> float:
    together = np.zeros(len(own), dtype=np.int64)
    gains = np.cumsum(rank_scores(own.logs, together)) ** 2 / np.maximum(weights(together), 1e-9)
    return float(gains[LEAST_ROWS - 1 : -LEAST_ROWS].max())


def _seasoned(series: _Series, breaks: Sequence[Break]) -> list[Break]:
    """Small steps that a season could explain read so; those that could be of other places have their own reason."""
    inside = [step for step in breaks if step.stands]
    at = [int(np.flatnonzero(series.index == step.first_row)[0]) - 1 for step in inside]
    beyond = beyond_season(series.logs, series.day.astype(float), series.town, at)
    doubtful = {
        step.first_row for step, clear in zip(inside, beyond, strict=True) if not clear and not _too_large(step)
    }
    reason = "a season could explain it"
    return [
        msgspec.structs.replace(step, kind="step-or-season", because=f"{step.because}; {reason}")
        if step.stands and step.first_row in doubtful
        else step
        for step in breaks
    ]


def _too_large(step: Break) -> bool:
    """Whether a step is too large for a season: of all places together, or of a quarter of them."""
    largest = max(step.fold, 1 / step.fold)
    quarter = 1.0 if step.among is None else step.among[1] if step.fold > 1 else 1 / step.among[0]
    return largest >= NAMED_FOLD or quarter >= NAMED_QUARTER


def _ends(series: _Series, steps: Sequence[_Found], index: int) -> tuple[int, int]:
    """Where a step is looked at between its neighbours only; rows that may lie on either side of one are left out."""
    start = steps[index - 1].latest + 1 if index else 0
    return start, steps[index + 1].earliest + 1 if index + 1 < len(steps) else len(series)


def _again(series: _Series, steps: Sequence[_Found]) -> list[_Found]:
    """The steps dated again between their neighbours, so that another step does not blur a date."""
    dated = []
    for index, step in enumerate(steps):
        stretch = _stretch(series, *_ends(series, steps, index), raw=step.raw)
        dated.append(_dated(stretch, step.step) or step)
    return dated


@dataclass(frozen=True, slots=True)
class _Found:
    position: int
    earliest: int
    latest: int
    step: Step
    raw: bool


def _series(record: Record, system: str) -> _Series:
    of_it = {document.id for document in record.documents if document.system == system}
    rows_of_it = ((index, row) for index, row in enumerate(record.rows) if row.document in of_it)
    placed = ((index, row) for index, row in rows_of_it if row.place and not row.period)
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
    chance = CHANCE if stop - start == len(series) else CHANCE * BESIDE_A_STEP
    best = _look(series, start, stop, generator, chance) or _look(series, start, stop, generator, chance, raw=True)
    if best is None:
        return []
    before = _split(series, start, best.earliest + 1, generator)
    return [*before, best, *_split(series, best.latest + 1, stop, generator)]


def _joined(series: _Series, steps: list[_Found], generator: np.random.Generator) -> list[_Found]:
    """The steps found one by one, and those that only parting the whole at once finds: up and back down again."""
    whole = _stretch(series, 0, len(series), raw=False)
    parted = partition(series.logs, series.town, whole.positions, LEAST_ROWS)
    near = LEAST_ROWS // 2 + len(series) // MOST_EDGES
    taken = [(step.earliest - near, step.latest + near) for step in steps]
    new = [at for at in parted if not any(low <= at <= high for low, high in taken)]
    if not new:
        return steps
    positions = sorted({step.position for step in steps} | set(new))
    known = {step.position: step for step in steps}
    while True:
        ends = [-1, *positions, len(series) - 1]
        kept: dict[int, _Found] = {}
        for before, at, after in zip(ends[:-2], ends[1:-1], ends[2:], strict=True):
            raw = at in known and known[at].raw
            chance = CHANCE_PARTED if at in new else CHANCE
            again = _look(series, before + 1, after + 1, generator, chance, raw=raw)
            if again is not None and (at in known or abs(again.position - at) <= near):
                kept[at] = again
        if not any(at in new for at in positions):
            return steps
        if len(kept) == len(positions):
            return [kept[at] for at in positions]
        lost = [at for at in positions if at not in kept]
        drop = next((at for at in lost if at in new), lost[0])
        positions.remove(drop)


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


def _look(
    series: _Series, start: int, stop: int, generator: np.random.Generator, chance: float, *, raw: bool = False
) -> _Found | None:
    stretch = _stretch(series, start, stop, raw=raw)
    step = scan(stretch.part.logs, stretch.strata, stretch.positions, generator, chance)
    if step is None:
        return None
    if stretch.raw:
        size = abs(np.log(_fold(stretch.part, stretch.strata, step.position + 1)))
        return _dated(stretch, step) if size >= np.log(LEAST_RAW_FOLD) else None
    return _dated(stretch, step) if step.of_several else None


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
    alike, among = _places_differ(part, strata, split)
    shared = np.isin(strata, np.intersect1d(strata[:split], strata[split:]))
    before, after = shared.copy(), shared.copy()
    before[split:], after[:split] = False, False
    return Break(
        kind="places-could-explain" if dated.raw else "within-places",
        last_before=_day(series, dated.earliest),
        first_after=_day(series, dated.latest + 1),
        best_before=_day(series, dated.position),
        best_after=_day(series, dated.position + 1),
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
        alike=alike,
        among=among,
    )


def _places_differ(part: _Series, strata: Integers, split: int) -> tuple[bool, tuple[float, float] | None]:
    """Whether the places' own steps differ no more than chance makes them (by ranks), and their middle half."""
    weight, after = own_steps(rank_scores(part.logs, strata), strata, split - 1)
    if len(weight) < 2:
        return True, None
    spread = float((after**2 / weight).sum() - after.sum() ** 2 / weight.sum())
    own = []
    for code in np.unique(strata):
        rows = np.flatnonzero(strata == code)
        first, last = part.logs[rows[rows < split]], part.logs[rows[rows >= split]]
        if len(first) and len(last):
            own.append(float(np.median(last) - np.median(first)))
    low, high = np.exp(np.quantile(own, [0.25, 0.75])).tolist()
    return float(chdtrc(len(weight) - 1, spread)) > UNLIKE, (low, high)


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
