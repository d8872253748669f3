"""Figures in both readings: as corrected and, where a correction touches them, as printed too.

A row keeps its regime in both readings: a correction of a date or a threshold changes which year a row is counted in,
not how faces were counted on the day.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from countersign.published.rows import Record
from countersign.review.counts import Counts
from countersign.review.figures import LEVEL, Scope, rates, scopes_of, totals_of
from countersign.review.model import By, RateLine, Reading, TotalsOf
from countersign.review.scopes import Dimension, dimensions

Line = TypeVar("Line", TotalsOf, RateLine)


class Figures(NamedTuple):
    """All figures of a record, with the scopes they were made over."""

    counts: Counts
    regimes: Dimension
    scopes: dict[By, list[Scope]]
    totals_by: tuple[TotalsOf, ...]
    rates: tuple[RateLine, ...]


def figures(record: Record, regime_of: Mapping[int, str], *, level: float = LEVEL) -> Figures:
    """The figures of one record in one reading. ``regime_of``: regime by position of the row."""
    counts = Counts(record.rows)
    found = dimensions(record.rows, regime_of)
    regimes = next(dimension for dimension in found if dimension.by == "regime")
    scopes = {dimension.by: scopes_of(dimension, regimes) for dimension in found}
    every = [scope for listed in scopes.values() for scope in listed]
    return Figures(
        counts, regimes, scopes, tuple(totals_of(counts, every, "either")),
        tuple(rates(counts, every, regimes, level=level)),
    )  # fmt: skip


def both_ways(corrected: Figures, printed: Figures) -> Figures:
    """``corrected`` with, for each figure that reads otherwise as printed, both lines next to each other."""
    return corrected._replace(
        totals_by=_both(corrected.totals_by, printed.totals_by, _scope_key, _same_totals),
        rates=_both(corrected.rates, printed.rates, _measure_key, _same_rate),
    )


def _scope_key(line: TotalsOf) -> Hashable:
    return line.by, line.scope


def _measure_key(line: RateLine) -> Hashable:
    return line.by, line.scope, line.measure


def _same_totals(one: TotalsOf, other: TotalsOf) -> bool:
    return one.totals == other.totals and one.rows == other.rows


def _same_rate(one: RateLine, other: RateLine) -> bool:
    return (one.events, one.trials, one.regime, one.rows) == (other.events, other.trials, other.regime, other.rows)


def _both(
    corrected: Sequence[Line], printed: Sequence[Line], key: Callable[[Line], Hashable],
    same: Callable[[Line, Line], bool],
) -> tuple[Line, ...]:  # fmt: skip
    grouped, others = _grouped(corrected, key), _grouped(printed, key)
    found: list[Line] = []
    for name in dict.fromkeys([*grouped, *others]):
        ours, theirs = grouped.get(name, []), others.get(name, [])
        if len(ours) == len(theirs) and all(map(same, ours, theirs)):
            found += ours
        else:
            found += _read(ours, "as corrected") + _read(theirs, "as printed")
    return tuple(found)


def _grouped(lines: Iterable[Line], key: Callable[[Line], Hashable]) -> dict[Hashable, list[Line]]:
    found: dict[Hashable, list[Line]] = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    return found


def _read(lines: Sequence[Line], reading: Reading) -> list[Line]:
    return [msgspec.structs.replace(line, reading=reading) for line in lines]
