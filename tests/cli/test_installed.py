"""``countersign doctor`` and ``completion`` as a person runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from countersign import extras
from countersign.cli.installed import FOR
from countersign.cli.main import COMMANDS, cli, run
from countersign.cli.terminal.manual import commands_of
from countersign.errors import DONE


@pytest.mark.slow
def test_the_doctor_names_every_extra_and_what_refuses_without_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(FOR) == set(extras.EXTRAS.values())
    monkeypatch.setattr(extras, "has", lambda library: library != "pyarrow")
    assert run(["doctor"]) == DONE
    assert '- extra trials    not installed; for trial: pip install "countersign[trials]"' in capsys.readouterr().out
    assert run(["doctor", "--json"]) == DONE
    parts = {part["name"]: part for part in json.loads(capsys.readouterr().out)["parts"]}
    assert not parts["extra trials"]["there"]
    assert parts["extra pdf"]["there"]
    assert parts["extra pdf"]["which"].startswith("typst ")
    assert parts["fonts"]["there"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == DONE
    assert f"_COUNTERSIGN_COMPLETE={shell}_complete" in capsys.readouterr().out


@pytest.mark.slow
def test_bash_completes_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    assert run(["completion", "bash"]) == DONE
    script = capsys.readouterr().out
    asked = 'COMP_WORDS=(countersign rec); COMP_CWORD=1; _countersign_completion countersign; echo "${COMPREPLY[@]}"'
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = ["bash", "-c", f"{script}\n{asked}"]
    ran = subprocess.run(shell, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert set(ran.stdout.split()) == {name for name in COMMANDS if name.startswith("rec")}


@pytest.mark.slow
def test_every_command_has_a_man_page_that_groff_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["man", "--out", str(tmp_path / "man1")]) == DONE
    pages = {page.stem: page for page in (tmp_path / "man1").iterdir()}
    assert set(pages) == {"-".join(path) for path, _ in commands_of(cli, ("countersign",))}
    said = capsys.readouterr().out
    assert f"{len(pages)} pages" in said
    held = pages["countersign-record-show"].read_text(encoding="utf-8")
    for part in (
        ".SH NAME",
        ".SH SYNOPSIS",
        ".SH OPTIONS",
        "\\-\\-schema",
        ".SH EXIT STATUS",
        "record show force\\-a 3\\-7",
    ):
        assert part in held
    if shutil.which("groff") is None:
        pytest.skip("needs groff")
    drawn = subprocess.run(
        ["groff", "-ww", "-man", "-Kutf8", "-Tutf8", *pages.values()], capture_output=True, text=True
    )
    assert (drawn.returncode, drawn.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_is_one_that_the_shell_reads(shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    assert run(["completion", shell]) == DONE
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    assert subprocess.run([shell, "-n", script], check=False).returncode == 0
