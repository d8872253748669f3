"""``countersign trial``: from files to reports; help with examples; bad input as a sentence and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from countersign.cli.main import run

PLAN = """
[trial]
title = "Made up"
kind = "street"
start = 2026-03-01
end = 2026-03-29
stopping_rule = "two wrong stops"
trial_unit = "one pass"
[rights_assessment]
done = 2026-01-02
document = "assessment 3"
[assumptions.share.group]
a = 0.5
b = 0.135
[[question]]
id = "d"
text = "Does FPIR differ three-fold?"
technical = true
asks = "difference"
measure = "fpir"
threshold = 0.6
by = "group"
ratio = 3.0
[[question]]
id = "n"
text = "Did people know?"
technical = false
asks = "other"
needs = "interviews"
"""


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made-up")
    assert run(["trial", "simulate", "--group", "a=300", "--group", "b=200", "--ratio", "b=3", "--not-acquired",
                "b=0.05", "--out", str(out)]) == 0  # fmt: skip
    return out


def evaluate(made_up: Path, out: Path, *more: str) -> int:
    return run(["trial", "evaluate", str(made_up / "searches.parquet"), "--subjects",
                str(made_up / "subjects.parquet"), "--by", "group", "--out", str(out), *more])  # fmt: skip


def test_simulate_states_the_truth(made_up: Path) -> None:
    truth = json.loads((made_up / "truth.json").read_text(encoding="utf-8"))
    at = truth["truth_by_threshold_and_group"]["0.6"]
    assert truth["made_up"] is True
    assert at["b"]["fpir"] == pytest.approx(3 * at["a"]["fpir"], rel=0.02)
    assert at["b"]["fta"] == 0.05


def test_evaluate_writes_json_and_html(made_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    assert evaluate(made_up, tmp_path / "out", "--enrolment", str(made_up / "enrolment.parquet"), "--threshold", "0.55",
                    "--plan", str(tmp_path / "plan.toml"), "--engine", "Engine A") == 0  # fmt: skip
    shown = capsys.readouterr()
    said = shown.out.splitlines()
    assert {str(tmp_path / "out" / name) for name in ("trial.html", "evidence.html", "trial.json")} == {
        line.removeprefix("Written: ") for line in said if line.startswith("Written: ")
    }
    # The answer, in about ten lines.
    assert said[0].startswith("Made up: by group, ")  # the title of the plan
    assert len([line for line in said if line and not line.startswith("Written: ")]) <= 14
    assert any("gave a false positive" in line for line in said)
    assert any("ot answered: no evidence was given" in line for line in said)
    content = json.loads((tmp_path / "out" / "trial.json").read_text(encoding="utf-8"))
    assert content["record"]["engine"] == "Engine A"
    assert content["record"]["thresholds"] == [0.55, 0.6]
    assert [each["answered"] for each in content["answers"]][1] is False
    page, behind = ((tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8") for name in ("trial", "evidence"))
    assert "FPIR, false positive identification rate" in behind
    assert 'href="trial.html"' in behind
    assert 'href="evidence.html"' in page
    assert "not answered" in page
    page += behind
    for word in ("compliant", "biased", "certified", "passed", " safe "):
        assert word not in page.lower()


def test_the_report_is_the_same_bytes_with_and_without_finished_pieces(made_up: Path, tmp_path: Path) -> None:
    assert evaluate(made_up, tmp_path / "t", "--threshold", "0.6", "--format", "json") == 0
    assert (
        evaluate(made_up, tmp_path / "p", "--threshold", "0.6", "--format", "json", "--keep", str(tmp_path / "k")) == 0
    )
    assert list((tmp_path / "k").glob("*.counts"))
    assert (
        evaluate(made_up, tmp_path / "q", "--threshold", "0.6", "--format", "json", "--keep", str(tmp_path / "k")) == 0
    )
    contents = {(tmp_path / name / "trial.json").read_bytes() for name in ("t", "p", "q")}
    assert len(contents) == 1


def test_csv_gives_the_same_counts(made_up: Path, tmp_path: Path) -> None:
    for name in ("searches", "subjects"):
        pyarrow.csv.write_csv(pq.read_table(made_up / f"{name}.parquet"), tmp_path / f"{name}.csv")
    assert evaluate(made_up, tmp_path / "p", "--threshold", "0.6", "--format", "json") == 0
    assert run(["trial", "evaluate", str(tmp_path / "searches.csv"), "--subjects", str(tmp_path / "subjects.csv"),
                "--by", "group", "--threshold", "0.6", "--format", "json",
                "--out", str(tmp_path / "c")]) == 0  # fmt: skip
    ours, theirs = (json.loads((tmp_path / n / "trial.json").read_text(encoding="utf-8")) for n in ("p", "c"))
    assert [(f["events"], f["trials"]) for f in ours["figures"]] == [
        (f["events"], f["trials"]) for f in theirs["figures"]
    ]


def test_threshold_says_what_holds_or_what_is_wanting(
    made_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["trial", "threshold", str(made_up / "searches.parquet"), "--subjects", str(made_up / "subjects.parquet"),
              "--by", "group", "--grid", "0.5", "0.8", "31", "--seed", "4", "--out", str(tmp_path)]  # fmt: skip
    assert run([*common, "--ceiling", "0.05", "--split", "0.5"]) == 0
    assert "in every group, with 95% confidence, from threshold" in capsys.readouterr().out
    content = json.loads((tmp_path / "threshold.json").read_text(encoding="utf-8"))
    assert content["split"] == {"share_for_finding": 0.5, "seed": 4, "by": "subject"}
    assert content["holds_in_every_group_at"]
    assert (tmp_path / "reported.json").exists()
    assert run([*common, "--ceiling", "0.00001", "--split", "0.5"]) == 0
    shown = capsys.readouterr().out
    assert "At no threshold of the grid" in shown
    assert "subjects would be needed" in shown
    assert run([*common, "--ceiling", "0.05", "--split", "1"]) == 4


def test_plan_prints_what_is_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    assert run(["trial", "plan", str(tmp_path / "plan.toml"), "--out", str(tmp_path / "plan.json")]) == 0
    shown = capsys.readouterr().out
    assert "b: needs 45 errors in all groups together" in shown
    assert "assumed, not measured" in shown
    assert "answered by: interviews" in shown
    sizes = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["sizes_assumed_not_measured"]
    assert sizes[1]["count"] == 45
    (tmp_path / "wrong.toml").write_text(PLAN.replace("end = 2026-03-29", ""))
    assert run(["trial", "plan", str(tmp_path / "wrong.toml")]) == 2
    assert "wrong.toml, trial: end is missing" in capsys.readouterr().err
    (tmp_path / "rights.toml").write_text(PLAN.replace("done = 2026-01-02", "done = 2026-05-02"))
    assert run(["trial", "plan", str(tmp_path / "rights.toml")]) == 4


def test_bad_input_is_a_sentence_and_writes_nothing(
    made_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pq.read_table(made_up / "searches.parquet")
    scores = table["best_nonmate_score"].to_pylist()
    place = next(i for i, value in enumerate(scores) if value is not None)
    scores[place] = float("nan")
    index = table.schema.get_field_index("best_nonmate_score")
    broken = table.set_column(index, "best_nonmate_score", pa.array(scores, pa.float32(), from_pandas=False))
    pq.write_table(broken, tmp_path / "s.parquet")
    command = ["trial", "evaluate", str(tmp_path / "s.parquet"), "--subjects", str(made_up / "subjects.parquet"),
               "--threshold", "0.6", "--out", str(tmp_path / "out")]  # fmt: skip
    assert run(command) == 1
    shown = capsys.readouterr().err
    assert f"s.parquet: column best_nonmate_score, row {place + 1}: a score is NaN or infinite (in 1 row)" in shown
    assert "--set-aside" in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "out").exists()
    assert run([*command, "--set-aside"]) == 0
    content = json.loads((tmp_path / "out" / "trial.json").read_text(encoding="utf-8"))
    assert content["record"]["rows"]["set_aside"] == 1
    assert run(["trial", "evaluate", str(tmp_path / "none.parquet"), "--threshold", "1"]) == 5
    assert evaluate(made_up, tmp_path / "o2") == 2
    assert evaluate(made_up, tmp_path / "o3", "--threshold", "64") == 2
    assert evaluate(made_up, tmp_path / "o4", "--threshold", "0.6", "--format", "docx") == 2


@pytest.mark.parametrize("name", ["evaluate", "compare", "threshold", "plan", "simulate"])
def test_help_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trial", name, "--help"]) == 0
    assert f"countersign trial {name}" in capsys.readouterr().out


def test_compare_gives_rates_of_comparisons_and_models_a_make_up(
    made_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(6)
    probe, reference = random.integers(1, 501, 40_000), random.integers(1, 501, 40_000)
    score = np.where(probe == reference, 0.9, random.random(40_000) ** 4)
    table = pa.table({"probe_subject_id": probe, "reference_subject_id": reference, "score": score})
    pq.write_table(table, tmp_path / "c.parquet", row_group_size=3000)
    command = ["trial", "compare", str(tmp_path / "c.parquet"), "--subjects", str(made_up / "subjects.parquet"), "--by",
               "group", "--threshold", "0.8", "--out", str(tmp_path / "out"), "--make-up"]  # fmt: skip
    assert run([*command, "a=300,b=700"]) == 0
    content = json.loads((tmp_path / "out" / "comparisons.json").read_text(encoding="utf-8"))
    apart = probe != reference
    assert content["rates"][0]["fmr"]["events"] == int((score[apart] >= 0.8).sum())
    assert content["rates"][0]["fmr"]["trials"] == int(apart.sum())
    assert len(content["by_pair"]) == 4
    assert content["expected_fpir"][0]["make_up"] == {"a": 300, "b": 700}
    assert "model-based" in content["expected_fpir"][0]["label"]
    assert "model-based" in (tmp_path / "out" / "comparisons-evidence.html").read_text(encoding="utf-8")
    page = (tmp_path / "out" / "comparisons.html").read_text(encoding="utf-8")
    assert 'href="comparisons-evidence.html#comparisons-0"' in page
    assert capsys.readouterr().out.startswith("Comparison scores: FMR ")
    assert run([*command, "z=300"]) == 2
    assert "no group z among those compared; there are: a, b" in capsys.readouterr().err


def test_threshold_refuses_a_faulty_row_even_where_no_threshold_holds(
    made_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pq.read_table(made_up / "searches.parquet")
    place = table.schema.get_field_index("best_nonmate_score")
    scores = table["best_nonmate_score"].to_pylist()
    row = next(i for i, each in enumerate(table.slice(0, 500).to_pylist()) if not each["mated"] and each["acquired"])
    scores[row] = float("inf")
    column = pa.array(scores, table.schema.field(place).type, from_pandas=False)
    pq.write_table(table.set_column(place, "best_nonmate_score", column), tmp_path / "s.parquet")
    command = ["trial", "threshold", str(tmp_path / "s.parquet"), "--subjects", str(made_up / "subjects.parquet"),
               "--by", "group", "--ceiling", "0.000001", "--grid", "0.5", "0.6", "3", "--split", "0.5", "--seed", "1",
               "--out", str(tmp_path / "out")]  # fmt: skip
    assert run(command) == 1
    assert f"row {row + 1:,}: a score is NaN or infinite" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert run([*command, "--set-aside"]) == 0
    written = json.loads((tmp_path / "out" / "threshold.json").read_text(encoding="utf-8"))
    assert len(written["rows_set_aside"]) == 1
    assert [each["used_as"] for each in written["files"]] == ["searches", "subjects"]
