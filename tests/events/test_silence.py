"""A silent camera: the bound against counting all orders, and how often a deployment without one has one said."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from countersign.events.door.taking import LEAST_LIKELY, silences
from countersign.made_up.export import make
from countersign.made_up.scenario import load


@pytest.mark.parametrize(("alerts", "own", "others"), [(8, 3, 4), (9, 2, 6), (7, 1, 5), (10, 4, 5)])
def test_the_bound_lies_above_the_share_of_all_orders(alerts: int, own: int, others: int) -> None:
    """Every order of the alerts counted out, for one camera among two."""
    reached = total = 0
    for places in itertools.combinations(range(alerts), own):
        edges = [-1, *places, alerts]
        total += 1
        reached += max(end - start - 1 for start, end in itertools.pairwise(edges)) >= others
    bound = (own + 1) * math.comb(alerts - others, own) / math.comb(alerts, own)
    assert reached / total <= bound + 1e-12


def test_the_chance_said_is_the_one_in_the_text() -> None:
    [found] = silences(["b", "a"] * 12 + ["b"] * 25, {"a", "b"})
    assert (found.camera, found.others, found.after, found.before) == ("a", 25, 23, 49)
    assert found.chance == pytest.approx(2 * 13 * math.comb(49 - 25, 12) / math.comb(49, 12))


def test_a_stretch_in_the_middle_and_one_at_the_start_are_found() -> None:
    some = ["a", "b", "c"] * 8
    [middle] = silences(some + ["a", "b"] * 25 + some, {"a", "b", "c"})
    assert (middle.camera, middle.others) == ("c", 52)
    [start] = silences(["a", "b"] * 25 + some, {"a", "b", "c"})
    assert (start.camera, start.after) == ("c", -1)


def test_a_declared_camera_without_any_alert_is_said_once_there_are_enough_of_the_others() -> None:
    # 3 (2/3)^N falls below 1/1000 at N = 20.
    assert silences(["a", "b"] * 9 + ["a"], {"a", "b", "c"}) == []
    assert [one.camera for one in silences(["a", "b"] * 10, {"a", "b", "c"})] == ["c"]
    assert silences([], {"a", "b"}) == []
    assert silences(["a"] * 500, {"a"}) == []


def test_no_deployment_without_a_silent_camera_has_one_said_more_often_than_promised() -> None:
    """Crowds of random sizes, cameras of random shares, so that also rare ones are tried."""
    choose = np.random.default_rng(20)
    said = 0
    runs = 4000
    for _ in range(runs):
        cameras = int(choose.integers(2, 6))
        shares = choose.dirichlet(np.full(cameras, 2.0))
        order = choose.choice(cameras, int(choose.integers(0, 200)), p=shares).astype(str).tolist()
        said += bool(silences(order, set(order)))
    # At most 4 are expected; 12 or more would come in fewer than one run in a thousand of this test.
    assert said < 12
    assert LEAST_LIKELY == 1 / 1000


@pytest.mark.slow
def test_quiet_streets_are_silent_about_silence_and_the_planted_one_is_found() -> None:
    for seed in range(60):
        made = make(load("quiet-high-street"), seed)
        alerts = [one for one in made.events if one["type"] == "live.hour/alerts"]
        order = [one["content"]["camera"] for one in sorted(alerts, key=lambda one: str(one["content"]["at"]))]
        assert silences(order, load("quiet-high-street").cameras) == []
    found = 0
    for seed in range(30):
        made = make(load("events-lost"), seed)
        alerts = [one for one in made.events if one["type"] == "live.hour/alerts"]
        order = [one["content"]["camera"] for one in sorted(alerts, key=lambda one: str(one["content"]["at"]))]
        cameras = [one.camera for one in silences(order, load("events-lost").cameras)]
        assert set(cameras) <= {made.truth["silent_camera"]}
        found += bool(cameras)
    assert found >= 27


def test_order_of_the_same_alerts_decides() -> None:
    order = ["a"] * 20 + ["b"] * 20
    assert len(silences(order, {"a", "b"})) == 2
    random.Random(4).shuffle(order)
    assert silences(order, {"a", "b"}) == []
