"""Forecasts, simulations and what comes of a rehearsal are no evidence: each door of the record refuses them."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.test_deployment import office, opened
from tests.cli.test_entering import Van, alert, closed, event, exported, kept, van
from tests.conftest import Played

from countersign.cli.main import run
from countersign.surroundings import ASSUMED, REAL, REHEARSED, Surroundings, surrounded

__all__ = ["kept", "office", "opened", "van"]

#: What somebody might take for evidence, and how it is made.
MADE: dict[str, list[str]] = {
    "forecast.json": ["forecast", "biased-engine", "--runs", "3", "--json"],
    "forecast.toml": ["forecast", "biased-engine", "--runs", "3"],
    "truth.json": ["simulate", "biased-engine"],
}


@pytest.fixture
def made(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        capsys.readouterr()
        assert run(MADE[name]) == 0
        path = tmp_path / name
        path.write_text(capsys.readouterr().out, encoding="utf-8")
        return path

    return make


@pytest.fixture
def log(quiet: Played, tmp_path: Path) -> Iterator[Path]:
    """A copy of a log: that of a rehearsal, which takes no forecast either."""
    shutil.copytree(quiet.out / "force", tmp_path / "force")
    later = datetime.datetime(2026, 5, 1, 9, tzinfo=datetime.UTC)
    with surrounded(Surroundings(lambda: later, REAL.random_bytes)):
        yield tmp_path / "force" / "log"


def signed(log: Path, role: str) -> list[str]:
    return ["--key", str(log.parent / "keys" / f"{role}.key"), "--passphrase-file", str(log.parent / "passphrase.txt")]


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize(
    ("kind", "role"), [("programme.engine-test", "engineer"), ("review.statistics", "engineer"),
                       ("review.disparity", "senior-owner")],
)  # fmt: skip
def test_no_kind_of_entry_takes_one_as_a_paper(
    name: str, kind: str, role: str, log: Path, made: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    paper = made(name)
    before = (log / "entries.db").read_bytes()
    assert run(["deployment", "enter", str(log), kind, str(paper), *signed(log, role)]) == 4
    said = capsys.readouterr().err
    assert "[made-up-no-evidence]" in said
    assert f'{paper}: is stamped "{ASSUMED}": it is made up, and no evidence' in said
    assert (log / "entries.db").read_bytes() == before


@pytest.mark.parametrize("place", ["facts", "sealed"])
def test_a_figure_with_its_stamp_is_refused_wherever_it_stands_in_a_paper_or_a_batch(
    place: str, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statement = {"kind": "review.retrieval-test", "facts": {"files_asked": 2, "files_found": 2}, "sealed": {}}
    statement[place] |= {"note": f"two false alerts, {ASSUMED}"}  # type: ignore[operator]
    batch = tmp_path / "batch.jsonl"
    batch.write_text(json.dumps(statement))
    words = ["deployment", "enter-batch", str(log), str(batch), "--deployment", "quiet-high-street"]
    assert run([*words, *signed(log, "data-protection-officer")]) == 4
    assert "[made-up-no-evidence]" in capsys.readouterr().err


def test_the_record_itself_takes_none_either(
    log: Path, made: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["record", "append", str(log), "--kind", "record.retention-rule", "--role", "custodian", "--facts"]
    assert run([*words, str(made("forecast.json")), *signed(log, "custodian")]) == 4
    assert "[made-up-no-evidence]" in capsys.readouterr().err


def test_what_says_that_it_is_a_rehearsal_is_no_paper(
    quiet: Played, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = quiet.out / "rehearsal.json"
    assert REHEARSED in paper.read_text(encoding="utf-8")
    assert run(["deployment", "enter", str(log), "review.statistics", str(paper), *signed(log, "engineer")]) == 4
    assert "says that it comes of a rehearsal, and no evidence" in capsys.readouterr().err


@pytest.mark.parametrize("name", MADE)
def test_it_is_no_tested_rate(
    name: str, tmp_path: Path, made: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    paper, export = made(name), tmp_path / "export.jsonl"
    assert run(["simulate", "quiet-high-street", "--out", str(export)]) == 0
    about = ["--deployment", "force-a/quiet-high-street", "--limits", f"{export}.limits.json"]
    journal = str(tmp_path / "journal")
    assert run(["events", "take", str(export), *about, "--journal", journal]) == 0
    assert "are made up (assumed, not measured): no log but a rehearsal's takes them." in capsys.readouterr().out
    assert run(["events", "watch", journal, *about]) == 0
    assert "events watched are made up: all these figures are assumed, not measured" in capsys.readouterr().out
    assert run(["events", "watch", journal, *about, "--tested", str(paper)]) == 4
    assert "[made-up-no-evidence]" in capsys.readouterr().err


@pytest.mark.parametrize("name", MADE)
def test_it_is_no_trial(name: str, made: Callable[[str], Path], tmp_path: Path) -> None:
    """A trial reads tables of searches; a forecast is none, whatever it is called."""
    paper = made(name)
    table = tmp_path / "searches.csv"
    shutil.copy(paper, table)
    out = tmp_path / "trial"
    assert (
        run(["trial", "evaluate", str(table), "--obtained", "assigned", "--threshold", "0.6", "--out", str(out)]) == 2
    )
    assert not out.exists()


@pytest.mark.slow
def test_made_up_events_enter_no_log_but_a_rehearsals(van: Van) -> None:
    """Among true events one that is stamped: nothing is entered, also not by way of a batch."""
    van.take([*exported(), alert(2, "2026-03-02T14:15:00Z", "track-c") | {"stamp": ASSUMED}])
    closed(van)
    before = van.entries()
    told = van.enter(code=4)
    assert "[made-up-no-evidence]" in told
    assert f'1 of the events is stamped "{ASSUMED}"' in told
    assert van.entries() == before
    desk, signer = van.desk, (van.desk.home / "engineer.key").read_text(encoding="ascii").splitlines()
    desk.tell("events", "export", *van.about(), "--journal", "journal", "--out", "batches", "--key", "engineer.key")
    public = next(line for line in signer if line.startswith("key ")).removeprefix("key ")
    desk.tell("events", "import", "batches/batch-000001.jsonl", *van.about(), "--journal", "other", "--signer", public)
    told = desk.tell("events", "enter", "other", "a", *van.about(), "--key", "engineer.key", code=4)
    assert "[made-up-no-evidence]" in told


def test_a_stamp_of_another_form_is_no_field(van: Van) -> None:
    told = van.take([*exported(), alert(2, "2026-03-02T14:15:00Z", "track-c") | {"stamp": "measured"}])
    assert "stamp: stands on what is made up alone, and has one form" in told


def test_a_stop_rule_that_fires_on_made_up_events_enters_no_log(van: Van) -> None:
    """Neither at once nor by the paper, which carries the stamp on."""
    hour = "2026-03-02T14Z"
    fell = [event("engine", 1, "2026-03-02T15:00:00Z", "live.hour", {"hour": hour, "faces": 100, "alerts": 40})]
    content = {
        "camera": "c1", "score": "0.7", "threshold": "0.64", "entry": 1, "outcome": "false", "adjudications": [],
    }  # fmt: skip
    for number in range(1, 41):
        at = f"2026-03-02T14:{number:02}:00Z"
        fell.append(event("c1", number, at, "live.hour/alerts", content | {"at": at}, subject=f"track-{number}"))
    van.take([one | {"stamp": ASSUMED} for one in fell])
    before, watching = van.entries(), ("events", "watch", "journal", *van.about(), "--firing", "fired.toml")
    told = van.desk.tell(*watching, "--log", "a", "--key", "engineer.key", code=4)
    assert "STOP RULE FIRED" in told
    assert "[made-up-no-evidence]" in told
    words = ("deployment", "enter", "a", "live.stop-rule-fired", "fired.toml", "--deployment", "d-1")
    assert "[made-up-no-evidence]" in van.desk.tell(*words, "--key", "engineer.key", code=4)
    assert van.entries() == before
