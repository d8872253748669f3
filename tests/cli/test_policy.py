from __future__ import annotations

from pathlib import Path

import pytest

from countersign.cli.main import run

LOG = "ledger.example/vectors/1+cf8d9943+AQspPqddxEapx3oJxyhy0J5O/1hnmjX3T3Z83qIk6MD3"
W1 = "w1.example+e6196c34+BJylUFaqtkBXeKHVrSECpct5YXM/rtIitsMHN78m1N6D"
W3 = "w3.example+e5df9e2d+BBvG5s8wyPJv54y5dIORNv48Scu/F8tp96GZIz48oBSd"


def test_a_policy_that_is_made_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "trust.policy"
    made = ["policy", "new", "--log", LOG, "--witness", "a", W1, "--witness", "b", W3, "--out", str(out)]
    assert run([*made, "--threshold", "1"]) == 0
    told = capsys.readouterr().out
    assert out.read_text() == f"log {LOG}\nwitness a {W1}\nwitness b {W3}\ngroup witnesses 1 a b\nquorum witnesses\n"
    assert run(["policy", "check", str(out)]) == 0
    assert capsys.readouterr().out == told
    assert "1 of a, b" in told
    assert run(made) == 0
    assert "2 of a, b" in capsys.readouterr().out


def test_a_policy_without_witnesses_says_what_it_rests_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "new", "--log", LOG, "--out", str(tmp_path / "p")]) == 0
    assert "the log's own key alone" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [["--log", "x"], ["--log", LOG, "--threshold", "1"], ["--log", LOG, "--log", LOG], ["--log", W1],
     ["--log", LOG, "--witness", "a", W1, "--threshold", "2"], ["--log", LOG, "--witness", "none", W1], []],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_and_nothing_written(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["policy", "new", *options, "--out", str(tmp_path / "p")]) == 2
    assert not (tmp_path / "p").exists()
    assert "Traceback" not in capsys.readouterr().err


def test_check_exits_2_and_names_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "p"
    file.write_text(f"log {LOG}\nquorum other\n")
    assert run(["policy", "check", str(file)]) == 2
    assert "line 2: 'other' is used before it is defined" in capsys.readouterr().err
    file.write_bytes(b"\x00\xff")
    assert run(["policy", "check", str(file)]) == 2
    assert run(["policy", "check", str(tmp_path / "none")]) == 2
