"""Outside bodies: whose keys they are, and a moratorium heard from one outside the log, as a signed note.

A moratorium stops authority if an outside body signed it. Who that is must not be the force's to say, and the log's
registrar is the force's: a reader with a trust policy takes its witnesses' keys and the keys of its ``log`` lines of
another origin than this log's. Without a policy the registered role is all there is to go by.

A body that is not let into the log signs a note (C2SP signed-note, type 0x01) with five lines, each once and in order::

    countersign-moratorium/v1
    force force-a
    from 2026-02-22T09:00:00Z
    until open
    ground sha256:9f86d081...

``until`` is a time or ``open``; ``ground`` a digest, an address or a reference number. A note stops the commands of
those who hand it over; it enters no log and nobody else is held by it.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> from countersign.record.tlog.policy import Policy
>>> body = NoteSigner("ombudsman.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
>>> note = signed_moratorium(text("force-a", "2026-02-22T09:00:00Z", None, "OMB/2026/14"), body)
>>> policy = Policy.parse(f"log {body.key.render()}\\nquorum none\\n".encode())
>>> heard = hear(note.render(), policy, "log.example/force-a", "force-a")
>>> heard.body, heard.stands("2026-02-22T08:59:59Z"), heard.stands("2026-02-22T09:00:00Z")
('ombudsman.example', False, True)
>>> len(outside_keys(policy, "log.example/force-a"))
1
"""

from __future__ import annotations

import msgspec

from countersign.deployments.refusals import SubjectWrong
from countersign.errors import EvidenceWrong, WrongForm
from countersign.record.entries.entry import key_id
from countersign.record.entries.forms import fits
from countersign.record.tlog.checkpoint import NoKnownSignature, Note, NoteSigner, SignatureFails, verify_note
from countersign.record.tlog.encoding import KeyKind, VerifierKey, shown
from countersign.record.tlog.policy import Policy

FIRST_LINE = "countersign-moratorium/v1"
OPEN = "open"
LONGEST_GROUND = 500
_NAMES = ("force", "from", "until", "ground")


class MoratoriumMalformed(
    WrongForm,
    next_step="Take the note again from the body; `countersign deployment moratorium` makes one in the right form.",
):
    """The text of a moratorium's note is not its five lines, or one of them does not hold what it should."""


class MoratoriumUnproved(
    EvidenceWrong,
    next_step="Take the note and the body's key again from the body itself, and name the key in your trust policy.",
):
    """No outside key of the trust policy has signed the note, or its text was altered after it was signed."""


def outside_keys(policy: Policy, origin: str) -> frozenset[str]:
    """The ids, as entries name them, of the keys a trust policy holds for bodies outside the log of this origin."""
    named = [log.key for log in policy.logs if log.key.name != origin] + [witness.key for witness in policy.witnesses]
    return frozenset(key_id(key.public_key) for key in named if key.kind is not KeyKind.ML_DSA_44)


def note_keys(policy: Policy, origin: str) -> tuple[VerifierKey, ...]:
    """Those of the outside keys that sign plain notes: a witness's key cosigns and serves nothing else."""
    return tuple(log.key for log in policy.logs if log.key.name != origin and log.key.kind is KeyKind.ED25519)


class HeardMoratorium(msgspec.Struct, frozen=True):
    """A moratorium as its body's signed note says it, verified by ``hear``, or as entry ``entry`` of the log of this
    ``origin`` does, which the body keeps itself.
    """

    body: str
    starts_at: str
    ends_at: str | None
    ground: str
    origin: str = ""
    entry: int = 0

    @property
    def whose(self) -> str:
        """The body, with the entry it stands in where that is in a log of the body's own."""
        return f"{self.body} (entry {self.entry} of {self.origin})" if self.origin else self.body

    def stands(self, at: str) -> bool:
        """Whether it stands at a moment."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


def text(force: str, starts_at: str, ends_at: str | None, ground: str) -> str:
    """The text to sign. Raises ``MoratoriumMalformed``."""
    made = "".join(
        f"{line}\n"
        for line in (FIRST_LINE, f"force {force}", f"from {starts_at}", f"until {ends_at or OPEN}", f"ground {ground}")
    )
    _fields(made)
    return made


def signed_moratorium(said: str, signer: NoteSigner) -> Note:
    """The note of a text in the form, with the body's signature. Raises ``MoratoriumMalformed``."""
    _fields(said)
    return Note(said, (signer.sign(said),))


def hear(data: bytes, policy: Policy, origin: str, force: str) -> HeardMoratorium:
    """The moratorium of a note's bytes, for this force, by an outside key of the policy for the log of this origin.
    Raises ``NoteMalformed``, ``MoratoriumMalformed``, ``MoratoriumUnproved`` or ``SubjectWrong``.
    """
    note = Note.parse(data)
    said = _fields(note.text)
    try:
        verified = verify_note(note, note_keys(policy, origin))
    except NoKnownSignature:
        names = ", ".join(dict.fromkeys(one.name for one in note.signatures))
        raise MoratoriumUnproved(
            f"signed in the name of {names}, by none of the outside keys of the trust policy that sign notes"
        ) from None
    except SignatureFails as error:
        raise MoratoriumUnproved(str(error)) from None
    if said["force"] != force:
        raise SubjectWrong(f"the moratorium is for {said['force']}, not for {force}")
    body = ", ".join(one.key.name for one in verified.signatures)
    ends_at = None if said["until"] == OPEN else said["until"]
    return HeardMoratorium(body, said["from"], ends_at, said["ground"])


def _fields(said: str) -> dict[str, str]:
    first, *lines = said.removesuffix("\n").split("\n")
    if first != FIRST_LINE:
        raise MoratoriumMalformed(f"the note begins with {shown(first)}, not with {FIRST_LINE}")
    parts = [line.partition(" ") for line in lines]
    if tuple(name for name, _, _ in parts) != _NAMES:
        raise MoratoriumMalformed(f"after its first line the note has the lines {', '.join(_NAMES)}, and no others")
    found = {name: value for name, _, value in parts}
    if not fits("subject", found["force"]) or "/" in found["force"]:
        raise MoratoriumMalformed(f"{shown(found['force'])} is not the name of a force, like force-a")
    for name in ("from", "until"):
        if not fits("time", found[name]) and (name, found[name]) != ("until", OPEN):
            raise MoratoriumMalformed(f"{name}: {shown(found[name])} is not a time like 2026-03-01T09:30:00Z")
    if found["until"] != OPEN and found["until"] <= found["from"]:
        raise MoratoriumMalformed(f"it ends at {found['until']}, not after it begins ({found['from']})")
    ground = found["ground"]
    if not ground.strip() or ground != ground.strip() or len(ground) > LONGEST_GROUND:
        raise MoratoriumMalformed(f"ground: one line of 1 to {LONGEST_GROUND} characters, with no space at its ends")
    return found
