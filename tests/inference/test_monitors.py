"""The monitors as values: order, merging, ranges, constant cost, what they say and what they never say."""

from __future__ import annotations

import dataclasses
import math
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.inference.times import ceiling_times

from countersign.inference.checks import CountOutOfRange, LevelOutOfRange
from countersign.inference.monitors.ceiling import Ceiling
from countersign.inference.monitors.detection import RISES, Change
from countersign.inference.monitors.evidence import log_e_above, log_e_share
from countersign.inference.monitors.labels import GroupLabels, Labels
from countersign.inference.monitors.twosample import TwoSample

LOOK = st.tuples(st.integers(3, 10**5), st.integers(0, 3), st.integers(0, 2), st.floats(1e-7, 1e-3))
LOOKS = st.lists(LOOK, max_size=30)


def watched(looks: list[tuple[int, int, int, float]]) -> Ceiling:
    watch = Ceiling()
    for faces, alerts, unresolved, ceiling in looks:
        watch = watch.observe((faces, faces * 1.2), (alerts, alerts + unresolved), ceiling=ceiling)
    return watch


def close(one: Any, other: Any) -> bool:
    """Equal but for the last digits of sums of floats taken in another order."""
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if a is not b and not np.allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-9, atol=1e-9):
            return False
    return True


@settings(deadline=None, max_examples=60)
@given(LOOKS)
def test_many_at_once_are_one_by_one(looks: list[tuple[int, int, int, float]]) -> None:
    one_by_one = watched(looks)
    if looks:
        faces, alerts, unresolved, ceiling = (np.array(column, dtype=float) for column in zip(*looks, strict=True))
        at_once = Ceiling().observe_many(faces, faces * 1.2, alerts, alerts + unresolved, ceiling)
        assert close(at_once, one_by_one)
        assert at_once.exposure_high == one_by_one.exposure_high


@settings(deadline=None, max_examples=60)
@given(LOOKS, LOOKS, LOOKS)
def test_merging_in_any_order_gives_the_state_of_all_looks(a: Any, b: Any, c: Any) -> None:
    first, second, third = watched(a), watched(b), watched(c)
    one, other = first.merge(second).merge(third), third.merge(first.merge(second))
    assert close(one, other)
    whole = watched(a + b + c)
    sums = ("alerts_low", "alerts_high", "exposure_low", "exposure_high", "faces_high")
    assert all(getattr(one, name) == pytest.approx(getattr(whole, name), rel=1e-9) for name in sums)
    assert one.log_highest <= max(0.0, one.log_evidence) + 1e-12


@settings(deadline=None, max_examples=40)
@given(LOOKS)
def test_the_highest_evidence_is_the_highest_at_any_look(looks: list[tuple[int, int, int, float]]) -> None:
    watch, highest, worse = Ceiling(), 0.0, 0.0
    for faces, alerts, unresolved, ceiling in looks:
        watch = watch.observe((faces, faces * 1.2), (alerts, alerts + unresolved), ceiling=ceiling)
        highest = max(highest, watch.log_evidence)
        worse = max(worse, float(log_e_above(watch.alerts_high, watch.exposure_low)))
    assert watch.log_highest == pytest.approx(highest, rel=1e-9, abs=1e-9)
    assert watch.log_highest_worse == pytest.approx(worse, rel=1e-9, abs=1e-9)
    assert watch.log_highest_worse >= watch.log_highest - 1e-9


@settings(deadline=None, max_examples=40)
@given(st.integers(30, 10**6), st.floats(1, 2), st.integers(0, 20), st.integers(0, 5), st.floats(0, 1))
def test_ranges_count_at_the_end_that_rejects_least(
    faces: int, spread: float, alerts: int, unresolved: int, inside: float
) -> None:
    wide = Ceiling().observe((faces, faces * spread), (alerts, alerts + unresolved), ceiling=1e-5)
    exact = Ceiling().observe(faces * spread**inside, alerts + round(inside * unresolved), ceiling=1e-5)
    assert wide.log_evidence <= exact.log_evidence + 1e-9
    outer, inner = wide.fold(), exact.fold()
    assert outer.low <= inner.low * (1 + 1e-9)
    assert inner.high <= outer.high * (1 + 1e-9)


def test_nothing_shown_is_only_said_where_the_worse_ends_show_nothing_either() -> None:
    between_ends = Ceiling().observe((100_000, 3_000_000), (3, 12), ceiling=1e-6)
    reading = between_ends.reading()
    assert not reading.shown
    assert between_ends.log_highest < math.log(20) <= between_ends.log_highest_worse
    assert "if all unresolved alerts were false and the faces were the fewest" in reading.sentence
    assert "nothing shown" not in reading.sentence
    assert between_ends.log_highest_worse == pytest.approx(float(log_e_above(12, 0.1)), rel=1e-12)
    uncounted = Ceiling().observe((0, 3_000_000), 1, ceiling=1e-6)
    assert uncounted.log_highest_worse == math.inf
    later = uncounted.observe(10**6, 0, ceiling=1e-6)
    assert later.merge(Ceiling()).log_highest_worse == 0  # one alert where one was expected
    assert Ceiling().observe_many(0, 3_000_000, 1, 1, 1e-6) == uncounted
    assert Ceiling().observe(9, 9, ceiling=1e-300).reading().evidence == math.inf  # more than a double holds


def test_the_ceiling_of_the_facts_is_shown_and_says_so() -> None:
    watch = Ceiling()
    for _ in range(10):
        watch = watch.observe(314_743.6, 1, ceiling=1e-6)
    reading = watch.reading()
    assert reading.evidence == pytest.approx(30.8, abs=0.05)
    assert reading.shown
    assert "more false alerts than the ceiling allows have been shown" in reading.sentence
    later = watch.observe(10**9, 0, ceiling=1e-6)
    assert later.reading().shown  # what has been shown stays shown
    assert later.reading().evidence < 1


LABELS = st.lists(st.tuples(st.sampled_from([True, False, None]), st.floats(0.02, 0.8)), max_size=40)


def labelled(alerts: list[tuple[bool | None, float]]) -> Labels:
    watch = Labels()
    for label, share in alerts:
        watch = watch.observe(label, share=share)
    return watch


@settings(deadline=None, max_examples=60)
@given(LABELS, LABELS)
def test_labels_many_at_once_merged_in_any_order_and_one_by_one(a: Any, b: Any) -> None:
    whole, first, second = labelled(a + b), labelled(a), labelled(b)
    if a:
        at_once = Labels().observe_many([label is True for label, _ in a], [share for _, share in a])
        assert close(at_once, first)
    assert close(first.merge(second), second.merge(first))
    assert first.merge(second).log_evidence == pytest.approx(whole.log_evidence, abs=1e-9)
    assert first == labelled(a)
    if b:
        assert first.merge(second) != first


@settings(deadline=None, max_examples=40)
@given(LABELS, st.floats(1.0, 1.5))
def test_a_looser_bound_on_the_share_or_an_unknown_label_is_never_more_evidence(alerts: Any, looser: float) -> None:
    tight = labelled(alerts)
    assert labelled([(label, min(0.95, s * looser)) for label, s in alerts]).log_highest <= tight.log_highest + 1e-9
    known = labelled([(label if label is not None else True, s) for label, s in alerts])
    assert tight.log_highest <= known.log_highest + 1e-9


def test_a_watch_for_a_rise_is_equal_to_one_that_saw_the_same_and_to_no_other() -> None:
    seen = Change(1_000.0).observe(500, 1, ceiling=1e-3)
    assert seen == Change(1_000.0).observe(500, 1, ceiling=1e-3)
    others = [Change(1_000.0).observe(500, 2, ceiling=1e-3), Change(2_000.0).observe(500, 1, ceiling=1e-3)]
    others += [seen.observe(0, 0, ceiling=1e-3), dataclasses.replace(seen, best=seen.best + 1), Change(1_000.0)]
    assert all(seen != other for other in others)
    assert seen != 1


def test_labels_taken_in_stretches_are_each_counted_once() -> None:
    labels = np.arange(100_003) % 7 == 0
    whole = Labels().observe_many(labels, 0.135)
    parts = Labels().observe_many(labels[:33_333], 0.135).observe_many(labels[33_333:], 0.135)
    assert (whole.alerts, whole.in_group) == (100_003, int(labels.sum()))
    assert close(whole, parts)


def test_labels_at_a_constant_share_are_near_the_uniform_mixture_of_the_facts() -> None:
    for share in (0.135, 0.3, 0.4):
        watch = Labels().observe_many([1] * 8 + [0] * 2, share)
        assert watch.log_evidence == pytest.approx(float(log_e_share(8, 10, share)), abs=0.8)
    assert Labels().observe_many([1] * 8 + [0] * 2, 0.135).reading().shown
    assert "for shares up to the bound" in Labels().observe_many([1] * 8, 0.135).reading().sentence


def test_several_groups() -> None:
    watch = GroupLabels.of(3)
    for group in (0, 0, 0, 1, 0, None, 0, 0, 0, 2):
        watch = watch.observe(group, shares=(0.15, 0.5, 0.45))
    single = Labels()
    for label in (True, True, True, False, True, None, True, True, True, False):
        single = single.observe(label, share=0.15)
    assert watch.groups[0] == single
    assert watch.log_evidence == pytest.approx(
        math.log(sum(math.exp(group.log_evidence) for group in watch.groups) / 3), rel=1e-12
    )
    assert watch.which(0.05).tolist() == [True, False, False]
    assert watch.merge(GroupLabels.of(3)).groups[0].log_evidence == pytest.approx(single.log_evidence)
    with pytest.raises(CountOutOfRange):
        watch.observe(3, shares=(0.15, 0.5, 0.45))
    with pytest.raises(CountOutOfRange):
        GroupLabels.of(1)


BLOCKS = st.lists(st.tuples(st.integers(0, 3), st.integers(3, 50), st.integers(0, 3), st.integers(3, 50)), max_size=20)


def blocked(blocks: list[tuple[int, int, int, int]]) -> TwoSample:
    watch = TwoSample(prior_events=0.5, prior_trials=10.0)
    for block in blocks:
        watch = watch.observe(*block)
    return watch


@settings(deadline=None, max_examples=40)
@given(BLOCKS, BLOCKS)
def test_two_samples_swap_and_merge(a: Any, b: Any) -> None:
    first, second = blocked(a), blocked(b)
    assert close(first.merge(second), second.merge(first))
    swapped = blocked([(y2, n2, y1, n1) for y1, n1, y2, n2 in a])
    assert swapped.log_evidence == pytest.approx(first.log_evidence, abs=1e-9)


@pytest.mark.parametrize("rate", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("sizes", [(1, 1), (3, 2)])
def test_a_blocks_factor_has_mean_at_most_one_whatever_the_common_rate(rate: float, sizes: tuple[int, int]) -> None:
    from scipy.stats import binom

    before = blocked([(3, 20, 0, 10), (1, 5, 1, 9)])
    mean = 0.0
    for a in range(sizes[0] + 1):
        for b in range(sizes[1] + 1):
            after = before.observe(a, sizes[0], b, sizes[1])
            chance = binom.pmf(a, sizes[0], rate) * binom.pmf(b, sizes[1], rate)
            mean += float(chance) * math.exp(after.log_evidence - before.log_evidence)
    assert mean <= 1 + 1e-9


CHANGES = st.lists(st.tuples(st.integers(1, 10**5), st.integers(0, 3), st.floats(1e-6, 1e-4)), max_size=25)


def looked(looks: list[tuple[int, int, float]]) -> Change:
    watch = Change(looks_asked=500.0)
    for faces, alerts, ceiling in looks:
        watch = watch.observe(faces, alerts, ceiling=ceiling)
    return watch


@settings(deadline=None, max_examples=60)
@given(CHANGES, CHANGES, CHANGES)
def test_stretches_in_their_order_are_one_watch(a: Any, b: Any, c: Any) -> None:
    first, second, third = looked(a), looked(b), looked(c)
    left, right, whole = first.merge(second).merge(third), first.merge(second.merge(third)), looked(a + b + c)
    for one in (left, right):
        assert np.allclose(one.best, whole.best, rtol=1e-9, atol=1e-9)
        assert (one.looks, one.faces) == (whole.looks, whole.faces)
    assert (left.alarm_at is None) or whole.alarm_at is not None
    if whole.alarm_at is not None and left.alarm_at is not None:
        assert left.alarm_at >= whole.alarm_at


@settings(deadline=None, max_examples=40)
@given(CHANGES)
def test_the_recursion_is_the_best_start_by_brute_force(looks: list[tuple[int, int, float]]) -> None:
    watch = looked(looks)
    if not looks:
        assert watch.log_evidence == -math.inf
        return
    steps = np.array([x * np.log(RISES) - faces * c * (RISES - 1) for faces, x, c in looks])
    best = np.max([steps[start:].sum(axis=0) for start in range(len(looks))], axis=0)
    assert np.allclose(watch.best, best, rtol=1e-9, atol=1e-9)


def test_a_rise_late_on_is_seen_and_without_one_the_time_until_seen_is_told() -> None:
    watch = Change(looks_asked=1_000.0)
    for _ in range(5_000):
        watch = watch.observe(1_000, 0, ceiling=1e-5)
    assert not watch.reading(fold=5).shown
    more = watch.faces_until_seen(5)
    due = 0.0
    for _ in range(int(2 * more / 1_000)):
        due += 5 * 1_000 * 1e-5
        alerts, due = divmod(due, 1)
        watch = watch.observe(1_000, alerts, ceiling=1e-5)
    assert watch.alarm_at is not None
    assert (watch.alarm_at - 5_000) * 1_000 == pytest.approx(more, rel=0.25)
    assert "at most once in 1,000 looks" in watch.reading().sentence


@pytest.mark.parametrize("fold", [2.0, 3.0, 10.0])
def test_the_forecast_of_a_ceiling_comes_true_in_half_to_four_fifths_of_runs(fold: float) -> None:
    watch = Ceiling().observe(1, 0, ceiling=1e-6)
    forecast = watch.faces_until_seen(fold) * 1e-6
    generator = np.random.default_rng(2)
    runs = ceiling_times(fold, generator=generator, runs=2_000, horizon=forecast)
    assert 0.5 < 1 - runs.unfinished / runs.runs < 0.8


def test_the_forecast_of_labels_and_of_two_samples_comes_true_on_the_path_that_it_supposes() -> None:
    watch = Labels()
    more = watch.alerts_until_seen(3.0, 0.135)
    hit, carried, count = 3 * 0.135 / (1 + 2 * 0.135), 0.0, 0
    while not watch.reading().shown:
        carried, count = carried + hit, count + 1
        on_group, carried = carried >= 1, carried - (carried >= 1)
        watch = watch.observe(on_group, share=0.135)
    assert count == pytest.approx(more, rel=0.2)
    start = TwoSample(prior_events=1.0, prior_trials=1_000.0).observe(2, 1_000, 2, 1_000)
    assert 0 < start.faces_until_seen(3.0) < 1e5
    assert TwoSample().faces_until_seen(3.0) == math.inf


MONITORS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "ceiling": (Ceiling(), lambda w: w.observe(1, 0, ceiling=1e-6)),
    "labels": (Labels(), lambda w: w.observe(False, share=0.135)),
    "two-sample": (TwoSample(), lambda w: w.observe(0, 1, 1, 1)),
    "change": (Change(), lambda w: w.observe(1, 0, ceiling=1e-6)),
}


@pytest.mark.parametrize("name", MONITORS)
def test_an_update_leaves_the_old_value_alone(name: str) -> None:
    start, step = MONITORS[name]
    before = repr(start)
    assert repr(step(start)) != before
    assert repr(start) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(start, dataclasses.fields(start)[0].name, 3.0)


@pytest.mark.parametrize("name", MONITORS)
def test_the_millionth_update_costs_what_the_first_do(name: str) -> None:
    start, step = MONITORS[name]

    def cost(watch: Any) -> float:
        best = math.inf
        for _ in range(15):
            here, begun = watch, time.process_time()
            for _ in range(200):
                here = step(here)
            best = min(best, time.process_time() - begun)
        return best

    late = step(start)
    for _ in range(20):  # doubling: a million observations and more
        late = late.merge(late)
    assert cost(late) < 2.5 * cost(step(start))
    assert len(repr(late)) < 2 * len(repr(step(start))) + 200


@pytest.mark.slow
@pytest.mark.parametrize("name", MONITORS)
def test_a_million_updates_one_by_one_stay_right_and_as_cheap(name: str) -> None:
    watch, step = MONITORS[name]
    times = []
    for _ in range(20):
        begun = time.process_time()
        for _ in range(50_000):
            watch = step(watch)
        times.append(time.process_time() - begun)
    assert min(times[-5:]) < 2 * min(times[:5])


def test_ceiling_after_a_million_updates_has_the_evidence_of_its_sums() -> None:
    alerts = np.zeros(1_000_000)
    alerts[::100_000] = 1
    watch = Ceiling().observe_many(3.147436, 3.147436, alerts, alerts, 1e-6)
    assert watch.log_evidence == pytest.approx(float(log_e_above(10, 3.147436)), rel=1e-7)


def every_sentence() -> list[str]:
    watches: list[Any] = [
        Ceiling(),
        Ceiling().observe(10**9, 0, ceiling=1e-5),
        Ceiling().observe(100, 9, ceiling=1e-5),
        Ceiling().observe(1_000_000, (0, 9), ceiling=1e-6),
        Labels(),
        labelled([(True, 0.1)] * 9),
        TwoSample(),
        blocked([(0, 50, 3, 50)]),
        blocked([(0, 50, 3, 50)] * 30),
        Change(),
        looked([(10, 0, 1e-5)]),
        looked([(10, 3, 1e-5)] * 9),
    ]
    sentences = [watch.reading().sentence for watch in watches]
    sentences.append(Labels().reading(5, share=0.1).sentence)
    sentences.append(Labels().reading(5, share=0.1, alerts_per_face=1e-6).sentence)
    return sentences


def test_what_they_say_has_two_states_and_no_word_of_praise() -> None:
    shown = 0
    for sentence in every_sentence():
        assert not re.search(r"certif|safe|quiet|fair|compl|pass|accept|bias", sentence), sentence
        assert sentence.startswith("nothing shown; ") != ("shown" in sentence.removeprefix("nothing shown")), sentence
        shown += not sentence.startswith("nothing shown")
    assert shown == 5
    assert re.search(r"would be seen after about [\d,]+ more faces", every_sentence()[1])
    assert re.search(r"more faces$", every_sentence()[-1])


def test_what_cannot_be_is_refused() -> None:
    ceiling = Ceiling()
    watches: list[Any] = [ceiling, Change()]
    wrong = [(-1, 0, 1e-6), ((5, 4), 0, 1e-6), (5, (2, 1), 1e-6), (5, 0, 0.0), (math.inf, 0, 0.1)]
    for watch in watches:
        for faces, alerts, at in wrong:
            with pytest.raises(CountOutOfRange):
                watch.observe(faces, alerts, ceiling=at)
        with pytest.raises(CountOutOfRange):
            watch.faces_until_seen(1.0)
    with pytest.raises(CountOutOfRange):
        ceiling.observe_many([1, -1], 1, 0, 0, 1e-6)
    for alerts in (6, (6, 9)):
        with pytest.raises(CountOutOfRange, match="6 false alerts from 5 faces"):
            ceiling.observe(5, alerts, ceiling=1e-6)
    with pytest.raises(CountOutOfRange, match="more false alerts than faces"):
        ceiling.observe_many(1, 1, [1, 2], [1, 2], 1e-6)
    assert ceiling.observe(5, 0, ceiling=1e-6).observe(0, 1, ceiling=1e-6).alerts_low == 1  # adjudicated later
    with pytest.raises(LevelOutOfRange):
        Labels().observe(True, share=1.0)
    with pytest.raises(LevelOutOfRange):
        Labels().observe_many([1, 0], [0.5, float("nan")])
    with pytest.raises(CountOutOfRange):
        Labels().observe_many([1, 2], 0.5)
    with pytest.raises(CountOutOfRange):
        TwoSample().observe(2, 1, 0, 1)
    with pytest.raises(CountOutOfRange):
        TwoSample(prior_events=2.0, prior_trials=1.0)
    pairs: list[tuple[Any, Any]] = [(kind(20), kind(40)) for kind in (Ceiling, Labels, TwoSample, Change)]
    for one, other in pairs:
        with pytest.raises(CountOutOfRange, match="merge"):
            one.merge(other)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.02, 0.9), st.integers(0, 6))
def test_counts_at_one_share_are_alerts_one_by_one_the_group_last(
    rest: int, inside: int, share: float, before: int
) -> None:
    start = Labels().observe_many([1] * before, 0.3)
    counted = start.observe_counts(inside, rest + inside, share=share)
    single = start
    for label in [False] * rest + [True] * inside:
        single = single.observe(label, share=share)
    assert (counted.in_group, counted.alerts) == (single.in_group, single.alerts)
    assert counted.log_highest == pytest.approx(single.log_highest, abs=1e-9)
    assert counted.log_evidence == pytest.approx(single.log_evidence, abs=1e-9)
    with pytest.raises(CountOutOfRange):
        start.observe_counts(inside + rest + 1, inside + rest, share=share)


def test_billions_of_alerts_take_no_memory() -> None:
    assert Labels().observe_counts(2_000_000_000, 4_000_000_000, share=0.4).reading().shown
