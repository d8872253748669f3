"""``countersign import`` as a person runs it: what it says, what it writes, and that bad input leaves nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.published.grids import KEPT, LAYOUTS, Layout, Part, Printed, compiled, made_row
from tests.published.test_files import PICTURES
from tests.published.test_pdf import scanned

from countersign.cli.main import run
from countersign.errors import DONE, EVIDENCE_WRONG, NOT_REACHED, WRONG_FORM
from countersign.published.read import read_source


def grid() -> bytes:
    source = random.Random(1)
    rows = [made_row(source, "2025") for _ in range(3)]
    rows[1] = Printed({**rows[1].texts, "arrests": "too"}, readable=False)
    return compiled([Part("2025", rows, after=["1 A True Alert is one that is so."])])


@pytest.mark.slow
def test_a_pdf_becomes_a_package_and_says_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "grid.pdf").write_bytes(grid())
    assert run(["import", str(tmp_path / "grid.pdf"), "--out", str(tmp_path / "out")]) == DONE
    said = capsys.readouterr()
    assert "MPS LFR DEPLOYMENTS [grid]: 3 rows found, 3 reported, 0 refused" in said.out
    assert "not read: row 2, arrests: 'too' is not a whole number" in said.out
    assert "1 A True Alert is one that is so." in said.out
    assert said.err == ""
    assert read_source(tmp_path / "out") == read_source(tmp_path / "grid.pdf")


def test_of_very_many_values_a_hundred_are_listed_and_the_package_has_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{day:02}/06/2024,Camden,{9000 + day},many\n" for day in range(1, 31)) * 4
    (tmp_path / "a.csv").write_text("Date,Location,Faces seen,Alerts\n" + rows)
    run(["import", str(tmp_path / "a.csv"), "--out", str(tmp_path / "out")])
    said = capsys.readouterr().out
    listed = [line for line in said.splitlines() if line.startswith("  not read: ")]
    more = [line for line in said.splitlines() if line.endswith("unsure.csv lists them all")]
    kept = (tmp_path / "out" / "unsure.csv").read_text().count("alerts,")
    assert len(listed) == 100
    assert more == [f"  and {kept - 100} more: {tmp_path / 'out' / 'unsure.csv'} lists them all"]


@pytest.mark.parametrize("layout", [LAYOUTS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in LAYOUTS[1:])])
def test_a_pdf_of_each_layout_becomes_a_package_that_reads_the_same(
    layout: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = KEPT / f"{layout}.pdf"
    assert run(["import", str(source), "--out", str(tmp_path / "out")]) == DONE
    assert "6 rows found, 6 reported, 0 refused" in capsys.readouterr().out
    assert read_source(tmp_path / "out") == read_source(source)


@pytest.mark.slow
def test_the_met_pdf_becomes_a_package_that_reads_the_same(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shared / "published" / "met-lfr-grid-2020-2022.pdf"
    assert run(["import", str(source), "--out", str(tmp_path / "out")]) == DONE
    assert "9 rows found, 9 reported, 0 refused" in capsys.readouterr().out
    assert read_source(tmp_path / "out") == read_source(source)


def test_another_force_by_its_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("When,Hits\n06/04/23,2\n")
    (tmp_path / "map.toml").write_text('[columns]\ndate = "When"\nalerts = "Hits"\n')
    arguments = ["import", str(tmp_path / "a.csv"), "--out", str(tmp_path / "out")]
    assert run(arguments) == WRONG_FORM
    assert not (tmp_path / "out").exists()
    assert run([*arguments, "--columns", str(tmp_path / "map.toml")]) == DONE
    assert "1 row found" in capsys.readouterr().out


@pytest.mark.parametrize(
    "case", ["picture", "scan", "truncated", "empty", "folder", "absent", "unknown column", "altered"]
)
def test_bad_input_is_one_sentence_and_leaves_nothing_behind(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, code = tmp_path / "grid.pdf", WRONG_FORM
    match case:
        case "picture":
            path.write_bytes(PICTURES["jpeg"])
        case "scan":
            path.write_bytes(scanned(tmp_path))
        case "truncated":
            path.write_bytes(grid()[:-500])
        case "empty":
            path.touch()
        case "folder":
            path.mkdir()
        case "absent":
            code = NOT_REACHED
        case "unknown column":
            path.write_text("Date,Alrets\n06/04/23,1\n")
        case "altered":
            code = EVIDENCE_WRONG
            assert run(["import", "shipped:south-wales", "--out", str(path)]) == DONE
            table = path / "deployments.csv"
            table.write_text(table.read_text().replace(",10,", ",11,"))
            capsys.readouterr()
    good = tmp_path / "good.csv"
    good.write_text("Date,Alerts\n06/04/23,1\n")
    assert run(["import", str(good), str(path), "--out", str(tmp_path / "out")]) == code
    said = capsys.readouterr()
    assert said.out == ""
    sentence, next_step = said.err.splitlines()
    assert "grid.pdf" in sentence
    assert next_step.rstrip().endswith("]")
    assert "Traceback" not in said.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").write_text("a file in the way")
    assert run(["import", "shipped:south-wales", "--out", str(tmp_path / "out")]) == NOT_REACHED
    assert (tmp_path / "out").read_text() == "a file in the way"
    assert "could not write" in capsys.readouterr().err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "--help"]) == DONE
    assert "countersign import answer.xlsx --columns their-headings.toml --out answer" in capsys.readouterr().out
