"""``countersign reconcile`` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from countersign.cli.main import run
from countersign.errors import DONE, EVIDENCE_WRONG, NOT_REACHED, WRONG_FORM

SEEN = """date,place,who,alerts
2024-05-02,Kingston,a newspaper,5
2024-05-03,Westminster,an observer,
2024-06-01,Brixton,an observer,
2026-01-01,Brixton,an observer,
"""


@pytest.fixture
def seen(tmp_path: Path) -> str:
    path = tmp_path / "seen.csv"
    path.write_text(SEEN)
    return str(path)


def test_what_was_seen_and_not_published_comes_first(seen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", "shipped:met", seen]) == EVIDENCE_WRONG
    said = capsys.readouterr().out
    assert "published: 324 deployments, 11 February 2020 to 11 July 2025" in said
    first = said.split("\n\n")[1]
    assert first.startswith("Not published (2)")
    assert "1 June 2024, Brixton: held by seen (an observer)." in first
    assert "possibly published (met-2023-2024, row 82), dated 2 May 2024" in first
    assert "2 May 2024, Kingston: alerts: 4 by published, 5 by seen." in said
    assert "more; --all shows them" in said
    assert "Outside the published dates (1)" in said


@pytest.mark.slow
def test_json(seen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", "shipped:met", seen, "--json"]) == EVIDENCE_WRONG
    written = json.loads(capsys.readouterr().out)
    assert [source["name"] for source in written["sources"]] == ["published", "seen"]
    assert sum("published" in item["missing_from"] for item in written["deployments"]) == 2


def test_two_lists_of_one_name_and_nothing_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "press.csv").write_text("date,place,who\n2020-02-27,Oxford Circus,a newspaper\n")
    lists = [str(tmp_path / folder / "press.csv") for folder in ("a", "b")]
    assert run(["reconcile", "shipped:met", *lists]) == DONE
    said = capsys.readouterr().out
    assert "press: 1 deployment, 27 February 2020" in said
    assert "press-2: 1 deployment" in said
    assert "No list misses a deployment within its dates, and no numbers differ." in said


def test_bad_input_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("where,who\nOxford Circus,a newspaper\n")
    assert run(["reconcile", "shipped:met", str(tmp_path / "a.csv")]) == WRONG_FORM
    said = capsys.readouterr()
    assert said.out == ""
    assert "none of its lines has headings for a date and a place" in said.err
    assert run(["reconcile", "shipped:met", str(tmp_path / "absent.csv")]) == NOT_REACHED
