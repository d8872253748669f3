"""The text of a moratorium's note: one form, read back whole, and whose keys are taken for it."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.deployments.outside.heard import MoratoriumMalformed, MoratoriumUnproved, hear, signed_moratorium, text
from countersign.record.tlog.checkpoint import Cosigner, Note, NoteSigner
from countersign.record.tlog.policy import Policy

BODY = NoteSigner("ombudsman.example", Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))
ORIGIN, FORCE = "log.example/force-a", "force-a"
START, END = "2026-02-22T09:00:00Z", "2026-03-01T00:00:00Z"
TRUST = Policy.parse(f"log {BODY.key.render()}\nquorum none\n".encode())
GOOD = text(FORCE, START, END, "sha256:00ff")


def test_a_note_says_from_when_until_when_and_why() -> None:
    heard = hear(signed_moratorium(GOOD, BODY).render(), TRUST, ORIGIN, FORCE)
    assert (heard.body, heard.starts_at, heard.ends_at, heard.ground) == (BODY.name, START, END, "sha256:00ff")
    assert [heard.stands(at) for at in ("2026-02-22T08:59:59Z", START, "2026-02-28T23:59:59Z", END)] == [
        False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("moratorium/v1", "moratorium/v2"),
        ("force force-a", "force force-a/d-1"),
        ("force force-a\n", ""),
        ("ground sha256:00ff\n", "ground sha256:00ff\nground again\n"),
        (f"from {START}\nuntil {END}", f"until {END}\nfrom {START}"),
        (f"from {START}", "from open"),
        (f"until {END}", "until 2026-02-30T00:00:00Z"),
        (f"until {END}", f"until {START}"),
        ("ground sha256:00ff", "ground "),
        ("ground sha256:00ff", "ground  x"),
        ("ground sha256:00ff", "ground " + "x" * 501),
        ("00ff\n", "00ff\n\n"),
    ],
)
def test_a_text_of_another_form_is_refused_though_the_body_signed_it(old: str, new: str) -> None:
    assert old in GOOD
    said = GOOD.replace(old, new)
    with pytest.raises(MoratoriumMalformed):
        hear(Note(said, (BODY.sign(said),)).render(), TRUST, ORIGIN, FORCE)


def test_a_witnesss_cosignature_is_no_signature_of_a_moratorium() -> None:
    witness = Cosigner("w.example", Ed25519PrivateKey.from_private_bytes(bytes([8] * 32)))
    policy = Policy.parse(f"witness w {witness.key.render()}\nquorum w\n".encode())
    posing = NoteSigner("w.example", witness.private_key)
    with pytest.raises(MoratoriumUnproved, match=r"in the name of w\.example, by none of the outside keys"):
        hear(signed_moratorium(GOOD, posing).render(), policy, ORIGIN, FORCE)
