"""The record's commands as they are used: from an empty folder to a verified bundle, a witness in its own process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.making.logs import COUNTED

from countersign.cli.main import run
from countersign.record.keeping import keyfile
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.store.sequencer import Waiting

AT = "2026-03-01T09:00:00Z"
Command = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, passphrases in files, and keys whose sealing is cheap (the form is the same)."""
    monkeypatch.chdir(tmp_path)
    assert keyfile.seal_key.__kwdefaults__ is not None
    monkeypatch.setitem(keyfile.seal_key.__kwdefaults__, "cost", 10)
    monkeypatch.setenv("COUNTERSIGN_PASSPHRASE_FILE", "pass")
    monkeypatch.setenv("COUNTERSIGN_LOG_PASSPHRASE_FILE", "log.pass")
    (tmp_path / "pass").write_text("a passphrase\n")
    (tmp_path / "pass").chmod(0o600)
    (tmp_path / "log.pass").write_text("another one\n")
    (tmp_path / "log.pass").chmod(0o600)
    return tmp_path


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command that must end with the code given (0), and returns what it printed."""

    def go(*arguments: str, code: int = 0) -> str:
        result = run(list(arguments))
        captured = capsys.readouterr()
        assert result == code, f"{arguments}: {captured.out}{captured.err}"
        assert "Traceback" not in captured.err
        return captured.out + captured.err

    return go


def opened(home: Path, told: Command, *options: str) -> str:
    """A log with a custodian, a schema of its own, a watchlist of ten, and reasons; returns the log's key."""
    (home / "counted.json").write_bytes(COUNTED.text)
    (home / "list.txt").write_text("".join(f"sealed line {n:03d} of the list\n" for n in range(10)))
    (home / "reasons.txt").write_text("because of what lies sealed here, and nobody may read")
    (home / "facts.json").write_text('{"faces": 812}')
    for name in ("registrar", "operator", "custodian"):
        told("key", "new", "--name", name, "--out", f"{name}.key")
    told(
        "record", "init", "a", "--origin", "log.example/force-a", "--subject", "force-a", "--registrar",
        "registrar.key", "--schema", "counted.json", "--at", AT, *options,
    )  # fmt: skip
    for name in ("operator", "custodian"):
        told("key", "register", "a", f"{name}.key", "--role", name, "--key", "registrar.key", "--at", AT)
    told(
        "record", "append", "a", "--kind", "test.counted", "--role", "operator", "--subject", "force-a/d-1",
        "--facts", "facts.json", "--seal-set", "list=list.txt", "--seal", "reasons=reasons.txt", "--key",
        "operator.key", "--at", AT,
    )  # fmt: skip
    return (home / "a" / "log.vkey").read_text().strip()


def opening_of(bundle: Path, label: str) -> str:
    lines = map(json.loads, bundle.read_bytes().splitlines())
    return str(next(line["opening"] for line in lines if line.get("label") == label))


def found_in(folder: Path, needle: bytes) -> list[str]:
    return sorted(str(one) for one in folder.rglob("*") if one.is_file() and needle in one.read_bytes())


@pytest.mark.acceptance
def test_from_an_empty_folder_to_what_a_reviewer_holds(home: Path, told: Command) -> None:
    key = opened(home, told)
    told("policy", "new", "--log", key, "--out", "trust.policy")
    assert "force-a/d-1" in told("record", "show", "a", "3")
    assert "published up to 4" in told("record", "show", "a")
    assert json.loads(told("record", "show", "a", "3", "--json"))["facts"] == {"faces": 812}
    told("record", "prove", "a", "3", "--out", "3.proof")
    out = told("verify", "3.proof", "--policy", "trust.policy", code=3)
    assert out.startswith("Signed by the force's own key alone")
    assert "nothing is said about whether it is true" in out
    ask = ["record", "bundle", "a", "--subject", "force-a/d-1", "--audience", "ombudsman"]
    told(*ask, "--out", "plain.bundle")
    signed = ["--open", "reasons", "--open", "list", "--expires", "2026-12-31", "--key", "custodian.key", "--at", AT]
    assert "11 openings" in told(*ask, *signed, "--out", "open.bundle")
    assert b"nobody may read" not in (home / "plain.bundle").read_bytes()
    out = told("verify", "open.bundle", "--policy", "trust.policy", code=3)
    assert "11 sealed values opened" in out
    assert "for ombudsman (audience signed by key " in out
    assert "its keeper signed that it is for ombudsman and opens 11 sealed values" in out
    assert "as operator, 1 entry supplied by force" in out
    plain = told("verify", "plain.bundle", "--policy", "trust.policy", code=3)
    assert "for ombudsman (audience not signed)" in plain
    assert "nobody signed that" in plain
    answer = json.loads(told("verify", "open.bundle", "--policy", "trust.policy", "--json", code=3))
    assert (answer["exit"], answer["own_key_alone"], len(answer["openings"])) == (3, True, 11)
    assert "Openings are handed out" in told("record", "show", "a", "4")

    told(*ask, *signed, "--out", "again.bundle", "--size", "4")
    assert (home / "again.bundle").read_bytes() == (home / "open.bundle").read_bytes()
    assert "5 entries" in told("record", "show", "a")

    told("record", "fix", "a", "3:list:0-4", "--finding", "list-age", "--result", "within-limit", "--check",
         "list-age.1", "--role", "custodian", "--key", "custodian.key", "--at", AT)  # fmt: skip
    assert "within-limit (list-age.1), as found\n" in told("record", "account", "a")
    told("record", "rule", "a", "watchlist", "24", "--document", "facts.json", "--key", "custodian.key", "--at", AT)
    assert "overdue: 10 of list in entry 3" in told("record", "account", "a", "--at", "2026-03-09T09:00:00Z")
    told("record", "hold", "a", "3:list:7", "--reason", "complaint", "--basis", "Complaints procedure", "--owner",
         "records", "--review-on", "2026-06-01", "--key", "custodian.key", "--at", AT)  # fmt: skip
    assert "held by entry 7" in told("record", "erase", "a", "3:list", "--key", "custodian.key", code=4)
    assert found_in(home / "a", b"sealed line 003"), "a refused erasure destroys nothing"
    told("record", "erase", "a", "3:list:0-6", "--key", "custodian.key", "--at", AT)
    for number in range(7):
        assert found_in(home / "a", b"sealed line %03d" % number) == []
    assert "within-limit (list-age.1), as found before erasure" in told("record", "account", "a")
    assert "as found before erasure" in told("record", "show", "a", "5")
    told("record", "release", "a", "7", "--key", "custodian.key", "--at", AT)
    told("record", "lose", "a", "3:list:7", "--cause", "mistake", "--key", "custodian.key", "--at", AT)
    told("record", "state", "a", "watchlist", "--key", "custodian.key", "--at", AT)
    counted = json.loads(told("record", "account", "a", "--json"))
    assert counted["classes"]["watchlist"]["hours"] == 24
    assert [counted["classes"]["watchlist"][n] for n in ("committed", "live", "erased", "lost")] == [10, 2, 7, 1]
    assert told("record", "refute", "a", "--bundle", "open.bundle").count("a copy survived") == 7
    told("record", "refute", "a", "--bundle", "plain.bundle", code=5)
    single = ["record", "refute", "a", "--content", "reasons.txt", "--opening", "opening", "--item", "3:reasons"]
    (home / "opening").write_text(opening_of(home / "open.bundle", "reasons"))
    assert "[not-declared-erased]" in told(*single, code=4)
    told("record", "erase", "a", "3:reasons", "--key", "custodian.key", "--at", AT)
    (home / "schemas").mkdir()
    (home / "schemas" / "test.counted.1.json").write_bytes(COUNTED.text)
    outside = ["a/public", "--schema", "schemas"]
    assert json.loads(told("record", "account", *outside, "--json"))["classes"]["watchlist"]["erased"] == 7
    assert "a copy survived" in told(*single[:2], *outside, *single[3:])
    assert "as found before erasure" in told("record", "show", *outside, "5")
    assert "published up to 13" in told("record", "show", *outside)
    out = told("record", "monitor", "a", "--policy", "trust.policy", "--state", "seen", "--processes", "1",
               "--at", "2026-03-01T10:00:00Z")  # fmt: skip
    assert "13 entries checked, all entries count" in out


@contextmanager
def witness_process(home: Path, policy: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    environment = {**os.environ, "COUNTERSIGN_PASSPHRASE_FILE": str(home / "pass")}
    command = ["witness", "serve", "--state", "w", "--policy", policy, "--listen", "127.0.0.1:0"]
    start = "import sys; from countersign.cli.main import run; sys.exit(run(sys.argv[1:]))"
    process = subprocess.Popen(
        [sys.executable, "-c", start, *command],
        cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        matched = re.search(r"http://\S+", line)
        assert matched, line
        yield matched.group(), process
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def web(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.slow
def test_repeated_entries_are_shown_and_counted_once(home: Path, told: Command) -> None:
    key = opened(home, told)
    before = json.loads(told("record", "account", "a", "--json"))
    log = LogFolder.read(home / "a").log()
    size = log.sequencer.size()
    with log.sequencer.appending() as appending:
        appending.add([Waiting(data, False) for data in log.sequencer.read(0, size)])
    log.sequencer.close()
    told("record", "publish", "a")
    after = json.loads(told("record", "account", "a", "--json"))
    assert after.pop("repeated") == [{"place": size + place, "first": place} for place in range(size)]
    assert before.pop("repeated") == []
    assert after == before
    assert f"repeated: entry {size} repeats entry 0 and is not counted again" in told("record", "account", "a")
    assert "; repeats entry 1, not counted again" in told("record", "show", "a", str(size + 1))
    told("record", "bundle", "a", "--subject", "force-a/d-1", "--audience", "panel", "--out", "b.bundle")
    (home / "trust.policy").write_text(f"log {key}\nquorum none\n")
    assert "repeats entry 0" in told("verify", "b.bundle", "--policy", "trust.policy", code=3)


@pytest.mark.slow
def test_a_witness_of_its_own_cosigns_over_http_and_by_carried_files(home: Path, told: Command) -> None:
    key = opened(home, told)
    witness = told("witness", "new", "--name", "w.example/1", "--state", "w").strip()
    (home / "logs.policy").write_text(f"log {key}\nquorum none\n")
    with witness_process(home, "logs.policy") as (address, _):
        (home / "trust.policy").write_text(
            f"log {key}\nwitness uni {witness} {address}\ngroup outside all uni\nquorum outside\n"
        )
        assert "quorum" not in told("verify", "a/public/checkpoint", "--policy", "logs.policy", code=3)
        assert "[quorum-not-met]" in told("verify", "a/public/checkpoint", "--policy", "trust.policy", code=1)
        assert "cosigned by 1" in told("record", "cosign", "a", "--policy", "trust.policy")
        out = told("verify", "a/public/checkpoint", "--policy", "trust.policy")
        assert "uni (w.example/1)" in out
        assert not out.startswith("Signed by the force's own key alone")
        told("record", "rule", "a", "watchlist", "24", "--document", "list.txt", "--key", "custodian.key", "--at", AT)
        assert "cosigned by 1" in told("record", "cosign", "a", "--policy", "trust.policy")
    told("record", "rule", "a", "papers", "24", "--document", "list.txt", "--key", "custodian.key", "--at", AT)
    carried = ["record", "cosign", "a", "--policy", "trust.policy"]
    assert "uni:" in told(*carried, code=5), "the witness is gone"
    told(*carried, "--request", "request.txt", "--old", "5")
    told("record", "rule", "a", "key-holder", "9", "--document", "list.txt", "--key", "custodian.key", "--at", AT)
    told("witness", "cosign", "--state", "w", "--policy", "logs.policy", "request.txt", "--out", "answer.txt")
    assert "at 6 entries, cosigned by 1" in told(*carried, "--answer", "answer.txt"), "the head has moved on since"
    told("record", "bundle", "a", "--subject", "force-a/d-1", "--audience", "panel", "--out", "d.bundle")
    answer = json.loads(told("verify", "d.bundle", "--policy", "trust.policy", "--json"))
    assert (answer["exit"], answer["size"], answer["cosigned"][0]["name"]) == (0, 6, "uni")
    told("record", "cosign", "a", "--policy", "trust.policy", "--answer", "list.txt", code=2)


@pytest.mark.slow
def test_a_monitor_over_http_names_what_the_log_did(home: Path, told: Command) -> None:
    key = opened(home, told)
    told("policy", "new", "--log", key, "--out", "trust.policy")
    told("record", "export-tiles", "a", "--out", "www/log")
    (home / "schemas").mkdir()
    (home / "schemas" / "test.counted.1.json").write_bytes(COUNTED.text)
    with web(home / "www") as address:
        look = ["record", "monitor", f"{address}/log", "--policy", "trust.policy", "--state", "seen", "--schema",
                "schemas", "--processes", "1"]  # fmt: skip
        assert "4 entries checked, all entries count" in told(*look)
        assert "stale-head" in told(*look, "--at", "2030-01-01T00:00:00Z", code=1)
        entries = home / "www" / "log" / "tile" / "entries" / "000.p" / "4"
        whole = entries.read_bytes()
        entries.write_bytes(whole.replace(b'"faces":812', b'"faces":813'))
        assert "entry-altered" in told(*look, code=1)
        entries.unlink()
        assert "tile-missing" in told(*look, code=1)
        entries.write_bytes(whole)
        notes = json.loads(told(*look, "--json"))
        assert (notes["size"], [note for note in notes["notes"] if note["fault"]]) == (4, [])
    assert "tile-missing" in told(*look, code=1)


@pytest.mark.slow
def test_a_backup_goes_back_only_if_it_holds_all_that_was_signed(home: Path, told: Command) -> None:
    opened(home, told)
    told("record", "backup", "a", "--out", "old")
    assert not list((home / "old").glob("sealed*"))
    assert not list((home / "old").glob("*.key"))
    told("record", "rule", "a", "watchlist", "24", "--document", "list.txt", "--key", "custodian.key", "--at", AT)
    for left in (home / "a").glob("entries.db*"):
        left.unlink()
    told("record", "show", "a", code=5)
    out = told("record", "restore", "a", "--from", "old", code=1)
    assert "5 entries were signed, but there are only 4" in out
    assert "[history-conflict]" in out
    assert "5 entries of log.example/force-a are back" in told("record", "restore", "a", "--from", "a/public")
    told("record", "publish", "a")
    assert "published up to 5" in told("record", "show", "a")
    told("record", "restore", "a", "--from", "old", code=4)
    told("record", "backup", "a", "--out", "new", "--with-sealed")
    assert found_in(home / "new", b"sealed line 003")


@pytest.mark.slow
def test_keys_are_granted_rotated_and_revoked(home: Path, told: Command) -> None:
    opened(home, told)
    listed = told("key", "list", "a").splitlines()
    operator = next(line.split()[0] for line in listed if line.endswith("operator"))
    told("key", "grant", "a", operator[:12], "--role", "custodian", "--key", "registrar.key")
    told("key", "grant", "a", operator[:12], "--role", "custodian", "--withdraw", "--key", "registrar.key")
    told("key", "new", "--name", "operator-2", "--out", "operator-2.key")
    rotate = ["key", "rotate", "a", "--key", "operator.key", "--new", "operator-2.key", "--new-passphrase-file", "pass"]
    new = told(*rotate).split("key id ")[1].strip()
    append = ["record", "append", "a", "--kind", "test.counted", "--role", "operator", "--facts", "facts.json", "--key"]
    assert "was revoked by entry 6" in told(*append, "operator.key", code=4)
    told(*append, "operator-2.key")
    told("key", "revoke", "a", new[:10], "--reason", "left-post", "--key", "registrar.key")
    assert "[signer-refused]" in told(*append, "operator-2.key", "--at", AT, code=4)
    assert "[key-not-registered]" in told("key", "revoke", "a", "00000000", "--reason", "lost", "--key",
                                          "registrar.key", code=4)  # fmt: skip
    (home / "holder.txt").write_text("whose key it is")
    told("key", "new", "--name", "third", "--out", "third.key")
    told("key", "register", "a", "third.key", "--role", "operator", "--holder", "holder.txt", "--key", "registrar.key")
    assert "sealed holder" in told("record", "show", "a")
    assert found_in(home / "a" / "public", b"whose key") == []


@pytest.mark.slow
def test_the_last_registrar_goes_only_if_it_is_meant(home: Path, told: Command) -> None:
    opened(home, told)
    first = next(line.split()[0] for line in told("key", "list", "a").splitlines() if line.endswith("registrar"))
    revoke = ["key", "revoke", "a", first[:12], "--reason", "left-post", "--key", "registrar.key"]
    withdraw = ["key", "grant", "a", first[:12], "--role", "registrar", "--withdraw", "--key", "registrar.key"]
    before = told("record", "show", "a")
    for command in (revoke, withdraw):
        refused = told(*command, code=4)
        assert "[last-registrar]" in refused
        assert "is the only registrar of this log; nothing was written" in refused
        assert "--last" in refused
    assert told("record", "show", "a") == before
    told("key", "new", "--name", "registrar-2", "--out", "registrar-2.key")
    second = told("key", "register", "a", "registrar-2.key", "--role", "registrar", "--key", "registrar.key")
    told(*revoke)
    other = second.split("key id ")[1].strip()
    last = ["key", "revoke", "a", other[:12], "--reason", "left-post", "--key", "registrar-2.key"]
    assert "[last-registrar]" in told(*last, code=4)
    told(*last, "--last")
    again = ["key", "grant", "a", other[:12], "--role", "custodian", "--key", "registrar-2.key"]
    assert "was revoked by entry" in told(*again, code=4)


def test_a_value_no_entry_names_is_listed_and_destroyed(home: Path, told: Command) -> None:
    """As a machine leaves it that stops between sealing and appending."""
    opened(home, told)
    assert "Every sealed value is named" in told("record", "orphans", "a")
    store = LogFolder.read(home / "a").sealed()
    store.seal_set("list", "watchlist", 1, [b"left behind 4711", b"left behind 4712"], [bytes(32), bytes([1] * 32)])
    store.close()
    assert "2 items under list" in told("record", "account", "a")
    assert "2 items under list" in told("record", "orphans", "a")
    assert "destroyed" in told("record", "orphans", "a", "--destroy")
    assert found_in(home / "a", b"left behind") == []
    assert found_in(home / "a", b"sealed line 003"), "what an entry names stays"
    assert "Every sealed value is named" in told("record", "orphans", "a")
    assert "no entry names it" not in told("record", "account", "a")


def test_init_makes_a_whole_log_or_none(home: Path, told: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    told("key", "new", "--name", "registrar", "--out", "registrar.key")
    init = ["record", "init", "deep/a", "--origin", "log.example/a", "--subject", "a", "--registrar", "registrar.key"]
    before = sorted(home.rglob("*"))
    wrong = home / "wrong.pass"
    monkeypatch.delenv("COUNTERSIGN_LOG_PASSPHRASE_FILE")
    assert "no passphrase for log.example/a" in told(*init, code=5)
    monkeypatch.setenv("COUNTERSIGN_LOG_PASSPHRASE_FILE", "log.pass")
    told(*init, "--schema", "nowhere.json", code=5)
    told(*init, "--at", "yesterday", code=2)
    told(*init, "--postgres", "nowhere", code=5)
    told(*init, "--sealed", "missing/folder/sealed.db", code=5)
    wrong.write_text("not this one\n")
    wrong.chmod(0o600)
    assert "[wrong-passphrase]" in told(*init, "--passphrase-file", "wrong.pass", code=4)
    wrong.unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("countersign.record.keeping.logfolder.write_whole", full)
        run(init)
    assert sorted(home.rglob("*")) == before
    assert "1 entry" in told(*init)
    (home / "other").mkdir()
    (home / "other" / "mine.txt").write_text("kept")
    init[2] = "other"
    assert "[log-folder-exists]" in told(*init, code=4)
    assert (home / "other" / "mine.txt").read_text() == "kept"


def test_a_refused_entry_leaves_nothing_sealed(home: Path, told: Command) -> None:
    opened(home, told)
    (home / "secret.txt").write_text("never to be kept 4711")
    told("record", "append", "a", "--kind", "test.counted", "--role", "operator", "--facts", "facts.json", "--seal",
         "reasons=secret.txt", "--key", "custodian.key", code=4)  # fmt: skip
    assert found_in(home / "a", b"kept 4711") == []


def test_what_an_entry_seals_stays_when_only_its_publication_fails(home: Path, told: Command) -> None:
    """The entry stands in the log: taking its sealed values back then would lose what it commits to."""
    opened(home, told)
    (home / "secret.txt").write_text("to be kept 4712")
    second = home / "a.last-checkpoint"
    second.rename(home / "elsewhere")
    failed = told("record", "append", "a", "--kind", "test.counted", "--role", "operator", "--facts", "facts.json",
                  "--seal", "reasons=secret.txt", "--key", "operator.key", code=5)  # fmt: skip
    assert "entry 4:" in failed
    assert "a.last-checkpoint" in failed
    (home / "elsewhere").rename(second)
    told("record", "publish", "a")
    told("record", "account", "a")
    assert found_in(home / "a", b"kept 4712")


def test_bad_input_is_told_by_name(home: Path, told: Command) -> None:
    key = opened(home, told)
    told("policy", "new", "--log", key, "--out", "trust.policy")
    told("record", "init", "a", "--origin", "log.example/x", "--subject", "x", "--registrar", "registrar.key", code=4)
    told("record", "show", "nowhere", code=5)
    told("record", "show", "a", "9", code=2)
    told("record", "show", "a", "x", code=2)
    told("record", "erase", "a", "seven", "--key", "custodian.key", code=2)
    told("record", "erase", "a", "3:nothing", "--key", "custodian.key", code=2)
    told("record", "monitor", "nowhere", "--policy", "trust.policy", "--state", "s", code=5)
    told("record", "adopt", "a", "facts.json", "--key", "registrar.key", code=2)
    for facts, code in (('{"faces": 1.5}', 2), ("[1]", 2), ("{", 2), ('{"name": "x"}', 2)):
        (home / "bad.json").write_text(facts)
        told("record", "append", "a", "--kind", "test.counted", "--role", "operator", "--facts", "bad.json", "--key",
             "operator.key", code=code)  # fmt: skip
    for content in (b"", b"{", b'{"sha256":"x"}\n', b"\x89PNG", b"c2sp.org/tlog-proof@v1\n", b"a\n\nb"):
        (home / "bad").write_bytes(content)
        assert "countersign:" in told("verify", "bad", "--policy", "trust.policy", code=2)
        refused = json.loads(told("verify", "bad", "--policy", "trust.policy", "--json", code=2))
        assert refused["exit_code"] == 2
        assert set(refused) == {"error", "sentence", "next_step", "exit_code"}
    assert "size" not in told("verify", "nowhere", "--policy", "trust.policy", code=5)
    (home / "a" / "log.toml").write_text('version = 1\norigin = "x"\n')
    assert "[log-config-malformed]" in told("record", "show", "a", code=2)
