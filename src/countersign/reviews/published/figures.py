"""Totals and rates of every scope of a record, as corrected and as printed.

A rate uses only rows that print both its counts. A scope whose rows lie in several regimes gets a line that names them,
then one for each. The exact interval is Clopper-Pearson's for a share of trials, Garwood's for a count in time or by
occasion; the clustered interval takes deployments as clusters. No line is made where the denominator is zero, or where
a share would have more events than trials (a fault in the data). A row keeps its regime in both readings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from countersign.document import RowRange, line_of
from countersign.inference.rate import Interval
from countersign.published.table.measures import MEASURES, Measure
from countersign.published.table.record import Record
from countersign.reviews import model
from countersign.reviews.published.counts import Counts, Dimension, dimensions

#: The measures a review gives a rate for. Faces per hour has none: people in a street are counted, not drawn.
REVIEWED: tuple[Measure, ...] = tuple(measure for measure in MEASURES.values() if measure.short)
_NOT_SUMMED = frozenset({"deployments", "printed_by", "rows", "ranges", "ocr_layer"})
#: The quantities that are summed, those of ``Totals``.
SUMMED: tuple[str, ...] = tuple(name for name in model.Totals.__struct_fields__ if name not in _NOT_SUMMED)
LEVEL = 0.95


class Scope(NamedTuple):
    """Rows to sum: their positions, what they are called, and the regimes they lie in."""

    by: model.By
    name: str
    positions: NDArray[np.int64]
    regimes: tuple[str, ...]


def scopes_of(dimension: Dimension, regimes: Dimension) -> list[Scope]:
    """The scopes of a dimension in order, each with the regimes its rows lie in."""
    order = np.argsort(dimension.codes, kind="stable")
    bounds = np.searchsorted(dimension.codes[order], np.arange(len(dimension.scopes) + 1))
    scopes = []
    for code, name in enumerate(dimension.scopes):
        positions = order[bounds[code] : bounds[code + 1]]
        inside = np.unique(regimes.codes[positions])
        scopes.append(Scope(dimension.by, name, positions, tuple(regimes.scopes[i] for i in inside if i >= 0)))
    return scopes


def totals(counts: Counts, positions: NDArray[np.int64]) -> model.Totals:
    """The totals of the rows at these positions."""
    sums: dict[str, Any] = {}
    printed: dict[str, int] = {"deployments": len(positions)}
    for quantity in SUMMED:
        # Hours are summed as whole minutes, so that the order of the rows cannot change the last digit.
        array = counts.of("duration_minutes" if quantity == "hours" else quantity)[positions]
        known = array[~np.isnan(array)]
        printed[quantity] = len(known)
        sums[quantity] = int(known.sum()) if len(known) else None
    minutes = sums.pop("hours")
    stated = counts.of("deployments")[positions]
    deployments = None if np.isnan(stated).any() else int(stated.sum())
    hours = None if minutes is None else minutes / 60
    ranges = _ranges(counts, positions)
    return model.Totals(
        deployments=deployments, rows=len(positions), hours=hours, printed_by=printed, ranges=ranges, **sums
    )


def _ranges(counts: Counts, positions: NDArray[np.int64]) -> dict[str, model.CountRange]:
    if not counts.bounded_rows:
        return {}
    found: dict[str, model.CountRange] = {}
    for quantity in SUMMED:
        if quantity == "hours":
            continue
        low, high = (array[positions] for array in counts.bounds(quantity))
        bounded = int((~np.isnan(low) & np.isnan(counts.of(quantity)[positions])).sum())
        if bounded:
            most = float(np.nansum(high))
            found[quantity] = model.CountRange(int(np.nansum(low)), int(most) if math.isfinite(most) else None, bounded)
    return found


def totals_of(counts: Counts, scopes: Iterable[Scope], reading: model.Reading) -> Iterator[model.TotalsOf]:
    """The totals of each scope."""
    for scope in scopes:
        ranges, summed = counts.ranges(scope.positions), totals(counts, scope.positions)
        yield model.TotalsOf(scope.by, scope.name, reading, summed, scope.regimes, ranges or (), ranges is not None)


_Part = tuple[str | None, tuple[str, ...], NDArray[np.int64]]


class _Sum(NamedTuple):
    measure: Measure
    scope: Scope
    regime: str | None
    crosses: tuple[str, ...]
    positions: NDArray[np.int64]
    events: int
    trials: float
    of_rows: int


def rates(
    counts: Counts,
    scopes: Iterable[Scope],
    regimes: Dimension,
    *,
    reading: model.Reading = "either",
    measures: Sequence[Measure] = REVIEWED,
    level: float = LEVEL,
) -> list[model.RateLine]:
    """A line for each scope and measure that the rows can answer, and for each regime that it crosses, in order."""
    sums = [line for scope in scopes for measure in measures for line in _sums(counts, scope, regimes, measure)]
    low, high = _exact(sums, level)
    # Nearly half of the scopes hold the same rows as another: their lists and clustered intervals are made once.
    listed: dict[bytes, tuple[RowRange, ...] | None] = {}
    clustered: dict[tuple[str, bytes], model.ClusteredInterval | None] = {}
    lines = []
    for line, least, most in zip(sums, low.tolist(), high.tolist(), strict=True):
        exact = Interval(least, most, level, "clopper-pearson" if line.measure.kind == "proportion" else "garwood")
        rows = line.positions.tobytes()
        if rows not in listed:
            listed[rows] = counts.ranges(line.positions)
        if (line.measure.name, rows) not in clustered:
            clustered[line.measure.name, rows] = _clustered(counts, line, exact)
        lines.append(_line(counts, line, exact, reading, listed[rows], clustered[line.measure.name, rows]))
    return lines


def _sums(counts: Counts, scope: Scope, regimes: Dimension, measure: Measure) -> Iterator[_Sum]:
    numerator = counts.of(measure.numerator)
    positions = scope.positions[counts.both(measure)[scope.positions]]
    if len(positions) == 0:
        return
    scoped = regimes.codes[scope.positions]
    codes = regimes.codes[positions]
    # Most scopes lie in one regime: then there is nothing to sort out.
    inside = codes[:1].tolist() if (codes == codes[0]).all() else np.unique(codes).tolist()
    names = [regimes.scopes[code] if code >= 0 else None for code in inside]
    parts: list[_Part] = [(names[0], (), positions)]
    if len(inside) > 1:
        crossed = tuple(name for name in names if name is not None)
        one_system = len(set(counts.system[positions].tolist())) == 1
        parts = [(None, crossed, positions)] if one_system else []
        parts += [(name, (), positions[codes == code]) for code, name in zip(inside, names, strict=True)]
    for regime, crosses, rows in parts:
        events, trials = int(numerator[rows].sum()), _trials(counts, measure, rows)
        if trials > 0 and (measure.kind == "intensity" or events <= trials):
            whole = crosses or len(inside) == 1
            of_rows = len(scope.positions) if whole else int((scoped == regimes.codes[rows[0]]).sum())
            yield _Sum(measure, scope, regime, crosses, rows, events, trials, of_rows)


def _trials(counts: Counts, measure: Measure, rows: NDArray[np.int64]) -> float:
    if measure.denominator == "hours":
        return float(counts.of("duration_minutes")[rows].sum()) / 60
    return float(counts.of(measure.denominator)[rows].sum())


def _exact(sums: Sequence[_Sum], level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from countersign.inference.binomial import clopper_pearson
    from countersign.inference.poisson import garwood

    low, high = np.zeros(len(sums)), np.zeros(len(sums))
    events, trials = (np.array([getattr(line, of) for line in sums], np.float64) for of in ("events", "trials"))
    shares = np.array([line.measure.kind == "proportion" for line in sums], np.bool_)
    for chosen, method in ((shares, clopper_pearson), (~shares, garwood)):
        if chosen.any():
            low[chosen], high[chosen] = method(events[chosen], trials[chosen], level)
    return low, high


def _range_of(counts: Counts, line: _Sum, level: float) -> model.RateRange | None:
    """The rate with the rows of its scope and regime that print a count as a bound; ``None`` where there are none."""
    if not counts.bounded_rows or line.measure.denominator in ("hours", "deployments"):
        return None
    from countersign.inference.clusters import UNBOUNDED

    inside = line.scope.positions
    among = np.isin(inside, np.array(counts.bounded_rows)) & ~np.isin(inside, line.positions)
    events_low, events_high = counts.bounds(line.measure.numerator)
    trials_low, trials_high = counts.bounds(line.measure.denominator)
    known = ~np.isnan(events_low) & ~np.isnan(trials_low)
    bounded = inside[among & known[inside]]
    if len(bounded) == 0:
        return None
    rows = np.concatenate([line.positions, bounded])
    fewest, most = float(events_low[rows].sum()), float(events_high[rows].sum())
    least, all_trials = float(trials_low[rows].sum()), float(trials_high[rows].sum())
    clumped = not any(counts.rows[position].period for position in rows)
    low, high = 0.0, None
    if math.isfinite(all_trials) and all_trials > 0:
        low = _widest(events_low[rows], trials_high[rows], level, clumped=clumped).low
    if math.isfinite(most) and most <= least and least > 0:
        end = _widest(events_high[rows], trials_low[rows], level, clumped=clumped)
        high = None if end.method.startswith(UNBOUNDED) else end.high
    events = int(fewest), int(most) if math.isfinite(most) else None
    trials = least, all_trials if math.isfinite(all_trials) else None
    return model.RateRange(*events, *trials, low, high, len(rows), len(bounded))


def _widest(events: NDArray[np.float64], trials: NDArray[np.float64], level: float, *, clumped: bool) -> Interval:
    """The interval at these counts with rows as clusters (``clumped``), or as independent where that cannot be."""
    from countersign.inference.checks import CountOutOfRange
    from countersign.inference.clusters import proportion

    total = int(events.sum()), int(trials.sum())
    try:
        return proportion(*total, level=level, clusters=(events, trials) if clumped else None).widest
    except CountOutOfRange:  # fewer than two rows with trials, or a row whose bound on events is above its trials
        return proportion(*total, level=level).widest


def _clustered(counts: Counts, line: _Sum, exact: Interval) -> model.ClusteredInterval | None:
    """With deployments as clusters; ``None`` for fewer than two, or where a row has events without trials."""
    from countersign.inference.checks import CountOutOfRange
    from countersign.inference.clusters import Spread, between, widened

    trials = counts.of(line.measure.denominator)[line.positions]
    clusters = int(np.count_nonzero(trials))
    if clusters < 2 or any(counts.rows[position].period for position in line.positions.tolist()):
        return None  # a month or a year of deployments is no cluster
    shares = line.measure.kind == "proportion"
    if line.events == 0:
        # What ``between`` would find, without looking: no event, no spread. Most places have none.
        none = np.zeros(0)
        spread = Spread(0, line.trials, clusters, 0.0, 1.0, none, none, none)
    else:
        try:
            spread = between(counts.of(line.measure.numerator)[line.positions], trials, binomial_trials=shares)
        except CountOutOfRange:
            return None
    wide = widened(spread, exact, binomial_trials=shares)
    high = wide.interval.high if wide.bounded else None
    return line_of(model.ClusteredInterval, wide, wide.interval, high=high)


def _line(
    counts: Counts,
    line: _Sum,
    exact: Interval,
    reading: model.Reading,
    ranges: tuple[RowRange, ...] | None,
    clustered: model.ClusteredInterval | None,
) -> model.RateLine:
    low, high, level = exact.low, exact.high, exact.level
    widest = (low, high) if clustered is None else (clustered.low, clustered.high or math.inf)
    one_in = model.OneIn.of(line.events, line.trials, *widest)
    made = {"low": low, "high": high, "level": level, "method": exact.method, "clustered": clustered, "one_in": one_in}
    of = {"measure": line.measure.name, "unit": line.measure.denominator, "by": line.scope.by, "scope": line.scope.name}
    rows = {"rows": ranges or (), "rows_listed": ranges is not None, "deployments": len(line.positions)}
    estimate, spread = line.events / line.trials, _range_of(counts, line, level)
    return line_of(model.RateLine, line, reading=reading, estimate=estimate, range=spread, **of, **made, **rows)


Line = TypeVar("Line", model.TotalsOf, model.RateLine)


class Figures(NamedTuple):
    """All figures of a record, with the scopes they were made over."""

    counts: Counts
    regimes: Dimension
    scopes: dict[model.By, list[Scope]]
    totals_by: tuple[model.TotalsOf, ...]
    rates: tuple[model.RateLine, ...]


#: A scope by dimension and name.
Named = tuple[model.By, str]


def figures(
    record: Record, regime_of: Mapping[int, str], *, level: float = LEVEL, among: Set[Named] | None = None
) -> Figures:
    """The figures of one record in one reading. ``regime_of``: regime by position of the row.

    ``among``: only these scopes, the rest left out.
    """
    names = dict.fromkeys(document.system for document in record.documents)
    systems = {name: number for number, name in enumerate(names)}
    counts = Counts(record.rows, {document.id: systems[document.system] for document in record.documents})
    regimes, scopes = _scopes(record, regime_of)
    every = [scope for listed in scopes.values() for scope in listed if among is None or _named(scope) in among]
    lines = tuple(rates(counts, every, regimes, level=level))
    return Figures(counts, regimes, scopes, tuple(totals_of(counts, every, "either")), lines)


def both_ways(read: Record, printed: Record, regime_of: Mapping[int, str], *, level: float = LEVEL) -> Figures:
    """The figures of ``read``, with those of ``printed`` beside each that a correction makes read otherwise.

    ``printed`` has the same rows in the same order, some with other values.
    """
    corrected = figures(read, regime_of, level=level)
    pairs = zip(read.rows, printed.rows, strict=True)
    changed = {position for position, (one, other) in enumerate(pairs) if one != other}
    if not changed:
        return corrected
    listed = [*corrected.scopes.values(), *_scopes(printed, regime_of)[1].values()]
    touched = {_named(scope) for scopes in listed for scope in scopes if changed & set(scope.positions.tolist())}
    as_printed = figures(printed, regime_of, level=level, among=touched)
    return corrected._replace(
        totals_by=_paired(corrected.totals_by, as_printed.totals_by, touched, _OF_TOTALS, _SAME_TOTALS),
        rates=_paired(corrected.rates, as_printed.rates, touched, _OF_RATE, _SAME_RATE),
    )


def _scopes(record: Record, regime_of: Mapping[int, str]) -> tuple[Dimension, dict[model.By, list[Scope]]]:
    every_dimension = dimensions(record.rows, regime_of)
    regimes = next(dimension for dimension in every_dimension if dimension.by == "regime")
    return regimes, {dimension.by: scopes_of(dimension, regimes) for dimension in every_dimension}


def _named(scope: Scope) -> Named:
    return scope.by, scope.name


#: What groups the lines of two readings (a scope, and a rate's measure), and what makes two of a group the same.
_Getter = Callable[[Any], Any]
_OF_TOTALS, _SAME_TOTALS = attrgetter("by", "scope"), attrgetter("totals", "rows")
_OF_RATE, _SAME_RATE = attrgetter("by", "scope", "measure"), attrgetter("events", "trials", "rows", "crosses")


def _paired(
    corrected: Iterable[Line],
    printed: Iterable[Line],
    touched: Set[Named],
    group: attrgetter[Any],
    same: attrgetter[Any],
) -> tuple[Line, ...]:
    """Groups (a scope and measure) in the order of ``corrected``, those only in ``printed`` last.

    In a group lines are paired by regime: those that differ stand as corrected and then as printed, others once.
    """
    ours: dict[tuple[str, ...], list[Line]] = _grouped(corrected, group)
    theirs: dict[tuple[str, ...], list[Line]] = _grouped(printed, group)
    lines: list[Line] = []
    for name in dict.fromkeys([*ours, *theirs]):
        if name[:2] not in touched:
            lines += ours[name]
            continue
        others = {_regime(line): line for line in theirs.get(name, [])}
        for line in ours.get(name, []):
            other = others.pop(_regime(line), None)
            if other is not None and same(line) == same(other):
                lines.append(line)
                continue
            lines.append(replace(line, reading="as corrected"))
            lines += [replace(other, reading="as printed")] if other is not None else []
        lines += [replace(other, reading="as printed") for other in others.values()]
    return tuple(lines)


def _regime(line: model.TotalsOf | model.RateLine) -> str | None:
    return line.regime if isinstance(line, model.RateLine) else None


def _grouped(lines: Iterable[Line], group: _Getter) -> dict[tuple[str, ...], list[Line]]:
    groups: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault(group(line), []).append(line)
    return groups
