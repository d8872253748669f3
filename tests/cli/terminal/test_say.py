"""Nothing that a file or a name brings along repaints a terminal: controls, bidi and zero width, by every command."""

from __future__ import annotations

import ast
import json
import unicodedata
from pathlib import Path

import msgspec
import pytest
from tests.cli.every_command import SERVING, arguments, leaves, path_options
from tests.published.synthetic import synthetic_record

import countersign.cli
from countersign.cli.main import run
from countersign.errors import WRONG_FORM
from countersign.published.forms.package import write_package
from countersign.words.hidden import is_hidden

#: Clears the line, retitles the window, a C1 introducer, DEL, turns the reading, takes no room, a filler.
HOSTILE = "x\x1b[2K\x1b]0;t\x07\x9b1m\x85\x7f\u202e\u2066\u200b\u200d\ufeff\u3164\ufe0f\U000e0041"

#: Those of them that the readers of packages let through.
SEEN = "".join(each for each in HOSTILE if unicodedata.category(each) != "Cc")


def _clean(text: str) -> None:
    left = {character for character in text if character != "\n" and is_hidden(character)}
    assert not left, [f"U+{ord(each):04X}" for each in left]


def test_every_ignorable_character_is_hidden() -> None:
    for point in range(0x110000):
        if unicodedata.category(chr(point)) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert is_hidden(chr(point))
    assert all(map(is_hidden, "\u115f\u034f\u2800\x7f\x9b"))
    assert not any(map(is_hidden, " Aŵ東£é\u0301ب"))


def test_no_command_prints_by_another_way() -> None:
    root = Path(countersign.cli.__path__[0])
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).as_posix() == "terminal/say.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {
                    "print", "click.echo", "click.secho", "click.style", "click.echo_via_pager", "error.show()",
                    "sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer.write",
                }, f"{path.name}:{node.lineno}: {called}"  # fmt: skip


@pytest.mark.parametrize(
    ("path", "command"), list(leaves()), ids=lambda each: "-".join(each) if isinstance(each, tuple) else ""
)
def test_a_hostile_name_in_every_place(path, command, tmp_path, capfd, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    name = HOSTILE.replace("/", "")
    Path(name).write_text(f"{HOSTILE},{HOSTILE}\n{HOSTILE} = [\n")
    for option in path_options(command):
        for file in (name, f"{name}.none"):
            if path in SERVING and file == name:
                continue
            run(arguments(path, command, file=file, text=HOSTILE, also=option))
            said = capfd.readouterr()
            _clean(said.out + said.err)
    run([*path, f"--{HOSTILE}"])
    said = capfd.readouterr()
    _clean(said.out + said.err)


@pytest.mark.slow
def test_a_hostile_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = synthetic_record(rows=8, seed=1)
    documents = tuple(msgspec.structs.replace(document, notes=(SEEN,)) for document in record.documents)
    package = str(write_package(msgspec.structs.replace(record, documents=documents), tmp_path / "p"))
    for call in (
        ["check", package, "--all"], ["check", package, "--json"], ["compare", package, package],
        ["compare", "shipped:met", package, "--all"], ["reconcile", "shipped:met", package],
        ["import", package, "--out", str(tmp_path / "q")], ["review", package, "--out", str(tmp_path / "r")],
    ):  # fmt: skip
        run(call)
        said = capsys.readouterr()
        _clean(said.out + said.err)
        if "--json" in call:
            assert json.loads(said.out)["documents"]


@pytest.mark.slow
def test_a_review_with_hidden_characters_gives_no_letters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = write_package(synthetic_record(rows=8, seed=1), tmp_path / "p")
    run(["review", str(package), "--out", str(tmp_path / "r")])
    review = tmp_path / "r" / "review.json"
    content = json.loads(review.read_text())
    content["title"] = content["title"] + HOSTILE
    review.write_text(json.dumps(content))
    capsys.readouterr()
    assert run(["ask", str(review), "--out", str(tmp_path / "letters")]) == WRONG_FORM
    _clean(capsys.readouterr().err)
    assert not (tmp_path / "letters").exists()
