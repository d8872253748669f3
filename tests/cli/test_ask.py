"""``countersign ask`` writes letters for what a review leaves open; it never sends anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from countersign.cli.main import run

REVIEW = {
    "schema": "countersign-review/1",
    "title": "Deployment force-a/d-1",
    "duties": [
        {"id": "uk.auth.rank", "state": "not shown"},
        {"id": "uk.delete.proof", "state": "stated"},
        {"id": "uk.bridges.who", "state": "not met"},
    ],
    "not_shown": [
        {"what": "Which engine and version was used", "where": "", "because": "a change would\u202e not\nshow"}
    ],
}


def asked(tmp_path: Path, review: Any, *options: str) -> int:
    file = tmp_path / "review.json"
    file.write_text(review if isinstance(review, str) else json.dumps(review), encoding="utf-8")
    return run(["ask", str(file), "--out", str(tmp_path / "letters"), *options])


def test_one_letter_for_all_that_is_not_shown_and_two_for_a_passer_by(tmp_path: Path) -> None:
    assert asked(tmp_path, REVIEW, "--date", "2026-09-01") == 0
    letters = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "letters").iterdir()}
    assert sorted(letters) == ["access-request.txt", "complaint.txt", "request-for-information.txt"]
    request = letters["request-for-information.txt"]
    assert "uk.auth.rank" in request
    assert "Which engine and version was used" in request
    assert "uk.delete.proof" not in request
    assert "uk.bridges.who" not in request
    assert "a change would not show" in request
    assert "section 45 of the Data Protection Act 2018" in letters["access-request.txt"]
    assert "within one month (section 54)" in letters["access-request.txt"].replace("\n", " ")
    assert "Independent Office for Police Conduct†" in letters["complaint.txt"].replace("\n", " ")
    for text in letters.values():
        assert "force-a/d-1" in text.replace("\n", " ")
        assert "2026-09-01" in text
        assert "[Your name]" in text
        assert "no legal advice" in text.replace("\n", " ")
        assert max(map(len, text.splitlines())) <= 96


@pytest.mark.parametrize(
    ("profile", "named", "not_named"),
    [
        ("scotland", ("Freedom of Information (Scotland) Act 2002", "Police Investigations and Review Commissioner†"),
         ("Act 2000", "Independent Office", "EWCA")),
        ("northern-ireland", ("Freedom of Information Act 2000", "Police Ombudsman for Northern Ireland†"),
         ("Independent Office",)),
        ("eu", ("[the law of your country on access to public documents]", "article 14 of Directive (EU) 2016/680†"),
         ("Act 2000", "Act 2018", "Commissioner")),
    ],
)  # fmt: skip
def test_letters_name_the_law_of_the_profile(
    tmp_path: Path, profile: str, named: tuple[str, ...], not_named: tuple[str, ...]
) -> None:
    assert asked(tmp_path, REVIEW, "--profile", profile) == 0
    text = " ".join(file.read_text(encoding="utf-8") for file in (tmp_path / "letters").iterdir()).replace("\n", " ")
    for one in named:
        assert one in text
    for one in not_named:
        assert one not in text
    assert "{" not in text


def test_nothing_open_asks_for_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(tmp_path, REVIEW | {"duties": [], "not_shown": []}) == 0
    assert "request-for-information.txt" not in {file.name for file in (tmp_path / "letters").iterdir()}
    assert "0 things" in capsys.readouterr().out


SCHEMA = '{"schema": "countersign-review/2"'


@pytest.mark.parametrize(
    "review",
    [
        "no json",
        "[]",
        f"{SCHEMA}}}",
        f'{SCHEMA}, "not_shown": 3}}',
        f'{SCHEMA}, "not_shown": [], "duties": [1]}}',
        '{"schema": "x", "not_shown": []}',
    ],
)
def test_what_is_no_review_is_refused_and_nothing_written(
    tmp_path: Path, review: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(tmp_path, review) == 2
    assert "[review-unread]" in capsys.readouterr().err
    assert not (tmp_path / "letters").exists()


def test_a_review_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", str(tmp_path / "none.json"), "--out", str(tmp_path)]) == 5
    assert "[review-unreadable]" in capsys.readouterr().err
