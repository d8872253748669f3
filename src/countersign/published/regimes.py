"""Regimes: stretches of a record over which figures may be summed, because nothing known to change them changes.

A regime changes with the threshold setting, with the system (vans, cameras fixed in a street: a document's own system,
or a place with rows for nearly every day and no durations) and with a break in how faces are counted (``breaks``). Rows
that may lie on either side of a break belong to a regime *between*, which enters
no series per face. Rows without a date, or with one out of order (``dates.out_of_order``), are assigned by their
neighbours. ``per_face_comparable`` says that no break was found inside, not that there is none; ``tested`` that one was
looked for and could have been seen. A shift that a change of places could explain parts no regime; ``why`` names it.

*How faces are counted* in a regime is one of three: *changed*; *tested, no change seen*, with the step that could have
been seen; *not tested*, with the reason. Rows with durations are tested on faces per hour within the same places (the
search for breaks over the whole record); rows without are tested here, on faces per deployment and on alerts per face.
The step that could have been seen is that of four tests in five, in the middle of the rows: its logarithm is
``(4.6 + 0.84) s / sqrt(V)``, ``s`` the spread within places and ``V`` the weight of the best position (``step_scan``);
4.6 is the most that was measured in four settings (3.5 to 4.6): the search over dates at one in a hundred asks for 3.6,
and that a step stands without the place that carries most of it asks for the rest.

*The error rate* of a regime is tested for being one: the best split in time of its deployments by likelihood (Poisson),
its chance by shuffling whole deployments, so that clumps do not count as a step. The step in the middle that could have
been seen four times in five is that whose likelihood ratio has a root of ``(sqrt(q / d) + 0.84) sqrt(d')``: ``q`` what
one in twenty of the shuffles reach at their best split, ``d`` their mean at the middle one (1 without clumps), ``d'``
the same with the step in it.

>>> from countersign.published.read import read_source
>>> from countersign.published.faults.breaks import find_breaks
>>> record = read_source("shipped:met")
>>> [str(regime.threshold) for regime in find_regimes(record, find_breaks(record)) if regime.per_face_comparable]
['None', '0.6', '0.62', '0.64', '0.64', '0.64']
>>> face_counts(record.rows[:8])
'not tested (7 rows with date, place and faces; 40 are needed)'
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec
import numpy as np

from countersign.published.faults.breaks import CHANCE, LEAST_PLACES, LEAST_ROWS, Break
from countersign.published.faults.dates import out_of_order
from countersign.published.faults.step_scan import Floats, Integers, on_both_sides, scan, weights
from countersign.published.table.places import place_keys
from countersign.published.table.record import Record, Row
from countersign.words.dates import day, span
from countersign.words.lists import counted
from countersign.words.numbers import count

#: What the search asks of a step, in standard errors, and the normal quantile of four tests in five.
SEARCHED, POWER = 4.6, 0.84
#: A normal curve's standard deviation over its median absolute deviation.
_NORMAL = 1.4826
#: A split of the error rate is told from this chance down.
UNLIKELY = 0.05
SHUFFLES = 999
#: Where even a step of this many times could not have been seen, the error rate was not tested.
MOST_FOLD = 10
#: Fewer deployments or events than this are not split.
LEAST_DEPLOYMENTS, LEAST_EVENTS = 10, 3


class _Rows(NamedTuple):
    """Rows in order of time, with the stratum of each and the positions at which a step may lie."""

    rows: Sequence[Row]
    towns: Integers
    positions: Integers


def face_counts(rows: Sequence[Row], *, seed: int = 0) -> str:
    """Whether a change in how faces are counted was looked for in these rows of one regime, in a few words."""
    usable = [row for row in rows if row.date is not None and row.place and (row.faces_seen or 0) > 0]
    timed = [row for row in usable if (row.duration_minutes or 0) > 0]
    by_hour = 2 * len(timed) >= len(usable)
    chosen = _in_order(timed if by_hour else usable)
    needed = 2 * LEAST_ROWS
    if len(chosen.rows) < needed:
        timing = ", duration" if by_hour and timed else ""
        return (
            f"not tested ({counted(len(chosen.rows), 'row')} with date, place{timing} and faces; {needed} are needed)"
        )
    if not len(chosen.positions):
        return f"not tested (at no date do {LEAST_PLACES} places have rows before and after)"
    faces = np.array([row.faces_seen or 1 for row in chosen.rows], float)
    if by_hour:
        hours = np.array([float(row.duration_minutes or 1) / 60 for row in chosen.rows])
        return f"tested, no change seen (could have seen {_fold(np.log(faces / hours), chosen)})"
    generator = np.random.default_rng(seed)
    series = {"faces per deployment": np.log(faces), "alerts per face": _alerts(chosen.rows, faces)}
    for what, values in series.items():
        step = None if values is None else scan(values, chosen.towns, chosen.positions, generator, CHANCE)
        if step is not None and step.of_several:
            before, after = (chosen.rows[step.position + at].date for at in (0, 1))
            assert before is not None
            assert after is not None
            return f"changed ({what} in the same places, between {day(before)} and {day(after)})"
    fold = _fold(np.log(faces), chosen)
    return f"tested, no change seen (no durations: faces per deployment, could have seen {fold}; alerts per face)"


def _in_order(rows: Sequence[Row]) -> _Rows:
    ordered = sorted(rows, key=lambda row: (row.date, row.number))
    codes: dict[str | None, int] = {}
    towns = np.array([codes.setdefault(key, len(codes)) for key in place_keys(ordered, "town")], dtype=np.int64)
    days = np.array([row.date.toordinal() for row in ordered if row.date is not None], dtype=np.int64)
    last_of_day = np.flatnonzero(days[1:] != days[:-1])
    inside = last_of_day[(last_of_day >= LEAST_ROWS - 1) & (last_of_day < len(ordered) - LEAST_ROWS)]
    if len(inside):
        inside = inside[on_both_sides(towns)[inside] >= LEAST_PLACES]
    return _Rows(ordered, towns, inside)


def _alerts(rows: Sequence[Row], faces: Floats) -> Floats | None:
    if any(row.alerts is None for row in rows):
        return None
    return np.asarray(np.log((np.array([row.alerts or 0 for row in rows], float) + 0.5) / faces))


def _fold(logs: Floats, chosen: _Rows) -> str:
    """The step that would have been seen four times in five, in words."""
    return f"about a {smallest_fold(logs, chosen.towns, chosen.positions):.2g}-fold one"


def smallest_fold(logs: Floats, towns: Integers, positions: Integers) -> float:
    """The step in ``logs`` within ``towns`` that the search would see four times in five at its best position."""
    away = logs.copy()
    for town in np.unique(towns):
        away[towns == town] -= np.median(away[towns == town])
    several = np.bincount(towns)[towns] > 1
    free = max(1.0, several.sum() - len(np.unique(towns[several])))
    spread = _NORMAL * float(np.median(np.abs(away[several]))) * math.sqrt(several.sum() / free)
    return math.exp((SEARCHED + POWER) * spread / math.sqrt(float(weights(towns)[positions].max())))


def error_rate(rows: Sequence[Row], *, seed: int = 0) -> str:
    """Whether false alerts per face are one rate in these rows of one regime, in a sentence."""
    used = sorted(
        (row for row in rows if row.date is not None and row.false_alerts is not None and (row.faces_seen or 0) > 0),
        key=lambda row: (row.date, row.number),
    )
    x = np.array([row.false_alerts or 0 for row in used], float)
    n = np.array([float(row.faces_seen or 0) for row in used])
    if len(used) < LEAST_DEPLOYMENTS or x.sum() < LEAST_EVENTS:
        return f"not tested ({counted(int(x.sum()), 'false alert')} in {counted(len(used), 'deployment')})"
    gains = _gains(x[None, :], n[None, :])[0]
    split = int(gains.argmax())
    generator = np.random.default_rng(seed)
    order = np.argsort(generator.random((SHUFFLES, len(used))), axis=1)
    shuffled = _gains(x[order], n[order])
    beaten = int((shuffled.max(axis=1) >= gains[split] * (1 - 1e-9)).sum())
    chance = (1 + beaten) / (1 + SHUFFLES)
    if chance > UNLIKELY:
        fold = _fold_of_rate(float(x.sum()), n, shuffled)
        if fold > MOST_FOLD:
            few = f"{counted(int(x.sum()), 'false alert')} in {counted(len(used), 'deployment')}"
            return f"not tested ({few}: too few to see even a {MOST_FOLD}-fold change)"
        return f"tested, no change seen (could have seen about a {fold:.2g}-fold one)"
    until = used[split].date
    assert until is not None
    sides = (slice(split + 1), slice(split + 1, None))
    parts = [f"{count(int(x[side].sum()))} in {count(int(n[side].sum()))}" for side in sides]
    return (
        f"not one rate: {parts[0]} faces to {day(until)}, {parts[1]} after (as large a step in {chance:.2g} of "
        "shuffles of the deployments)"
    )


def _fold_of_rate(events: float, exposure: Floats, shuffled: Floats) -> float:
    """The step of the rate in the middle of the exposure that would have been seen four times in five."""
    share = np.cumsum(exposure)[:-1] / exposure.sum()
    middle = int(np.abs(share - 0.5).argmin())
    first = min(share[middle], 1 - share[middle])
    clumps = max(1.0, float(shuffled[:, middle].mean()))
    folds = np.geomspace(1.01, 2 * MOST_FOLD, 600)
    # A step spreads the counts of the deployments further apart, and the shuffles keep that.
    mean, step = events / exposure.size, ((folds - 1) / (folds + 1)) ** 2
    spread = 1 + mean * ((1 + (clumps - 1) / mean) * (1 + step) - 1)
    reached = float(np.quantile(shuffled.max(axis=1), 1 - UNLIKELY)) / clumps
    asked = spread * (math.sqrt(reached) + POWER) ** 2
    lower = first / (first + folds * (1 - first))  # the share of events on the smaller side, where the rate is less
    gains = 2 * events * (lower * np.log(lower / first) + (1 - lower) * np.log((1 - lower) / (1 - first)))
    seen = gains >= asked
    return float(folds[int(seen.argmax())]) if seen.any() else math.inf


def _gains(x: Floats, n: Floats) -> Floats:
    """Twice the Poisson log-likelihood ratio of two rates over one, at each split but the last, for each line."""
    first, size = np.cumsum(x, axis=1)[:, :-1], np.cumsum(n, axis=1)[:, :-1]
    total, whole = x.sum(axis=1, keepdims=True), n.sum(axis=1, keepdims=True)

    def part(events: Floats, trials: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(events > 0, events * np.log(events / trials * whole / total), 0.0)

    return np.asarray(2 * (part(first, size) + part(total - first, whole - size)))


#: A place with rows of at least this many days, on at least this share of the days between, has fixed cameras.
LEAST_DAILY, DAILY = 14, 0.6

#: Threshold, stretch between breaks, and system of a regime.
_Key = tuple[Decimal | None, int, str]


class Regime(msgspec.Struct, frozen=True):
    """A stretch of one threshold and one way of counting faces. ``rows`` are indices into ``record.rows``, ascending.

    ``id`` ("r1" ...) is in order of first row; ``first`` and ``last`` are dates of its rows; ``why`` says why it is
    kept apart; ``face_counts`` and ``error_rate`` what was tested in it (see the module). ``per_face_comparable`` is
    false where its rows are known to count faces in more than one way.
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

    @property
    def tested(self) -> bool:
        """Whether a change in how faces are counted was looked for in it, and none seen."""
        return self.face_counts.startswith("tested")


def find_regimes(record: Record, breaks: Sequence[Break]) -> tuple[Regime, ...]:
    """The regimes of a record, in order of their first row; every row is in exactly one."""
    standing = [step for step in breaks if step.stands]
    misplaced = {index for index, _ in out_of_order(record)}
    systems = _systems(record)
    assigned: dict[_Key, list[int]] = {}
    previous: dict[str, int] = {}
    for index, row in enumerate(record.rows):
        if row.date is not None and index not in misplaced:
            of_it = [step for step in standing if step.system == systems[index]]
            previous[systems[index]] = _stretch(row.date, of_it)
        assigned.setdefault((row.threshold, previous.get(systems[index], 0), systems[index]), []).append(index)
    ordered = sorted(assigned.items(), key=lambda item: _start(record, item[1], misplaced))
    return tuple(
        _regime(number, key, rows, record, breaks, misplaced) for number, (key, rows) in enumerate(ordered, start=1)
    )


def _systems(record: Record) -> list[str]:
    """The system of each row: its document's, or the cameras of a place whose rows come daily and without duration.

    Such a place has ``LEAST_DAILY`` rows of one day each, none with a duration, on ``DAILY`` of the days from its first
    to its last; a van that is sent out has neither.
    """
    named = {document.id: document.system for document in record.documents}
    systems = [named.get(row.document, "") for row in record.rows]
    places: dict[tuple[str, str], list[int]] = {}
    for index, (row, place) in enumerate(zip(record.rows, place_keys(record.rows, "words"), strict=True)):
        if place is not None:
            places.setdefault((row.document, place), []).append(index)
    for rows in places.values():
        inside = [record.rows[index] for index in rows]
        days = {row.date.toordinal() for row in inside if row.date is not None and not row.period}
        untimed = all(row.duration_minutes is None for row in inside)
        if untimed and len(days) >= LEAST_DAILY and len(days) >= DAILY * (max(days) - min(days) + 1):
            for index in rows:
                systems[index] = systems[index] or f"fixed cameras at {inside[0].place}"
    return systems


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
    number: int, key: _Key, rows: Sequence[int], record: Record, breaks: Sequence[Break], misplaced: set[int]
) -> Regime:
    threshold, stretch, system = key
    standing = [step for step in breaks if step.stands and step.system == system]
    dates = _dates(record, rows, misplaced)
    first, last = (min(dates), max(dates)) if dates else (None, None)
    between = stretch % 2 == 1
    setting = "threshold not published" if threshold is None else f"threshold {threshold}"
    named = f"{setting}, {system}" if system else setting
    label = f"{named}, {span(first, last)}{', between two ways of counting faces' if between else ''}"
    reasons = [f"These rows print {setting}." if threshold is not None else "These rows print no threshold."]
    if system:
        daily = ": rows for nearly every day and none with a duration" if system.startswith("fixed cameras at") else ""
        reasons.append(f"They are of another system ({system}{daily}), which is averaged with no other.")
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
        reasons += _inside(
            first, last, [step for step in breaks if step.kind == "places-could-explain" and step.system == system]
        )
    inside = [record.rows[index] for index in rows]
    counts = "changed (these rows may be counted either way)" if between else face_counts(inside)
    rate = error_rate(inside)
    why = " ".join(reasons)
    one_way = not counts.startswith("changed")
    return Regime(f"r{number}", label, threshold, first, last, tuple(rows), why, one_way, counts, rate)


def _inside(first: datetime.date | None, last: datetime.date | None, open_shifts: Sequence[Break]) -> list[str]:
    if first is None or last is None:
        return []
    return [
        f"Faces per hour of all places together {step.in_words} between {day(step.last_before)} and "
        f"{day(step.first_after)}; that cannot be told from a change of places, and is not treated as a break."
        for step in open_shifts
        if first <= step.best_before and step.best_after <= last
    ]
