"""Score files of other tools come in by a map, whatever their separator, headings, packing and name."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from countersign.cli.main import run
from countersign.trials.scores.maps import (
    RatesNotScores,
    WrongScoreMap,
    open_comparisons,
    open_scores,
    parse_map,
    read_map,
)
from countersign.trials.scores.source import open_table
from countersign.trials.scores.tables import ColumnMissing, ColumnWrong, TableEmpty, TableNotReached, TableUnreadable

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "trial-score-maps.md"
BOB_MAP, BFW_MAP, PYEER_MAP, IMPOSTOR_MAP = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
BOB = "bio_ref_reference_id,probe_reference_id,probe_key,probe_attack_type,score\n" + "".join(
    f"{reference},{probe},{key},,{score}\n"
    for key, probe, scores in (
        (0, "x", {"x": 9.5, "y": 2.1, "z": 4.7}),
        (1, "w", {"x": 1.5, "y": 3.25, "z": 0.5}),
    )
    for reference, score in scores.items()
)
BFW = (
    ",fold,p1,p2,label,id1,id2,att1,att2,resnet50,g1,g2,e1,e2\n"
    "0,1,a.jpg,b.jpg,1,0,0,af,af,0.703,F,F,A,A\n1,1,a.jpg,c.jpg,1,0,0,af,af,0.594,F,F,A,A\n"
    "2,1,a.jpg,d.jpg,0,0,1,af,am,0.128,F,M,A,A\n"
)
SEARCH = ["subject_id", "mated", "best_nonmate_score", "mate_score", "mate_rank", "N"]
TWO = [["x", True, 4.7, 9.5, 1, 3], ["w", False, 3.25, None, None, 3]]


def _rows(path: Path, text: str) -> list[list[object]]:
    table = open_scores([path], [parse_map(text, "map")]).read(SEARCH)
    return [[row[name] for name in SEARCH] for row in table.to_pylist()]


def _written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("headings", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_any_separator_with_or_without_headings_packed_or_not(
    tmp_path: Path, mark: str, headings: bool, packed: bool
) -> None:
    lines = [line.replace(",,", ",none,").split(",") for line in BOB.splitlines()]
    text = "\n".join(mark.join(line) for line in (lines if headings else lines[1:])) + "\n"
    made = BOB_MAP if headings else "headings = false\n[columns]\nsubject = 2\nreference = 1\nsearch = 3\nscore = 5\n"
    path = _written(tmp_path / "scores.dat", gzip.compress(text.encode()) if packed else text)
    assert _rows(path, made) == TWO


def test_parquet_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "scores.txt"
    cells = [line.split(",") for line in BOB.splitlines()]
    columns: dict[str, list[object]] = dict(zip(cells[0], map(list, zip(*cells[1:], strict=True)), strict=True))
    columns["score"] = [float(str(text)) for text in columns["score"]]
    table = pa.table(columns)
    pyarrow.parquet.write_table(table, path)
    assert _rows(path, BOB_MAP) == TWO
    assert open_table([path]).rows == 6, "Countersign's own tables too are known by their content"


def test_pairs_are_searches_against_one_reference(tmp_path: Path) -> None:
    path = _written(tmp_path / "bfw.csv", BFW)
    assert _rows(path, BFW_MAP) == [
        ["0", True, None, 0.703, 1, 1], ["0", True, None, 0.594, 1, 1], ["0", False, 0.128, None, None, 1]
    ]  # fmt: skip
    assert open_scores([path], [parse_map(BFW_MAP, "map")]).read(["sex"])["sex"].to_pylist() == ["F", "F", "F"]


def test_genuine_and_impostor_scores_in_two_files(tmp_path: Path) -> None:
    genuine = _written(tmp_path / "genuine.txt", "s1  s1   0.9\ns2 s2 0.8\n")
    source = open_scores([genuine, _written(tmp_path / "non.txt", "s1 s2 0.2\n")], [parse_map(PYEER_MAP, "map")])
    assert source.read(["mated"])["mated"].to_pylist() == [True, True, False]
    alone = _written(tmp_path / "g.txt", "0.9\n0.8\n"), _written(tmp_path / "i.txt", "0.2\n0.1\n")
    maps = [parse_map(text, "map") for text in (IMPOSTOR_MAP.replace("mated = false", "mated = true"), IMPOSTOR_MAP)]
    table = open_scores(alone, maps).read(["search_id", "subject_id", *SEARCH[1:4]])
    assert table["mate_score"].to_pylist() == [0.9, 0.8, None, None]
    assert len(set(table["search_id"].to_pylist())) == 4, "searches of two files are not the same"


def test_distances_are_negated(tmp_path: Path) -> None:
    path = _written(tmp_path / "d.csv", "p,r,d\nx,x,0.2\nx,y,0.9\n")
    made = 'alike = "lower"\n[columns]\nsubject = "p"\nreference = "r"\nscore = "d"\n'
    assert [row[2:4] for row in _rows(path, made)] == [[None, -0.2], [-0.9, None]]


@pytest.mark.parametrize("content", ["algorithm,date,FNIR_VISA_N1600000_T0.003\nnec-006,2024-02-01,0.0021\n"])
def test_rates_are_no_scores(tmp_path: Path, content: str) -> None:
    path = _written(tmp_path / "frte.csv", content)
    for score in ("score", "FNIR_VISA_N1600000_T0.003"):
        with pytest.raises(RatesNotScores, match="error rate"):
            _rows(path, f'[columns]\nsubject = "algorithm"\nscore = "{score}"\nmated = true\n')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns", "map.toml: "), ("[columns]\nscore = 'a'\n", "neither"), ("[columns]\nscor = 1\n", "scor"),
        ("[columns]\nscore = 1\nmated = 2\n", "no `subject`"),
        ("separator = ':'\n[columns]\nscore = 1\nsubject = 1\nmated = true\n", "separator"),
    ],
)  # fmt: skip
def test_a_wrong_map_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(WrongScoreMap, match=re.escape(said)):
        parse_map(text, "map.toml")


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("p,r,s\nx,y,abc\n", ColumnWrong, "column s"), ("p,r,s\nx,y,\n", ColumnWrong, "row 1"),
        ("p,q,s\nx,y,1\n", ColumnMissing, "'r'"), ("", TableEmpty, "empty"), ("p,r,s\n", TableEmpty, "no rows"),
        (gzip.compress(BOB.encode(), mtime=0)[:40], TableUnreadable, "could not be read"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, kind: type[Exception], said: str
) -> None:
    path = _written(tmp_path / "f.csv", content)
    with pytest.raises(kind, match=re.escape(said)):
        _rows(path, "[columns]\nsubject = 'p'\nreference = 'r'\nscore = 's'\n")


def test_two_subjects_of_one_search_and_unclear_truths_are_refused(tmp_path: Path) -> None:
    path = _written(tmp_path / "f.csv", "p,r,k,s,m\nx,y,1,0.1,1\nz,y,1,0.2,maybe\n")
    columns = "[columns]\nsubject = 'p'\nreference = 'r'\nscore = 's'\n"
    with pytest.raises(ColumnWrong, match="row 2: another subject"):
        _rows(path, f"{columns}search = 'k'\n")
    with pytest.raises(ColumnWrong, match="'maybe' does not say"):
        _rows(path, f"{columns}mated = 'm'\n")
    with pytest.raises(WrongScoreMap, match="2 maps for 1"):
        open_scores([path], [parse_map(columns, "m")] * 2)
    with pytest.raises(TableNotReached):
        read_map(tmp_path / "none.toml")


def test_evaluate_takes_a_map(tmp_path: Path) -> None:
    scores, made = _written(tmp_path / "scores.dat", BFW.replace(",", ";")), _written(tmp_path / "map.toml", BFW_MAP)
    arguments = ["--obtained", "perceived", "--by", "ethnicity", "--threshold", "0.4", "--out", str(tmp_path / "out")]
    assert run(["trial", "evaluate", str(scores), "--map", str(made), *arguments]) == 0
    report = json.loads((tmp_path / "out" / "trial.json").read_bytes())
    assert "0 of 1 non-mated searches" in report["summary"][0]["sentences"][0]
    assert {"searches", "maps"} <= {file["used_as"] for file in report["record"]["files"]}


PAIRS = "id1,id2,label,e1,s\na,a,1,x,0.9\na,b,0,x,0.1\nb,a,0,x,0.6\nb,b,1,x,0.2\nc,d,0,y,0.1\nd,c,0,y,0.1\n"
PAIRS_MAP = "[columns]\nsubject = 'id1'\nreference = 'id2'\nmated = 'label'\nscore = 's'\n[labels]\nethnicity = 'e1'\n"


def test_compare_takes_a_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores, made = (
        _written(tmp_path / "scores.dat", PAIRS.replace(",", ";")),
        _written(tmp_path / "map.toml", PAIRS_MAP),
    )
    arguments = ["trial", "compare", str(scores), "--threshold", "0.4", "--out", str(tmp_path / "out")]
    assert run([*arguments, "--map", str(made), "--by", "ethnicity", "--obtained", "perceived"]) == 0
    report = json.loads((tmp_path / "out" / "comparisons.json").read_bytes())
    counts = {rate["probe_group"]: [rate[name]["events"] for name in ("fmr", "fnmr")] for rate in report["rates"]}
    assert (report["comparisons"], counts["all"]) == (6, [1, 1])
    assert {"comparisons", "maps"} <= {file["used_as"] for file in report["files"]}
    capsys.readouterr()
    assert run(arguments) == 2
    assert "a map whose [labels] name the groups" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "text", "said"),
    [
        (PAIRS, PAIRS_MAP.replace("reference = 'id2'\n", ""), "names no `reference`"),
        (PAIRS.replace("a,b,0", "a,b,1"), PAIRS_MAP, "row 2: column label and the two subjects disagree"),
    ],
)
def test_a_comparison_needs_both_subjects_and_one_truth(tmp_path: Path, content: str, text: str, said: str) -> None:
    with pytest.raises((WrongScoreMap, ColumnWrong), match=re.escape(said)):
        open_comparisons([_written(tmp_path / "s.csv", content)], [parse_map(text, "m")])
