"""The recipes of CONTRIBUTING.md, each followed step by step in a copy of the repository.

A step is a sentence and the block after it: "Write `file`" makes a file, "In `file`, after `line`, add" puts the block
after that line ("at the end, add" at the end), "publishes `file`" gives input, and "Run" runs the block's commands.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("benchmarks", "docs", "src", "tests", "tools")
#: What stands in for the commands of a recipe.
PROGRAMS = {
    "countersign": [sys.executable, "-m", "countersign"],
    "pytest": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
    "make": [sys.executable, "-m", "tools.generate"],
}
FILES = {
    title: int(count)
    for title, count in re.findall(r"^\| \[(A new [^\]]+)\]\([^)]+\) \| (\d+) \|$", PAGE, re.MULTILINE)
}


def recipe(title: str) -> str:
    return PAGE.split(f"### {title}\n")[1].split("\n### ")[0].split("\n## ")[0]


def steps(text: str) -> Iterator[tuple[str, str, str]]:
    """The sentence before each block, the block's language and the block."""
    blocks = re.findall(r"((?:^(?!```|#)[^\n]+\n)+)\n^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for sentences, language, block in blocks:
        yield " ".join(sentences.split()), language, block


def put_in(path: Path, after: str | None, block: str) -> None:
    text = path.read_text(encoding="utf-8")
    if after is None:
        path.write_text(text + block, encoding="utf-8")
        return
    lines = text.splitlines(keepends=True)
    [place] = [number for number, line in enumerate(lines) if line.strip() == after]
    path.write_text("".join([*lines[: place + 1], block, *lines[place + 1 :]]), encoding="utf-8")


def follow(text: str, copy: Path) -> set[str]:
    """Take the steps; returns the files that they changed or made by hand, what is given as input aside."""
    touched = set()
    for sentence, language, block in steps(text):
        if language == "sh":
            for line in block.splitlines():
                program, *words = shlex.split(line, comments=True)
                words = [] if program == "make" else words
                ended = subprocess.run(
                    [*PROGRAMS[program], *words], cwd=copy, check=False, capture_output=True, text=True,
                    env={**os.environ, "PYTHONPATH": f"{copy / 'src'}{os.pathsep}{copy}"},
                )  # fmt: skip
                assert ended.returncode == 0, (line, ended.stdout + ended.stderr)
        elif given := re.search(r"publishes `([^`]+)`(?:, [^`:]*)?:$", sentence):
            (copy / given[1]).write_text(block, encoding="utf-8")
        elif made := re.search(r"[Ww]rite `([^`]+)`:$", sentence):
            (copy / made[1]).parent.mkdir(parents=True, exist_ok=True)
            (copy / made[1]).write_text(block, encoding="utf-8")
            touched.add(made[1])
        else:
            where = re.search(r"\bIn `([^`]+)`, (?:after `([^`]+)`|at the end), add\b", sentence)
            assert where is not None, sentence
            put_in(copy / where[1], where[2], block)
            touched.add(where[1])
    return touched


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    left_out = shutil.ignore_patterns("fixtures", "__pycache__", "*.egg-info")
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=left_out)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.acceptance
@pytest.mark.parametrize("title", FILES)
def test_a_recipe_does_what_it_says_and_touches_no_more_files_than_it_says(title: str, copy: Path) -> None:
    assert len(follow(recipe(title), copy)) == FILES[title]


def test_every_recipe_is_in_the_table_and_in_order() -> None:
    assert list(FILES) == re.findall(r"^### (A new .+)$", PAGE, re.MULTILINE)
