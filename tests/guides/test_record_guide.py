"""The guide ``docs/guides/record.md``: its commands, in their order, from an empty folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from countersign.cli.main import run
from countersign.record.keeping import keyfile

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "record.md"


def commands() -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.S) for line in block.splitlines()]


def filled(line: str) -> tuple[list[str], Path | None]:
    """A line's words, with ``$(cat FILE)`` filled in as a shell does, and where its output goes."""
    whole = re.sub(r"\$\(cat ([^)]+)\)", lambda found: Path(found[1]).read_text().strip(), line)
    words = shlex.split(whole)
    return (words[:-2], Path(words[-1])) if len(words) > 1 and words[-2] == ">" else (words, None)


@pytest.mark.acceptance
def test_the_commands_of_the_guide_do_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert keyfile.seal_key.__kwdefaults__ is not None
    monkeypatch.setitem(keyfile.seal_key.__kwdefaults__, "cost", 10)
    for name, text in {"pass": "one\n", "log.pass": "two\n", "policy.txt": "kept a day", "holder.txt": "who"}.items():
        Path(name).write_text(text)
        Path(name).chmod(0o600)
    told: dict[str, str] = {}
    for line in commands():
        words, target = filled(line)
        if words[0] == "export":
            for name, _, value in (word.partition("=") for word in words[1:]):
                monkeypatch.setenv(name, value)
        elif words[0] == "rm":
            Path(words[1]).unlink()
        else:
            assert words[0] == "countersign", line
            code = run(words[1:])
            out, err = capsys.readouterr()
            assert code == 0, f"{line}: {out}{err}"
            told[" ".join(words[1:3])] = out
            if target is not None:
                target.write_text(out)
    assert "university (w.example/1)" in told["verify force-a.bundle"]
    assert "all entries count" in told["record monitor"]
    assert re.search(r"key-holder +24 h +1 +0 +1 +0 +0", told["record account"])
    assert "7 entries of log.example/force-a are back" in told["record restore"]
