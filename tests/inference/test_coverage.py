"""What intervals promise: coverage, by adding up the probability of every count that matters, and by simulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom
from scipy.stats import poisson as poisson_law

from countersign.inference import binomial, poisson, ratio
from countersign.inference.clusters import between, widened
from countersign.inference.rate import Interval
from countersign.inference.twoway import TwoWay

Floats = NDArray[np.float64]


def coverage(method: Callable[..., Any], trials: int, rates: Floats, level: float = 0.95) -> Floats:
    """The exact coverage at each rate: every count within 13 standard deviations, beyond which less than 1e-16 lies."""
    top = float(rates.max()) * trials
    counts = np.arange(0, min(trials, int(top + 13 * np.sqrt(top) + 60)) + 1)
    low, high = method(counts, trials, level)
    found = np.empty(rates.size)
    for place, rate in enumerate(rates):
        near = np.abs(counts - rate * trials) <= 13 * np.sqrt(rate * trials) + 60
        inside = near & (low <= rate) & (rate <= high)
        found[place] = binom.pmf(counts[inside], trials, rate).sum()
    return found


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("trials", [10, 100, 1_000, 10_000, 100_000])
def test_clopper_pearson_is_never_under_nominal_from_1e_7_to_one_half(trials: int, level: float) -> None:
    rates = np.unique(np.concatenate([np.geomspace(1e-7, 0.5, 150), np.linspace(0.01, 0.5, 50)]))
    assert coverage(binomial.clopper_pearson, trials, rates, level).min() >= level - 1e-9


@pytest.mark.parametrize("trials", [10**7, 10**9])
def test_clopper_pearson_is_never_under_nominal_at_the_scale_of_a_year_of_faces(trials: int) -> None:
    rates = np.geomspace(1e-9, 3e-5 if trials == 10**7 else 3e-7, 120)
    assert coverage(binomial.clopper_pearson, trials, rates).min() >= 0.95 - 1e-9


def test_clopper_pearson_just_beside_its_own_ends_where_coverage_jumps() -> None:
    trials = 3_147_436
    low, high = binomial.clopper_pearson(np.arange(0, 40), trials)
    ends = np.concatenate([low[1:], high])
    beside = np.concatenate([ends * (1 - 1e-9), ends * (1 + 1e-9)])
    found = coverage(binomial.clopper_pearson, trials, beside)
    assert found.min() >= 0.95 - 1e-9
    assert found.min() < 0.9505  # the guarantee is sharp: it is all but reached


@pytest.mark.parametrize(
    ("trials", "rates"),
    [
        (20, np.linspace(0.05, 0.95, 400)),
        (50, np.linspace(0.02, 0.98, 400)),
        (1_000, np.linspace(0.005, 0.5, 400)),
        (3_147_436, np.linspace(3, 60, 400) / 3_147_436),
    ],
)
@pytest.mark.parametrize("method", [binomial.mid_p, binomial.wilson])
def test_mid_p_and_score_are_within_one_point_on_average(
    method: Callable[..., Any], trials: int, rates: Floats
) -> None:
    assert coverage(method, trials, rates).mean() == pytest.approx(0.95, abs=0.01)


def test_garwood_is_never_under_nominal_and_mid_p_is_within_one_point_on_average() -> None:
    means, counts = np.linspace(0.05, 60, 500), np.arange(0, 200)
    mass = poisson_law.pmf(counts[:, None], means)
    for method, check in ((poisson.garwood, "least"), (poisson.mid_p, "mean"), (poisson.score, "mean")):
        low, high = method(counts, 1.0)
        inside = (low[:, None] <= means) & (means <= high[:, None])
        found = np.where(inside, mass, 0.0).sum(axis=0)
        if check == "least":
            assert found.min() >= 0.95 - 1e-12
        else:
            assert found[means > 3].mean() == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("true_ratio", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("relative_size", [1.0, 0.25, 0.05])
def test_ratio_intervals_cover_as_the_table_of_the_facts_says(true_ratio: float, relative_size: float) -> None:
    # Facts file "statistics-uncertainty", section 2, computed there by enumeration at 10 expected errors: over the nine
    # cells conditional exact covers at least .978, mid-P .959, score .950.
    rest = 10 / (1 + true_ratio * relative_size)
    one, two = np.arange(0, 60)[:, None], np.arange(0, 60)[None, :]
    mass = poisson_law.pmf(one, 10 - rest) * poisson_law.pmf(two, rest)
    least = {ratio.conditional_exact: 0.977, ratio.conditional_mid_p: 0.957, ratio.conditional_score: 0.948}
    for method, promised in least.items():
        low, high = method(one, relative_size, two, 1.0)
        inside = (low <= true_ratio) & (true_ratio <= high)
        assert mass[inside].sum() >= promised


@pytest.mark.slow
def test_wilson_with_clusters_covers_where_the_naive_interval_falls_to_a_half() -> None:
    """Facts, section 4: 500 probes by 200 entries, log-normal effects of spread 1, 501 expected errors: naive .507."""
    generator, mean = np.random.default_rng(20261123), 501 / (500 * 200)
    ones = np.ones((500, 200), dtype=np.int8)
    naive = clustered = 0
    runs = 600
    for _ in range(runs):
        probes, entries = np.exp(generator.normal(-0.5, 1, (500, 1))), np.exp(generator.normal(-0.5, 1, (1, 200)))
        errors = generator.random((500, 200)) < np.minimum(1.0, mean * probes * entries)
        rate = TwoWay.of_matrix(errors.astype(np.int8), ones).rate()
        naive += mean in rate.exact
        clustered += rate.clustered is not None and mean in rate.clustered.interval
    assert naive / runs < 0.58
    assert clustered / runs == pytest.approx(0.95, abs=0.02)


@pytest.mark.slow
def test_one_way_clusters_cover_where_deployments_differ() -> None:
    """Sixty deployments of unequal size whose rates vary by a gamma law of coefficient of variation 1.5."""
    generator, mean, runs = np.random.default_rng(7), 2e-4, 2_000
    sizes = np.tile([2_000, 5_000, 10_000, 20_000, 30_000, 50_000], 10)
    naive = clustered = 0
    for _ in range(runs):
        rates = mean * generator.gamma(1 / 2.25, 2.25, sizes.size)
        events = generator.poisson(rates * sizes)
        low, high = binomial.clopper_pearson(events.sum(), sizes.sum())
        exact = Interval(float(low), float(high), 0.95, "clopper-pearson")
        naive += mean in exact
        clustered += mean in widened(between(events, sizes), exact).interval
    assert naive / runs < 0.6
    assert clustered / runs > 0.91
