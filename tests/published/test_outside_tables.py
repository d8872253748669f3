"""Random tables of every shape come through `countersign import` with no wrong value, and nearly all is read."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.published.outside_files import Truth
from tests.published.outside_tables import SHAPES, Table, made

from countersign.cli.main import run

#: Tables of each shape in an everyday run.
TIMES = 3
#: Columns whose headings the generator keeps under another name.
KEYS = {"duration_minutes": "duration", "date_to": "date", "start_time": "start", "end_time": "end"}


@dataclass
class Outcome:
    """What `import` wrote: values and doubts row by row, and every word it said."""

    rows: list[dict[str, str]]
    unsure: list[dict[str, dict[str, str]]]
    kept: list[str]
    said: str


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _told(*arguments: str | Path) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        run([str(argument) for argument in arguments])
    return out.getvalue()


def _checked(text: str, table: Table) -> str:
    """The map after a look at what it calls "perhaps": a wrong line is left out."""
    wrong: list[str] = []
    for line in text.splitlines():
        part = re.match(r'(\w+) = "(.*)"\s*# perhaps', line)
        if part and part[2] not in _names(table, part[1]):
            wrong.append(part[2])
            text = text.replace(line, "")
    if not wrong:
        return text
    ignored = "".join(f"    {json.dumps(heading, ensure_ascii=False)},\n" for heading in wrong)
    if "\nignore = [\n" in text:
        return text.replace("\nignore = [\n", f"\nignore = [\n{ignored}", 1)
    return text.replace("\n[columns]", f"\nignore = [\n{ignored}]\n\n[columns]", 1)


def _imported(table: Table, folder: Path) -> Outcome:
    folder.mkdir(parents=True)
    source, package, map_ = folder / f"table.{table.file}", folder / "package", folder / "map.toml"
    source.write_bytes(table.content)
    said = _told("import", source, "--out", package)
    if not (package / "datapackage.json").is_file() or "this table was not read" in said:
        package = folder / "mapped"
        said = _told("map", source, "--no-ask", "--out", map_)
        map_.write_text(_checked(map_.read_text(encoding="utf-8"), table), encoding="utf-8")
        said += _told("import", source, "--columns", map_, "--out", package)
    if not (package / "datapackage.json").is_file():
        return Outcome([], [], [], said)
    assert said.count("Traceback") == 0, said
    numbers = [(line["source"], line["row"]) for line in _lines(package / "printed.csv")]
    doubts: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(dict)
    for line in _lines(package / "unsure.csv"):
        doubts[line["source"], line["row"]][line["column"]] = line
    aside = [*_lines(package / "refused.csv"), *_lines(package / "set-aside.csv")]
    kept = [f"{line['printed']} {line['reason']}" for line in aside]
    said += json.dumps(json.loads((package / "datapackage.json").read_bytes()), ensure_ascii=False)
    return Outcome(_lines(package / "deployments.csv"), [doubts[number] for number in numbers], kept, said)


def _number(text: str) -> int | None:
    return int(text) if text else None


def _doubted(truth: Truth, doubt: dict[str, str]) -> str:
    """A value that was not read as exact: does it hold the truth?"""
    low, high = _number(doubt["low"]), _number(doubt["high"])
    if low is None and high is None:
        return "right" if truth.kind == "withheld" and doubt["kind"] == "withheld" else "named"
    if truth.kind == "bounded":
        slack = 1 if truth.form.startswith(("small", "more")) else 0
        fits = low is not None and truth.low is not None and 0 <= low - truth.low <= slack
        return "bounded" if fits and high == truth.high else "wrong"
    if truth.kind in ("about", "exact") and truth.value.isdigit():
        value = int(truth.value)
        fits = low is not None and high is not None and low <= value <= high and high - low <= 2 * value
        return "bounded" if fits else "wrong"
    return "named" if truth.kind == "unsure" else "wrong"


def _judged(truth: Truth, value: str, doubt: dict[str, str] | None) -> str:
    """One of right, bounded, named, wrong, and lost: an empty value that nothing speaks of."""
    if value:
        if truth.kind != "exact" and truth.form != "date swapped":
            return "wrong"
        same = float(value) == float(truth.value) if truth.form == "threshold" else value == truth.value
        if doubt is not None:
            return "named"
        return "right" if same else "wrong"
    if doubt is not None:
        return _doubted(truth, doubt)
    return "right" if truth.kind in ("nothing", "unsure") else "lost"


def judged(table: Table, outcome: Outcome) -> list[tuple[str, Truth, str, str]]:
    """Column, truth, verdict and what was read, for every value of a table and every row made up."""
    free = list(range(len(outcome.rows)))
    verdicts: list[tuple[str, Truth, str, str]] = []
    by_place = {outcome.rows[index]["place"]: index for index in free if outcome.rows[index]["place"]}
    by_date = {outcome.rows[index]["date"]: index for index in free}
    in_order = len(outcome.rows) == len(table.rows) and "this table was not read" not in outcome.said
    for number, row in enumerate(table.rows):
        place, date = row.get("place"), row["date"].value
        index = by_place.get(place.value) if place else by_date.get(date)
        if index is None and in_order:
            index = number
        if index is None or index not in free:
            word = place.value if place else date
            refused = (
                not outcome.rows
                or "this table was not read" in outcome.said
                or any(word in text for text in outcome.kept)
                or (not place and outcome.kept)
            )
            verdicts += [(column, truth, "named" if refused else "lost", "no row") for column, truth in row.items()]
            continue
        free.remove(index)
        for column, truth in row.items():
            value, doubt = outcome.rows[index][column], outcome.unsure[index].get(column)
            verdict = _judged(truth, value, doubt)
            if verdict == "lost" and _unplaced(table, column, outcome.said):
                verdict = "named"
            verdicts.append((column, truth, verdict, f"{value!r} {doubt or ''}"))
        filled = {column: value for column, value in outcome.rows[index].items() if value and column not in row}
        for column in filled.keys() - {"source", "true_alerts", "false_alerts"}:
            verdicts.append((column, Truth("nothing", "value that is none"), "wrong", filled[column]))
    if "this table was not read" in outcome.said:
        free = []
    extra = [str({column: value for column, value in outcome.rows[index].items() if value}) for index in free]
    return verdicts + [("row", Truth("nothing", "row that is none"), "wrong", text) for text in extra]


def _unplaced(table: Table, column: str, said: str) -> bool:
    return any(f"'{name}'" in said for name in _names(table, column))


def _names(table: Table, column: str) -> list[str]:
    keys = [KEYS.get(column, column)]
    if column == "date" and "month" in table.headings:
        keys = ["month"]
    if column == "duration_minutes":
        keys = ["duration", "start", "end"]
    return [name for key in keys for name in table.headings.get(key, [])]


class Tally:
    """Values by kind: of shape, of file, and of what is printed."""

    def __init__(self) -> None:
        self.kinds: dict[str, Counter[str]] = defaultdict(Counter)
        self.bad: list[str] = []

    def add(self, table: Table, outcome: Outcome) -> None:
        for column, truth, verdict, read in judged(table, outcome):
            readable = "" if truth.kind != "unsure" else "unsure "
            for kind in (f"shape: {table.shape}", f"file: {table.file}", f"printed: {truth.form}"):
                self.kinds[kind][readable + verdict] += 1
            if verdict in ("wrong", "lost"):
                self.bad.append(f"{table.seed} {table.shape} {table.file} {verdict} {column}: {truth} read as {read}")

    def wrong(self, kind: str) -> int:
        return sum(number for verdict, number in self.kinds[kind].items() if verdict.endswith(("wrong", "lost")))

    def share(self, kind: str) -> float:
        counts = self.kinds[kind]
        readable = sum(number for verdict, number in counts.items() if not verdict.startswith("unsure"))
        return (counts["right"] + counts["bounded"]) / readable if readable else 1.0

    def text(self) -> str:
        lines = [f"{'kind':42}{'values':>8}{'right':>8}{'bounded':>8}{'named':>8}{'wrong':>8}{'share':>9}"]
        for kind in sorted(self.kinds, reverse=True):
            counts = self.kinds[kind]
            named = counts["named"] + counts["unsure named"]
            right = counts["right"] + counts["unsure right"]
            cells = (sum(counts.values()), right, counts["bounded"], named, self.wrong(kind))
            lines.append(f"{kind:42}" + "".join(f"{number:8}" for number in cells) + f"{self.share(kind):9.1%}")
        return "\n".join(lines)


def tallied(seeds: range, folder: Path, shape: str | None = None) -> Tally:
    tally = Tally()
    for seed in seeds:
        table = made(seed, shape)
        tally.add(table, _imported(table, folder / str(seed)))
    return tally


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_a_few_tables_of_a_shape_come_through(shape: str, tmp_path: Path) -> None:
    tally = tallied(range(TIMES), tmp_path, shape)
    kind = f"shape: {shape}"
    assert not tally.wrong(kind), "\n".join(tally.bad)
    assert tally.share(kind) >= 0.95, tally.text()


@pytest.mark.slow
def test_a_thousand_tables_come_through(tmp_path: Path) -> None:
    tally = tallied(range(1000, 2000), tmp_path)
    print(tally.text())
    assert not tally.bad, "\n".join(tally.bad)
    poor = {kind: tally.share(kind) for kind in tally.kinds if tally.share(kind) < 0.95}
    assert not poor, tally.text()
