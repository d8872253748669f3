"""`events watch` and `events equality` as their users run them: what is shown, what is written, and bad input."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest
from tests.cli.test_deployment import office, opened, to_the_opening
from tests.cli.test_entering import Van, event, kept, van

from countersign.cli.events import watch as events_watch
from countersign.cli.main import run
from countersign.made_up.scenario import SHIPPED
from countersign.record.entries import canonical
from countersign.register.opening import opened as log_opened

__all__ = ["kept", "office", "opened", "to_the_opening", "van"]

#: The made-up engine's own rate at the declared threshold: 1 in 6,000 at 0.60, tenfold rarer every 0.05.
TESTED = "1/37857@10000@0.64"


def taken(folder: Path, name: str, seed: int = 1) -> list[str]:
    """A scenario made up and taken; the arguments that watch it."""
    export = folder / "export.jsonl"
    assert run(["simulate", name, "--seed", str(seed), "--out", str(export)]) == 0
    subject = canonical.parse((folder / "export.jsonl.limits.json").read_bytes())["deployment"]  # type: ignore[index,call-overload]
    about = ["--deployment", str(subject), "--limits", f"{export}.limits.json"]
    journal = folder / "journal"
    run(["events", "take", str(export), *about, "--journal", str(journal)])
    return ["events", "watch", str(journal), *about]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A quiet deployment, to be read alone."""
    return taken(tmp_path_factory.mktemp("quiet"), "quiet-high-street")


@pytest.fixture
def loud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """A deployment whose engine raises ten times as many false alerts as the force's ceiling allows."""
    source = Path("src/countersign/data/scenarios/misconfigured-threshold.toml")
    if not source.exists():
        source = Path(__file__).parents[2] / source
    text = source.read_text().replace('threshold = "0.56"', 'threshold = "0.50"')
    (tmp_path / "loud.toml").write_text(text)
    made = taken(tmp_path, str(tmp_path / "loud.toml"))
    capsys.readouterr()
    return made


#: Scenario: exit code, and what is said besides.
SHOWN = {
    "quiet-high-street": (0, ()),
    "busy-interchange": (0, ()),
    "misconfigured-threshold": (1, ("MORE FALSE ALERTS THAN THAT ARE SHOWN", "reports a threshold of 0.56")),
    "list-left-loaded": (0, ("lie in hours of which no count of faces came",)),
    "corners-cut": (0, ()),
    "events-lost": (0, ("alerts that the engine counts are not here", "more is shown only if every unresolved")),
}


@pytest.mark.parametrize("name", SHOWN)
def test_each_scenario_shows_what_is_planted(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, sayings = SHOWN[name]
    command = taken(tmp_path, name)
    capsys.readouterr()
    assert run([*command, "--tested", TESTED]) == code
    out = capsys.readouterr().out
    for saying in sayings:
        assert saying in out
    assert "STOP RULE FIRED" not in out
    assert ("MORE FALSE" in out) == (name == "misconfigured-threshold")


def test_one_deployment_of_the_biased_engine_says_nothing_about_groups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(SHOWN) | {"biased-engine"} == set(SHIPPED)
    command = taken(tmp_path, "biased-engine", seed=3)
    capsys.readouterr()
    run([*command, "--tested", TESTED])
    assert "group" not in capsys.readouterr().out


def test_every_line_has_count_interval_and_sentence(quiet: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*quiet, "--tested", "1/6000@10000@0.60", "--faces-off", "30"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in ("tested rate", "own ceiling, false alerts per face"):
        [line] = [one for one in lines if one.startswith(f"{name} [")]
        assert re.search(r"\]: \d+ false alerts? in [\d,]+ faces; (at most|[\d.]+ to) [\d.]+ times that; ", line)
        assert re.search(r"nothing shown; a 3-fold excess would be seen after about [\d,]+ more faces$", line)
    assert any(line.startswith("stop rule [ceiling-exceeded") for line in lines)


def test_json_is_the_same_statements(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = taken(tmp_path, "corners-cut")
    capsys.readouterr()
    run([*command, "--tested", TESTED])
    plain = capsys.readouterr().out
    run([*command, "--tested", TESTED, "--json"])
    data = json.loads(capsys.readouterr().out)
    assert [line["name"] for line in data["lines"]] == [
        "tested rate", "own ceiling, false alerts per face", "change in alert rate", "late rise",
    ]  # fmt: skip
    for one in (*data["lines"], *data["stop_rule"]):
        assert one["sentence"] in plain
    assert data["closed"]
    assert data["stop_rule"][0]["chance_of_a_false_stop"] == 0.01


def test_a_firing_is_loud_and_leaves_an_unsigned_paper(
    loud: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = tmp_path / "fired.toml"
    assert run([*loud, "--firing", str(paper)]) == 1
    out = capsys.readouterr().out
    assert "STOP RULE FIRED [ceiling-exceeded 0.01: suspend]: met by the end of 2026-03-07T10Z, with " in out
    assert "Countersign stops nothing. To suspend is for authorising officer, commander or operator" in out
    facts = tomllib.loads(paper.read_text())
    firing = facts["sealed"]["firing"]
    assert (firing["when"], facts["action"], firing["hour"]) == ("ceiling-exceeded", "suspend", "2026-03-07T10Z")
    assert "live.suspended" in paper.read_text()


def test_where_nothing_fires_no_paper_is_written(tmp_path: Path) -> None:
    command = taken(tmp_path, "quiet-high-street")
    assert run([*command, "--firing", str(tmp_path / "fired.toml")]) == 0
    assert not (tmp_path / "fired.toml").exists()


@pytest.mark.slow
def test_a_firing_is_entered_once(van: Van) -> None:
    """Forty false alerts in an hour of 400 faces, under the limits that the log declares (a plain rule)."""
    events = [
        event("engine", 1, "2026-03-02T15:00:00Z", "live.hour", {"hour": "2026-03-02T14Z", "faces": 400, "alerts": 40})
    ]
    content = {
        "camera": "c1", "score": "0.7", "threshold": "0.64", "entry": 1, "outcome": "false", "adjudications": [],
    }  # fmt: skip
    for number in range(1, 41):
        at = f"2026-03-02T14:{number:02d}:00Z"
        events.append(event("c1", number, at, "live.hour/alerts", content | {"at": at}, subject=f"track-{number}"))
    van.take(events)
    watch = ("events", "watch", "journal", *van.about(), "--log", "a", "--key", "engineer.key")
    before = van.entries()
    van.desk.tell(*watch, code=1)
    van.desk.tell(*watch, code=1)
    assert van.entries() == before + 1
    with log_opened(van.desk.home / "a", reading=True) as log:
        [entry] = log.log.entries(before, before + 1)
    assert entry.draft.kind == "live.stop-rule-fired"
    assert set(entry.draft.facts) == {"limits", "action"}
    [sealed] = van.view().get("stop_rule_fired.sealed.firing.events")
    assert sealed.value == 40
    assert "--log and --key go together" in van.desk.tell(*watch[:-2], code=2)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (["--deployment", "force-a/other"], 4, "declares the limits of"),
        (["--tested", "1/6000"], 2, "tested-rate-wrong"),
        (["--tested", "1/6000@10000@0.70"], 2, "tested at threshold 0.70"),
        (["--tested", "missing.json"], 5, "missing.json"),
        (["--list-size", "noon=5"], 2, "is not like"),
        (["--list-size", "2026-99-99T10:00:00Z=5"], 2, "is not a time"),
        (["--earlier", "5/0"], 2, "ALERTS/FACES"),
        (["--limits", "missing"], 5, "missing"),
    ],
)
def test_bad_input_is_a_sentence(
    change: list[str], code: int, said: str, quiet: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*quiet, *change]) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_a_rate_of_a_test_on_another_list_is_scaled_and_said(
    quiet: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run([*quiet, "--tested", "1/6000@100000"])
    out = capsys.readouterr().out
    assert "on a list of 2,000, scaled from 1 in 6,000 on 100,000" in out
    assert "lists this far apart are compared by the model alone" in out


def test_a_trial_of_the_engine_gives_the_tested_rate(
    quiet: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, out = tmp_path / "made-up", tmp_path / "report"
    assert run(["trial", "simulate", "--group", "a=300", "--group", "b=100", "--form", "csv", "--out", str(made)]) == 0
    evaluate = ["trial", "evaluate", str(made / "searches.csv"), "--subjects", str(made / "subjects.csv")]
    assert run([*evaluate, "--threshold", "0.6", "--title", "A trial", "--format", "json", "--out", str(out)]) == 0
    [figure] = [
        one for one in json.loads((out / "trial.json").read_bytes())["figures"]
        if one["measure"] == "fpir" and not one["group"]
    ]  # fmt: skip
    capsys.readouterr()
    assert run([*quiet, "--tested", str(out / "trial.json")]) == 0
    shown = capsys.readouterr().out
    assert f"({figure['events']} in {figure['trials']:,} searches, upper end of the interval), tested at 0.6" in shown
    assert "on a list of 2,000, scaled from " in shown


def test_broken_journals_are_refused_and_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = taken(tmp_path, "quiet-high-street")
    journal = tmp_path / "journal"
    whole = journal.read_bytes()
    for content in (whole[: len(whole) // 2], b"not a journal, but long enough to be looked at as one" * 30):
        journal.write_bytes(content)
        capsys.readouterr()
        assert run(command) == 5
        assert "journal-unreachable" in capsys.readouterr().err
    journal.unlink()
    assert run(command) == 5
    assert not journal.exists()


def test_a_journal_of_another_deployment_and_limits_without_a_rule_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    command, other = taken(tmp_path, "quiet-high-street"), taken(tmp_path / "other", "corners-cut")
    capsys.readouterr()
    assert run([*command[:2], other[2], *command[3:]]) == 4
    assert "journal-elsewhere" in capsys.readouterr().err
    limits = tmp_path / "export.jsonl.limits.json"
    document = json.loads(limits.read_bytes())
    without = {name: value for name, value in document.items() if name != "stop_rule"}
    for one in (without, document | {"stop_rule": []}):
        limits.write_bytes(canonical.render(one))
        assert run(command) == 2
        assert "stop_rule" in capsys.readouterr().err


@pytest.mark.slow
def test_following_ends_at_the_close(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is filled in two parts while it is followed; each part is said, a line that stays is said once."""
    monkeypatch.setattr(events_watch, "PAUSE", 0.01)
    command = taken(tmp_path, "quiet-high-street")
    export = tmp_path / "export.jsonl"
    lines = export.read_bytes().splitlines(keepends=True)
    (tmp_path / "journal").unlink()
    (tmp_path / "journal.refused.jsonl").unlink()
    about = command[3:]

    def take_until(count: int) -> None:
        part = tmp_path / "part.jsonl"
        part.write_bytes(b"".join(lines[:count]))
        program = [sys.executable, "-m", "countersign", "events", "take", str(part), *about, "--journal", command[2]]
        subprocess.run(program, check=False, capture_output=True)

    half = next(n for n, line in enumerate(lines) if b'"2026-03-07T11Z"' in line) + 1
    take_until(half)
    later = threading.Timer(0.2, take_until, (len(lines),))
    later.start()
    capsys.readouterr()
    assert run([*command, "--follow", "--plain"]) == 0
    later.join()
    out = capsys.readouterr().out
    assert "in 2 hours up to the end of 2026-03-07T11Z" in out
    assert "in 5 hours up to the end of 2026-03-07T14Z" in out
    assert len([line for line in out.splitlines() if "note:" in line]) == len({
        line[21:] for line in out.splitlines() if "note:" in line
    })  # fmt: skip


@pytest.mark.slow
def test_an_interrupted_follow_leaves_nothing(tmp_path: Path) -> None:
    command = taken(tmp_path, "quiet-high-street")
    export = tmp_path / "export.jsonl"
    lines = [line for line in export.read_bytes().splitlines(keepends=True) if b"close.cancellation" not in line]
    export.write_bytes(b"".join(lines))
    (tmp_path / "journal").unlink()
    run(["events", "take", str(export), *command[3:], "--journal", command[2]])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    program = [sys.executable, "-m", "countersign", *command, "--follow", "--firing", str(tmp_path / "fired.toml")]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "force-a/quiet-high-street: " in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=90)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert {
        path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix not in (".wal", ".shm")
    } == before


@pytest.mark.slow
def test_a_terminal_gets_a_view(loud: list[str]) -> None:
    parent, child = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "NO_COLOR": "1"}
    program = [sys.executable, "-m", "countersign", *loud, "--tested", TESTED]
    process = subprocess.Popen(program, stdout=child, stderr=child, stdin=child, env=environment)
    os.close(child)
    shown = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert process.wait(timeout=90) == 1
    os.close(parent)
    text = shown.decode()
    assert "STOP RULE FIRED" in text
    assert "what is shown" in text
    assert max(len(line) for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).splitlines()) <= 100


def test_groups_are_watched_over_what_the_log_states(van: Van) -> None:
    """Two quarters of eight deployments each, stated in the log: an excess on one group is shown."""
    assert "states no counts by group" in van.desk.tell("events", "equality", "a")
    quarters = (("2025-07-01", "2025-09-30"), ("2025-10-01", "2025-12-31"))
    for number, (start, end) in enumerate(quarters):
        groups = "".join(
            f'[[groups]]\ncharacteristic = "ethnicity"\ngroup = "{name}"\nfaces = {faces}\n'
            f"alerts = 40\nfalse = {false}\n"
            for name, faces, false in (("group-1", 70_000, 5), ("group-2", 30_000, 35))
        )
        text = f'period_start = "{start}"\nperiod_end = "{end}"\nreport = "{"ab" * 32}"\ndeployments = 8\n{groups}'
        (van.desk.home / f"report-{number}.toml").write_text(text)
        van.desk.tell("deployment", "enter", "a", "review.disparity", f"report-{number}.toml", "--key", "owner.key")
    out = van.desk.tell("events", "equality", "a", code=1)
    assert "ethnicity, 2025-07-01 to 2025-12-31, 2 periods" in out
    assert "group-2 (22.2% to 39.2% of the faces): 70 of 80 false alerts; " in out
    assert "MORE FALSE ALERTS ON THIS GROUP THAN EQUAL RATES ALLOW ARE SHOWN" in out
    assert "group-1" in out
    data = json.loads(van.desk.tell("events", "equality", "a", "--json", code=1))
    assert [one["shown"] for one in data["characteristics"]["ethnicity"]["groups"]] == [True, False]
    assert "--share" in van.desk.tell("events", "equality", "a", "--share", "ethnicity=1", code=2)
