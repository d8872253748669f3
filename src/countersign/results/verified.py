"""The Python interface to ``countersign verify``: bundles, proofs and checkpoints, offline, under a policy file.

>>> import countersign
>>> countersign.verify("no-such-file.bundle", "trust.policy")
Traceback (most recent call last):
countersign.record.tlog.policy.PolicyMissing: trust.policy: No such file or directory
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countersign.deployments.clock import second_text
from countersign.document import Document, Items, Paragraph, Section
from countersign.errors import WrongForm
from countersign.inputs import LARGE_BYTES, read_input
from countersign.progress import Progress, silent
from countersign.record.bundle import VerifiedBundle, parse_bundle, verify_bundle
from countersign.record.entries.entry import said_of
from countersign.record.entries.retention import Accounts
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.policy import Policy, read_policy
from countersign.record.tlog.trust import HEADER, LogProof, VerifiedCheckpoint, verify_checkpoint, verify_proof
from countersign.render.shown import Shown, frame_of
from countersign.surroundings import REHEARSED, rehearsed
from countersign.words.lists import be, counted
from countersign.words.names import short

if TYPE_CHECKING:
    import pandas

ALONE = "Signed by the force's own key alone: no outside body has cosigned this."
#: Of entries some of which may be missing: another may have taken the role or the key before.
BY_GIVEN = ", by the governing entries given"
NOT_TRUE = "that any statement is true"
UNALTERED = "Unaltered since signed by {}; nothing is said about whether it is true."


class NothingToVerify(WrongForm, next_step="Give a bundle, a proof (c2sp.org/tlog-proof@v1) or a checkpoint."):
    """A file is none of the forms that can be verified."""


class EntryMissing(WrongForm, code="proof-without-entry", next_step="Give the entry's file with --entry."):
    """A proof does not hold the entry it is for, and none was given."""


@dataclass(frozen=True, slots=True, repr=False)
class Verification(Shown):
    """What was verified, in words: what it is, what was proved, what was not. That nothing was altered since it was
    signed says nothing about whether it is true.
    """

    form: str
    checkpoint: VerifiedCheckpoint
    about: str
    proved: list[str]
    not_proved: list[str]
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def alone(self) -> bool:
        """Whether no outside body is among the signers."""
        return not self.checkpoint.cosignatures

    @property
    def brief(self) -> Document:
        """The answer as a document: what it says first is who signed, and that it says nothing of truth."""
        head = self.checkpoint.checkpoint
        first = [REHEARSED] * rehearsed(head.origin) + [ALONE] * self.alone
        said = (
            *(Paragraph(text, "warning") for text in first),
            Paragraph(f"{UNALTERED.format(head.origin)} {_sentence(self.about)}", "lead"),
        )
        parts = (("proved", "Proved", self.proved), ("not-proved", "Not proved", [*self.not_proved, NOT_TRUE]))
        sections = (Section(place, title, (Items(tuple(map(_sentence, items))),)) for place, title, items in parts)
        return Document(f"What the {self.form} shows", "", "en-GB", (Section("said", "First", said), *sections))

    def to_frame(self) -> pandas.DataFrame:
        """For a bundle, a key and its role a row: how many of the deployment's entries it signed, supplied by whom.
        Raises ``PandasMissing``.
        """
        return frame_of(self.details.get("signed", ()))

    def lines(self) -> list[str]:
        """The answer for a terminal."""
        head = self.checkpoint.checkpoint
        said = [REHEARSED, ""] if rehearsed(head.origin) else []
        said += [ALONE, ""] if self.alone else []
        said += [UNALTERED.format(head.origin), f"{self.form}: {self.about}", "", "Signed by"]
        said += [f"  {one.key.name} (the log; key id {one.key.key_id.hex()})" for one in self.checkpoint.log_signatures]
        for signer in self.details.get("signed", ()):
            entries = counted(signer["entries"], "entry")
            said.append(
                f"  key {short(signer['key'])} as {signer['role']}, {entries} supplied by {signer['supplied_by']}"
            )
        said += ["Cosigned by"] if self.checkpoint.cosignatures else []
        for cosignature in self.checkpoint.cosignatures:
            when = second_text(cosignature.time).replace("T", " ")
            said.append(f"  {cosignature.name} ({cosignature.signature.key.name}), {when}")
        said += ["", "Proved", *(f"  {one}" for one in self.proved)]
        said += ["Not proved", *(f"  {one}" for one in [*self.not_proved, NOT_TRUE])]
        return said

    def value(self) -> dict[str, Any]:
        """The answer for a program."""
        head = self.checkpoint.checkpoint
        return {
            **({"rehearsal": REHEARSED} if rehearsed(head.origin) else {}),
            "form": self.form,
            "log": head.origin,
            "size": head.size,
            "own_key_alone": self.alone,
            "says": UNALTERED.format(head.origin),
            "log_keys": [one.key.render() for one in self.checkpoint.log_signatures],
            "cosigned": [
                {"name": one.name, "key": one.signature.key.render(), "time": second_text(one.time)}
                for one in self.checkpoint.cosignatures
            ],
            "proved": self.proved,
            "not_proved": [*self.not_proved, NOT_TRUE],
            **self.details,
        }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def verify(
    file: str | Path, policy: Policy | str | Path, *, entry: str | Path | None = None, progress: Progress = silent
) -> Verification:
    """Check a bundle, a proof or a checkpoint, offline, under a policy (a file, or one that was read). ``entry``: the
    bytes of the entry that a proof does not hold. Raises ``PolicyMissing``, ``PolicyMalformed``, ``NothingToVerify``,
    ``EntryMissing``, and the error of whatever does not hold (docs/errors/record.md).
    """
    trusted = policy if isinstance(policy, Policy) else read_policy(Path(policy))
    data = read_input(Path(file), LARGE_BYTES)
    return verify_bytes(data, trusted, None if entry is None else read_input(Path(entry)), progress)


def verify_bytes(data: bytes, policy: Policy, entry: bytes | None, progress: Progress) -> Verification:
    """Verify the bytes of a bundle, a proof or a checkpoint. Raises the error of whatever does not hold."""
    if data.startswith(b"{"):
        return _bundle(verify_bundle(parse_bundle(data), policy, progress=progress))
    if data.startswith(HEADER.encode()):
        return _proof(LogProof.parse(data), policy, entry)
    if b"\n\n" not in data:
        raise NothingToVerify("the file is neither a bundle, nor a proof, nor a checkpoint")
    return _checkpoint(verify_checkpoint(SignedCheckpoint.parse(data), policy))


def _checkpoint(verified: VerifiedCheckpoint) -> Verification:
    head = verified.checkpoint
    return Verification(
        "checkpoint",
        verified,
        f"the log's head at {counted(head.size, 'entry')}",
        [f"the head of {counted(head.size, 'entry')} is signed by {head.origin}"],
        ["that the log has only grown: that takes two checkpoints and a proof between them", "what the entries say"],
        {"root": head.root.hex()},
    )


def _proof(proof: LogProof, policy: Policy, entry: bytes | None) -> Verification:
    if entry is None and not proof.extra:
        raise EntryMissing("the proof does not hold its entry")
    verified = verify_proof(proof, entry if entry is not None else proof.extra, policy)
    where = f"entry {verified.index} of {verified.checkpoint.checkpoint.size}"
    return Verification(
        "proof",
        verified.checkpoint,
        where,
        [f"these {len(verified.entry):,} bytes are {where}"],
        ["that the signer of the entry had the right to sign it: a bundle shows that", "what stands in other entries"],
        {"index": verified.index, "entry": verified.entry.decode("utf-8", "replace")},
    )


_COUNTED = frozenset(
    f"record.{name}" for name in ("erased", "lost", "held", "released", "retention-rule", "finding-fixed")
)


def _bundle(verified: VerifiedBundle) -> Verification:
    bundle = verified.bundle
    accounts = Accounts()
    own = [one for one in verified.entries.values() if one.entry.draft.subject == bundle.subject]
    for index, one in verified.entries.items():
        if one.entry.draft.kind in _COUNTED or one.entry.draft.sealed:
            accounts.add(index, one.entry, verified.schemas)
    repeats = said_of(verified.repeated)
    signers = Counter((one.entry.key, one.entry.draft.role, one.entry.draft.supplied_by) for one in own)
    about = counted(len(own), "entry")
    held = counted(len(verified.entries), "entry")
    given = "" if verified.whole else BY_GIVEN
    left_out = "that no entry was left out of the bundle (one that revokes a key or withdraws a role, for instance)"
    proved = [
        f"{held} of the log, each at its place and signed by a key that held its role there{given}, in a form whose "
        "schema the log had adopted"
    ]
    if verified.openings:
        shown = counted(len(verified.openings), "sealed value")
        proved.append(f"{shown} opened here {be(len(verified.openings))} what was committed to")
    if bundle.signature is not None:
        opened = counted(len(bundle.openings), "sealed value")
        proved.append(f"its keeper signed that it is for {bundle.audience} and opens {opened}")
    proved += [repeats] if repeats else []
    proved += [f"{one.finding} = {one.result} by {one.check}, {one.reading}" for one in accounts.findings()]
    signature = bundle.signature
    by = "not signed" if signature is None else f"signed by key {short(signature.key)}"
    unsigned = f"for whom the bundle was made: {bundle.audience} is what it says, and nobody signed that"
    return Verification(
        "bundle",
        verified.checkpoint,
        f"{bundle.subject}, for {bundle.audience} (audience {by}): {about} about it, of {len(verified.entries)} held",
        proved,
        [
            *(() if verified.whole else (left_out,)),
            *((unsigned,) if signature is None else ()),
            "what is sealed and not opened here",
        ],
        {
            "subject": bundle.subject,
            "audience": bundle.audience,
            "audience_signed_by": None if signature is None else signature.key,
            "entries": sorted(verified.entries),
            "repeated": [repeat._asdict() for repeat in verified.repeated],
            "openings": [{"entry": e, "label": label, "item": item} for e, label, item in verified.openings],
            "signed": [
                {"key": key, "role": role, "supplied_by": supplier, "entries": count}
                for (key, role, supplier), count in sorted(signers.items())
            ],
        },
    )
