"""``countersign review`` as a person runs it: what it writes, what it says, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from countersign.cli.main import run

ROWS = (
    "date,place,duration_minutes,threshold,faces_seen,alerts,true_alerts,true_alerts_unconfirmed,false_alerts,arrests\n"
    "2024-05-01,Hill St,300,0.60,5000,4,3,1,1,2\n"
    "2024-05-08,Market Sq,240,0.60,4000,2,2,0,0,1\n"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_json_alone(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "folder"
    assert run(["review", str(source), "--format", "json", "--out", str(out), "--as-of", "2024-06-01"]) == 0
    assert [path.name for path in out.iterdir()] == ["review.json"]
    review = json.loads((out / "review.json").read_bytes())
    assert (review["totals"]["deployments"], review["totals"]["false_alerts_at_most"]) == (2, 2)
    assert review["as_of"] == "2024-06-01"
    told = capsys.readouterr()
    assert told.err == ""
    said = " ".join(told.out.split())
    assert "1. 1 of 6 alerts from 1 to 8 May 2024 was recorded as false; up to 2 may have been." in said
    assert "2. 2 deployments were published, with 6 alerts and 3 arrests." in said
    assert f"Written: {out / 'review.json'}" in told.out


@pytest.mark.slow
def test_all_three_formats_tell_the_same(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(["review", str(source), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["evidence.html", "review.html", "review.json", "review.pdf"]
    page = (out / "evidence.html").read_text(encoding="utf-8")
    sentences = json.loads((out / "review.json").read_bytes())["summary"]
    assert all(sentence in page for sentence in sentences)
    assert (out / "review.pdf").read_bytes().startswith(b"%PDF")


def test_several_sources_are_one_record(source: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(ROWS.replace("2024-05", "2024-09"), encoding="utf-8")
    assert run(["review", str(source), str(other), "--format", "json", "--out", str(tmp_path / "out")]) == 0
    review = json.loads((tmp_path / "out" / "review.json").read_bytes())
    assert review["totals"]["deployments"] == 4
    assert len(review["sources"]) == 2


@pytest.mark.slow
def test_the_shipped_files_by_their_word(tmp_path: Path) -> None:
    options = ["--claims", "shipped", "--groups", "shipped", "--baselines", "shipped", "--corrections", "shipped"]
    assert run(["review", "shipped:met", *options, "--format", "json", "--out", str(tmp_path)]) == 0
    review = json.loads((tmp_path / "review.json").read_bytes())
    assert len(review["claims"]) == 20
    assert len(review["corrections"]) == 1
    assert any(block["block"] != "paragraph" for block in review["sections"][2]["blocks"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["review"], 2),
        (["review", "no-such-file.pdf"], 5),
        (["review", "shipped:nowhere"], 2),
        (["review", "SOURCE", "--format", "docx"], 2),
        (["review", "SOURCE", "--format", ","], 2),
        (["review", "SOURCE", "--as-of", "yesterday"], 2),
        (["review", "SOURCE", "--claims", "no-such.toml"], 5),
        (["review", "SOURCE", "--groups", "no-such.csv"], 5),
        (["review", "SOURCE", "--corrections", "no-such.toml"], 5),
        (["review", "SOURCE", "--columns", "no-such.toml"], 5),
        (["review", "SOURCE", "--seed", "-1"], 2),
    ],
)
def test_a_refusal_is_a_sentence_and_writes_nothing(
    arguments: list[str], code: int, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = [str(source) if argument == "SOURCE" else argument for argument in arguments]
    assert run([*given, "--out", str(out)]) == code
    told = capsys.readouterr()
    assert told.err.strip()
    assert "Traceback" not in told.err
    assert not out.exists()


def test_a_source_that_is_no_table_is_refused_with_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "scan.pdf"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    assert run(["review", str(picture), "--out", str(tmp_path / "out")]) == 2
    assert "scan.pdf" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_stood_there_stays_when_the_folder_cannot_be_written(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "taken"
    blocked.write_text("a file, no folder")
    assert run(["review", str(source), "--format", "json", "--out", str(blocked)]) == 5
    assert blocked.read_text() == "a file, no folder"
    assert "taken" in capsys.readouterr().err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", "--help"]) == 0
    told = capsys.readouterr().out
    assert "countersign review lfr-deployments-2025.pdf" in told
    assert "--corrections" in told
