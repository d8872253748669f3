"""A form worked out without a browser: what is typed becomes facts and contents, and nothing else is read."""

from __future__ import annotations

from typing import Any

import pytest
from tests.making import histories as made

from countersign.deployments.kinds import SCHEMAS
from countersign.desk.form import FILE, Filled, fill, groups_of, place_of, sentence_of, typed

PROPOSAL = SCHEMAS.latest("plan.proposal")


def filled(**changes: list[str]) -> Filled:
    facts = {name: value for name, value in made.proposal().items() if name not in ("policy", "submitted_at")}
    texts = typed(PROPOSAL, facts, {"place": made.place()}) | changes
    return fill(groups_of(PROPOSAL), Filled(texts))


def test_what_was_typed_is_the_paper_again() -> None:
    back = filled()
    assert back.faults == {}
    assert back.facts == {
        name: value for name, value in made.proposal().items() if name not in ("policy", "submitted_at")
    }
    assert back.sealed == {"place": made.place()}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("units", "two", "Enter a whole number"),
        ("units", '{ sha256_of = "/etc/passwd" }', "Enter a whole number"),
        ("reference", "  ", "Answer this"),
        ("reference", "x" * 20_001, "at most 20,000"),
        ("overt", "maybe", "yes or no"),
        ("objective", "something-else", "Choose one"),
        ("sealed.place.windows.0.start", "2026-03-29 01:30 Europe/London", "never came"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(name: str, text: str, says: str) -> None:
    back = filled(**{name: [text]})
    assert says in back.faults[name]
    assert back.texts[name] == [text]


def test_a_file_gives_its_digest_and_is_no_file_of_this_machine() -> None:
    facts: dict[str, Any] = dict(filled().texts)
    del facts["intelligence_case.digest"]
    given = Filled(facts, {f"intelligence_case.digest{FILE}": b"the case"})
    assert fill(groups_of(PROPOSAL), given).facts["intelligence_case"]["digest"] == made.digest("the case")
    made_up = Filled(facts, {f"intelligence_case.digest{FILE}": b"assumed, not measured"})
    assert "no evidence" in fill(groups_of(PROPOSAL), made_up).faults["intelligence_case.digest"]
    assert filled(**{"intelligence_case.digest": ["file:/etc/passwd"]}).facts["intelligence_case"]["digest"] == (
        "file:/etc/passwd"
    )


def test_the_place_of_a_refusal_is_its_field() -> None:
    assert place_of("plan.proposal/1: facts.windows[0].start: not a text") == "windows.0.start"
    assert place_of("plan.proposal/1: facts: units is missing") == "units"
    assert place_of("plan.proposal/1: sealed.place.zone: grid is missing") == "sealed.place.zone.grid"
    assert place_of("nobody has signed for them") == ""
    assert sentence_of("a.b", ValueError("a.b: says a date")) == "Says a date."
