"""Receipts: an append is answered with a proof, and a keeper that withholds, moves or replaces the entry is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.test_deployment import Desk, office, opened
from tests.cli.test_draft import desk, propose, sign

from countersign.record.keeping.keyfile import open_key
from countersign.record.tlog.checkpoint import Checkpoint, NoteSigner, sign_checkpoint
from countersign.record.tlog.tiles import TileBuilder
from countersign.register.opening import opened as opened_log

__all__ = ["desk", "office", "opened"]
LOG_PASS = ("--log-passphrase-file", "pass")
RECEIPT, TRUST = "a-13.tlog-proof", ("--policy", "trust.policy")
Forging = Callable[[list[bytes]], object]


def entries(desk: Desk, of: str = "a") -> list[bytes]:
    with opened_log(desk.home / of, reading=True) as log:
        return log.log.sequencer.read(0, log.log.sequencer.size())


def published_by_a_forger(desk: Desk, data: list[bytes], to: str, of: str = "a") -> None:
    """Files of these entries under a head that the log's own key signed."""
    with opened_log(desk.home / of, reading=True) as log:
        origin, key = log.origin, open_key(log.folder.key_path.read_bytes(), b"a passphrase")
    builder = TileBuilder()
    files = builder.extend(data) | builder.partial_files()
    signed = sign_checkpoint(Checkpoint(origin, len(data), builder.root()), NoteSigner(origin, key.secret))
    for name, content in {**files, "checkpoint": signed.render()}.items():
        path = desk.home / to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
def receipt(desk: Desk) -> Desk:
    """The office after a proposal was appended and its signer was given a receipt."""
    propose(desk)
    sign(desk, "applicant")
    told = desk.tell("draft", "append", "a", "a.signed", *LOG_PASS)
    assert f"for its signer to keep: {RECEIPT}" in told
    vkey = (desk.home / "a" / "log.vkey").read_text().strip()
    desk.tell("policy", "new", "--log", vkey, "--out", "trust.policy")
    return desk


@pytest.mark.slow
def test_a_receipt_is_borne_out_by_files_by_a_later_bundle_and_offline(receipt: Desk) -> None:
    assert "Entry 13 stands where the receipt says" in receipt.tell("record", "receipt", RECEIPT, "a", *TRUST)
    assert "entry 13 of 14" in receipt.tell("verify", RECEIPT, *TRUST, code=3)
    about = ("--audience", "panel", "--out", "d-1.bundle")
    receipt.tell("record", "bundle", "a", "--subject", "force-a/d-1", *about)
    assert "plan.proposal about force-a/d-1" in receipt.tell("record", "receipt", RECEIPT, "d-1.bundle", *TRUST)
    receipt.tell("record", "bundle", "a", "--subject", "force-a", "--audience", "panel", "--out", "other.bundle")
    told = receipt.tell("record", "receipt", RECEIPT, "other.bundle", *TRUST, code=5)
    assert "is about force-a, and the receipt is about force-a/d-1" in told


def test_a_receipt_comes_once_the_entry_is_published(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    assert "No receipt of entry 13 yet" in desk.tell("draft", "append", "a", "a.signed")
    assert not Path(RECEIPT).exists()
    desk.tell("record", "publish", "a", *LOG_PASS)
    assert RECEIPT in desk.tell("draft", "append", "a", "a.signed")
    Path("one.json").write_bytes(Path("a.signed").read_bytes().strip())
    assert "one-13.tlog-proof" in desk.tell("record", "append-signed", "a", "one.json")
    assert len(entries(desk)) == 14


def _moved(data: list[bytes]) -> None:
    data[12], data[13] = data[13], data[12]


@pytest.mark.parametrize(
    ("forging", "code", "said"),
    [
        (lambda data: data.pop(13), "receipt-withheld", "shows 13 entries, and the receipt proves entry 13 of 14"),
        (lambda data: data.__setitem__(13, data[1]), "receipt-displaced", "place 13; it is nowhere here"),
        (_moved, "receipt-displaced", "place 13; it stands at 12 here"),
        (lambda data: data.__setitem__(12, data[1]), "split-view", "at 14 entries it signed"),
    ],
)
def test_a_keeper_that_withholds_replaces_or_reorders_is_named(
    receipt: Desk, forging: Forging, code: str, said: str
) -> None:
    data = entries(receipt)
    forging(data)
    data += [data[2]] * (code == "split-view")
    published_by_a_forger(receipt, data, "www")
    told = receipt.tell("record", "receipt", RECEIPT, "www", *TRUST, code=1)
    assert f"[{code}]" in told
    assert said in told


def test_a_file_taken_away_or_altered_and_a_log_of_another_are_named(receipt: Desk) -> None:
    published_by_a_forger(receipt, entries(receipt), "www")
    [bundle] = (receipt.home / "www" / "tile" / "entries").rglob("*.p/*")
    data = bundle.read_bytes()
    bundle.write_bytes(data.replace(b"d-1", b"d-2"))
    assert "[entry-altered]" in receipt.tell("record", "receipt", RECEIPT, "www", *TRUST, code=1)
    bundle.unlink()
    assert "[receipt-withheld]" in receipt.tell("record", "receipt", RECEIPT, "www", *TRUST, code=1)
    Path("cut").write_bytes(Path(RECEIPT).read_bytes()[:-9])
    assert "note-malformed" in receipt.tell("record", "receipt", "cut", "www", *TRUST, code=2)
    bare = b"\n".join(line for line in Path(RECEIPT).read_bytes().split(b"\n") if not line.startswith(b"extra "))
    Path("bare").write_bytes(bare)
    assert "the receipt does not hold its entry" in receipt.tell("record", "receipt", "bare", "www", *TRUST, code=2)
