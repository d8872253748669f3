"""``trial.json`` fits its schema, comes back from its bytes, and what version 0.1 wrote still opens."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tests.reviews.schema_subset import Invalid, check
from tools.trial_schema import schema, schema_text

from countersign.cli.trial.command import command
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.model import FORM, read, to_json
from countersign.trials.report.assemble import Stated, results_of
from countersign.trials.report.build import trial_report

KEPT = Path(__file__).resolve().parents[1] / "fixtures" / "v0.1" / "trial" / "trial.json"
PLAN = Path(__file__).resolve().parents[2] / "docs" / "formats" / "trial-plan.md"


@pytest.fixture(scope="module")
def written(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A report with everything in it: enrolment, comparisons, a model, a plan with answers."""
    out = tmp_path_factory.mktemp("report")
    pairs = folder / "pairs.csv"
    people = pq.read_table(folder / "subjects.parquet")["subject_id"].to_pylist()[::40]
    scores = [(one, other, 0.9 if one == other else 0.3 + (one * other) % 7 / 20) for one in people for other in people]
    rows = [f"{probe},{reference},{score}" for probe, reference, score in scores]
    pairs.write_text("\n".join(["probe_subject_id,reference_subject_id,score", *rows]))
    plan = out / "plan.toml"
    plan.write_text(PLAN.read_text().split("```toml\n")[1].split("```")[0].replace("ethnicity", "group"))
    words = [
        "evaluate", folder / "searches.parquet", "--subjects", folder / "subjects.parquet", "--by", "group",
        "--threshold", "0.55", "--enrolment", folder / "enrolment.parquet", "--comparisons", pairs,
        "--make-up", "a=300,b=100", "--plan", plan, "--format", "json", "--out", out,
    ]  # fmt: skip
    ended = CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return (out / "trial.json").read_bytes()


def test_the_shipped_schema_is_that_of_the_types() -> None:
    shipped = resources.files("countersign").joinpath("trials", "report", "schema", "trial-1.json")
    assert shipped.read_text(encoding="utf-8") == schema_text(schema())


def test_reports_fit_the_schema(written: bytes, evaluation: Evaluation) -> None:
    made = schema()
    for content in (written, KEPT.read_bytes(), to_json(trial_report(results_of(evaluation, Stated())))):
        check(json.loads(content), made, made["$defs"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.update(form="countersign trial report 2"),
        lambda report: report.pop("record"),
        lambda report: report["record"].update(subjects="600"),
        lambda report: report["figures"][0].update(interval=None),
        lambda report: report["differentials"][0]["omnibus"].pop("method"),
    ],
)
def test_a_report_that_is_spoilt_neither_fits_nor_opens(spoil: Any) -> None:
    made, report = schema(), json.loads(KEPT.read_bytes())
    spoil(report)
    with pytest.raises(Invalid):
        check(report, made, made["$defs"])
    with pytest.raises(ValueError, match=r"not of the form|not a trial's report"):
        read(json.dumps(report).encode())


def test_a_report_comes_back_from_its_bytes(written: bytes) -> None:
    whole = read(written)
    assert whole.comparisons
    assert whole.expected_fpir
    assert whole.plan
    assert whole.answers
    assert whole.watchlist_entries
    for content in (written, KEPT.read_bytes()):
        report = read(content)
        assert report.form == FORM
        assert json.loads(to_json(report)) == json.loads(content)


def test_names_of_a_later_version_are_passed_over() -> None:
    later = json.loads(KEPT.read_bytes()) | {"unheard_of": 1}
    assert read(json.dumps(later).encode()) == read(KEPT.read_bytes())


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"form": 1}', b'{"form": "x"}'])
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"not of the form|not a trial's report"):
        read(content)
