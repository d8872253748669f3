"""A rehearsal in which everyone does as promised: what it leaves, what it shows, and what it does to the world."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Played

import countersign.rehearse
from countersign.cli.main import run
from countersign.surroundings import REHEARSAL, REHEARSED

SOURCE = Path(next(iter(countersign.rehearse.__path__)))
#: What a rehearsal may know of the product beside its commands: the scenario, errors, progress, the seam, and how
#: moments and names are written.
ALLOWED = {
    "countersign.deployments.clock", "countersign.errors",
    "countersign.made_up.scenario", "countersign.output", "countersign.progress",
    "countersign.record.entries.forms", "countersign.surroundings", "countersign.words.dates",
}  # fmt: skip


def test_it_shows_nothing_but_what_it_leaves_unshown_which_is_nothing(quiet: Played) -> None:
    assert quiet.summary["events"] == []
    assert quiet.summary["findings"] == {}
    assert quiet.summary["duties"] == {"not met": [], "not shown": []}
    # The force's own word alone stays "stated", however well it acts.
    assert quiet.summary["counts"]["stated"] > quiet.summary["counts"]["met"] > 10


def test_officers_judge_each_alert_with_their_own_keys_before_the_export_says_so(quiet: Played) -> None:
    said = (quiet.out / "commands.txt").read_text()
    assert " 0 without an alert, 0 alerts without a number." in said
    report = json.loads((quiet.out / "report" / "review.json").read_bytes())
    [decision] = [section for section in report["sections"] if section["id"] == "decision"]
    [table] = [block for block in decision["blocks"] if block.get("anchor") == "judgements"]
    assert all(row[2]["number"] == row[3]["number"] > row[4]["number"] == 0 for row in table["rows"])


def reviewed(quiet: Played, out: Path, *options: str) -> dict[str, Any]:
    bundle, policy = quiet.out / "quiet-high-street.bundle", quiet.out / "trust.policy"
    words = ["review", str(bundle), "--policy", str(policy), "--format", "json", "--out", str(out), *options]
    assert run(words) == 0
    seen: dict[str, Any] = json.loads((out / "review.json").read_bytes())
    return seen


def outcomes(seen: dict[str, Any]) -> dict[str, set[str]]:
    """The duties of each outcome."""
    states = ("met", "stated", "not met", "not shown")
    return {state: {duty["id"] for duty in seen["duties"] if duty["state"] == state} for state in states}


def test_nobody_is_outside_without_a_readers_file_and_the_report_says_so_first(quiet: Played, tmp_path: Path) -> None:
    named = reviewed(quiet, tmp_path / "named", "--reader", str(quiet.out / "reader.toml"))
    alone = reviewed(quiet, tmp_path / "alone")
    assert "No reader's file was given, so nobody is outside" in json.dumps(alone)
    assert "call their evidence an engine's" in json.dumps(named)  # the force's engineer entered the engine's events
    lost = outcomes(named)["met"] - outcomes(alone)["met"]
    assert lost
    assert lost <= outcomes(alone)["stated"]
    assert {duty["id"] for duty in alone["duties"] if set(duty["supplied_by"]) - {"force"}} == set()
    # What is still met rests on arithmetic that anyone can repeat.
    assert {duty["id"] for duty in alone["duties"] if duty["state"] == "met"} == outcomes(named)["met"] & outcomes(
        alone
    )["met"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('forces = ["{force}"]', 'forces = ["another-force"]'),
        ('roles = ["reviewer"]', 'roles = ["observer"]'),
        ('kind = "reviewer"', 'kind = "observer"'),
    ],
)
def test_a_readers_file_that_does_not_fit_bears_nothing_out(
    quiet: Played, tmp_path: Path, before: str, after: str
) -> None:
    text = (quiet.out / "reader.toml").read_text()
    force = re.findall(r'forces = \["(.*)"\]', text)[0]
    changed = tmp_path / "reader.toml"
    changed.write_text(text.replace(before.replace("{force}", force), after))
    assert changed.read_text() != text
    named = outcomes(reviewed(quiet, tmp_path / "named", "--reader", str(quiet.out / "reader.toml")))
    other = outcomes(reviewed(quiet, tmp_path / "other", "--reader", str(changed)))
    assert other["met"] < named["met"]


def test_no_key_of_the_readers_file_ever_lay_in_the_forces_folder(quiet: Played) -> None:
    keys = re.findall(r'key = "(.*)"', (quiet.out / "reader.toml").read_text())
    assert len(keys) == 5
    for path in (quiet.out / "force").rglob("*.key"):
        assert not any(key in path.read_text() for key in keys)
    # Beside them those of the street observers, who keep a log of their own.
    assert len(list((quiet.out / "outside").glob("*.key"))) == 5 + 2


def test_the_street_observers_log_stands_beside_the_force_in_the_report(quiet: Played) -> None:
    assert (quiet.out / "outside" / "watchers" / "public" / "checkpoint").is_file()
    assert "[[log]]" in (quiet.out / "reader.toml").read_text()
    review = json.loads((quiet.out / "report" / "review.json").read_bytes())
    assert [(log["body"], log["outside"]) for log in review["outside_logs"]] == [("Street watchers", True)]
    assert [(each["says"], each["matched"]) for each in review["outside"]] == [
        ("seen", True), ("bears-out", True), ("bears-out", True),
    ]  # fmt: skip
    [notice] = [duty for duty in review["duties"] if duty["id"] == "uk.open.advance-notice"]
    assert (notice["state"], notice["supplied_by"]) == ("met", ["force", "observer"])


def test_it_leaves_bundle_policy_report_site_papers_and_the_truth_apart(
    quiet: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (
        "quiet-high-street.bundle", "trust.policy", "reader.toml", "report/review.html", "report/evidence.html",
        "report/review.pdf", "report/review.json",
        "site/index.html", "site/feed.xml", "truth.json", "commands.txt",
    ):  # fmt: skip
        assert (quiet.out / name).stat().st_size > 100, name
    [folder] = (quiet.out / "papers").iterdir()
    assert sorted(one.name for one in folder.iterdir()) == [
        "leaflet-cy.pdf", "leaflet-en.pdf", "sign-cy.pdf", "sign-en.pdf",
    ]  # fmt: skip
    bundle, policy = quiet.out / "quiet-high-street.bundle", quiet.out / "trust.policy"
    assert run(["verify", str(bundle), "--policy", str(policy)]) == 0
    assert REHEARSED in capsys.readouterr().out


def test_the_counts_of_the_record_are_those_of_the_truth(quiet: Played) -> None:
    truth = json.loads((quiet.out / "truth.json").read_bytes())["by_group"].values()
    totals = json.loads((quiet.out / "report" / "review.json").read_bytes())
    faces = sum(group["captured"] for group in truth)
    alerts = sum(group["true_alerts"] + group["false_alerts"] for group in truth)
    data = json.loads((quiet.out / "site" / "data" / "deployments.json").read_bytes())
    text = json.dumps(data)
    assert f'"faces": {faces}' in text
    assert f'"alerts": {alerts}' in text
    assert f"{faces:,} faces" in " ".join(totals["summary"])


def test_the_witness_was_another_process_and_has_ended(quiet: Played) -> None:
    [(witness, words)] = [
        (one, list(map(str, one.args)))  # type: ignore[arg-type]
        for one in quiet.processes if "countersign.cli.made_up" in str(one.args)
    ]  # fmt: skip
    assert witness.pid != os.getpid()
    assert "serve" in words
    assert witness.returncode == 0


def test_nothing_but_the_loopback_interface_was_connected_to(quiet: Played) -> None:
    assert quiet.addresses
    assert {address[0] for address in quiet.addresses} == {"127.0.0.1"}


def test_it_calls_commands_and_reaches_for_nothing_behind_them() -> None:
    found: set[str] = set()
    for file in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                found.add(str(node.module))
            assert not (isinstance(node, ast.Name) and node.id in ("__import__", "importlib", "eval", "exec"))
    ours = {name for name in found if name.startswith("countersign") and not name.startswith("countersign.rehearse")}
    assert ours <= ALLOWED


def test_no_ordinary_command_can_move_the_clock_or_choose_the_bytes() -> None:
    package = SOURCE.parent
    callers = {
        file.relative_to(package).parts[0]
        for file in package.rglob("*.py")
        if re.search(r"\bsurrounded\(", file.read_text(encoding="utf-8"))
    }
    assert callers == {"rehearse", "surroundings.py"}
    seam = (package / "surroundings.py").read_text(encoding="utf-8")
    imported = {node.module for node in ast.walk(ast.parse(seam)) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "collections.abc", "contextlib", "contextvars", "dataclasses"}
    taken = "|".join((r"secrets\.", r"os\.urandom", r"datetime\.now\(", r"time\.time\(", r"\.generate\(\)"))
    for file in [*(package / "cli").rglob("*.py"), *(package / "record").rglob("*.py"), *SOURCE.glob("*.py")]:
        assert not re.search(taken, file.read_text(encoding="utf-8")), file


def test_its_keys_cannot_be_taken_for_real(quiet: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in [*(quiet.out / "force" / "keys").iterdir(), *quiet.out.rglob("witness.key")]:
        assert f"key {REHEARSAL}/" in file.read_text(encoding="ascii")
    secret = tmp_path / "secret"
    secret.write_text("a passphrase\n")
    secret.chmod(0o600)
    given = ["--passphrase-file", str(secret)]
    assert run(["key", "new", "--name", "registrar", "--out", str(tmp_path / "r.key"), *given]) == 0
    assert run([
        "record", "init", str(tmp_path / "log"), "--origin", "log.example/force-b", "--subject", "force-b",
        "--registrar", str(tmp_path / "r.key"), *given, "--log-passphrase-file", str(secret),
    ]) == 0  # fmt: skip
    engineer = quiet.out / "force" / "keys" / "engineer.key"
    code = run(["key", "register", str(tmp_path / "log"), str(engineer), "--role", "engineer", "--key",
                str(tmp_path / "r.key"), *given])  # fmt: skip
    assert code == 4
    assert "key-of-a-rehearsal" in capsys.readouterr().err


def test_whatever_people_see_says_that_it_is_made_up(quiet: Played) -> None:
    assert quiet.summary["says"] == REHEARSED
    # The verifier is the same file on every site; it says of the bundle that it is given whether that is made up.
    pages = [page for page in (quiet.out / "site").rglob("*.html") if page.name != "verify.html"]
    assert len(pages) > 10
    for page in [*pages, *(quiet.out / "report" / name for name in ("review.html", "evidence.html"))]:
        assert REHEARSED in page.read_text(encoding="utf-8"), page


def test_the_commands_name_no_folder_of_this_machine_and_can_be_read(quiet: Played) -> None:
    told = (quiet.out / "commands.txt").read_text(encoding="utf-8")
    assert str(quiet.out.parent) not in told
    assert "countersign deployment open force/log quiet-high-street" in told
    assert "countersign watchlist seal force/list.csv" in told
    assert "countersign record cosign force/log" in told
    assert "countersign publish force/log" in told


def test_the_report_says_that_the_events_show_nothing_against_the_limits(quiet: Played) -> None:
    report = (quiet.out / "report" / "evidence.html").read_text(encoding="utf-8")
    assert "Nothing in them contradicts the declared limits." in report


def test_documents_are_those_whose_digests_the_record_holds(quiet: Played) -> None:
    policy = quiet.out / "force" / "documents" / "policy.txt"
    paper = next((quiet.out / "force" / "papers").glob("*-plan-proposal.json"))
    assert json.loads(paper.read_bytes())["policy"] == hashlib.sha256(policy.read_bytes()).hexdigest()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(quiet: Played, tmp_path: Path) -> None:
    for seed, name in ((Played.SEED, "again"), (Played.SEED + 1, "other")):
        assert run(["rehearse", "quiet-high-street", "--out", str(tmp_path / name), "--seed", str(seed)]) == 0
    mine, again = _files(quiet.out), _files(tmp_path / "again")
    assert mine == again
    other = _files(tmp_path / "other")
    assert mine["quiet-high-street.bundle"] != other["quiet-high-street.bundle"]


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).digest()
        for file in folder.rglob("*") if file.is_file()
    }  # fmt: skip
