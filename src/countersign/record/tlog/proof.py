"""A proof a person can keep: that an entry is in a log, with the checkpoint and its cosignatures (C2SP tlog-proof).

Lines: ``c2sp.org/tlog-proof@v1``; perhaps ``extra`` and base64; ``index`` and the entry's number; the hashes of the
inclusion proof, the leaf's sibling first; an empty line; the checkpoint as it was signed. The entry itself is not in
it: with the entry, the proof and a policy nothing else is needed, and no network. The extra data is not covered by
any signature.

>>> from countersign.record.tlog.checkpoint import Checkpoint
>>> from countersign.record.tlog.merkle import leaf_hash
>>> text = Checkpoint("log.example/1", 1, leaf_hash(b"entry")).render()
>>> data = f"c2sp.org/tlog-proof@v1\\nindex 0\\n\\n{text}\\n— log.example/1 AQIDBAU=\\n".encode()
>>> proof = LogProof.parse(data)
>>> proof.index, proof.hashes, proof.render() == data
(0, (), True)
"""

from __future__ import annotations

from dataclasses import dataclass

from countersign.errors import WrongForm
from countersign.record.tlog.checkpoint import MAXIMUM_NOTE_BYTES, SignedCheckpoint
from countersign.record.tlog.encoding import (
    NUMBER_LIMIT,
    TextMalformed,
    parse_base64,
    parse_decimal,
    render_base64,
    shown,
)
from countersign.record.tlog.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.trust import VerifiedCheckpoint, verify_checkpoint
from countersign.record.tlog.verified import SEAL, Verified

HEADER = "c2sp.org/tlog-proof@v1"
MAXIMUM_HASHES = 63
#: A note, 63 hashes and some extra data.
MAXIMUM_PROOF_BYTES = 2 * MAXIMUM_NOTE_BYTES


class ProofMalformed(WrongForm):
    """A proof file is not in its one valid form."""

    code = "proof-malformed"
    next_step = "Take the proof again from whoever gave it, without opening it in an editor."


@dataclass(frozen=True, slots=True)
class LogProof:
    """An entry's number, the hashes from its sibling up, the signed checkpoint, and extra data. Proves nothing yet."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index < NUMBER_LIMIT:
            raise ProofMalformed(f"an index is below 2^63, not {self.index}")
        if len(self.hashes) > MAXIMUM_HASHES or any(len(part) != HASH_SIZE for part in self.hashes):
            raise ProofMalformed(f"a proof has at most {MAXIMUM_HASHES} hashes of {HASH_SIZE} bytes")

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """The proof of a file's bytes; raises ``ProofMalformed``, ``NoteMalformed`` or ``CheckpointMalformed``."""
        if len(data) > MAXIMUM_PROOF_BYTES:
            raise ProofMalformed(f"a proof of {len(data):,} bytes is longer than {MAXIMUM_PROOF_BYTES:,}")
        head, empty, note = data.partition(b"\n\n")
        if not empty:
            raise ProofMalformed("the proof has no empty line before its checkpoint")
        try:
            lines = head.decode("ascii").split("\n")
            if lines.pop(0) != HEADER:
                raise ProofMalformed(f"the first line is not {HEADER}")
            extra = b""
            if lines and lines[0].startswith("extra "):
                extra = parse_base64(lines.pop(0).removeprefix("extra "))
                if not extra:
                    raise ProofMalformed("the extra line is empty; it is to be left out then")
            if not lines or not lines[0].startswith("index "):
                raise ProofMalformed("there is no index line where it should be")
            index = parse_decimal(lines.pop(0).removeprefix("index "))
            if len(lines) > MAXIMUM_HASHES:
                raise ProofMalformed(f"there are {len(lines)} hashes, more than {MAXIMUM_HASHES}")
            hashes = tuple(parse_base64(line, HASH_SIZE) for line in lines)
        except UnicodeDecodeError as error:
            raise ProofMalformed(f"byte {error.start} of the proof is not ASCII: {shown(repr(head[:40]))}") from None
        except TextMalformed as error:
            raise ProofMalformed(str(error)) from None
        return cls(index, hashes, SignedCheckpoint.parse(note), extra)

    def render(self) -> bytes:
        """The proof's one byte string."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {render_base64(self.extra)}")
        lines += [f"index {self.index}", *map(render_base64, self.hashes), "", ""]
        return "\n".join(lines).encode("ascii") + self.checkpoint.render()


@dataclass(frozen=True, slots=True)
class VerifiedEntry(Verified):
    """This entry is number ``index`` of the log under ``checkpoint``, which holds all the policy asks."""

    entry: bytes
    index: int
    checkpoint: VerifiedCheckpoint


def verify_proof(proof: LogProof, entry: bytes, policy: Policy) -> VerifiedEntry:
    """``entry`` is in the log as the proof says, and the checkpoint holds all the policy asks.

    Raises what ``trust.verify_checkpoint`` raises, and ``InclusionFails``.
    """
    verified = verify_checkpoint(proof.checkpoint, policy)
    head = verified.checkpoint
    verify_inclusion(leaf_hash(entry), proof.index, head.size, proof.hashes, head.root)
    return VerifiedEntry(SEAL, entry, proof.index, verified)
