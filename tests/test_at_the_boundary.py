"""Exact boundaries and tolerances, partly missing data, rare refusals, and printed figures by their words.

Single changes to the code, chosen by chance (``tools.mutate``), showed the kinds of fault that no other test noticed.
"""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from countersign.deployments.outside.reader import MOST_BODIES, ReaderMalformed, parse_reader, render
from countersign.events.door.line import LONGEST_LINE, EventRefused, Limits, read
from countersign.events.watch.stop_rule import sealed
from countersign.inference.checks import CountOutOfRange
from countersign.inference.monitors.sequence import proportion
from countersign.inference.rate import Interval
from countersign.published.claims.ends import _between
from countersign.published.faults.dates import _likely
from countersign.published.faults.denominator import _alerts
from countersign.published.forms.pdf.seen import _shares
from countersign.published.group_counts import _outside_all
from countersign.published.table.dates import _year, last_day
from countersign.published.table.marks import minutes_between
from countersign.trials.counting.evaluate import Question, QuestionWrong
from countersign.trials.metrics.differentials import contrast

DAY = datetime.date


def _interval(low: float, high: float) -> Interval:
    return Interval(low, high, 0.95, "exact")


@pytest.mark.parametrize(
    ("low", "high", "outside"),
    [(0.5, 0.6, False), (0.1, 0.2, False), (0.5001, 0.6, True), (0.1, 0.1999, True), (0.1, 0.6, False)],
)
def test_a_baseline_that_touches_what_is_kept_is_not_outside_it(low: float, high: float, outside: bool) -> None:
    baseline: Any = SimpleNamespace(low=low, high=high)
    assert _outside_all(_interval(0.2, 0.5), baseline) is outside


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.0, 1.5, "alerts per hour go from 0.00 to 1.50"),
        (1.5, 0.0, "alerts per hour go from 1.50 to 0.00"),
        (0.0, 0.0, "alerts per hour go from 0.00 to 0.00"),
        (0.5, 0.5, "stay level (from 0.50 to 0.50)"),
        (1.0, 4.0, "move with them (from 1.00 to 4.00)"),
        (4.0, 1.0, "move the other way (from 4.00 to 1.00)"),
    ],
)
def test_alerts_beside_a_step_in_faces(before: float, after: float, said: str) -> None:
    step: Any = SimpleNamespace(alerts_per_hour=(before, after), fold=4.0)
    assert said in _alerts(step)
    assert _alerts(SimpleNamespace(alerts_per_hour=None)) == "alerts per hour are not published"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("10-16:00", 360), ("9-16:30", 450), ("09:30-16:00", 390), ("10-4pm", 360), ("1-4pm", 180), ("1000-1600", 360)],
)
def test_hours_without_minutes(text: str, minutes: int) -> None:
    assert minutes_between(text) == minutes


@pytest.mark.parametrize(("text", "year"), [("24", 2024), ("'24", 2024), ("2024", 2024), ("00", 2000), ("99", 2099)])
def test_a_year_of_two_figures_is_of_this_century(text: str, year: int) -> None:
    assert _year(text) == year


def test_the_last_day_of_some_months_lies_in_the_year() -> None:
    assert last_day(DAY(2024, 1, 1), 2) == DAY(2024, 2, 29)
    assert last_day(DAY(2024, 10, 1), 3) == DAY(2024, 12, 31)
    assert last_day(DAY(2024, 11, 1), 3) == DAY(2024, 12, 31)


@pytest.mark.parametrize("day", [20, *range(22, 30)])
def test_one_figure_of_a_day_may_be_a_slip(day: int) -> None:
    """21 May between two rows of another day in the twenties: its second figure is wrong."""
    between = DAY(2024, 5, day)
    assert _likely(DAY(2024, 5, 21), between, between) == between


def test_an_event_line_of_just_the_longest_length_is_looked_at() -> None:
    for length, said in ((LONGEST_LINE, "line"), (LONGEST_LINE + 1, "longer than")):
        with pytest.raises(EventRefused) as caught:
            read(b"{" + b" " * (length - 1))
        assert said in str(caught.value)
        assert ("longer than" in str(caught.value)) is (length > LONGEST_LINE)


def test_a_moment_in_any_of_several_windows_is_held() -> None:
    windows = (("2026-03-07T10:00:00Z", "2026-03-07T12:00:00Z"), ("2026-03-07T14:30:00Z", "2026-03-07T16:00:00Z"))
    limits = Limits("d", windows, frozenset({"cam-1"}), Decimal("0.6"), "l", ("engine", "1"))
    inside = ["10:00:00", "12:00:00", "14:30:00", "16:00:00"]
    assert all(limits.holds_moment(f"2026-03-07T{at}Z") for at in inside)
    outside = ["09:59:59", "12:00:01", "14:29:59", "16:00:01"]
    assert not any(limits.holds_moment(f"2026-03-07T{at}Z") for at in outside)
    # An hour counts by its start and may begin before the window; none begins at the window's end.
    assert [hour for hour in range(24) if limits.holds_moment(f"2026-03-07T{hour:02}Z")] == [10, 11, 14, 15]


def test_a_rule_that_has_not_fired_makes_no_entry() -> None:
    with pytest.raises(ValueError, match="has not fired"):
        sealed(SimpleNamespace(fired=None))  # type: ignore[arg-type]


@pytest.mark.parametrize(("a", "b"), [(0.0, 0.5), (0.5, 0.0), (-1.0, 0.5), (0.5, -1.0), (math.nan, 0.5)])
def test_a_mixing_law_has_two_weights_above_zero(a: float, b: float) -> None:
    with pytest.raises(CountOutOfRange, match=r"a parameter of the mixing law is a number from"):
        proportion(1, 10, a=a, b=b)
    assert proportion(1, 10, a=1e-3, b=1e-3)


@pytest.mark.parametrize("level", [0.4999, 1.0, 1.5, -0.5, math.nan])
def test_a_trials_level_lies_between_a_half_and_one(level: float) -> None:
    with pytest.raises(QuestionWrong, match=r"lies between 0\.5 and 1"):
        Question(thresholds=(0.6,), level=level)
    assert Question(thresholds=(0.6,), level=0.5).level == 0.5


@pytest.mark.parametrize("change", [{"ranks": ()}, {"ranks": (0,)}, {"at_fpir": (0.0,)}, {"at_fpir": (1.0,)}])
def test_what_a_trial_cannot_be_asked(change: dict[str, Any]) -> None:
    with pytest.raises(QuestionWrong):
        Question(**({"thresholds": (0.6,)} | change))


def test_a_contrast_of_few_clustered_events_reaches_from_nothing_to_everything() -> None:
    """With a design effect so large that nothing is left of a group, its ratio is bounded by nothing."""
    few = contrast("a", np.array([1, 200]), np.array([10, 1_000]), 0, 100.0, "fnir", 0.95)
    assert (few.widest.low, few.widest.high) == (0.0, math.inf)


def test_a_readers_file_may_name_as_many_bodies_as_the_limit_and_no_more() -> None:
    bodies = [(f"Panel {number}", "panel", "p.example+1+A", ["ethics-body"], ["force-a"]) for number in range(501)]
    for number, said in ((MOST_BODIES, "key"), (MOST_BODIES + 1, "more than 500 bodies")):
        with pytest.raises(ReaderMalformed, match=said):
            parse_reader(render(bodies[:number]).encode(), "reader.toml")


@pytest.mark.parametrize(
    ("relation", "claimed", "between"),
    [
        ("equals", 5, True), ("equals", 4, False), ("equals", 6, False), ("equals", 7, False),
        ("at-least", 5, False), ("at-most", 5, False),
    ],
)  # fmt: skip
def test_a_number_lies_between_two_ends_only_strictly_and_where_it_must_be_met(
    relation: str, claimed: int, between: bool
) -> None:
    claim: Any = SimpleNamespace(relation=relation)
    parts: Any = [SimpleNamespace(number=Decimal(4)), SimpleNamespace(number=None), SimpleNamespace(number=Decimal(6))]
    assert _between(claim, Decimal(claimed), parts) is between
    assert _between(claim, Decimal(claimed), [SimpleNamespace(number=None)]) is False  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("x0", "x1", "beside"), [(0, 10, False), (0, 10.1, True), (20, 30, False), (19.9, 30, True), (12, 15, True)]
)
def test_words_share_a_column_where_they_overlap(x0: float, x1: float, beside: bool) -> None:
    group = [{"x0": 10, "x1": 14}, {"x0": 12, "x1": 20}]
    assert _shares({"x0": x0, "x1": x1}, group) is beside
