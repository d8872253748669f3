"""Every figure of a report has a line that computes it anew: each is run, and gives what the report printed."""

from __future__ import annotations

import json
import lzma
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import countersign.any_source
from countersign.cli.main import run

HERE = Path(__file__).parents[1] / "fixtures" / "v0.1"
MET = "shipped:met --claims shipped --groups shipped --baselines shipped --corrections shipped"
BUNDLE = "quiet-high-street.bundle --policy trust.policy"
Runs = Callable[[str], list[str]]


@pytest.fixture
def anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runs:
    """Runs a line as it stands in a report; what it prints, by name. All lines share one review, which is not
    that of the report.
    """
    (tmp_path / "trust.policy").write_bytes((HERE / "trust.policy").read_bytes())
    bundle = lzma.decompress((HERE / "bundles/quiet-high-street.bundle.xz").read_bytes())
    (tmp_path / "quiet-high-street.bundle").write_bytes(bundle)
    monkeypatch.chdir(tmp_path)
    review, reviews = countersign.any_source.review, dict[str, Any]()

    def once(source: Any, options: Any, **more: Any) -> Any:
        key = f"{source} {options}"
        if key not in reviews:
            reviews[key] = review(source, options, **more)
        return reviews[key]

    def runs(line: str) -> list[str]:
        monkeypatch.setattr(countersign.any_source, "review", once)
        capsys.readouterr()
        program, *words = shlex.split(line.replace("--policy POLICY", "--policy trust.policy"))
        assert program == "countersign"
        assert run(words) == 0, line
        return [each.strip() for each in capsys.readouterr().out.splitlines()[1:]]

    return runs


def parts(printed: list[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (each.partition(": ") for each in printed)]


def report(line: str, out: Path) -> dict[str, Any]:
    assert run(["review", *shlex.split(line), "--format", "json", "--out", str(out)]) == 0
    made: dict[str, Any] = json.loads((out / "review.json").read_bytes())
    return made


def tables(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The tables that hold figures, those of charts too; rows as they were printed are no figures."""
    for section in made["sections"]:
        for block in section["blocks"]:
            table = block["table"] if block["block"] == "chart" else block if block["block"] == "table" else None
            if (
                table
                and not table["rows_of"]
                and any(cell["number"] is not None for row in table["rows"] for cell in row)
            ):
                yield table


def hold_tables(made: dict[str, Any], anew: Runs) -> int:
    """Every row of every table of figures, by the line under the table; how many cells with a number were compared."""
    compared = 0
    for table in tables(made):
        _, found, line = table["note"].rpartition("Row N computed again: ")
        assert found, table["anchor"]
        assert line.endswith(":N")
        for number, row in enumerate(table["rows"], 1):
            printed = anew(f"{line[:-1]}{number}")
            for column, cell, value in zip(table["columns"], row, printed, strict=True):
                assert value.startswith(f"{column['label']}: {cell['text']}")
                if cell["number"] is not None:
                    compared += 1
                    assert cell["text"] == str(cell["number"]) or f" ({cell['number']!r})" in value
                for part in cell["rows"]:
                    assert f"{part['document']}:{part['first']}-{part['last']}" in value
    return compared


def hold_figures(made: dict[str, Any], anew: Runs) -> int:
    """Every figure that stands alone, by the line in its note: counts, interval and method."""
    figures = [block for section in made["sections"] for block in section["blocks"] if block["block"] == "figure"]
    for figure in figures:
        printed = dict(parts(anew(figure["note"].rpartition("computed again: ")[2])))
        assert (printed["Value"], printed["Interval"]) == (figure["value"], figure["interval"])
        assert printed["Method"] == figure["method"]
        for name, field in (("Events", "events"), ("Of", "trials"), ("Low", "low"), ("High", "high")):
            assert json.loads(printed.get(name, "null")) == figure[field]
    return len(figures)


def hold_rates(made: dict[str, Any], line: str, anew: Runs) -> int:
    """Every rate of ``review.json``, by scope and measure: each field of each of its lines."""
    scopes: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for rate in made["rates"]:
        scopes.setdefault((rate["by"], rate["scope"], rate["measure"]), []).append(rate)
    for (by, scope, measure), lines in scopes.items():
        printed = parts(anew(f"{line} --figure {shlex.quote(f'{by}={scope}:{measure}')}"))
        fields = [name for name in lines[0] if name not in ("by", "scope", "rows")]
        for rate in lines:
            for field in fields:
                name, value = printed.pop(0)
                assert name == field
                assert (value if isinstance(rate[field], str) else json.loads(value)) == rate[field]
            assert printed.pop(0)[0] == "source rows"
        assert not printed
    return len(made["rates"])


@pytest.mark.slow
def test_every_figure_of_the_met_report_is_computed_anew_by_its_line(tmp_path: Path, anew: Runs) -> None:
    made = report(MET, tmp_path / "out")
    assert hold_tables(made, anew) > 3_500
    assert hold_figures(made, anew) == 2
    assert hold_rates(made, f"countersign review {MET}", anew) > 3_000
    for line in made["totals_by"]:
        for quantity, amount in line["totals"].items():
            place = shlex.quote(f"{line['by']}={line['scope']}:{quantity}")
            printed = parts(anew(f"countersign review {MET} --figure {place}"))
            assert amount in [json.loads(value) for name, value in printed if name == quantity]


@pytest.mark.slow
def test_every_figure_of_a_rehearsed_deployment_is_computed_anew_by_its_line(tmp_path: Path, anew: Runs) -> None:
    made = report(BUNDLE, tmp_path / "out")
    assert hold_tables(made, anew) > 100
    assert hold_figures(made, anew) > 3
    assert hold_rates(made, f"countersign review {BUNDLE}", anew) > 3


def test_a_line_under_a_figure_names_files_only_and_is_one_line_to_copy(tmp_path: Path, anew: Runs) -> None:
    made = report("shipped:bridges-2017-12-21 --as-of 2026-06-01", tmp_path / "out")
    again = "countersign review shipped:bridges-2017-12-21 --as-of 2026-06-01 --profile england-and-wales"
    lines = {table["note"].rpartition("computed again: ")[2] for table in tables(made)}
    assert {line.partition(" --figure ")[0] for line in lines} == {again}
    assert dict(parts(anew(f"{again} --figure figure:1")))["Of"] == "10.0"


@pytest.mark.parametrize(
    "place",
    [
        "figure:0", "figure:3", "figure:-1", "figure:1.0", "figure:1e0", "figure:", "figure", "", ":", "nowhere:1",
        "figure:99999999999", "accounts:0", "accounts:2", "entries:1", "signers:1", "year=2024:alerts", "=:",
        "all=all rows:nothing",
    ],
)  # fmt: skip
def test_a_place_that_is_none_is_refused_and_says_which_are_near(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["review", "shipped:bridges-2017-12-21", "--figure", place]) == 2
    said = capsys.readouterr()
    assert place in said.err
    assert ("=" in place) or "there is no such figure; the nearest: " in said.err
    assert not place.startswith("accounts:") or "the nearest: accounts:1\n" in said.err
    assert not list(tmp_path.iterdir())
    assert said.out == ""
