"""Judged duties: open until a reviewer judges them, bound to document digests, carried over until one changes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from tests.rulebook.cases import add, both, cut, put
from tests.rulebook.good import AS_AT, Change, digest, facts, view

from countersign.rulebook.catalogue import DUTIES, duty
from countersign.rulebook.conditions.results import Result
from countersign.rulebook.duties import answer

AT = datetime.datetime.fromisoformat(AS_AT)
JUDGED = sorted(one.id for one in DUTIES.values() if one.kind == "judged")
WHO = "uk.bridges.who"
FLOOR = "uk.accuracy.threshold-floor"


def bound(identifier: str) -> list[str]:
    stated = facts()
    paths = [path.partition(".")[::2] for path in duty(identifier).binds]
    return [str(stated[noun][0][field]) for noun, field in paths]


def judged(identifier: str, **values: Any) -> Change:
    made = {"duty": identifier, "result": "met", "documents": bound(identifier), "independent_of": ["operational-team"]}
    return add("judgement", **({"_by": "outside", "_role": "reviewer"} | made | values))


def found(identifier: str, *changes: Change, **options: Any) -> Result:
    return answer(duty(identifier), view(*changes, **options), as_at=AT)


@pytest.mark.parametrize("identifier", JUDGED)
def test_open_until_judged_then_as_judged(identifier: str) -> None:
    bare = found(identifier)
    assert (bare.outcome, bare.asked) == ("not shown", (duty(identifier).question,))
    good = found(identifier, judged(identifier))
    assert good.holds, good.because
    assert good.asked == ()
    assert found(identifier, judged(identifier), supplied_by="outside", role="reviewer").outcome == "met"
    assert found(identifier, judged(identifier, result="not-met")).outcome == "not met"


@pytest.mark.parametrize("identifier", JUDGED)
def test_it_falls_when_a_document_it_is_bound_to_changes(identifier: str) -> None:
    noun, _, field = duty(identifier).binds[0].partition(".")
    changed = found(identifier, judged(identifier), put(noun, 0, **{field: digest("another version")}))
    assert changed.outcome == "not shown"
    assert "judged again" in changed.because


def test_a_judge_of_the_operational_team_or_a_copy_makes_it_stated_alone() -> None:
    assert found(WHO, judged(WHO)).outcome == "met"
    assert found(WHO, judged(WHO, independent_of=[])).outcome == "stated"
    assert found(WHO, judged(WHO, _role="compiler")).outcome == "stated"


def test_the_word_of_the_policy_about_itself_is_never_read() -> None:
    assert found(WHO, judged(WHO, _by="force", result="met")).outcome == "stated"


def test_the_threshold_floor_is_held_to_the_policy_and_to_a_test_that_could_have_seen() -> None:
    fine = found(FLOOR, judged(FLOOR))
    assert fine.holds
    assert "tested at 0.6 with 10,000 entries: 30 false positives in 178,000 probes" in fine.because
    assert "smallest difference it could have seen: 0.002" in fine.because
    assert found(FLOOR, judged(FLOOR), put("opened", threshold="0.63")).outcome == "not met"
    lowered = add("change", what="threshold", threshold="0.6399")
    assert found(FLOOR, judged(FLOOR), lowered).outcome == "not met"
    assert found(FLOOR, judged(FLOOR), cut("test_report", "smallest_difference")).outcome == "not shown"
    assert found(FLOOR, judged(FLOOR), put("test_report", threshold="0.65")).outcome == "not shown"
    small = both(put("test_report", list_size=1000), put("manifest", size=1001))
    assert found(FLOOR, judged(FLOOR), small).outcome == "not shown"
    assert found(FLOOR, judged(FLOOR), both(put("test_report", list_size=1000), put("manifest", size=1000))).holds
