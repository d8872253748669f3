"""Planning: faces, alerts and times needed; the tables of the facts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from countersign.inference import poisson
from countersign.inference.checks import CountOutOfRange, LevelOutOfRange
from countersign.inference.design import alerts_for_ratio, faces_for_ceiling, power
from countersign.inference.groups.exposure import detectable_ratio

# Facts "statistics-uncertainty" section 8, computed there.
FACES = {1 / 6000: [17_975, 28_464, 46_522, 101_774]}
ALERTS = {0.05: [281, 90, 37, 15], 0.135: [125, 45, 20, 8], 0.30: [77, 30, 17, 10], 0.50: [77, 35, 17, 12]}


def test_faces_for_a_ceiling() -> None:
    for ceiling, faces in FACES.items():
        assert faces_for_ceiling(ceiling, [0, 1, 3, 10]).tolist() == faces
    assert faces_for_ceiling(1e-6, [0, 1, 3, 10]) / 1e6 == pytest.approx([3.0, 4.7, 7.8, 17.0], abs=0.05)


@settings(deadline=None, max_examples=40)
@given(st.floats(1e-9, 0.2), st.integers(0, 40), st.sampled_from([0.8, 0.95, 0.99]))
def test_that_many_faces_and_no_fewer_show_the_ceiling(ceiling: float, alerts: int, level: float) -> None:
    faces = float(faces_for_ceiling(ceiling, alerts, level))
    assert float(poisson.upper_bound(alerts, faces, level)) <= ceiling * (1 + 1e-12)
    if faces > 1:
        assert float(poisson.upper_bound(alerts, faces - 1, level)) > ceiling


@pytest.mark.parametrize("share", ALERTS)
def test_alerts_for_a_ratio(share: float) -> None:
    # The facts say 269 for a ratio of 2 at .05: at 280 the power is .7998, so that it holds from 281 on.
    assert [alerts_for_ratio(ratio, share) for ratio in (2.0, 3.0, 5.0, 10.0)] == ALERTS[share]


def test_power_is_the_binomial_sum_and_dips_below_the_number_given() -> None:
    for m in (5, 45, 269, 280):
        critical = next(c for c in range(m + 2) if binom.sf(c - 1, m, 0.05) <= 0.025)
        expected = binom.sf(critical - 1, m, 2 * 0.05 / 1.05)
        assert float(power(m, 2.0, 0.05)) == pytest.approx(expected, rel=1e-9)
    assert float(power(269, 2.0, 0.05)) > 0.8 > float(power(280, 2.0, 0.05))


def test_alerts_needed_and_ratio_detectable_agree() -> None:
    needed = alerts_for_ratio(3.0, 0.135)
    assert detectable_ratio(needed, 0.135) <= 3.0
    assert detectable_ratio(needed - 1, 0.135) > 3.0


def test_billions_of_events_take_no_memory() -> None:
    """A list of the counts of three billion events is 23 GB."""
    assert 1.0 < detectable_ratio(3_000_000_000, 0.135) < 1.001


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(LevelOutOfRange, match="a ceiling lies strictly between 0 and 1"):
        faces_for_ceiling(0.0)
    with pytest.raises(CountOutOfRange):
        faces_for_ceiling(0.1, -1)
    with pytest.raises(CountOutOfRange):
        power(10, 1.0, 0.1)
    with pytest.raises(LevelOutOfRange):
        power(10, 2.0, 1.0)
    with pytest.raises(LevelOutOfRange):
        alerts_for_ratio(2.0, 0.1, power_asked=1.0)
    with pytest.raises(CountOutOfRange, match="would be needed"):
        alerts_for_ratio(1.001, 0.5)
