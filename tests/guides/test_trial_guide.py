"""The guide ``docs/guides/trial.md``: its files and commands, in their order, from an empty folder."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from countersign.cli.main import run

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "trial.md"


@pytest.mark.acceptance
def test_the_commands_of_the_guide_do_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    guide = GUIDE.read_text(encoding="utf-8")
    (plan,) = re.findall(r"```toml\n(.*?)```", guide, re.S)
    Path("plan.toml").write_text(plan, encoding="utf-8")
    told = {}
    for line in [line for block in re.findall(r"```sh\n(.*?)```", guide, re.S) for line in block.splitlines()]:
        words = shlex.split(line)
        assert words[0] == "countersign"
        code = run(words[1:])
        out, err = capsys.readouterr()
        assert code == 0, f"{line}: {out}{err}"
        told[words[2]] = out
    needed = [int(number.replace(",", "")) for number in re.findall(r"needs ([\d,]+) errors", told["plan"])]
    assert 100 < max(needed) < 200
    written = {path.name for path in Path("report").iterdir()}
    assert written == {"trial.html", "evidence.html", "trial.json", "trial.pdf"}
    assert Path("report/trial.pdf").read_bytes().startswith(b"%PDF")
    report = json.loads(Path("report/trial.json").read_text())
    sentences = report["summary"][0]["sentences"]
    assert any(each.startswith("False positives (FPIR) by group: b ") for each in sentences)
    assert [each["answered"] for each in report["answers"]][1] is False
    assert {each["used_as"] for each in report["record"]["files"]} == {"searches", "subjects", "enrolment", "plan"}
    assert "from threshold" in told["threshold"]
