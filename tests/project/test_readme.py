"""The README says what works: its commands run on the shipped data, and what it names is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from countersign.cli.main import COMMANDS, run
from countersign.errors import DONE, EVIDENCE_WRONG

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
#: Commands whose exit code 1 says that something was found in the data.
FINDING = {"check", "compare", "reconcile"}


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in fenced("sh") for line in block.splitlines() if line.startswith("countersign ")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.acceptance
def test_its_commands_run_one_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(commands()) >= 4
    for words in commands():
        taken = {DONE, EVIDENCE_WRONG} if words[0] in FINDING else {DONE}
        assert run(words) in taken, (words, capsys.readouterr().err)
    assert all((tmp_path / "report" / name).is_file() for name in ("review.html", "evidence.html"))


@pytest.mark.acceptance
def test_its_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    names: dict[str, object] = {}
    for block in fenced("python"):
        exec(block, names)
    assert capsys.readouterr().out.startswith("PublishedReview: ")
    assert {"events", "trials", "low", "high", "regime"} <= set(names["rates"].columns)  # type: ignore[attr-defined]


def test_every_command_it_names_exists() -> None:
    named = set(re.findall(r"countersign ([a-z]+)\b", README))
    assert named <= set(COMMANDS), named - set(COMMANDS)


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda page: page.name
)
def test_every_link_of_it_and_of_the_docs_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(
        r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text(encoding="utf-8")
    ):
        found = page.parent / target if target else page
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one.lower()).strip().replace(" ", "-") for one in headings}, anchor


def test_its_first_screen_holds_the_two_commands_the_picture_and_what_it_is_not() -> None:
    screen = "\n".join(README.splitlines()[:30])
    for said in (
        "make demo",
        "make test",
        "docs/images/report.png",
        "no face detection",
        "no templates",
        "no matching",
    ):
        assert said in screen, said
