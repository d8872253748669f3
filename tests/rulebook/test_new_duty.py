"""A new duty is one row of the catalogue, one declaration and one case: here one is added, and held to all that the
others are held to."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rulebook.cases import Case, cut, put
from tests.rulebook.good import AS_AT, view

from countersign.deployments.view import check_path
from countersign.rulebook.catalogue import DUTIES, Duty, read
from countersign.rulebook.conditions.declare import CHECKS, OPENING, Paper, before, declare, has, says
from countersign.rulebook.duties import answer

DATA = Path(__file__).parents[2] / "src" / "countersign" / "rulebook" / "data"
AT = datetime.datetime.fromisoformat(AS_AT)
NAME = "uk.made-up.published-first"
#: The row of ``requirements.csv``: every column of its own.
ROW = {
    "id": NAME,
    "jurisdiction": "UK",
    "instrument": "A made-up Act",
    "clause": "s.1",
    "requirement": "Advice on the assessment is published before use",
    "phase": "programme",
    "evidence": "the advice and its address",
    "check": "machine",
    "severity": "expected",
    "confidence": "read in the source",
    "pinpoints_to_check": "no",
}
#: Its table in ``duties.toml``, by the same id.
TABLE = f"""
["{NAME}"]
title = "Advice published before use"
layer = "good practice"
scope = "programme"
evidence.opened = ["opened_at"]
evidence.system_config = ["blur_nonmatch"]
evidence.policy = ["published_at", "published_url"]
"""
#: Its case: what contradicts it, what leaves it not shown, a boundary and just beyond.
CASE = Case(
    put("system_config", blur_nonmatch=False),
    "policy",
    (
        (put("policy", published_at="2026-03-01T10:00:00Z"), "stated"),
        (put("policy", published_at="2026-03-01T10:00:01Z"), "not met"),
        (cut("policy", "published_url"), "not shown"),
    ),
)


@pytest.fixture
def added() -> Iterator[Duty]:
    """The duty, in the catalogue's own two files, and its declaration."""
    requirements = (DATA / "requirements.csv").read_text(encoding="utf-8")
    columns = requirements.splitlines()[0].split(",")
    row = ",".join(ROW[column] for column in columns)
    duties = read(f"{requirements}{row}\n", (DATA / "duties.toml").read_text(encoding="utf-8") + TABLE)
    assert list(duties) == [*DUTIES, NAME]
    for path in duties[NAME].evidence:
        check_path(path)
    declare(
        NAME,
        Paper("policy", "no policy is on the record"),
        before("published_at", OPENING, "the policy was published"),
        has("published_url", yes="its address is given"),
        Paper("system_config", "no configuration is on the record"),
        says("blur_nonmatch", True, yes="faces without a match are blurred", no="they are not blurred"),
    )
    yield duties[NAME]
    del CHECKS[NAME]


def test_a_row_a_declaration_and_a_case_are_enough(added: Duty) -> None:
    def outcome(**options: object) -> str:
        return answer(added, view(**options), as_at=AT).outcome  # type: ignore[arg-type]

    assert outcome() == "stated"
    assert outcome(supplied_by="outside", role="reviewer") == "met"
    assert outcome(supplied_by="outside", role="compiler") == "stated"
    assert outcome(without=CASE.gone.split()) == "not shown"
    contradicted = answer(added, view(CASE.wrong), as_at=AT)
    assert (contradicted.duty, contradicted.outcome, contradicted.because) == (added, "not met", "they are not blurred")
    for change, expected in CASE.edge:
        assert answer(added, view(change), as_at=AT).outcome == expected


def test_a_duty_has_one_declaration(added: Duty) -> None:
    with pytest.raises(AssertionError, match="two checks"):
        declare(added.id)
