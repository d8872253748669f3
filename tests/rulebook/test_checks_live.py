"""What duties while live say: how often it was suspended and went on, and an authority that names no place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.rulebook.cases import add, opened_content
from tests.rulebook.good import Change, view
from tests.rulebook.test_checks import AT

from countersign.deployments.disowning import Disowning
from countersign.deployments.view import View
from countersign.rulebook.conditions.results import Result, rank
from countersign.rulebook.duties import evaluate

SCOPE, TWO_STAGE = "uk.auth.scope-bound", "uk.live.two-stage"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((), "no suspension is on the record"),
        ((add("suspended"),), "suspended once, not resumed"),
        ((add("suspended"), add("resumed", cause_removed=True)), "suspended once, resumed once, its cause removed"),
        (
            (add("suspended"), add("resumed", cause_removed=True)) * 2,
            "suspended 2 times, resumed 2 times, each time with its cause removed",
        ),
        ((add("suspended"), add("resumed", cause_removed=False)), "it was resumed once with the cause still there"),
    ],
)
def test_suspensions_are_counted_in_words(changes: tuple[Change, ...], said: str) -> None:
    results = evaluate(view(*changes), profile="england-and-wales", as_at=AT)
    [result] = [one for one in results if one.duty.id == "uk.live.suspend"]
    assert said in result.because


def test_an_authority_without_a_sealed_place_leaves_what_it_allows_not_shown() -> None:
    def scope(seen: View) -> Result:
        return next(one for one in evaluate(seen, profile="england-and-wales", as_at=AT) if one.duty.id == SCOPE)

    whole = view(role="authorising-officer")
    [authority] = whole.statements("authority")
    bare = replace(whole, _statements={**whole._statements, "authority": (replace(authority, sealed=("reasons",)),)})
    assert "names no place, cameras and windows" in scope(bare).because
    assert scope(bare).outcome == "not shown"
    assert "names no place" not in scope(whole).because


@pytest.mark.parametrize(
    ("counts", "outcome", "said"),
    [
        ((3, 3, 9, 0), "stated", ""),
        ((3, 2, 3, 1), "not met", "(1 of 3 engagements, by the officers' judgements)"),
        ((0, 0, 0, 0), "not met", "without any judgement on the record)"),
    ],
)
def test_an_engagement_without_two_judgements_counts_against_the_duty(
    counts: tuple[int, int, int, int], outcome: str, said: str
) -> None:
    judged = dict(zip(("numbered", "judged_by_two", "engagements", "engaged_without_two"), counts, strict=True))
    results = evaluate(view(add("judgements", hour="2026-03-01T10Z", **judged)), profile="england-and-wales", as_at=AT)
    [result] = [each for each in results if each.duty.id == "uk.live.two-stage"]
    assert result.outcome == outcome
    assert said in result.because


def test_no_duty_rests_on_a_disowned_entry_and_disowning_betters_none() -> None:
    counts = {"numbered": 9, "judged_by_two": 0, "engagements": 9, "engaged_without_two": 1}
    whole = view(add("judgements", hour="2026-03-01T10Z", **counts))
    used = [each.entry for noun in ("hour", "judgements") for each in whole.statements(noun)]
    gone = replace(whole, disowned={entry: Disowning(999, "key-misused", AT.isoformat()) for entry in used})
    before, after = ({each.duty.id: each for each in evaluate(seen, profile="england-and-wales", as_at=AT)}
                     for seen in (whole, gone))  # fmt: skip
    assert all(rank(after[name].outcome) <= rank(before[name].outcome) for name in before)
    assert after["uk.live.two-stage"] == before["uk.live.two-stage"]
    assert (before["uk.live.human-decision"].outcome, after["uk.live.human-decision"].outcome) == (
        "stated",
        "not shown",
    )
    assert "disowned by the key's holder" in after["uk.live.human-decision"].because


def test_judgements_that_nobody_signed_so_count_against_the_duty() -> None:
    line = {"number": 1, "act": "engagement", "camera": "c1", "at": "2026-03-01T10:05:00Z"}
    line |= {"public_key": "A" * 43 + "=", "sig": "A" * 86 + "=="}
    counts = {"numbered": 9, "judged_by_two": 9, "engagements": 9, "engaged_without_two": 0}
    forged = opened_content("judgements", "judgements", [line])
    seen = view(add("judgements", hour="2026-03-01T10Z", **counts), forged)
    [result] = [each for each in evaluate(seen, profile="england-and-wales", as_at=AT) if each.duty.id == TWO_STAGE]
    assert (result.outcome, result.because) == ("not met", "judgements on alerts are not as officers signed them")
