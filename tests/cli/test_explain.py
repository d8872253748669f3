"""``countersign explain`` tells of one duty, and gives a request for its evidence."""

from __future__ import annotations

import json

import pytest

from countersign.cli.main import run
from countersign.rulebook.catalogue import DUTIES


@pytest.mark.parametrize("identifier", ["uk.auth.rank", "uk.psed.eia", "uk.bridges.who", "eu.aia.5-2.targeted"])
def test_a_duty_with_sources_evidence_and_request(identifier: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", identifier]) == 0
    shown = capsys.readouterr().out
    duty = DUTIES[identifier]
    assert duty.requirement in shown
    assert duty.sources in shown
    assert all(path in shown for path in duty.evidence)
    assert all(question.text in shown for question in duty.questions)
    assert duty.question in shown
    assert "Freedom of Information Act 2000, sections 1 and 8" in shown
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
