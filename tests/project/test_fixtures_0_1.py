"""What version 0.1 wrote opens for ever: each test hands files that 0.1 wrote to the program as it is now.

The files are in ``tests/fixtures/v0.1``; its README says what made them. If a test here fails, the program is wrong,
not the file. Tests use the command line alone, so that they outlive any module.
"""

from __future__ import annotations

import csv
import json
import lzma
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.reviews.schema_subset import check

from countersign.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "v0.1"
#: The root of the tree, and what else the log says of itself.
TREE_ROOT = "03729e94d81f34ef6235a171e9e3dd07ddbb3ebcdf3fdd796c2b82c4f0a2174c"
LOG, SIZE, SUBJECT = "rehearsal.invalid/force-a", 161, "force-a/quiet-high-street"
#: A moment after everything in the log, before anything more falls due.
MOMENT = "2026-04-02T09:00:00Z"
SHAPES = {"published": (16, {"not shown": 103}), "deployment": (99, {"not shown": 99, "not met": 4})}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy of all that 0.1 wrote, with the modes that Git does not keep; a test may change it."""
    copy = tmp_path / "v0.1"
    shutil.copytree(FIXTURES, copy)
    for path in copy.rglob("*"):
        if path.suffix in {".key", ".db"} or path.name.endswith("passphrase.txt"):
            path.chmod(0o600)
    return copy


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command that must end with a code (0); returns what it printed."""

    def call(*words: str | Path, code: int = 0) -> str:
        capsys.readouterr()
        ended = run([str(word) for word in words])
        heard = capsys.readouterr()
        assert ended == code, heard.out + heard.err
        return heard.out

    return call


def signed(old: Path, key: str) -> list[str]:
    return ["--key", str(old / "force/keys" / f"{key}.key"), "--passphrase-file", str(old / "force/passphrase.txt")]


def test_the_files_are_those_that_0_1_wrote() -> None:
    lines = (FIXTURES / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    here = {path.relative_to(FIXTURES).as_posix(): path for path in FIXTURES.rglob("*") if path.is_file()}
    assert here.keys() - {"README.md", "SHA256SUMS"} == listed.keys()
    for name, digest in listed.items():
        assert sha256(here[name].read_bytes()).hexdigest() == digest, name
    assert sum(path.stat().st_size for path in here.values()) < 3_000_000


def test_a_bundle_without_openings_verifies(old: Path, said: Any) -> None:
    answer = json.loads(said("verify", old / "bundles/court.bundle", "--policy", old / "trust.policy", "--json"))
    assert (answer["form"], answer["log"], answer["size"]) == ("bundle", LOG, SIZE)
    assert (answer["subject"], answer["audience"], answer["entries"]) == (SUBJECT, "court", list(range(SIZE)))
    assert [witness["name"] for witness in answer["cosigned"]] == ["outside-witness"]
    assert answer["own_key_alone"] is False


def test_a_bundle_with_openings_verifies_and_is_reviewed(old: Path, said: Any, tmp_path: Path) -> None:
    bundle = tmp_path / "quiet-high-street.bundle"
    bundle.write_bytes(lzma.decompress((old / "bundles/quiet-high-street.bundle.xz").read_bytes()))
    answer = json.loads(said("verify", bundle, "--policy", old / "trust.policy", "--json"))
    assert (answer["size"], len(answer["entries"])) == (157, 157)
    assert "2,044 sealed values opened here are what was committed to" in answer["proved"]
    said("review", bundle, "--policy", old / "trust.policy", "--format", "json", "--as-of", "2026-04-01",
         "--out", tmp_path / "report")  # fmt: skip
    review = json.loads((tmp_path / "report/review.json").read_bytes())
    assert (review["totals"]["faces_seen"], review["totals"]["alerts"]) == (5711, 6)


def test_a_bundle_altered_in_one_byte_does_not_verify(old: Path) -> None:
    bundle = old / "bundles/court.bundle"
    content = bundle.read_bytes()
    middle = len(content) // 2
    bundle.write_bytes(
        content[:middle] + (b"A" if content[middle : middle + 1] != b"A" else b"B") + content[middle + 1 :]
    )
    assert run(["verify", str(bundle), "--policy", str(old / "trust.policy")]) in (1, 2)


@pytest.mark.parametrize("proof", ["bundles/entry-7.proof", "site/E6J-XJF/entry-157.tlog-proof"])
def test_a_proof_verifies(old: Path, said: Any, proof: str) -> None:
    answer = json.loads(said("verify", old / proof, "--policy", old / "trust.policy", "--json"))
    assert (answer["form"], answer["log"], answer["size"]) == ("proof", LOG, SIZE)


def test_policies_are_read(old: Path, said: Any) -> None:
    printed = said("policy", "check", old / "trust.policy")
    assert f"{LOG} (key id 5473cfe5)" in printed
    assert "rehearsal.invalid/witness (key id d606466d)" in printed
    assert LOG in said("policy", "check", old / "witness/logs.policy")


@pytest.mark.parametrize("where", ["force/log", "force/log/public", "site/log"])
def test_entries_are_shown_and_counted(old: Path, said: Any, where: str) -> None:
    schemas = ["--schema", old / "force/log/schemas"] if where != "force/log" else []
    entries = [
        json.loads(line) for line in said("record", "show", old / where, "0-160", "--json", *schemas).splitlines()
    ]
    assert len(entries) == SIZE
    account = json.loads(said("record", "account", old / where, "--at", MOMENT, "--json", *schemas))
    assert [account[part] for part in ("overdue", "violations", "missing", "orphans")] == [[], [], [], []]
    erased = {name: (kind["committed"], kind["erased"]) for name, kind in account["classes"].items()}
    assert erased["list-entry"] == (2000, 2000)
    assert erased["alert"] == (9, 9)
    assert f"{SIZE} entries" in said("record", "show", old / where, *schemas)


def test_published_files_are_followed_from_what_0_1_remembered(old: Path, said: Any) -> None:
    state = old / "monitor/force-a.seen"
    for where in ("force/log", "force/log/public", "site/log"):
        followed = json.loads(
            said("record", "monitor", old / where, "--policy", old / "trust.policy", "--state", state, "--processes",
                 "1", "--schema", old / "force/log/schemas", "--at", MOMENT, "--json")
        )  # fmt: skip
        assert followed == {"size": SIZE, "cosigned_by": ["outside-witness"], "notes": []}


def test_a_log_goes_on_under_its_old_keys(old: Path, said: Any) -> None:
    log, state = old / "force/log", old / "monitor/force-a.seen"
    assert len(said("key", "list", log).splitlines()) >= 21
    status = json.loads(said("deployment", "status", log, "--at", MOMENT, "--json"))
    (deployment,) = status["deployments"]
    assert (deployment["stage"], deployment["counts"]) == ("published", {"hours": 5, "faces": 5711, "alerts": 6})
    said("record", "state", log, "alert", *signed(old, "custodian"), "--at", "2026-04-03T09:00:00Z")
    said("record", "publish", log, "--log-passphrase-file", old / "force/passphrase.txt")
    assert f"{SIZE + 1} entries" in said("record", "show", log / "public")
    # An outside follower sees that the log of 0.1 has only grown; no witness has cosigned the new head.
    alone = ["--policy", old / "witness/logs.policy", "--stale-after", "1000000"]
    followed = json.loads(said("record", "monitor", log, *alone, "--state", state, "--processes", "1", "--json"))
    assert followed["size"] == SIZE + 1


def test_sealed_values_are_still_handed_out(old: Path, said: Any, tmp_path: Path) -> None:
    bundle = tmp_path / "open.bundle"
    said("record", "bundle", old / "force/log", "--subject", SUBJECT, "--audience", "ombudsman", "--open", "reasons",
         "--open", "document", "--expires", "2099-12-31", *signed(old, "custodian"), "--out", bundle)  # fmt: skip
    answer = json.loads(said("verify", bundle, "--policy", old / "trust.policy", "--json"))
    assert any("sealed value" in sentence and "opened here" in sentence for sentence in answer["proved"])


def test_a_key_file_opens_with_its_passphrase_alone(old: Path, said: Any, tmp_path: Path) -> None:
    words = ["record", "init", tmp_path / "log", "--origin", "log.example/fixtures", "--subject", "force-b",
             "--registrar", old / "keys/ordinary.key", "--log-passphrase-file", old / "force/passphrase.txt",
             "--schemas", "record", "--passphrase-file"]  # fmt: skip
    assert run([str(word) for word in [*words, old / "force/passphrase.txt"]]) != 0
    assert not (tmp_path / "log").exists()
    said(*words, old / "keys/ordinary.passphrase.txt")
    assert "5c171eae8831fc26041dc0247e2d6c65752ff6fc7dd9603232e1766b26b077b4  registrar" in said(
        "key", "list", tmp_path / "log"
    )


def test_a_witness_remembers(old: Path, said: Any) -> None:
    assert f"{LOG}: {SIZE} entries cosigned last" in said("witness", "show", "--state", old / "witness")


@pytest.mark.parametrize("name", ["published", "deployment"])
def test_a_review_fits_the_schema_and_is_asked_about(old: Path, said: Any, tmp_path: Path, name: str) -> None:
    review = json.loads((old / f"reviews/{name}.json").read_bytes())
    (shape,) = (ROOT / "src" / "countersign").rglob("review-1.json")
    schema = json.loads(shape.read_bytes())
    check(review, schema, schema.get("$defs", {}))
    states = [duty["state"] for duty in review["duties"]]
    assert (len(review["not_shown"]), {state: states.count(state) for state in states}) == SHAPES[name]
    said("ask", old / f"reviews/{name}.json", "--date", "2026-06-01", "--out", tmp_path / "letters")
    letters = "".join(path.read_text(encoding="utf-8") for path in sorted((tmp_path / "letters").iterdir()))
    assert letters.count("\n") > 100
    assert "\n2026-06-01\n" in letters


def test_a_data_package_is_read_and_is_still_the_shipped_record(old: Path, said: Any) -> None:
    compared = json.loads(said("compare", "shipped:south-wales", old / "package", "--json"))
    assert compared["unchanged"] == 2
    assert [compared[part] for part in ("added", "removed", "altered", "faults")] == [[], [], [], []]
    faults = json.loads(said("check", old / "package", "--json", code=1))
    assert "missing-value" in json.dumps(faults)


def test_the_site_recounts_and_its_open_data_are_read(old: Path) -> None:
    site = old / "site"
    described = json.loads((site / "data/datapackage.json").read_bytes())
    (table,) = described["resources"]
    content = (site / "data" / table["path"]).read_bytes()
    assert (len(content), f"sha256:{sha256(content).hexdigest()}") == (table["bytes"], table["hash"])
    (row,) = csv.DictReader(content.decode().splitlines())
    assert set(row) == {column["name"] for column in table["schema"]["fields"]}
    assert (row["subject"], row["faces"], row["alerts"]) == (SUBJECT, "5711", "6")
    assert SUBJECT in (site / "data/deployments.json").read_text(encoding="utf-8")
    told = json.loads((site / "site.json").read_bytes())
    assert told["versions"] == [{"moment": MOMENT, "root": TREE_ROOT, "size": SIZE}]
    for words in (["log", "log"], ["proof", "E6J-XJF/entry-157.tlog-proof"]):
        ended = subprocess.run([sys.executable, "-I", "check/recount.py", *words], cwd=site, check=False,
                               capture_output=True, text=True)  # fmt: skip
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_new_site_takes_the_old_ones_place_and_its_history(old: Path, said: Any) -> None:
    said("publish", old / "force/log", "--policy", old / "trust.policy", "--at", "2026-04-05T09:00:00Z", "--out",
         old / "site")  # fmt: skip
    told = json.loads((old / "site/site.json").read_bytes())
    assert {"moment": MOMENT, "root": TREE_ROOT, "size": SIZE} in told["versions"]


def events(old: Path) -> list[str | Path]:
    return ["--deployment", SUBJECT, "--limits", old / "force/limits.json"]


def test_a_journal_is_watched_beside_a_trial(old: Path, said: Any) -> None:
    for tested in ("1/37857@10000@0.64", str(old / "trial/trial.json")):
        watched = json.loads(
            said("events", "watch", old / "force/desk.journal", *events(old), "--tested", tested, "--json")
        )
        assert (watched["events"], watched["closed"], watched["made_up"]) == (14, True, 14)
        assert [hour["faces"] for hour in watched["hours"]] == [881, 1123, 1457, 1225, 1025]
        assert sum(hour["alerts"] for hour in watched["hours"]) == 6


def test_batches_change_nothing_and_an_export_is_taken(old: Path, said: Any) -> None:
    signer = "rehearsal.invalid/engineer+c2350022+AeSpzzIMy5BJrM/jdaT87CIx7ypHt1T+f1SPXElWyWmU"
    again = said("events", "import", old / "force/batches/batch-000001.jsonl", *events(old), "--journal",
                 old / "force/desk.journal", "--signer", signer)  # fmt: skip
    assert "batch 1, 0 events new" in again
    taken = json.loads(
        said("events", "take", old / "force/export.jsonl", *events(old), "--journal", old / "new.journal", "--json")
    )
    assert taken["taken"] == {"lines": 14, "new": 14, "again": 0, "refused": 0}


def test_a_trial_report_keeps_its_figures(old: Path) -> None:
    report = json.loads((old / "trial/trial.json").read_bytes())
    assert report["form"] == "countersign trial report 1"
    assert (report["record"]["subjects"], report["record"]["thresholds"]) == (600, [0.6])
    assert report["summary"][0]["sentences"][0].startswith("13 of 2,431 non-mated searches had a false positive")
    assert (len(report["figures"]), len(report["differentials"]), len(report["curves"])) == (18, 2, 3)
