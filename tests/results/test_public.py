"""The Python interface: what it names, how results show themselves, and that they say what the commands say."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from types import ModuleType

import pyarrow
import pytest

import countersign
from countersign.cli.main import run
from countersign.errors import DONE, CountersignError
from countersign.render.shown import COLUMNS, LINES, NoSuchChart, PandasMissing
from countersign.results.published import Published
from countersign.results.trial import CandidatesAlone, LabelsUnsaid
from countersign.reviews.deployment.cases import read_case
from countersign.reviews.options import path_of

CSV = "date,place,faces_seen,alerts,true_alerts,false_alerts\n2024-05-02,Kingston,1000,4,3,1\n"


@pytest.fixture(scope="module")
def read() -> Published:
    return countersign.read("shipped:essex")


def results(tmp_path: Path) -> list[object]:
    old, new, seen = tmp_path / "old.csv", tmp_path / "new.csv", tmp_path / "seen.csv"
    old.write_text(CSV)
    new.write_text(CSV.replace(",4,3,1", ",5,3,2"))
    seen.write_text("date,place,who,alerts\n2024-05-02,Kingston,a newspaper,4\n2024-05-02,Sutton,a newspaper,1\n")
    return [
        countersign.read(old), countersign.check(old), countersign.compare(old, new),
        countersign.reconcile(old, seen), countersign.review(old),
    ]  # fmt: skip


def test_every_public_name_is_there_listed_and_explained() -> None:
    assert dir(countersign) == sorted(countersign.__all__)
    for name in set(countersign.__all__) - {"__version__", "inference"}:
        value = getattr(countersign, name)
        assert value.__doc__, name
        if callable(value) and not isinstance(value, type):
            module = sys.modules[value.__module__]
            assert ">>> " in (value.__doc__ + (module.__doc__ or "")), f"{name} has no example that CI runs"
    with pytest.raises(AttributeError, match="no attribute 'verified'"):
        countersign.verified  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, countersign; print(sorted({'numpy', 'pandas', 'click', 'cryptography'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_every_result_fits_a_screen_and_shows_a_page_without_script(tmp_path: Path) -> None:
    for result in results(tmp_path):
        lines = repr(result).splitlines()
        assert lines[0].startswith(f"{type(result).__name__}: ")
        assert 2 <= len(lines) <= LINES
        assert max(map(len, lines)) <= COLUMNS
        page = result._repr_html_()  # type: ignore[attr-defined]
        assert page.startswith('<iframe sandbox=""')
        assert "<script" not in page
        assert page.count("<") == 2, "the page is an attribute: nothing of it stands in the notebook's own page"


def test_results_give_frames_that_other_libraries_take(tmp_path: Path) -> None:
    read, checked, compared, reconciled, review = (result.to_frame() for result in results(tmp_path))  # type: ignore[attr-defined]
    assert read.loc[0, ["place", "alerts", "false_alerts"]].tolist() == ["Kingston", 4, 1]
    assert str(read.dtypes["faces_seen"]) == "Int64"
    table = pyarrow.table(read[["alerts", "faces_seen"]])
    assert table.to_pylist() == [{"alerts": 4, "faces_seen": 1000}]
    assert checked.columns.tolist() == ["number", "code", "document", "row", "column", "message"]
    assert compared[["column", "value_before", "value_after"]].values.tolist() == [
        ["alerts", "4", "5"],
        ["false_alerts", "1", "2"],
    ]
    assert reconciled[["place", "published", "seen"]].values.tolist() == [
        ["Kingston", True, True],
        ["Sutton", False, True],
    ]
    assert {"events", "trials", "low", "high"} <= set(review.columns)


def test_the_functions_say_what_the_commands_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results(tmp_path)
    run(["compare", str(tmp_path / "old.csv"), str(tmp_path / "new.csv")])
    answer = countersign.compare(tmp_path / "old.csv", tmp_path / "new.csv").answer
    assert answer.said in capsys.readouterr().out
    run(["check", "shipped:btp", "--json"])
    faults = countersign.read("shipped:btp").check().faults
    printed = json.loads(capsys.readouterr().out)["faults"]
    assert faults
    assert [fault["message"] for fault in printed] == [fault.message for fault in faults]


def test_a_chart_is_taken_by_its_place_or_id_and_saved(tmp_path: Path) -> None:
    review = countersign.review("shipped:essex")
    first = review.charts[0]
    assert review.plot(1) == review.plot(first.id) == first
    assert first._repr_svg_().startswith("<svg")
    assert first.save(tmp_path / "chart.svg").read_text("utf-8") == first.svg
    with pytest.raises(NoSuchChart, match="no chart 'rates'; this result has 1 "):
        review.plot("rates")


def test_hidden_characters_of_a_file_do_not_reach_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "evil.csv"
    path.write_text(CSV.replace("Kingston", "King\u202eston\u200b"))
    shown = repr(countersign.check(path)) + repr(countersign.review(path))
    assert not set("\u202e\u200b\x1b") & set(shown)


def test_without_pandas_the_refusal_says_how_to_get_it(read: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(PandasMissing) as error:
        read.to_frame()
    assert "countersign[pandas]" in error.value.next_step


@pytest.mark.slow
def test_a_bundle_is_verified_and_reviewed_by_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = read_case(path_of("shipped:invented-well"))
    bundle, policy = tmp_path / "d-1.bundle", tmp_path / "trust.policy"
    bundle.write_bytes(built.bundle.render())
    policy.write_bytes(built.policy.render())
    verified = countersign.verify(bundle, policy)
    assert "nothing is said about whether it is true" in repr(verified)
    run(["verify", str(bundle), "--policy", str(policy)])
    assert verified.lines() == capsys.readouterr().out.splitlines()
    review = countersign.review(bundle, policy=policy)
    assert review.model.sources[0].kind == "bundle"
    (tmp_path / "other.policy").write_text("quorum none\n")
    with pytest.raises(CountersignError, match="log"):
        countersign.verify(bundle, tmp_path / "other.policy")


def test_a_trial_gives_a_row_for_each_rate_and_what_the_command_writes(tmp_path: Path) -> None:
    made = ["trial", "simulate", "--group", "a=60", "--group", "b=40", "--ratio", "b=3", "--out", str(tmp_path)]
    assert run(made) == DONE
    searches, subjects = tmp_path / "searches.parquet", tmp_path / "subjects.parquet"
    tried = countersign.trial(searches, subjects=subjects, by="group", thresholds=[0.6])
    assert repr(tried).startswith("Trial: Accuracy trial: ")
    frame = tried.by_group
    fpir = frame[(frame.measure == "fpir") & (frame.group == "b")].iloc[0]
    assert fpir.events / fpir.trials == fpir.estimate
    assert fpir.interval_low <= fpir.estimate <= fpir.interval_high
    asked = ["trial", "evaluate", str(searches), "--subjects", str(subjects), "--by", "group", "--threshold", "0.6"]
    assert run([*asked, "--out", str(tmp_path / "out")]) == DONE
    assert (tmp_path / "out" / "trial.json").read_bytes() == tried.json()


def test_a_trial_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "searches.csv"
    path.write_text("subject_id,N,mated,score,sex\ns1,10,false,0.4,f\n")
    with pytest.raises(LabelsUnsaid, match="how the labels"):
        countersign.trial(path, by="sex", thresholds=0.6)
    with pytest.raises(CandidatesAlone, match="who is enrolled"):
        countersign.trial(path, candidates=path, thresholds=0.6)


@pytest.mark.slow
def test_the_page_on_python_runs(tmp_path: Path) -> None:
    page = Path(__file__).parents[2].joinpath("docs", "python.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert "32 faults of 9 kinds" in ran.stdout
    assert "Followed: Live facial recognition: forces side by side" in ran.stdout
    assert "Trial: Accuracy trial" in ran.stdout
    assert (tmp_path / "first-chart.svg").is_file()


def statistics(package: ModuleType) -> Iterator[ModuleType]:
    """The modules of statistics, by the names that their packages list."""
    for name in package.__all__:
        found = getattr(package, name)
        yield from statistics(found) if hasattr(found, "__path__") else [found]


def test_every_statistic_is_listed_and_has_an_example_and_its_source_or_law() -> None:
    modules = list(statistics(countersign.inference))
    assert len(modules) == 18
    for module in modules:
        assert module.__all__ == sorted(module.__all__), module.__name__
        for name in module.__all__:
            value = getattr(module, name)
            assert value.__module__ == module.__name__
            assert ">>> " in (value.__doc__ or ""), f"{module.__name__}.{name} has no example that CI runs"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        countersign.inference.nothing  # noqa: B018
    assert dir(countersign.inference) == sorted(countersign.inference.__all__)


def test_what_a_module_of_statistics_does_not_list_is_used_within_inference_alone() -> None:
    inner = {
        (module.__name__, name)
        for module in statistics(countersign.inference)
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", "") == module.__name__
        and name not in module.__all__
    }
    assert inner
    sources = Path(countersign.__file__).parent
    for path in sources.rglob("*.py"):
        if "inference" in path.relative_to(sources).parts:
            continue
        text = path.read_text(encoding="utf-8")
        for module, name in inner:
            imported = re.search(rf"from {re.escape(module)} import [^\n]*\b{name}\b", text)
            assert imported is None, f"{path.name} uses {module}.{name}"


@pytest.mark.slow
@pytest.mark.parametrize(("words", "most"), [(["-c", "import countersign"], 4), (["-m", "countersign", "--help"], 8)])
def test_starting_costs_at_most_a_few_times_an_empty_program(words: list[str], most: int) -> None:
    def used(given: list[str]) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *given], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Of the processor's time, in turn, so that what else the machine does falls on both.
    times = [(used(["-c", "pass"]), used(words)) for _ in range(9)]
    empty, own = (median([pair[place] for pair in times]) for place in (0, 1))
    assert own / empty <= most, f"{own * 1000:.0f} ms beside {empty * 1000:.0f} ms"
