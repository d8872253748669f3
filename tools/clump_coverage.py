"""How often intervals for a rate cover when events come in clumps: the table in ``docs/methods.md``, computed.

    python tools/clump_coverage.py --runs 800 --write docs/methods.md
    python tools/clump_coverage.py --runs 20000 --edge --write docs/methods.md

Counts of each cluster are Poisson with a mean that follows a gamma law of the given shape between clusters (shape
"none": independent events), all clusters of one size. For each cell of expected events, clusters and shape it gives, of
each method, the share of runs in which the interval covers, the share in which it has no upper end, and the median of
the upper end over the estimate (runs without an event left out of that). Beside the method used here: Wilson's interval
with a design effect (used until version 0.1), a plain negative-binomial profile, a bootstrap of clusters (percentile),
the exact interval, and what knowing the shape would give. ``--edge``: only where shape times clusters is 3 and 8 to 20
events are expected, beside the most that can be covered there. Seeded, so that the same runs give the same table.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln, ndtri, stdtrit
from scipy.stats import nbinom

from countersign.inference import poisson
from countersign.inference.clusters import between, most_widened, widened
from countersign.inference.rate import Interval

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Ends = tuple[float, float]

EXPECTED = (1, 2, 3, 4, 5, 6, 7, 14, 27, 50)
CLUSTERS = (5, 10, 20, 50, 112, 300)
SHAPES = (0.03, 0.1, 0.3, 1.0, 3.0, math.inf)
#: What shape times clusters must be for the promise to hold.
PROMISED = 3.0
LEVEL = 0.95
RESAMPLES = 400
#: Clusters and shape at the edge of the promise, and the events expected at which it is not kept everywhere.
EDGE = ((5, 0.6), (10, 0.3), (20, 0.15), (30, 0.1), (112, 0.03), (300, 0.01))
EDGE_EXPECTED = (8, 9, 10, 11, 12, 13, 14, 17, 20)
MARKS = ("<!-- clump coverage: begin -->", "<!-- clump coverage: end -->")
EDGE_MARKS = ("<!-- edge of the promise: begin -->", "<!-- edge of the promise: end -->")


class Cell(NamedTuple):
    """What one method did in one cell; ``above``: the lower end lies above the truth."""

    covered: float
    above: float
    unbounded: float
    upper: float


def used_here(events: Counts) -> Ends:
    """The interval of ``inference.clusters``."""
    low, high = poisson.garwood(int(events.sum()), float(events.size))
    exact = Interval(float(low), float(high), LEVEL, "garwood")
    interval = widened(
        between(events, np.ones(events.size), binomial_trials=False), exact, binomial_trials=False
    ).interval
    return interval.low * events.size, interval.high * events.size


def design_effect(events: Counts) -> Ends:
    """The Poisson score interval with a design effect and Student's quantile, hull with the exact one."""
    total, clusters = float(events.sum()), events.size
    low, high = (float(end) for end in poisson.garwood(int(total), 1.0))
    if not total:
        return low, high
    variance = clusters / (clusters - 1) * float(((events - total / clusters) ** 2).sum())
    z, student = float(ndtri(0.975)), float(stdtrit(clusters - 1, 0.975))
    shrunk = 1 / max(1.0, variance / total) / (student / z) ** 2
    ends = poisson.score_ends(np.asarray(total * shrunk), np.asarray(shrunk), z)
    return min(low, float(ends[0])), max(high, float(ends[1]))


def plain_profile(events: Counts) -> Ends:
    """The profile interval of a negative-binomial fit, without floor, hull or small-sample cut."""
    total, clusters = float(events.sum()), events.size
    if not total:
        return 0.0, float(ndtri(0.975)) ** 2 / 2
    shapes = np.geomspace(2e-3, 300.0, 40)
    some = events[events > 0]
    own = (gammaln(some[:, None] + shapes) - gammaln(shapes)).sum(axis=0)
    logs = np.linspace(math.log(total) - 8, math.log(total) + 12, 1601)[:, None]
    mean = np.exp(logs) / clusters
    value = own + total * (np.log(mean) - np.log(mean + shapes)) - clusters * shapes * np.log1p(mean / shapes)
    inside = np.flatnonzero((value >= value.max() - float(ndtri(0.975)) ** 2 / 2).any(axis=1))
    high = math.inf if inside[-1] == len(logs) - 1 else math.exp(logs[inside[-1], 0])
    return math.exp(logs[inside[0], 0]), high


def bootstrap(events: Counts, generator: np.random.Generator) -> Ends:
    """The percentile interval over resampled clusters."""
    sums = generator.multinomial(events.size, np.full(events.size, 1 / events.size), RESAMPLES) @ events
    low, high = np.quantile(sums, [0.025, 0.975])
    return float(low), float(high)


def known_shape(total: float, clusters: int, shape: float) -> float:
    """The exact upper end if the shape were known: all events together are negative binomial."""
    if math.isinf(shape):
        return float(poisson.garwood(int(total), 1.0)[1])
    size, low, high = clusters * shape, -12.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        above = float(betainc(size, total + 1, size / (size + math.exp(middle)))) > 0.025
        low, high = (middle, high) if above else (low, middle)
    return math.exp(low)


def measured(runs: Counts, expected: float, method: Callable[[Counts], Ends]) -> Cell:
    """Coverage, share without an upper end, and median upper end over estimate."""
    distinct, which = np.unique(np.sort(runs, axis=1), axis=0, return_inverse=True)
    ends = np.array([method(events) for events in distinct])[which.reshape(-1)]
    covered = (ends[:, 0] <= expected) & (expected <= ends[:, 1])
    totals = runs.sum(axis=1)
    some = totals > 0
    upper = float(np.median(ends[some, 1] / totals[some])) if some.any() else math.nan
    unbounded = float(np.isinf(ends[some, 1]).mean()) if some.any() else 0.0
    return Cell(float(covered.mean()), float((ends[:, 0] > expected).mean()), unbounded, upper)


def draw(expected: float, clusters: int, shape: float, runs: int, generator: np.random.Generator) -> Counts:
    """Events by run and cluster."""
    rates = np.ones((runs, clusters)) if math.isinf(shape) else generator.gamma(shape, 1 / shape, (runs, clusters))
    return generator.poisson(expected / clusters * rates)


def most_covered(expected: float, clusters: int, shape: float) -> float:
    """The most that any interval can cover whose upper ends keep within the limits.

    The limits: a run of no event has the end used here (clumps of two), and one of a few events, each in a cluster of
    its own, at most ``most_widened`` times the exact end or that used here. Every other run is taken as covered, and no
    lower end as too high. Exact: the total is negative binomial, and given it the next event falls in a new cluster
    with Polya's chance.
    """
    size, missed, apart = clusters * shape, 0.0, 1.0
    for total in range(min(int(expected), clusters) + 1):
        most = used_here(np.repeat([1, 0], [total, clusters - total]))[1]
        if total:
            most = max(most, most_widened(total, clusters, LEVEL) * float(poisson.garwood(total, 1.0)[1]))
        if most < expected:
            missed += apart * float(nbinom.pmf(total, size, size / (size + expected)))
        apart *= (clusters - total) * shape / (size + total)
    return 1 - missed


def line(expected: float, clusters: int, shape: float, runs: int, seed: int) -> str:
    """One row of the table."""
    generator = np.random.default_rng([seed, int(expected), clusters, int(shape * 1000) if shape < 1e6 else 0])
    drawn = draw(expected, clusters, shape, runs, generator)
    few = drawn[: max(100, runs // 5)]
    here, before = measured(drawn, expected, used_here), measured(drawn, expected, design_effect)
    plain = measured(few, expected, plain_profile)
    resampled = measured(few, expected, lambda events: bootstrap(events, generator))
    totals = drawn.sum(axis=1)
    some = totals[totals > 0]
    known = {total: known_shape(float(total), clusters, shape) for total in np.unique(some)}
    knowing = float(np.median([known[total] / total for total in some])) if some.size else math.nan
    exact = poisson.garwood(some, 1.0)[1]
    alone = float(np.median(np.asarray(exact) / some)) if some.size else math.nan
    size = "none" if math.isinf(shape) else f"{shape:g}"
    promised = "yes" if clusters * shape >= PROMISED else "no"
    cells = [
        f"{expected:g}", f"{clusters}", size, promised, f"{here.covered:.3f}", f"{here.unbounded:.2f}",
        _ratio(here.upper), f"{before.covered:.3f}", _ratio(before.upper), f"{plain.covered:.3f}", _ratio(plain.upper),
        f"{resampled.covered:.3f}", _ratio(alone), _ratio(knowing),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _ratio(value: float) -> str:
    return "none" if not math.isfinite(value) else "over 100" if value > 100 else f"{value:.2f}"


HEAD = (
    "expected", "clusters", "shape", "promised", "covers", "unbounded", "upper", "before: covers", "upper",
    "plain profile: covers", "upper", "bootstrap: covers", "exact: upper", "shape known: upper",
)  # fmt: skip


def table(runs: int, seed: int) -> list[str]:
    """The whole table as lines of Markdown."""
    rows = [f"| {' | '.join(HEAD)} |", "|" + " --- |" * len(HEAD)]
    for count in CLUSTERS:
        for shape in SHAPES:
            for events in EXPECTED:
                rows.append(line(events, count, shape, runs, seed))
                print(rows[-1], file=sys.stderr, flush=True)
    return rows


def edge(runs: int, seed: int) -> list[str]:
    """Coverage at the edge of the promise beside the most that can be covered there, as lines of Markdown."""
    rows = ["| expected | clusters | shape | covers | lower end above | at most |", "|" + " --- |" * 6]
    for clusters, shape in EDGE:
        for expected in EDGE_EXPECTED:
            drawn = draw(expected, clusters, shape, runs, np.random.default_rng([seed, expected, clusters]))
            here, most = measured(drawn, expected, used_here), most_covered(expected, clusters, shape)
            shares = f"{here.covered:.3f} | {here.above:.3f} | {most:.3f}"
            rows.append(f"| {expected} | {clusters} | {shape:g} | {shares} |")
            print(rows[-1], file=sys.stderr, flush=True)
    return rows


def main() -> None:
    """Print the table, or put it between its marks in a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--edge", action="store_true", help="the edge, beside the most that can be covered")
    parser.add_argument("--write", type=Path, help="a page with the two marks")
    given = parser.parse_args()
    rows = (edge if given.edge else table)(given.runs, given.seed)
    if given.write is None:
        print("\n".join(rows))
        return
    begin, end = EDGE_MARKS if given.edge else MARKS
    text = given.write.read_text(encoding="utf-8")
    before, rest = text.split(begin)
    page = before + begin + "\n" + "\n".join(rows) + "\n" + end + rest.split(end)[1]
    given.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
