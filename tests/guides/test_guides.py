"""The guides say what works: the commands of each run in an empty folder, end as told, and leave the files named."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from countersign.cli.main import COMMANDS, run
from countersign.record.keeping import keyfile
from countersign.reviews.published.tables import widest
from countersign.words.intervals import one_in, one_in_range

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
#: The users of the design, each with one guide; among them who says from outside what was seen.
OF_USERS = ("reviewer", "lfr-unit", "evaluator", "overseer", "passer-by", "outside", "library")
#: Guides of the keeper of a log and of longer trials; the tests beside this one run their commands.
ELSEWHERE = {"record", "trial", "README", "new-force"}
REHEARSAL = "rehearse quiet-high-street --out rehearsal"


def text(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text(encoding="utf-8")


def commands(guide: str) -> list[tuple[str, int]]:
    """The command lines of a guide with the exit code it names, 0 if none."""
    lines = [line for block in re.findall(r"```(?:sh|console)\n(.*?)```", guide, re.S) for line in block.splitlines()]
    told = []
    for line in lines:
        command, _, comment = line.partition("    # ")
        code = re.match(r"exit code (\d+)", comment)
        told.append((command.strip(), int(code[1]) if code else 0))
    return told


def named_files(guide: str) -> set[str]:
    """Files that the prose says are there: paths in backticks, outside the blocks and the links."""
    prose = re.sub(r"```.*?```", "", guide, flags=re.S)
    return set(re.findall(r"(?<!\[)`([\w-]+(?:/[\w.-]+)*\.(?:html|pdf|json|jsonl|csv|txt|vkey|bundle))`", prose))


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One rehearsal for all guides that begin with it."""
    folder = tmp_path_factory.mktemp("rehearsed") / "rehearsal"
    assert run([*REHEARSAL.split()[:-1], str(folder)]) == 0
    return folder


@pytest.mark.acceptance
@pytest.mark.parametrize("name", OF_USERS)
def test_the_commands_of_a_guide_do_what_it_says(
    name: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    guide = text(name)
    if REHEARSAL in guide:
        rehearsed = request.getfixturevalue("rehearsal")
        shutil.copytree(rehearsed, tmp_path / "rehearsal")
    monkeypatch.chdir(tmp_path)
    assert keyfile.seal_key.__kwdefaults__ is not None
    monkeypatch.setitem(keyfile.seal_key.__kwdefaults__, "cost", 10)
    (tmp_path / "pass").write_text("a passphrase\n")
    (tmp_path / "pass").chmod(0o600)
    monkeypatch.setenv("COUNTERSIGN_PASSPHRASE_FILE", "pass")
    capsys.readouterr()
    for file, content in re.findall(r"Save this as `([\w.-]+)`.*?```csv\n(.*?)```", guide, re.S):
        (tmp_path / file).write_text(content, encoding="utf-8")
    assert len(commands(guide)) >= 3
    for line, code in commands(guide):
        whole = re.sub(r"\$\(cat ([^)]+)\)", lambda found: Path(found[1]).read_text().strip(), line)
        words = shlex.split(whole)
        target = Path(words[-1]) if words[-2] == ">" else None
        words = words[:-2] if target else words
        assert words[0] == "countersign", line
        if line == f"countersign {REHEARSAL}":
            continue
        ended = run(words[1:])
        out, err = capsys.readouterr()
        assert ended == code, f"{line}: {out}{err}"
        if target is not None:
            target.write_text(out)
    for file in named_files(guide):
        assert (tmp_path / file).is_file(), f"{name}.md names {file}, which is not there"


def test_each_user_of_the_design_has_one_guide_and_no_guide_is_left_untested() -> None:
    assert {path.stem for path in GUIDES.glob("*.md")} == set(OF_USERS) | ELSEWHERE


def test_every_command_and_link_in_the_guides_is_there() -> None:
    for path in GUIDES.glob("*.md"):
        guide = path.read_text(encoding="utf-8")
        for named in re.findall(r"countersign ([a-z]+)\b", guide):
            assert named in COMMANDS, (path.name, named)
        for target in re.findall(r"\]\(([^)#]+)\)", guide):
            assert (path.parent / target).exists(), (path.name, target)


@pytest.mark.parametrize("name", OF_USERS)
def test_a_guide_has_what_a_reader_looks_for(name: str) -> None:
    guide = text(name)
    for part in ("**What you want.**", "**What you see.**", "## What it does not "):
        assert part in guide, part
    assert len(guide.splitlines()) < 110
    for word in ("compliant", "certified", "biased", "unbiased", "unsafe"):
        assert not re.search(rf"\b{word}\b", guide, re.I), word


@pytest.mark.slow
def test_the_figure_a_guide_quotes_is_the_reports_own() -> None:
    import countersign

    review = countersign.review_source("shipped:met", corrections="shipped")
    about_2024 = [
        one for one in review.model.rates
        if (one.measure, one.by, one.scope, one.regime) == ("false_alerts_per_face", "year", "2024", None)
    ]  # fmt: skip
    line = min(about_2024, key=lambda one: one.events)  # those recorded as false; others count the unconfirmed too
    said = (
        f"in 2024, {line.events} alerts recorded as false among {line.trials:,.0f} faces, which is "
        f"{one_in(line.one_in.estimate)}, with a 95% interval from {one_in_range(*widest(line))}"
    )
    assert said in " ".join(text("reviewer").split())
