"""Each machine duty: met, stated, not met, not shown, a boundary; and no check reads what its duty does not declare."""

from __future__ import annotations

import datetime

import pytest
from tests.rulebook.cases import CASES, CHILD, add, both, put
from tests.rulebook.good import AS_AT, RAW, Change, Facts, Sealed, view

from countersign.rulebook.catalogue import DUTIES, duty
from countersign.rulebook.conditions.results import Outcome, Result, rank
from countersign.rulebook.duties import answer

AT = datetime.datetime.fromisoformat(AS_AT)
MACHINE = sorted(one.id for one in DUTIES.values() if one.kind == "machine")


def found(identifier: str, *changes: Change, **options: object) -> Result:
    return answer(duty(identifier), view(*changes, **options), as_at=AT)  # type: ignore[arg-type]


def test_every_machine_duty_has_its_cases() -> None:
    assert sorted(CASES) == MACHINE


@pytest.mark.parametrize("identifier", MACHINE)
def test_stated_by_the_force_alone(identifier: str) -> None:
    result = found(identifier)
    assert (result.outcome, result.supplied_by) == ("stated", ("force",)), result.because


@pytest.mark.parametrize("identifier", MACHINE)
def test_met_from_someone_other_than_the_force(identifier: str) -> None:
    result = found(identifier, supplied_by="outside", role="reviewer")
    assert result.outcome == "met", result.because
    assert result.entries


@pytest.mark.parametrize("identifier", MACHINE)
def test_a_compiler_of_the_forces_papers_makes_nothing_met(identifier: str) -> None:
    assert found(identifier, supplied_by="outside", role="compiler").outcome == "stated"


@pytest.mark.parametrize("identifier", MACHINE)
def test_not_met_where_contradicted(identifier: str) -> None:
    for options in ({}, {"supplied_by": "outside", "role": "reviewer"}):
        result = found(identifier, CASES[identifier].wrong, **options)
        assert result.outcome == "not met", result.because
        assert result.because
        assert result.entries


@pytest.mark.parametrize("identifier", MACHINE)
def test_not_shown_where_left_out(identifier: str) -> None:
    result = found(identifier, without=CASES[identifier].gone.split())
    assert result.outcome == "not shown", result.because
    assert result.because
    assert found(identifier, without=RAW).outcome == "not shown"


@pytest.mark.parametrize("identifier", MACHINE)
def test_at_a_boundary_and_just_beyond(identifier: str) -> None:
    edges = CASES[identifier].edge
    assert len({outcome for _, outcome in edges}) >= 2 or all(outcome == "not met" for _, outcome in edges)
    for number, (change, outcome) in enumerate(edges):
        result = found(identifier, change)
        assert result.outcome == outcome, (number, result.because)


def outcome_of(identifier: str, *changes: Change, **options: object) -> Outcome:
    return found(identifier, *changes, **options).outcome


@pytest.mark.parametrize(
    ("false", "unresolved", "said"),
    [(12, 0, "12 false alerts in"), (11, 1, "11 to 12 false alerts in"), (1, 0, "1 false alert in")],
)
def test_a_range_of_false_alerts_is_printed_only_where_some_were_left_open(
    false: int, unresolved: int, said: str
) -> None:
    changed = put("statistics", confirmed_false=false, unresolved=unresolved)
    assert found("uk.accuracy.false-alert-ceiling", changed).because.startswith(said)


def test_silence_is_no_better_than_contradiction() -> None:
    assert rank("not shown") == rank("not met")


LATER: dict[str, dict[str, object]] = {
    "uk.policy.published-before": {"published_at": "2026-04-10T00:00:00Z"},
    "uk.policy.version-in-force": {"digest": "e" * 64},
    "uk.accuracy.false-alert-ceiling": {
        "parameters": [{"name": "false-alert-ceiling", "value": "0.5", "clause": "1", "source": "policy"}]
    },
}


def later_policy(facts: Facts, sealed: Sealed, values: dict[str, object]) -> None:
    """A version of the policy made ten days after the cameras were first switched on."""
    first = facts["opened"][0]
    first["_at"] = first["opened_at"]
    at = datetime.datetime.fromisoformat(first["opened_at"]) + datetime.timedelta(days=10)
    facts["policy"].append({**facts["policy"][-1], **values, "_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")})


@pytest.mark.parametrize("identifier", sorted(LATER))
def test_a_later_version_of_a_document_neither_breaks_nor_mends_what_was_done_before_it(identifier: str) -> None:
    def later(facts: Facts, sealed: Sealed) -> None:
        later_policy(facts, sealed, LATER[identifier])

    before, after = found(identifier), found(identifier, later)
    assert (after.outcome, after.because) == (before.outcome, before.because)
    wrong = CASES[identifier].wrong
    assert found(identifier, wrong, later).outcome == "not met"


@pytest.mark.parametrize(
    ("identifier", "noun"),
    [("uk.policy.published-before", "policy"), ("uk.open.advance-notice", "notice")],
)
def test_what_the_force_entered_only_after_the_opening_is_not_before_it(identifier: str, noun: str) -> None:
    def entered_later(facts: Facts, sealed: Sealed) -> None:
        facts[noun][0]["_entry"] = 10_000

    assert found(identifier).outcome in ("met", "stated")
    backdated = found(identifier, entered_later)
    assert backdated.outcome == "not shown"
    assert "stands in the log only after the opening" in backdated.because


@pytest.mark.parametrize(("seen_at", "outcome"), [("2026-03-01T10:00:00Z", "met"), ("2026-03-01T10:00:01Z", "stated")])
def test_an_observer_who_came_later_does_not_bear_out_that_signs_stood_before(seen_at: str, outcome: str) -> None:
    seen = add("observer_signs", _by="observer", seen_at=seen_at, signs=2, approaches_without=0, legible=True)
    assert found("uk.open.signage", seen).outcome == outcome


def test_nothing_says_that_a_list_is_not_the_approved_one_where_none_is_known() -> None:
    without = found("uk.wl.ao-approval", without=["approval", "list_change"])
    assert without.outcome == "not shown"
    assert "is not the list approved" not in without.because


@pytest.mark.parametrize(
    ("band", "outcome"),
    [
        ("14-17", "not met"),
        ("under-16", "not met"),
        ("under-18", "not met"),
        ("18-29", "stated"),
        ("over-17", "stated"),
    ],
)
def test_children_in_any_band_are_seen_though_the_manifest_counts_none(band: str, outcome: str) -> None:
    assert found("uk.wl.children", put("manifest", by_age_band=[{"band": band, "count": 1}])).outcome == outcome


def test_an_entry_marked_as_a_childs_is_seen_though_the_manifest_counts_none() -> None:
    marked = both(CHILD, put("manifest", children=0, by_age_band=[{"band": "18-29", "count": 1}]))
    assert found("uk.wl.children", marked).outcome == "not met"
