"""Made-up exports: in the vocabulary's own forms, the same for the same seed, and with the truth that they hide."""

from __future__ import annotations

from collections import Counter
from importlib import resources
from typing import Any

import pytest

from countersign.deployments.alerts import check_alert
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.limits import check_document, digest_of
from countersign.made_up.export import SHORTEST_LOOK, Export, make
from countersign.made_up.scenario import SHIPPED, ScenarioWrong, load, parse
from countersign.record.entries import canonical


@pytest.fixture(scope="module")
def exports() -> dict[str, Export]:
    return {name: make(load(name), seed=4) for name in SHIPPED}


@pytest.mark.parametrize("name", SHIPPED)
def test_each_event_is_of_the_vocabulary(exports: dict[str, Export], name: str) -> None:
    made = exports[name]
    check_document(made.limits)
    for event in made.events:
        kind, _, label = event["type"].partition("/")
        content: Any = event["content"]
        if label:
            SCHEMAS.latest(kind).sealed[label].check(content | {"ordinal": 0}, "alert")
            check_alert(content, "alert")
        else:
            SCHEMAS.latest(kind).check(content)
    [opened] = [event["content"] for event in made.events if event["type"] == "live.opened"]
    assert opened["limits"] == digest_of(made.limits)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_arrives_is_what_was_sent_less_lost_and_more_doubled(exports: dict[str, Export], name: str) -> None:
    made = exports[name]
    numbers = Counter((event["source"], event["sequence"]) for event in made.events)
    assert len(numbers) == sum(made.truth["sent"].values()) - sum(made.truth["lost"].values())
    assert sum(numbers.values()) == len(numbers) + made.truth["doubled"]
    for source, sent in made.truth["sent"].items():
        missing = set(range(1, sent + 1)) - {number for one, number in numbers if one == source}
        assert sorted(missing) == made.truth["lost_sequences"].get(source, [])


def test_faults_are_planted_where_the_scenario_says_and_nowhere_else(exports: dict[str, Export]) -> None:
    planted = {
        name: (
            bool(made.truth["after_end"]), bool(made.truth["one_verification"]), bool(made.truth["hurried"]),
            bool(made.truth["lost"]), bool(made.truth["doubled"]),
        )
        for name, made in exports.items()
    }  # fmt: skip
    nothing = (False,) * 5
    assert planted == {
        **dict.fromkeys(SHIPPED, nothing),
        "list-left-loaded": (True, False, False, False, False),
        "corners-cut": (False, True, True, False, False),
        "events-lost": (False, False, False, True, True),
    }
    [opened] = [e["content"] for e in exports["misconfigured-threshold"].events if e["type"] == "live.opened"]
    assert float(opened["threshold"]) < float(str(exports["misconfigured-threshold"].limits["threshold_minimum"]))


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "events-lost"])
def test_the_truth_counts_what_the_events_show(exports: dict[str, Export], name: str) -> None:
    made = exports[name]
    contents: list[Any] = [event["content"] for event in made.events]
    looks = [look["seconds"] for content in contents for look in content.get("adjudications", ())]
    assert made.truth["unresolved"] == sum(content.get("outcome") == "unresolved" for content in contents)
    assert made.truth["hurried"] == sum(seconds < SHORTEST_LOOK for seconds in looks)
    assert made.truth["sent"] == Counter(event["source"] for event in made.events)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    one, two, other = (
        [canonical.render(event) for event in make(load("corners-cut"), seed).events] for seed in (5, 5, 6)
    )
    assert one == two
    assert one != other


def test_every_truth_and_forecast_is_stamped(exports: dict[str, Export]) -> None:
    assert {made.truth["stamp"] for made in exports.values()} == {"assumed, not measured"}


def test_during_a_stop_nobody_raises_an_alert_and_none_is_lost_by_it() -> None:
    scenario = load("busy-interchange")
    made = make(scenario, 5)
    [stop] = [event["content"]["suspended_at"] for event in made.events if event["type"] == "live.suspended"]
    [going_on] = [event["content"]["resumed_at"] for event in made.events if event["type"] == "live.resumed"]
    assert (stop, going_on) == ("2026-03-07T11:20:00Z", "2026-03-07T11:35:00Z")
    times = [event["content"]["at"] for event in made.events if event["type"] == "live.hour/alerts"]
    assert times
    assert not [at for at in times if stop <= at < going_on]
    counted = [event["content"] for event in made.events if event["type"] == "live.hour"]
    hours = {one["hour"]: one["alerts"] for one in counted}
    assert hours == {hour: sum(f"{at[:13]}Z" == hour for at in times) for hour in hours}


@pytest.mark.parametrize(("after", "long"), [(50, 20), (60 * 6, 5), (10, 31)])
def test_a_stop_that_does_not_fit_is_refused(after: int, long: int) -> None:
    text = resources.files("countersign").joinpath("data", "scenarios", "busy-interchange.toml").read_text()
    text = text.replace("suspended_after_minutes = 80", f"suspended_after_minutes = {after}")
    with pytest.raises(ScenarioWrong, match="within one hour"):
        parse(text.replace("suspended_minutes = 15", f"suspended_minutes = {long}").encode(), "here")
