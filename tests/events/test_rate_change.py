"""The change in alert rate: seen where planted, seldom where there is none, never across a change of settings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from countersign.events.watch.watched import Hour
from countersign.events.watch.watching import compare


def hours_of(counts: list[int], faces: int = 2000) -> list[tuple[Hour, int | None]]:
    return [
        (Hour(f"2026-03-07T{10 + number}Z", faces, count, count, 0, 0, 0), 0) for number, count in enumerate(counts)
    ]


def test_there_is_nothing_to_compare_the_first_hour_with() -> None:
    assert compare(hours_of([5]), planned=5) is None
    assert compare([], planned=5) is None


def test_earlier_deployments_are_something_to_compare_with() -> None:
    found = compare(hours_of([40]), planned=5, earlier=(500, 500_000))
    assert found is not None
    assert found.shown
    assert (found.earlier_alerts, found.earlier_faces) == (500, 500_000)
    assert found.low > 1


def test_a_rise_and_a_fall_are_seen() -> None:
    rise, fall = compare(hours_of([5, 6, 30]), planned=3), compare(hours_of([30, 30, 1]), planned=3)
    assert rise is not None
    assert fall is not None
    assert (rise.shown, rise.hour, fall.shown, fall.hour) == (True, "2026-03-07T12Z", True, "2026-03-07T12Z")
    assert fall.high < 1 < rise.low


def test_hours_on_either_side_of_a_change_are_not_compared() -> None:
    hours = [(hour, stretch) for (hour, _), stretch in zip(hours_of([5, 5, 60]), (0, None, 1), strict=True)]
    assert compare(hours, planned=3) is None


def test_what_is_forecast_to_be_enough_is_enough() -> None:
    found = compare(hours_of([20, 20, 20]), planned=4, fold=3.0)
    assert found is not None
    assert math.isfinite(found.until)
    rate = 60 / 6000
    faces = math.ceil(found.until)
    later = [*hours_of([20, 20, 20]), (Hour("2026-03-07T13Z", faces, 0, math.ceil(3 * rate * faces), 0, 0, 0), 0)]
    seen = compare(later, planned=4)
    assert seen is not None
    assert seen.shown


@pytest.mark.slow
def test_over_300_steady_deployments_a_change_is_seldom_said() -> None:
    counts = np.random.default_rng(9).poisson(12.0, (300, 5))
    said = 0
    for row in counts:
        found = compare(hours_of(row.tolist()), planned=5)
        said += found is not None and found.shown
    assert said <= 15
