"""Groups over a programme: a biased engine is found within the year, equal ones are seldom said to differ."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from countersign.events.watch.equality import Count, GroupWatch, Period, is_fixed, periods_of, watch_groups
from countersign.made_up.crowd import pass_by
from countersign.made_up.scenario import load

QUARTERS = (("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31"))


def year_of(name: str, deployments: int, seed: int, faces: bool = True) -> list[Period]:
    """A year's false alerts by group, by the quarter, from as many made-up deployments."""
    scenario, random, found = load(name), np.random.default_rng(seed), []
    for number, (start, end) in enumerate(QUARTERS):
        many = deployments * (number + 1) // 4 - deployments * number // 4
        walks = [pass_by(scenario, random) for _ in range(many)]
        groups = {
            group.name: Count(
                sum(int(walk.false_alerts[:, place].sum()) for walk in walks),
                sum(int(walk.captured[:, place].sum()) for walk in walks) if faces else None,
            )
            for place, group in enumerate(scenario.groups)
        }
        found.append(Period(f"2026-{start}", f"2026-{end}", groups))
    return found


def by_group(watched: tuple[GroupWatch, ...]) -> dict[str, GroupWatch]:
    return {one.group: one for one in watched}


@pytest.fixture(scope="module")
def biased() -> list[Period]:
    return year_of("biased-engine", 24, seed=4)


def test_a_biased_engine_is_found_within_a_year_of_24_deployments(biased: list[Period]) -> None:
    found = by_group(watch_groups("ethnicity", biased))
    assert [name for name, one in found.items() if one.shown] == ["group-2"]
    assert found["group-2"].ratio is not None
    assert found["group-2"].ratio[0] > 1
    assert found["group-2"].sentence.startswith("MORE FALSE ALERTS ON THIS GROUP")


def test_one_deployment_is_not_enough_to_find_it() -> None:
    one = year_of("biased-engine", 1, seed=4)
    assert not any(each.shown for each in watch_groups("ethnicity", one))


def test_without_a_share_only_the_greatest_share_is_said(biased: list[Period]) -> None:
    bare = [Period(one.start, one.end, {name: Count(c.false) for name, c in one.groups.items()}) for one in biased]
    found = by_group(watch_groups("ethnicity", bare))["group-2"]
    assert not found.shown
    assert found.share is None
    assert found.sentence == f"no share of the faces is known; an excess is shown if it is at most {found.tipping:.0%}"
    # Known to be at most the greatest share, it is shown; just above, it is not.
    for share, shown in ((found.tipping, True), (found.tipping + 0.02, False)):
        assert by_group(watch_groups("ethnicity", bare, shares={"group-2": share}))["group-2"].shown == shown


@pytest.mark.slow
def test_equal_groups_are_seldom_said_to_differ() -> None:
    random, said, names = np.random.default_rng(6), 0, ("a", "b", "c")
    for _ in range(60):
        periods = []
        for start, end in QUARTERS:
            false = random.multinomial(20, (0.6, 0.3, 0.1))
            groups = {n: Count(int(f), w) for n, f, w in zip(names, false, (6000, 3000, 1000), strict=True)}
            periods.append(Period(f"2026-{start}", f"2026-{end}", groups))
        said += any(one.shown for one in watch_groups("sex", periods, off=0.0))
    assert said <= 60 * 0.05


def test_the_years_are_those_that_the_alerts_take() -> None:
    year = [
        Period(f"2026-{s}", f"2026-{e}", {"a": Count(3, 3000), "b": Count(7, 7000)}) for s, e in QUARTERS
    ]  # fmt: skip
    found = by_group(watch_groups("sex", year, folds=(2.0, 5.0)))["a"]
    (two, longer, _, _), (five, sooner, least, most) = found.years
    assert (two, five) == (2.0, 5.0)
    assert 0 < least < sooner < most < math.inf
    assert sooner < longer
    assert "a 5-fold rate would be seen after about" in found.sentence
    # Going on at five times the rate for that long, it is seen.
    later = [
        Period(f"{2027 + n}-{s}", f"{2027 + n}-{e}", {"a": Count(8, 3000), "b": Count(2, 7000)})
        for n in range(math.ceil(sooner)) for s, e in QUARTERS
    ]  # fmt: skip
    assert by_group(watch_groups("sex", [*year, *later]))["a"].shown


def test_no_false_alert_at_all_gives_at_least_so_many_years() -> None:
    year = [Period("2026-01-01", "2026-12-31", {"a": Count(0, 3000), "b": Count(0, 7000)})]
    found = by_group(watch_groups("sex", year))["a"]
    assert found.of == 0
    assert "would take at least" in found.sentence


@pytest.mark.parametrize("off", [0.0, 0.2, 0.5])
def test_shares_widen_with_what_the_faces_may_be_off(off: float) -> None:
    period = Period("2026-01-01", "2026-03-31", {"a": Count(1, 300), "b": Count(1, 700)})
    found = period.share_of("a", off)
    assert found is not None
    assert found[0] <= 0.3 <= found[1]
    assert (found[0] == found[1]) == (off == 0)


def report(start: str, end: str, deployments: int = 9, **more: Any) -> dict[str, Any]:
    groups = [
        {"characteristic": "sex", "group": "female", "faces": 100, "alerts": 5, "false": 2},
        {"characteristic": "sex", "group": "male", "faces": 100, "alerts": 5, "false": 1},
        {"characteristic": "age-band", "group": "adult", "alerts": 5, "false": 3},
    ]
    return {"period_start": start, "period_end": end, "groups": groups, "deployments": deployments} | more


def test_only_fixed_periods_that_do_not_overlap_and_more_than_one_deployment_are_used() -> None:
    found, left = periods_of(
        enumerate([
            report("2026-04-01", "2026-06-30"), report("2026-01-01", "2026-03-31"),
            report("2026-01-01", "2026-12-31"), report("2026-07-01", "2026-07-31"),
            report("2026-07-01", "2026-09-30", deployments=1),
        ])
    )  # fmt: skip
    assert [period.entry for period in found["sex"]] == [1, 0]
    assert set(found) == {"sex", "age-band"}
    assert left == 6


@pytest.mark.parametrize(
    ("start", "end", "fixed"),
    [
        ("2026-01-01", "2026-12-31", True), ("2024-01-01", "2024-03-31", True), ("2026-02-01", "2026-04-30", False),
        ("2025-10-01", "2026-09-30", False), ("2026-01-01", "2026-03-30", False), ("2026-01-02", "2026-03-31", False),
        ("2026-01-01", "2026-01-31", False),
    ],
)  # fmt: skip
def test_fixed_periods_are_calendar_quarters_and_years(start: str, end: str, fixed: bool) -> None:
    assert is_fixed(start, end) == fixed


def test_equal_rates_over_periods_of_different_shares_give_a_ratio_around_one() -> None:
    """A group that was 40 of 100 faces, then 5 of 100: all its alerts over its last share read "4 to 18 times"."""
    early = Period("2026-01-01", "2026-03-31", {"a": Count(40, 4_000), "b": Count(60, 6_000)})
    late = Period("2026-04-01", "2026-06-30", {"a": Count(2, 500), "b": Count(38, 9_500)})
    watched = by_group(watch_groups("ethnicity", [early, late], off=0.0))["a"]
    assert watched.ratio is not None
    assert watched.ratio[0] < 1 < watched.ratio[1] < 2
    assert watched.share == (0.05, 0.4)


@pytest.mark.slow
@pytest.mark.parametrize("true", [1.0, 3.0])
def test_the_ratio_over_periods_holds_at_all_times_together(true: float) -> None:
    random, missed, runs = np.random.default_rng(31), 0, 200
    for _ in range(runs):
        periods, wrong = [], False
        for quarter in range(8):
            share = float(random.uniform(0.05, 0.4))
            inside = int(random.binomial(15, true * share / (1 - share + true * share)))
            faces = {"a": round(1e6 * share), "b": 1_000_000 - round(1e6 * share)}
            start, end = QUARTERS[quarter % 4]
            counts = {"a": Count(inside, faces["a"]), "b": Count(15 - inside, faces["b"])}
            periods.append(Period(f"{2026 + quarter // 4}-{start}", f"{2026 + quarter // 4}-{end}", counts))
            ratio = by_group(watch_groups("ethnicity", periods, off=0.0))["a"].ratio
            wrong |= ratio is None or not ratio[0] <= true <= ratio[1]
        missed += wrong
    assert missed / runs <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / runs)


def test_a_ratio_has_no_end_where_all_or_no_alerts_fall_on_the_group() -> None:
    every = Period("2026-01-01", "2026-03-31", {"a": Count(5, 100), "b": Count(0, 300)})
    watched = by_group(watch_groups("sex", [every], off=0.0))
    assert watched["a"].ratio is not None
    assert watched["a"].ratio[1] == math.inf
    assert watched["b"].ratio is not None
    assert watched["b"].ratio[0] == 0.0
