"""An outside body keeps its own log, says what it saw or judged, and a review sets it beside a force's record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from tests.cli.test_deployment import Desk, at_moment, cheap_keys
from tests.making.two_deployments import NOW, ORIGIN, two_deployments

from countersign.cli import draft, observe
from countersign.cli.main import run
from countersign.record.entries.entry import key_id
from countersign.register import deployments, drafts, opening
from countersign.register.keys import public_key

FORCE = NOW.partition("/")[0]
AT = ("--at", "2026-01-01T09:00:00Z")
SEEN = ("--first", "2026-03-01 10:00 Europe/London", "--last", "2026-03-01 11:30 Europe/London")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A force's log, and the logs of a panel and of street observers, each with one key registered."""
    home = tmp_path_factory.mktemp("outside")
    (home / "pass").write_text("a passphrase\n")
    (home / "pass").chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        cheap_keys(patch)
        patch.setenv("COUNTERSIGN_LOG_PASSPHRASE_FILE", "pass")
        force = two_deployments(home / "force")
        (home / "trust.policy").write_bytes(force.policy.render())
        force.bundle(NOW, home / "d.bundle")
        for body, kind, role in (("panel", "panel", "ethics-body"), ("watchers", "observer", "observer")):
            for key in (f"{body}-registrar", body):
                assert run(["key", "new", "--name", key, "--out", f"{key}.key"]) == 0
            named = ("--origin", f"{body}.example/log", "--subject", f"{body}-a", "--body", kind)
            assert run(["record", "init", body, *named, "--registrar", f"{body}-registrar.key", *AT]) == 0
            register = ("key", "register", body, f"{body}.key", "--role", role, "--key", f"{body}-registrar.key", *AT)
            assert run([*register]) == 0
            vkey = (home / body / "log.vkey").read_text().strip()
            assert run(["policy", "new", "--log", vkey, "--out", f"{body}.policy"]) == 0
        bodies: tuple[str, ...] = ("--log", "Borough ethics panel", "panel", FORCE, "panel.policy")
        bodies += ("--log", "Street watchers", "observer", FORCE, "watchers.policy")
        assert run(["policy", "reader", *bodies, "--out", "reader.toml"]) == 0
    return home


@pytest.fixture
def desk(made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.chdir(made)
    cheap_keys(monkeypatch)
    monkeypatch.setenv("COUNTERSIGN_LOG_PASSPHRASE_FILE", "pass")
    desk = Desk(made, capsys)
    desk.now = "2026-03-20T09:00:00Z"
    for module in (deployments, drafts, draft, observe, opening):
        monkeypatch.setattr(module, "current", lambda: at_moment(desk.now))
    capsys.readouterr()
    return desk


def for_key(name: str) -> tuple[str, str]:
    return "--for", key_id(public_key(f"{name}.key").public_key)[:12]


def entered(desk: Desk, log: str, *words: str) -> str:
    """A draft made, signed and appended; what making it said."""
    said = desk.tell("observe", words[0], log, *for_key(log), *words[1:], "--out", "a.draft")
    desk.tell("draft", "sign", "a.draft", "--key", f"{log}.key", "--yes", "--out", "a.signed")
    desk.tell("draft", "append", log, "a.signed")
    return said


def reviewed(desk: Desk, *sources: str, reader: str | None = "reader.toml", code: int = 0) -> Any:
    words = ("--policy", "trust.policy", *(() if reader is None else ("--reader", reader)))
    about = ("--deployment", NOW.partition("/")[2], "--format", "json", "--out", "out")
    told = desk.tell("review", *sources, *words, *about, code=code)
    return told if code else json.loads(Path("out/review.json").read_bytes())


@pytest.mark.slow
def test_a_panel_and_an_observer_stand_in_the_report_beside_the_force(desk: Desk) -> None:
    before = {each["id"]: each for each in reviewed(desk, "d.bundle")["duties"]}
    who = before["uk.bridges.who"]
    assert who["state"] == "stated"
    said = ("statement", "--says", "bears-out", "--duty", "uk.bridges.who", "--ground", "papers-read")
    told = entered(desk, "panel", *said, "--source", "d.bundle", "--entry", str(who["entries"][0]))
    assert f"About entry {who['entries'][0]} of {ORIGIN}: review.judgement" in told
    entered(
        desk, "watchers", "new", "--about", FORCE, "--place", "A square", *SEEN, "--signs", "none", "--stopped", "3"
    )
    found = reviewed(desk, "d.bundle", "panel/public", "watchers")
    duties = {each["id"]: each for each in found["duties"]}
    assert duties["uk.bridges.who"]["state"] == "met"
    assert duties["uk.open.signage"]["state"] == "not met"
    assert [(log["origin"], log["outside"]) for log in found["outside_logs"]] == [
        ("panel.example/log", True), ("watchers.example/log", True),
    ]  # fmt: skip
    assert [(each["says"], each["matched"]) for each in found["outside"]] == [("bears-out", True), ("seen", True)]
    assert found["outside"][1]["first"] == "2026-03-01T10Z"

    # Without a reader's file nobody is outside, and the report says so first.
    alone = reviewed(desk, "d.bundle", "panel/public", reader=None)
    first = "No reader's file was given, so nobody is outside: the log panel.example/log, given beside, was not read."
    assert first in alone["summary"][1:3]
    assert {each["id"]: each["state"] for each in alone["duties"]}["uk.bridges.who"] == "stated"
    assert [log["outside"] for log in alone["outside_logs"]] == [False]


@pytest.mark.slow
def test_a_readers_file_that_lies_about_an_origin_makes_nothing_outside(desk: Desk) -> None:
    text = Path("reader.toml").read_text()
    # The force's own log named as the panel's: no record of a force is left.
    own = Path("trust.policy").read_text()
    lie = f'form = "countersign-reader/2"\n[[log]]\norigin = "{ORIGIN}"\nbody = "A panel"\nkind = "panel"\n'
    Path("lie.toml").write_text(f'{lie}forces = ["{FORCE}"]\npolicy = {json.dumps(own.splitlines())}\n')
    assert "so none is left that is a force's" in reviewed(desk, "d.bundle", reader="lie.toml", code=2)
    # The panel's origin with another log's key, and another origin with the panel's key.
    keys = [Path(f"{body}/log.vkey").read_text().strip() for body in ("panel", "watchers")]
    Path("lie.toml").write_text(text.replace(keys[0], keys[1]))
    assert "names keys of other logs" in reviewed(desk, "d.bundle", "panel/public", reader="lie.toml", code=2)
    assert run(["key", "new", "--name", "panel.example/log", "--out", "other.key"]) == 0
    other = public_key("other.key").render()
    Path("lie.toml").write_text(text.replace(keys[0], other))
    assert "Borough ethics panel" in reviewed(desk, "d.bundle", "panel/public", reader="lie.toml", code=1)


@pytest.mark.slow
def test_a_second_log_of_the_force_named_as_a_panels_moves_nothing_and_the_report_says_so_first(desk: Desk) -> None:
    named = ("--origin", "second.example/log", "--subject", FORCE, "--body", "panel")
    desk.tell("record", "init", "second", *named, "--registrar", "panel-registrar.key", *AT)
    desk.tell("policy", "new", "--log", Path("second/log.vkey").read_text().strip(), "--out", "second.policy")
    desk.tell("policy", "reader", "--log", "A panel", "panel", FORCE, "second.policy", "--out", "second.toml")
    found = reviewed(desk, "d.bundle", "second/public", reader="second.toml")
    assert [log["outside"] for log in found["outside_logs"]] == [False]
    assert "it does not count as outside, because it was opened as a log of" in " ".join(found["summary"][:3])


@pytest.mark.slow
def test_an_observer_is_walked_through_what_they_saw(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([FORCE, "High Street", "2026-03-01 09:30 Europe/London", "2026-03-01T11Z", "none", "", "4", ""])
    asked = []

    def answered(text: str, type: Any = None, default: Any = None) -> Any:
        asked.append(text)
        given = next(answers)
        return given if type is str else click.types.convert_type(type).convert(given, None, None)

    monkeypatch.setattr(click, "prompt", answered)
    said = desk.tell("observe", "new", "watchers", *for_key("watchers"), "--out", "walked.draft")
    assert f"about {FORCE}" in said
    assert len(asked) == 8
    shown = desk.tell("draft", "show", "walked.draft")
    for words in ("High Street", "2026-03-01T09Z", "stopped"):
        assert words in shown
    assert "leaflets" not in shown
    desk.tell("draft", "discard", "watchers", said.split()[1])


@pytest.mark.slow
def test_nothing_is_asked_for_a_log_that_is_not_there_or_takes_none_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(click, "prompt", lambda *_, **__: pytest.fail("asked"))
    assert "[log-folder-missing]" in desk.tell("observe", "new", "nowhere", "--out", "no.draft", code=5)
    told = desk.tell("observe", "new", "panel", "--out", "no.draft", code=4)
    assert "observer.sighting: no key of panel.example/log may sign it, as observer" in told


def test_a_force_that_is_no_short_name_is_asked_for_again() -> None:
    with pytest.raises(click.UsageError, match="small letters, digits and hyphens"):
        observe.About().convert("Force A", None, None)
    with pytest.raises(click.UsageError, match="with its zone"):
        observe.Hour().convert("2026-03-01 10:00", None, None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "--about", "watchers-a", "--place", "A", *SEEN, "--signs", "none"), "the body itself"),
        (("new", "--about", FORCE, "--place", "Jo, jo@example.org", *SEEN, "--signs", "none"), "e-mail"),
        (("new", "--about", FORCE, "--place", "SW1A 1AA", *SEEN, "--signs", "none"), "postcode"),
        (("new", "--about", FORCE, "--place", "A", *SEEN[2:], "--first", "2026-03-02T09Z", "--signs", "none"), "after"),
        (("new", "--about", "Force A", "--place", "A", *SEEN, "--signs", "none"), "is no force or deployment"),
        (("statement", "--says", "contradicts", "--duty", "uk.no.such", "--ground", "seen", "--about", NOW), "no duty"),
        (
            ("statement", "--says", "contradicts", "--duty", "uk.open.signage", "--ground", "seen", "--about", FORCE),
            "names no entry (about), no deployment, and no place",
        ),
        (("statement", "--says", "contradicts", "--duty", "uk.open.signage", "--ground", "seen"), "Give --source"),
    ],
)
def test_what_an_outside_log_does_not_take_is_refused_with_the_reason(
    desk: Desk, words: tuple[str, ...], said: str
) -> None:
    told = run(["observe", words[0], "watchers", *for_key("watchers"), *words[1:], "--out", "no.draft"])
    assert told != 0
    captured = desk.capsys.readouterr()
    assert said in captured.out + captured.err
    assert not Path("no.draft").exists()


@pytest.mark.slow
def test_an_outside_log_takes_no_act_of_a_force(desk: Desk) -> None:
    Path("paper.json").write_text(json.dumps({"since": "2026-03-01T09:00:00Z"}))
    about = ("--deployment", NOW, *for_key("watchers"), "--role", "commander")
    told = desk.tell("draft", "check", "watchers", "live.staffing", "paper.json", *about, code=2)
    assert "Traceback" not in told
