"""``countersign explain`` tells of one duty, and gives a request for its evidence."""

from __future__ import annotations

import json

import pytest

from countersign.cli.main import run
from countersign.rulebook.catalogue import DUTIES
from countersign.rulebook.letters import profile_for

LAWS = {
    "england-and-wales": "the Freedom of Information Act 2000, sections 1 and 8†",
    "scotland": "the Freedom of Information (Scotland) Act 2002, sections 1 and 8†",
    "eu": "[the law of your country on access to public documents]",
}


@pytest.mark.parametrize(
    "identifier", ["uk.auth.rank", "uk.psed.eia", "uk.bridges.who", "eu.aia.5-2.targeted", "uk.scot.code"]
)
def test_a_duty_with_sources_evidence_and_request(identifier: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", identifier]) == 0
    shown = capsys.readouterr().out
    whole = " ".join(shown.split())
    duty = DUTIES[identifier]
    assert duty.requirement in whole
    assert duty.sources in whole
    assert all(path in shown for path in duty.evidence)
    assert all(question.text in whole for question in duty.questions)
    assert duty.question in whole
    assert f"Request under {LAWS[profile_for(duty)]}" in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert identifier in shown[shown.index("Request under") :]


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "uk.auth.rank", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["duty"]["id"], found["duty"]["in_force_from"]) == ("uk.auth.rank", None)


def test_a_misspelt_id_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "uk.auth.ranks"]) == 2
    shown = capsys.readouterr().err
    assert "did you mean uk.auth.rank?" in shown
    assert "[duty-unknown]" in shown
