"""Nothing cites a document that is not in the repository: paths, modules, and papers of the makers' own."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from tests.project.test_repository import ROOT, TEXT, tracked

PATH = re.compile(
    r"(?<![\w/.:-])((?:\.ci|benchmarks|docs|requirements|src|tests|tools)/[\w./-]*\w\.(?:csv|json|lock|md|pdf|png|py|toml|txt))\b"
)
MODULE = re.compile(r"(?<![\w./@-])countersign(?:\.[a-z_][a-z_0-9]*)+")
#: Papers that the makers have and nobody else.
OWN = re.compile(r"\bDESIGN section\b|\bSTYLE\.md\b|\bissue \d{1,2}\b(?! \()|\bfacts/|\*facts\*")
#: What a recipe has a reader write.
RECIPES = ROOT / "CONTRIBUTING.md"


def texts() -> list[Path]:
    left_out = (ROOT / "tests" / "fixtures", Path(__file__).resolve())
    return [
        path
        for path in tracked()
        if path.suffix in TEXT - {".json", ".csv", ".lock"} and not any(path.is_relative_to(one) for one in left_out)
    ]


def test_every_file_that_a_text_names_is_there() -> None:
    for path in texts():
        text = path.read_text(encoding="utf-8", errors="replace")
        named = set(PATH.findall(text)) - (set(re.findall(r"[Ww]rite `([^`]+)`:", text)) if path == RECIPES else set())
        absent = {name for name in named if not (ROOT / name).exists()}
        assert not absent, f"{path.relative_to(ROOT)} names {sorted(absent)}"


@pytest.mark.parametrize("page", sorted(path for path in texts() if path.suffix == ".md"), ids=lambda page: page.name)
def test_every_module_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    made = re.findall(r"^from (countersign[\w.]+) import", text, re.MULTILINE) if page == RECIPES else []
    for name in set(MODULE.findall(text)) - set(made):
        parts = name.split(".")
        depth = max(size for size in range(1, len(parts) + 1) if is_module(".".join(parts[:size])))
        module = importlib.import_module(".".join(parts[:depth]))
        assert depth == len(parts) or hasattr(module, parts[depth]), name


def is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def test_no_paper_of_the_makers_is_cited() -> None:
    for path in texts():
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not (cited := OWN.findall(text)), f"{path.relative_to(ROOT)} cites {sorted(set(cited))}"


def test_the_architecture_lists_the_layers_of_the_contract_and_its_walks_name_modules() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    told = [
        name
        for cells in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", page, re.MULTILINE)
        for name in re.findall(r"\w+", cells)
    ]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = [name for layer in contracts[0]["layers"] for name in layer.split(" | ")]
    assert told == [name.removeprefix("countersign.") for name in layers]
    walks = page.split("## How a thing flows")[1].split("## Where a change goes")[0]
    for name in re.findall(r"`([a-z_]+(?:\.[a-z_]+)*)`", walks):
        assert is_module(f"countersign.{name}"), name
