"""The stop rule as written: when it fires, when not, and that it fires without cause no more often than is stated."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from countersign.deployments.kinds import SCHEMAS
from countersign.events.watch.promised import Own, Promised, Rule
from countersign.events.watch.stop_rule import evaluate, facts, sealed
from countersign.events.watch.watched import Watched
from countersign.made_up.crowd import pass_by
from countersign.made_up.scenario import Scenario, load

PER_FACE = Own("false-alerts-per-face", Decimal("0.001"), "policy/1")
STAMPS = tuple(f"2026-03-07T{hour}" for hour in range(10, 20))


def promised(*rules: Rule, ceilings: tuple[Own, ...] = (PER_FACE,), hours: int = 5) -> Promised:
    return Promised("force-a/d-1", "ab" * 32, 2000, "cd" * 32, Decimal("0.64"), ceilings, rules, STAMPS[:hours])


def seen_of(faces: Any, false: Any, unresolved: Any = None) -> Watched:
    seen, person = Watched(), 0
    for number, (count, wrong) in enumerate(zip(faces, false, strict=True)):
        open_ones = 0 if unresolved is None else unresolved[number]
        for outcome in ["false"] * int(wrong) + ["unresolved"] * int(open_ones):
            person += 1
            content = {"at": f"{STAMPS[number]}:00:00Z", "outcome": outcome, "ordinal": person}
            seen.add("live.hour/alerts", content)
        total = int(wrong) + int(open_ones)
        seen.add("live.hour", {"hour": f"{STAMPS[number]}Z", "faces": int(count), "alerts": total})
    return seen


PLAIN = Rule("ceiling-exceeded", "suspend")
VALUED = Rule("ceiling-exceeded", "suspend", Decimal("0.01"))


@pytest.mark.parametrize(
    ("faces", "false", "hour"),
    [
        ([1000, 1000], [1, 1], None),
        ([1000, 1000], [2, 0], "2026-03-07T10Z"),
        ([1000, 1000], [1, 2], "2026-03-07T11Z"),
        ([999], [1], "2026-03-07T10Z"),
        ([], [], None),
    ],
)
def test_a_plain_rule_fires_as_soon_as_the_counts_are_over_the_ceiling(
    faces: list[int], false: list[int], hour: str | None
) -> None:
    [state] = evaluate(promised(PLAIN), seen_of(faces, false))
    assert (state.fired.hour if state.fired else None) == hour
    assert (state.chance is None) == (not faces)


def test_the_chance_of_a_plain_rule_is_over_the_declared_hours() -> None:
    [one] = evaluate(promised(PLAIN, hours=1), seen_of([900], [0]))
    [five] = evaluate(promised(PLAIN, hours=5), seen_of([900], [0]))
    assert one.chance == pytest.approx(1 - np.exp(-0.9))
    assert five.chance is not None
    assert one.chance is not None
    assert five.chance > one.chance
    assert "at a rate that is the ceiling, over 5 declared hours: " in five.sentence


def test_a_value_is_the_chance_of_a_false_stop() -> None:
    quiet = evaluate(promised(VALUED), seen_of([1000, 1000], [2, 1]))[0]
    assert quiet.fired is None
    assert quiet.chance == 0.01
    assert "Chance of a false stop: at most 0.01, however often" in quiet.sentence
    loud = evaluate(promised(VALUED), seen_of([1000, 1000], [2, 15]))[0]
    assert loud.fired is not None
    assert (loud.fired.events, loud.fired.exposure) == (17, 2000)


def test_what_is_said_to_be_needed_is_what_fires() -> None:
    sentence = evaluate(promised(VALUED), seen_of([5000], [0]))[0].sentence
    needed = int(sentence.partition("met from ")[2].partition(" on")[0])
    assert evaluate(promised(VALUED), seen_of([5000], [needed]))[0].fired is not None
    assert evaluate(promised(VALUED), seen_of([5000], [needed - 1]))[0].fired is None


def test_unresolved_alerts_are_said_and_do_not_fire_it() -> None:
    [state] = evaluate(promised(VALUED), seen_of([2000], [1], [30]))
    assert state.fired is None
    assert state.worse is not None
    assert "were every unresolved and missing alert false, it would have been met" in state.sentence


@pytest.mark.parametrize("value", ["0", "1", "3", "-0.1"])
def test_a_value_that_is_no_chance_is_said_and_nothing_is_evaluated(value: str) -> None:
    [state] = evaluate(promised(Rule("ceiling-exceeded", "close", Decimal(value))), seen_of([10], [9]))
    assert state.fired is None
    assert state.sentence.startswith("cannot be evaluated: its value")


def test_two_ceilings_share_the_chance() -> None:
    per_alert = Own("false-alerts-per-alert", Decimal("0.5"))
    seen = seen_of([50_000], [0])
    one = evaluate(promised(VALUED), seen)[0].sentence
    two = evaluate(promised(VALUED, ceilings=(PER_FACE, per_alert)), seen)[0].sentence
    needed = [int(text.partition("met from ")[2].partition(" on")[0]) for text in (one, two)]
    assert needed[1] > needed[0]


def test_per_hour_and_per_alert_are_counted_against_their_own_units() -> None:
    ceilings = (Own("false-alerts-per-hour", Decimal(2)), Own("false-alerts-per-alert", Decimal("0.9")))
    [state] = evaluate(promised(PLAIN, ceilings=ceilings), seen_of([5000, 5000], [2, 3], [1, 1]))
    assert state.fired is not None
    assert state.fired.ceiling == ceilings[0]
    assert (state.fired.hour, state.fired.events, state.fired.exposure) == ("2026-03-07T11Z", 5, 2)


def test_staffing_and_lists_are_read_from_what_is_reported() -> None:
    rules = (
        Rule("staffing-below-minimum", "suspend", Decimal(2)), Rule("list-mismatch", "close"),
        Rule("disorder", "close"), Rule("staffing-below-minimum", "suspend"),
    )  # fmt: skip
    seen = Watched()
    fine = {"since": "2026-03-07T10:00:00Z", "operators": 1, "engagement_officers": 2}
    seen.add("live.staffing", fine)
    seen.add("live.opened", {"opened_at": "2026-03-07T10:00:00Z", "list_digest": "cd" * 32, "threshold": "0.64"})
    assert [state.fired for state in evaluate(promised(*rules), seen)] == [None] * 4
    seen.add("live.staffing", fine | {"since": "2026-03-07T12:10:00Z", "engagement_officers": 1})
    seen.add("live.change", {"changed_at": "2026-03-07T13:00:00Z", "what": "list", "list_digest": "ee" * 32})
    staffing, mismatch, disorder, unnumbered = evaluate(promised(*rules), seen)
    assert staffing.fired is not None
    assert staffing.fired.hour == "2026-03-07T12Z"
    assert mismatch.fired is not None
    assert mismatch.fired.hour == "2026-03-07T13Z"
    assert disorder.sentence == "for people to judge: no event shows it"
    assert unnumbered.sentence.endswith("(it gives no number)")


@pytest.mark.parametrize("rule", [PLAIN, VALUED, Rule("list-mismatch", "close")])
def test_the_entry_of_a_firing_is_of_its_kind(rule: Rule) -> None:
    seen = seen_of([1000], [30])
    seen.add("live.opened", {"opened_at": "2026-03-07T10:00:00Z", "list_digest": "ee" * 32, "threshold": "0.64"})
    [state] = evaluate(promised(rule), seen)
    schema = SCHEMAS.latest("live.stop-rule-fired")
    schema.check(facts(state, promised(rule)))
    schema.sealed["firing"].check(sealed(state)["firing"], "sealed.firing")


def at_the_ceiling(rule: Rule, runs: int, generator: np.random.Generator) -> tuple[int, float]:
    """How often a rule fires in runs whose rate is exactly the ceiling, and the chance it states."""
    faces = [900, 1200, 1500, 1300, 1100]
    fired, chance = 0, 0.0
    for _ in range(runs):
        [state] = evaluate(promised(rule), seen_of(faces, generator.binomial(faces, 0.001)))
        fired += state.fired is not None
        chance = state.chance or 0.0
    return fired, chance


def test_at_the_ceiling_a_plain_rule_fires_as_often_as_it_states() -> None:
    fired, chance = at_the_ceiling(PLAIN, 600, np.random.default_rng(11))
    assert abs(fired / 600 - chance) < 4 * (chance * (1 - chance) / 600) ** 0.5


def test_at_the_ceiling_a_rule_with_a_value_fires_no_more_often_than_it_states() -> None:
    fired, chance = at_the_ceiling(Rule("ceiling-exceeded", "suspend", Decimal("0.05")), 600, np.random.default_rng(12))
    assert chance == 0.05
    assert fired / 600 <= chance + 3 * (chance * (1 - chance) / 600) ** 0.5


def quiet() -> Scenario:
    return load("quiet-high-street")


@pytest.mark.parametrize("runs", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_over_2000_quiet_deployments_it_fires_at_most_as_often_as_stated(runs: int) -> None:
    generator, scenario = np.random.default_rng(2026), quiet()
    fired, chances = [0, 0], [0.0, 0.0]
    for _ in range(runs):
        walk = pass_by(scenario, generator)
        seen = seen_of(walk.captured.sum(axis=1), walk.false_alerts.sum(axis=1))
        for number, state in enumerate(evaluate(promised(PLAIN, VALUED), seen)):
            fired[number] += state.fired is not None
            chances[number] += state.chance or 0.0
    assert fired[0] <= chances[0]
    assert fired[1] <= chances[1] == pytest.approx(runs / 100)


@pytest.mark.slow
def test_2000_deployments_at_the_ceiling_fire_no_more_often_than_stated() -> None:
    for rule in (PLAIN, VALUED):
        fired, chance = at_the_ceiling(rule, 2000, np.random.default_rng(7))
        assert fired / 2000 <= chance + 3 * (chance * (1 - chance) / 2000) ** 0.5


def test_a_planted_excess_is_found() -> None:
    import msgspec

    scenario = load("misconfigured-threshold")
    engine = msgspec.structs.replace(scenario.engine, threshold="0.50")
    walk = pass_by(msgspec.structs.replace(scenario, engine=engine), np.random.default_rng(1))
    for rule in (PLAIN, VALUED):
        seen = seen_of(walk.captured.sum(axis=1), walk.false_alerts.sum(axis=1))
        [state] = evaluate(promised(rule), seen)
        assert state.fired is not None
        assert state.fired.hour == "2026-03-07T10Z"
