"""The tools that judge the house, on a small one with a fault of each sort planted in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import house, reachable
from tools.source import read

MAIN = """
from countersign.cli.lazy import Lazy

COMMANDS = {"check": "area.check:command"}


def main():
    Lazy(COMMANDS).show()
"""
FILES = {
    "__init__.py": (
        "def __getattr__(name):\n    from countersign.area.face import review_source\n\n    return review_source\n"
    ),
    "__main__.py": "from countersign.cli.main import main\nmain()\n",
    "cli/__init__.py": "",
    "cli/main.py": MAIN,
    "cli/lazy.py": (
        "import click\n\n\nclass Lazy(click.Group):\n    def show(self): ...\n\n    def called_by_click(self): ...\n"
    ),
    "cli/area/__init__.py": "",
    "cli/area/check.py": (
        "from countersign.area import face\n\n\n@registered\ndef command():\n    face.used(face.Value().read)\n"
    ),
    "area/__init__.py": "",
    "area/face.py": (
        "LEFT = 1\n\n\ndef review_source(): ...\n\n\ndef used(one): ...\n\n\ndef unused():\n    return LEFT\n\n\n"
        "class Value:\n    def read(self): ...\n\n    def never(self): ...\n"
    ),
    "area/alone.py": "from countersign.area.face import used\n\nused(1)\n",
}  # fmt: skip


@pytest.fixture(autouse=True)
def without_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "KEPT", {})


def built(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / "src" / "countersign" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def unreached(root: Path) -> list[str]:
    return [line.split(":")[0] for line in reachable.Search(read(root), root).unreached()]


def test_what_no_command_or_public_name_reaches_is_listed_and_nothing_else(tmp_path: Path) -> None:
    assert unreached(built(tmp_path, FILES)) == [
        "countersign.area.alone",
        "countersign.area.face.LEFT",
        "countersign.area.face.unused",
        "countersign.area.face.Value.never",
    ]


def test_what_the_readme_and_a_template_name_is_reached(tmp_path: Path) -> None:
    built(tmp_path, FILES | {"render/templates/page.html": "{{ value.never }}"})
    (tmp_path / "README.md").write_text("```python\nfrom countersign.area.face import unused\n```\n", encoding="utf-8")
    assert unreached(tmp_path) == ["countersign.area.alone"]


def test_what_is_kept_for_a_reason_is_reached_with_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"countersign.area.alone": "a module", "countersign.area.face.unused": "needs LEFT", "countersign.gone": ""}
    monkeypatch.setattr(reachable, "KEPT", kept)
    assert unreached(built(tmp_path, FILES)) == ["countersign.area.face.Value.never", "countersign.gone"]


def test_each_fault_of_the_house_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "APART", {"countersign.area.gone": "was small once"})
    files = {
        "a/one.py": "from countersign.b import two\n",
        "b/two.py": "from countersign.a import three\n",
        "a/three.py": "from countersign.a import four\n" + "x = 1  # fmt: skip\n" * 60,
        "a/four.py": "from countersign.a import three\n" + "x = 1\n" * 60,
        "b/long.py": "def long():\n" + "    x = 1\n" * 60,
        **{f"full/m{number}.py": "x = 1\n" for number in range(19)},
    }
    small = read(built(tmp_path, files))
    assert house.faults(small) == [
        "countersign.b.two: under 60 lines, imported by countersign.a.one alone",
        "countersign.full: more than 18 files",
        "countersign.area.gone: an exception that is none any more",
        "countersign.b.long.long: 61 lines in one function",
        "countersign.a and countersign.b import each other",
        "a circle of imports: countersign.a.four, countersign.a.three",
    ]
    measures = house.measures(small)
    assert (measures["files"], measures["fmt: skip"], measures["circles of imports"]) == (24, 60, 1)
