"""Figures in both readings: as corrected and, where a correction touches them, as printed too.

A row keeps its regime in both readings: a correction of a date or a threshold changes which year a row is counted in,
not how faces were counted on the day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import NamedTuple, TypeVar

import msgspec

from countersign.published.table.record import Record
from countersign.reviews.model import By, RateLine, TotalsOf
from countersign.reviews.published.counts import Counts
from countersign.reviews.published.figures import LEVEL, Scope, rates, scopes_of, totals_of
from countersign.reviews.published.scopes import Dimension, dimensions

Line = TypeVar("Line", TotalsOf, RateLine)


class Figures(NamedTuple):
    """All figures of a record, with the scopes they were made over."""

    counts: Counts
    regimes: Dimension
    scopes: dict[By, list[Scope]]
    totals_by: tuple[TotalsOf, ...]
    rates: tuple[RateLine, ...]


#: A scope by dimension and name.
Named = tuple[By, str]


def figures(
    record: Record, regime_of: Mapping[int, str], *, level: float = LEVEL, among: Set[Named] | None = None
) -> Figures:
    """The figures of one record in one reading. ``regime_of``: regime by position of the row.

    ``among``: only these scopes, the rest left out.
    """
    counts = Counts(record.rows)
    regimes, scopes = _scopes(record, regime_of)
    every = [scope for listed in scopes.values() for scope in listed if among is None or _named(scope) in among]
    return Figures(
        counts, regimes, scopes, tuple(totals_of(counts, every, "either")),
        tuple(rates(counts, every, regimes, level=level)),
    )  # fmt: skip


def both_ways(read: Record, printed: Record, regime_of: Mapping[int, str], *, level: float = LEVEL) -> Figures:
    """The figures of ``read``, with those of ``printed`` beside each that a correction makes read otherwise.

    ``printed`` has the same rows in the same order, some with other values.
    """
    found = figures(read, regime_of, level=level)
    pairs = zip(read.rows, printed.rows, strict=True)
    changed = {position for position, (one, other) in enumerate(pairs) if one != other}
    if not changed:
        return found
    listed = [*found.scopes.values(), *_scopes(printed, regime_of)[1].values()]
    touched = {_named(scope) for scopes in listed for scope in scopes if changed & set(scope.positions.tolist())}
    again = figures(printed, regime_of, level=level, among=touched)
    return found._replace(
        totals_by=_paired(found.totals_by, again.totals_by, touched, lambda line: (line.by, line.scope), _same_totals),
        rates=_paired(found.rates, again.rates, touched, lambda line: (line.by, line.scope, line.measure), _same_rate),
    )


def _scopes(record: Record, regime_of: Mapping[int, str]) -> tuple[Dimension, dict[By, list[Scope]]]:
    found = dimensions(record.rows, regime_of)
    regimes = next(dimension for dimension in found if dimension.by == "regime")
    return regimes, {dimension.by: scopes_of(dimension, regimes) for dimension in found}


def _named(scope: Scope) -> Named:
    return scope.by, scope.name


def _same_totals(one: TotalsOf, other: TotalsOf) -> bool:
    return one.totals == other.totals and one.rows == other.rows


def _same_rate(one: RateLine, other: RateLine) -> bool:
    return (one.events, one.trials, one.rows, one.crosses) == (other.events, other.trials, other.rows, other.crosses)


def _paired(
    corrected: Iterable[Line],
    printed: Iterable[Line],
    touched: Set[Named],
    group: Callable[[Line], tuple[str, ...]],
    same: Callable[[Line, Line], bool],
) -> tuple[Line, ...]:
    """Groups (a scope and measure) in the order of ``corrected``, those only in ``printed`` last.

    In a group lines are paired by regime: those that differ stand as corrected and then as printed, others once.
    """
    ours: dict[tuple[str, ...], list[Line]] = _grouped(corrected, group)
    theirs: dict[tuple[str, ...], list[Line]] = _grouped(printed, group)
    found: list[Line] = []
    for name in dict.fromkeys([*ours, *theirs]):
        if name[:2] not in touched:
            found += ours[name]
            continue
        others = {_regime(line): line for line in theirs.get(name, [])}
        for line in ours.get(name, []):
            other = others.pop(_regime(line), None)
            if other is not None and same(line, other):
                found.append(line)
                continue
            found.append(msgspec.structs.replace(line, reading="as corrected"))
            if other is not None:
                found.append(msgspec.structs.replace(other, reading="as printed"))
        found += [msgspec.structs.replace(other, reading="as printed") for other in others.values()]
    return tuple(found)


def _regime(line: TotalsOf | RateLine) -> str | None:
    """What tells the lines of a group apart: the regime of a rate; totals have one line a scope."""
    return line.regime if isinstance(line, RateLine) else None


def _grouped(lines: Iterable[Line], group: Callable[[Line], tuple[str, ...]]) -> dict[tuple[str, ...], list[Line]]:
    found: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        found.setdefault(group(line), []).append(line)
    return found
