"""Monitors where one person raises several alerts: what they promise holds under the clump size that is declared."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from countersign.events.door.line import ALERT
from countersign.events.watch.promised import Own, Promised, Rule
from countersign.events.watch.stop_rule import evaluate
from countersign.events.watch.watched import Hour, Watched
from countersign.events.watch.watching import compare
from countersign.inference.checks import CountOutOfRange
from countersign.inference.monitors.ceiling import Ceiling
from countersign.inference.monitors.detection import Change
from countersign.inference.monitors.labels import GroupLabels, KnownShares, Labels
from countersign.inference.monitors.twosample import TwoSample
from countersign.inference.rate import Interval

RUNS = 600
#: Of 600 runs at 1 in 20: 30 are expected, and 99.9% have fewer than 47 (binomial).
MOST = 46
SHARES = (0.2, 0.3, 0.5)


def ceilings(clump: float, seed: int) -> int:
    """Runs in which an excess is ever shown at a rate that is the ceiling, every event three alerts."""
    generator = np.random.default_rng(seed)
    events = 3 * generator.poisson(0.2 / 3, (RUNS, 150))
    return sum(Ceiling(clump=clump).observe_many(2e4, 2e4, row, row, 1e-5).log_highest >= np.log(20) for row in events)


def labels(clump: float, seed: int) -> int:
    """Runs in which an excess on a group is ever shown at equal rates, every person two alerts."""
    on_group = np.random.default_rng(seed).random((RUNS, 80)) < 0.2
    return sum(Labels(clump=clump).observe_many(np.repeat(row, 2), 0.2).log_highest >= np.log(20) for row in on_group)


def known(clump: float, seed: int) -> int:
    groups = np.random.default_rng(seed).choice(3, p=SHARES, size=(RUNS // 3, 60)).tolist()
    shown = 0
    for row in groups:
        watch = KnownShares.of(3, clump=clump)
        for group in row:
            watch = watch.observe(group, shares=SHARES).observe(group, shares=SHARES)
        shown += watch.log_highest >= np.log(20)
    return 3 * shown


def two_samples(clump: float, seed: int) -> int:
    """Runs in which a difference between two groups is ever shown at equal rates, every person four alerts."""
    people = np.random.default_rng(seed).binomial(25, 0.1, (RUNS, 40, 2))
    shown = 0
    for row in people.tolist():
        watch = TwoSample(clump=clump, prior_events=1.0, prior_trials=10.0)
        for a, b in row:
            watch = watch.observe(4 * a, 100, 4 * b, 100)
        shown += watch.log_highest >= np.log(20)
        if watch.reading().shown and clump > 1:
            assert "but for clumps of at most 4" in watch.reading().sentence
    return shown


@pytest.mark.parametrize(("shown", "clump"), [(ceilings, 3.0), (labels, 2.0), (known, 2.0), (two_samples, 4.0)])
def test_the_promise_holds_under_the_declared_clump_and_breaks_without_it(shown: object, clump: float) -> None:
    assert callable(shown)
    assert shown(clump, 1) <= MOST
    assert shown(1.0, 1) > MOST


def test_a_late_rise_is_told_once_in_the_looks_asked_under_clumps() -> None:
    events = 3 * np.random.default_rng(3).poisson(0.2 / 3, (300, 100))

    def alarms(clump: float) -> int:
        total = 0
        for row in events:
            watch = Change(looks_asked=1000, clump=clump)
            for count in row.tolist():
                watch = watch.observe(2e4, count, ceiling=1e-5)
            total += watch.alarm_at is not None
        return total

    assert alarms(3.0) <= 40  # 300 times 100 looks: at most 30 are to be expected
    assert alarms(1.0) > 40


def watched(generator: np.random.Generator, *, thrice: int) -> Watched:
    """A day of twelve hours at a rate that is the ceiling, one person raising ``thrice`` alerts, all others one."""
    seen = Watched()
    ordinal = 0
    for hour in range(8, 20):
        people = int(generator.poisson(1000 * 1e-3))
        for _ in range(people):
            ordinal += 1
            for at in range(thrice if ordinal == 1 else 1):
                when = f"2026-03-07T{hour:02d}:{at:02d}:00Z"
                seen.add(ALERT, {"at": when, "outcome": "false", "ordinal": ordinal})
        seen.add("live.hour", {"hour": f"2026-03-07T{hour:02d}Z", "faces": 1000, "alerts": 0})
    return seen


def test_a_stop_rule_with_a_chance_counts_people_and_says_what_it_supposes() -> None:
    hours = tuple(f"2026-03-07T{hour:02d}" for hour in range(8, 20))
    own = Own("false-alerts-per-face", Decimal("0.001"))
    rule = Rule("ceiling-exceeded", "suspend", Decimal("0.05"))
    promised = Promised("f/d", "00", 1, "00", Decimal(0), (own,), (rule,), hours)
    generator = np.random.default_rng(5)
    assert sum(hour.repeats for hour in watched(np.random.default_rng(5), thrice=8).hours()) == 7
    states = [evaluate(promised, watched(generator, thrice=8))[0] for _ in range(300)]
    assert sum(state.fired is not None for state in states) <= 26  # 15 expected at most
    assert "on different people come apart" in states[0].sentence
    assert "in clumps of at most 3 alerts" in evaluate(promised, watched(generator, thrice=3), 3.0)[0].sentence


@pytest.mark.slow
@pytest.mark.parametrize("known_people", [True, False])
def test_a_change_in_rate_where_everyone_alerts_twice(known_people: bool) -> None:
    people = np.random.default_rng(6).poisson(12, (300, 6)).tolist()
    shown = 0
    for row in people:
        hours = [
            (Hour(f"2026-03-07T1{at}Z", 5000, 2 * count, 2 * count, 0, 0, 0, count if known_people else 0), 0)
            for at, count in enumerate(row)
        ]
        change = compare(hours, planned=6, clump=1.0 if known_people else 2.0)
        shown += change is not None and change.shown
    assert shown <= 26


def test_clumps_of_one_change_nothing_and_less_than_one_is_refused() -> None:
    watch = Ceiling(clump=4.0).observe(1000, 4, ceiling=4e-3)
    assert watch.log_evidence == Ceiling().observe(1000, 1, ceiling=1e-3).log_evidence
    assert watch.merge(watch).observe(10, 1, ceiling=0.1).clump == 4.0
    assert GroupLabels.of(2, clump=2.0).groups[0].clump == 2.0
    for wrong in (0.5, float("nan"), float("inf")):
        for monitor in (Ceiling, Labels, Change, TwoSample):
            with pytest.raises(CountOutOfRange):
                monitor(clump=wrong)
        with pytest.raises(CountOutOfRange):
            KnownShares.of(2, clump=wrong)


@pytest.mark.parametrize("clump", [1.0, 2.5])
def test_many_at_once_are_the_same_as_one_at_a_time(clump: float) -> None:
    generator = np.random.default_rng(8)
    alerts, faces = generator.poisson(0.5, 200), generator.uniform(1e3, 3e4, 200)
    one = start = Change(looks_asked=200, clump=clump).observe(5000, 2, ceiling=1e-5)
    for count, passed in zip(alerts.tolist(), faces.tolist(), strict=True):
        one = one.observe(passed, count, ceiling=1e-5)
    many = start.observe_many(faces, alerts, 1e-5)
    assert (many.looks, many.alarm_at) == (one.looks, one.alarm_at)
    assert many.best == pytest.approx(one.best)
    assert (many.faces, many.exposure, many.alerts) == pytest.approx((one.faces, one.exposure, one.alerts))
    groups = generator.choice(3, size=150)
    known = first = KnownShares.of(3, clump=clump).observe(1, shares=SHARES)
    for group in groups.tolist():
        known = known.observe(group, shares=SHARES)
    at_once = first.observe_many(groups, SHARES)
    assert at_once.alerts == known.alerts
    assert (at_once.log_shares, at_once.log_highest) == pytest.approx((known.log_shares, known.log_highest))
    assert start.observe_many([], [], 1e-5) is start
    assert first.observe_many([], SHARES) is first
    with pytest.raises(CountOutOfRange):
        start.observe_many([1, -1], [0, 0], 1e-5)
    with pytest.raises(CountOutOfRange):
        first.observe_many([3], SHARES)


@pytest.mark.slow
def test_a_single_update_costs_ten_microseconds_at_most() -> None:
    """On a slow machine: seven times what it takes, in turn with it, to copy an interval."""
    import time

    def once(start: Any, step: Callable[[Any], Any]) -> float:
        watch, began = start, time.process_time()
        for _ in range(1000):
            watch = step(watch)
        return (time.process_time() - began) / 1000

    def hold(start: Any, step: Callable[[Any], Any]) -> None:
        copied = Interval(0.1, 0.2, 0.95, "m")
        pairs = [(once(start, step), once(copied, lambda one: dataclasses.replace(one, low=0.15))) for _ in range(25)]
        cost, yardstick = (min(pair[place] for pair in pairs) for place in (0, 1))
        assert cost <= max(10e-6, 7 * yardstick), (start, cost, yardstick)

    hold(Ceiling(), lambda watch: watch.observe(1000, 2, ceiling=1e-3))
    hold(Change(1e9), lambda watch: watch.observe(1000, 1, ceiling=1e-3))
    hold(Labels(), lambda watch: watch.observe(True, share=0.3))
    hold(KnownShares.of(3), lambda watch: watch.observe(0, shares=SHARES))
    hold(GroupLabels.of(5), lambda watch: watch.observe(0, shares=(0.2,) * 5))
    hold(TwoSample(), lambda watch: watch.observe(0, 1, 1, 1))


@pytest.mark.parametrize("clump", [1.0, 2.5])
def test_many_at_once_are_as_many_calls(clump: float) -> None:
    generator = np.random.default_rng(31)
    groups, shares = generator.integers(-1, 3, 60), generator.dirichlet([4, 4, 4], 60)
    each = start = GroupLabels.of(3, clump=clump).observe(1, shares=SHARES)
    for group, row in zip(groups.tolist(), shares.tolist(), strict=True):
        each = each.observe(None if group < 0 else group, shares=row)
    many = start.observe_many(groups[:20], shares[:20]).observe_many(groups[20:], shares[20:])
    for mine, theirs in zip(each.groups, many.groups, strict=True):
        assert (mine.in_group, mine.alerts) == (theirs.in_group, theirs.alerts)
        assert mine.log_evidence == pytest.approx(theirs.log_evidence, rel=1e-12)
        assert mine.log_highest == pytest.approx(theirs.log_highest, rel=1e-12)
    assert start.observe_many([], SHARES) == start
    assert start.observe_many([0, -1], SHARES).alerts == 3

    trials = generator.integers(1, 9, (2, 60))
    events = generator.binomial(trials, 0.3)
    pair = begun = TwoSample(clump=clump).observe(1, 3, 0, 2)
    for x1, n1, x2, n2 in zip(events[0], trials[0], events[1], trials[1], strict=True):
        pair = pair.observe(int(x1), int(n1), int(x2), int(n2))
    together = begun.observe_many(events[0], trials[0], events[1], trials[1])
    assert dataclasses.astuple(together) == pytest.approx(dataclasses.astuple(pair), rel=1e-12)
    assert begun.observe_many([], 1, [], 1) == begun

    with pytest.raises(CountOutOfRange, match="numbered 0 to 2"):
        start.observe_many([3], SHARES)
    with pytest.raises(CountOutOfRange, match="with a share of each"):
        start.observe_many([0], (0.5, 0.5))
    with pytest.raises(CountOutOfRange, match="a block has a trial"):
        begun.observe_many([2], [1], [0], [1])
