"""The guide "a new force in ten minutes", followed command by command with a made-up force."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.cli.main import run
from countersign.errors import DONE, WRONG_FORM

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "new-force.md"
ANSWER = (
    "Day of op,Where we were,Faces the cameras saw,Hits,Hits that were wrong,Officer in charge\n"
    "11/06/2024,Dagenham,1461,9,0,A\n13/06/2024,Haringey,1589,7,0,B\n19/06/2024,Ilford,1388,10,1,A\n"
)


def test_the_guide_is_followed_to_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answer.csv").write_text(ANSWER)
    commands = [line.split()[1:] for line in GUIDE.read_text().splitlines() if line.strip().startswith("countersign ")]
    assert run(commands[0]) == WRONG_FORM
    said = capsys.readouterr().err
    assert "countersign map" in said
    assert run(commands[1]) == DONE
    made = Path("their-headings.toml")
    assert "Officer in charge" in made.read_text().split("[columns]")[0], "what cannot be placed is left out"
    decided = '[columns]\ndate = "Day of op"\nplace = "Where we were"\nfaces_seen = "Faces the cameras saw"\n'
    decided += 'alerts = "Hits"\nfalse_alerts = "Hits that were wrong"\n'
    made.write_text('ignore = ["Officer in charge"]\n' + decided)
    assert run(commands[1]) == DONE
    assert made.read_text().endswith(decided), "a second run changes nothing that a person decided"
    assert run([*commands[2], "--format", "json"]) == DONE
    assert "3 deployments" in capsys.readouterr().out
