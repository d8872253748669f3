"""The Dirichlet mixture over several groups: a fair bet under equal rates, whatever the shares do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.inference.checks import CountOutOfRange, LevelOutOfRange
from countersign.inference.monitors.labels import KnownShares

CHANGING: list[tuple[float, ...]] = [
    (0.2, 0.3, 0.5),
    (0.6, 0.1, 0.3),
    (0.01, 0.98, 0.01),
    (1 / 3, 1 / 3, 1 / 3),
    (0.5, 0.25, 0.25),
]


def after(groups: Sequence[int], shares: Sequence[tuple[float, ...]]) -> KnownShares:
    watch = KnownShares.of(len(shares[0]))
    for group, each in zip(groups, shares, strict=True):
        watch = watch.observe(group, shares=each)
    return watch


def test_its_mean_under_equal_rates_is_one_at_every_step_with_changing_shares() -> None:
    """Every one of the 3^m sequences, weighed by its chance: a bet that is fair exactly, not about."""
    for length in range(1, len(CHANGING) + 1):
        shares = CHANGING[:length]
        terms = [
            math.prod(float(each[g]) for g, each in zip(groups, shares, strict=True))
            * math.exp(after(groups, shares).log_evidence)
            for groups in itertools.product(range(3), repeat=length)
        ]
        assert math.fsum(terms) == pytest.approx(1, rel=1e-12)


def test_two_groups_are_the_beta_mixture_worked_out_by_quadrature() -> None:
    """8 of 10 on a group with a share of 13.5%: the integral over q of the likelihood ratio, weight Beta(1/2, 1/2)."""
    watch = after((0,) * 8 + (1,) * 2, [(0.135, 0.865)] * 10)
    with mp.workdps(30):
        top = mp.quad(lambda a: 2 / mp.pi * mp.sin(a) ** 16 * mp.cos(a) ** 4, [0, mp.pi / 2])  # q = sin^2 a
        expected = top / (mp.mpf("0.135") ** 8 * mp.mpf("0.865") ** 2)
    assert math.exp(watch.log_evidence) == pytest.approx(float(expected), rel=1e-10)


def test_looking_after_every_alert_equal_rates_are_rejected_at_most_as_promised() -> None:
    random, runs, length = np.random.default_rng(11), 10_000, 300
    shares = np.array([0.05, 0.15, 0.3, 0.5])
    drawn = random.choice(4, size=(runs, length), p=shares)
    counts = np.zeros((runs, 4))
    log_e, ever = np.zeros(runs), np.zeros(runs, bool)
    for step in range(length):
        group = drawn[:, step]
        log_e += np.log((counts[np.arange(runs), group] + 0.5) / (step + 2.0)) - np.log(shares[group])
        counts[np.arange(runs), group] += 1
        ever |= log_e >= math.log(20)
    one = after(tuple(drawn[0].tolist()), [tuple(shares.tolist())] * length)
    assert one.log_evidence == pytest.approx(float(log_e[0]), abs=1e-9)
    assert 0.001 < ever.mean() <= 0.05


def test_a_group_with_three_times_its_share_is_found() -> None:
    random, shares = np.random.default_rng(12), (0.15, 0.35, 0.5)
    tilted = np.array([3.0, 1.0, 1.0]) * shares
    found = 0
    for _ in range(100):
        drawn = random.choice(3, size=150, p=tilted / tilted.sum())
        found += after(tuple(drawn.tolist()), [shares] * 150).reading().shown
    assert found > 80


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 2), max_size=20), st.lists(st.integers(0, 2), max_size=20))
def test_stretches_merge_in_any_order(first: list[int], second: list[int]) -> None:
    shares = CHANGING[0]
    one, two = (after(tuple(each), [shares] * len(each)) if each else KnownShares.of(3) for each in (first, second))
    whole = after(tuple(first + second), [shares] * len(first + second)) if first + second else KnownShares.of(3)
    assert one.merge(two).alerts == two.merge(one).alerts == whole.alerts
    assert one.merge(two).log_evidence == pytest.approx(whole.log_evidence, abs=1e-9)


def test_an_unknown_label_is_left_out_and_what_does_not_fit_is_refused() -> None:
    watch = KnownShares.of(2).observe(0, shares=(0.4, 0.6))
    assert watch.observe(None, shares=(0.4, 0.6)) == watch
    assert watch.reading().sentence == "nothing shown; false alerts so far: 1"
    for group, shares in ((2, (0.4, 0.6)), (0, (0.2, 0.3, 0.5))):
        with pytest.raises(CountOutOfRange):
            watch.observe(group, shares=shares)
    for wrong in ((0.4, 0.5), (0.0, 1.0), (math.nan, 0.6), (0.4, math.nan)):
        with pytest.raises(LevelOutOfRange):
            watch.observe(0, shares=wrong)
    with pytest.raises(CountOutOfRange):
        KnownShares.of(1)
    with pytest.raises(CountOutOfRange):
        watch.merge(KnownShares.of(3))
