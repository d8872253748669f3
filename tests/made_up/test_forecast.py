"""Forecasts: runs about the closed form, monotone in list size and threshold, stamped throughout."""

from __future__ import annotations

import pytest

from countersign.made_up.crowd import MOST_RUNS, forecast
from countersign.made_up.scenario import ScenarioWrong, load


def test_the_mean_of_the_runs_lies_about_the_closed_form() -> None:
    runs = 300
    for one in forecast(load("biased-engine"), runs, seed=2).groups:
        spread = (one.closed_form / runs) ** 0.5
        assert abs(one.mean - one.closed_form) < 4.5 * spread
        assert one.low <= one.mean <= one.high


def test_a_longer_list_and_a_lower_threshold_bring_more_false_alerts() -> None:
    table = forecast(load("busy-interchange"), 1, seed=2).table
    at = {(step.list_size, step.threshold): step.total for step in table}
    assert at[(16000, "0.64")] == pytest.approx(10 * at[(1600, "0.64")], rel=1e-3)
    assert at[(16000, "0.60")] > at[(16000, "0.62")] > at[(16000, "0.64")] > at[(16000, "0.66")]


def test_each_figure_is_stamped_apart() -> None:
    made = forecast(load("biased-engine"), 2, seed=0)
    stamps = [made.stamp, *(one.stamp for one in made.groups), *(one.stamp for one in made.table)]
    assert set(stamps) == {"assumed, not measured"}


@pytest.mark.parametrize("runs", [0, MOST_RUNS + 1])
def test_no_runs_and_too_many_are_refused(runs: int) -> None:
    with pytest.raises(ScenarioWrong):
        forecast(load("quiet-high-street"), runs, seed=0)
