"""``countersign verify``: one command for bundles, proofs and checkpoints, offline, under a policy file.

What was proved and what was not is part of the answer: that nothing was altered since it was signed says nothing about
whether it is true. Where no outside body has cosigned, that is the first line, and the exit code is another one.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import FILE, option, policy_option, read_policy
from countersign.cli.terminal.say import echo, echo_json, progress_shown
from countersign.deployments.clock import second_text
from countersign.errors import OWN_KEY_ALONE, WrongForm
from countersign.inputs import LARGE_BYTES, read_input
from countersign.progress import Progress
from countersign.record.bundle import VerifiedBundle, parse_bundle, verify_bundle
from countersign.record.entries.entry import said_of
from countersign.record.entries.retention import Accounts
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.trust import HEADER, LogProof, VerifiedCheckpoint, verify_checkpoint, verify_proof
from countersign.surroundings import REHEARSED, rehearsed
from countersign.words.lists import be, counted
from countersign.words.names import short

ALONE = "Signed by the force's own key alone: no outside body has cosigned this."
#: Of entries some of which may be missing: another may have taken the role or the key before.
BY_GIVEN = ", by the governing entries given"
UNALTERED = "Unaltered since signed by {}; nothing is said about whether it is true."


class NothingToVerify(WrongForm, next_step="Give a bundle, a proof (c2sp.org/tlog-proof@v1) or a checkpoint."):
    """A file is none of the forms that can be verified."""


class EntryMissing(WrongForm, code="proof-without-entry", next_step="Give the entry's file with --entry."):
    """A proof does not hold the entry it is for, and none was given."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was verified, in words: what it is, what was proved, what was not."""

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


@click.command(name="verify")
@click.argument("file", type=FILE)
@policy_option
@option("--entry entry_file", "For a proof that does not hold its entry: the entry's bytes.", FILE)
@option("--json as_json", "The answer as JSON; a refusal too, on standard error.", is_flag=True)
def command(file: Path, policy_file: Path, entry_file: Path | None, as_json: bool) -> int:
    """Check a bundle, a proof or a checkpoint, offline, and say what was proved and what was not.

    \b
    Exit code 0: all the policy asks, and an outside body is among the signers.
              3: all the policy asks, but the log's own key stands alone.
              1: the evidence is wrong; what and where is said.
              2: not in a form that is taken.

    \b
    Examples:
      countersign verify d-1.bundle --policy trust.policy
      countersign verify entry-7.proof --policy trust.policy --json
    """
    policy = read_policy(policy_file)
    data = read_input(file, LARGE_BYTES)
    entry = None if entry_file is None else read_input(entry_file)
    with progress_shown() as progress:
        answer = check(data, policy, entry, progress)
    code = OWN_KEY_ALONE if answer.alone else 0
    if as_json:
        echo_json(json.dumps(_value(answer) | {"file": str(file), "exit": code}, indent=1))
    else:
        for line in lines(answer):
            echo(line)
    return code


def check(data: bytes, policy: Policy, entry: bytes | None, progress: Progress) -> Answer:
    """Verify the bytes of a bundle, a proof or a checkpoint. Raises the error of whatever does not hold."""
    if data.startswith(b"{"):
        return _bundle(verify_bundle(parse_bundle(data), policy, progress=progress))
    if data.startswith(HEADER.encode()):
        return _proof(LogProof.parse(data), policy, entry)
    if b"\n\n" not in data:
        raise NothingToVerify("the file is neither a bundle, nor a proof, nor a checkpoint")
    return _checkpoint(verify_checkpoint(SignedCheckpoint.parse(data), policy))


def _checkpoint(verified: VerifiedCheckpoint) -> Answer:
    head = verified.checkpoint
    return Answer(
        "checkpoint",
        verified,
        f"the log's head at {counted(head.size, 'entry')}",
        [f"the head of {counted(head.size, 'entry')} is signed by {head.origin}"],
        ["that the log has only grown: that takes two checkpoints and a proof between them", "what the entries say"],
        {"root": head.root.hex()},
    )


def _proof(proof: LogProof, policy: Policy, entry: bytes | None) -> Answer:
    if entry is None and not proof.extra:
        raise EntryMissing("the proof does not hold its entry")
    verified = verify_proof(proof, entry if entry is not None else proof.extra, policy)
    where = f"entry {verified.index} of {verified.checkpoint.checkpoint.size}"
    return Answer(
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


def _bundle(verified: VerifiedBundle) -> Answer:
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
    return Answer(
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


def lines(answer: Answer) -> list[str]:
    """The answer for a terminal."""
    head = answer.checkpoint.checkpoint
    said = [REHEARSED, ""] if rehearsed(head.origin) else []
    said += [ALONE, ""] if answer.alone else []
    said += [UNALTERED.format(head.origin), f"{answer.form}: {answer.about}", "", "Signed by"]
    said += [f"  {one.key.name} (the log; key id {one.key.key_id.hex()})" for one in answer.checkpoint.log_signatures]
    for signer in answer.details.get("signed", ()):
        entries = counted(signer["entries"], "entry")
        said.append(f"  key {short(signer['key'])} as {signer['role']}, {entries} supplied by {signer['supplied_by']}")
    said += ["Cosigned by"] if answer.checkpoint.cosignatures else []
    for cosignature in answer.checkpoint.cosignatures:
        when = second_text(cosignature.time).replace("T", " ")
        said.append(f"  {cosignature.name} ({cosignature.signature.key.name}), {when}")
    said += ["", "Proved", *(f"  {one}" for one in answer.proved)]
    said += ["Not proved", *(f"  {one}" for one in [*answer.not_proved, "that any statement is true"])]
    return said


def _value(answer: Answer) -> dict[str, Any]:
    head = answer.checkpoint.checkpoint
    return {
        **({"rehearsal": REHEARSED} if rehearsed(head.origin) else {}),
        "form": answer.form,
        "log": head.origin,
        "size": head.size,
        "own_key_alone": answer.alone,
        "says": UNALTERED.format(head.origin),
        "log_keys": [one.key.render() for one in answer.checkpoint.log_signatures],
        "cosigned": [
            {"name": one.name, "key": one.signature.key.render(), "time": second_text(one.time)}
            for one in answer.checkpoint.cosignatures
        ],
        "proved": answer.proved,
        "not_proved": [*answer.not_proved, "that any statement is true"],
        **answer.details,
    }
