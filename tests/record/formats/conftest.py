"""A log in memory, honest until a test makes it lie, and keys from fixed seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.record.tlog.checkpoint import Checkpoint, Cosigner, NoteSigner, SignedCheckpoint, sign_checkpoint
from countersign.record.tlog.merkle import MemoryTree, inclusion_proof, leaf_hash
from countersign.record.tlog.policy import Group, Policy, PolicyLog, PolicyWitness
from countersign.record.tlog.tiles import MemorySource, TileBuilder
from countersign.record.tlog.trust import LogProof

TIME = 1_770_000_000


def private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


class MemoryLog:
    """A log whose files lie in a dictionary that a test may alter."""

    def __init__(self, origin: str = "log.example/1") -> None:
        self.signer = NoteSigner(origin, private(origin))
        self.entries: list[bytes] = []
        self.tree = MemoryTree()
        self.builder = TileBuilder()
        self.files: dict[str, bytes] = {}
        self.witnesses: list[Cosigner] = []

    def grow(self, entries: Iterable[bytes]) -> MemoryLog:
        """Append entries and write the files of the new size."""
        entries = list(entries)
        self.entries += entries
        for entry in entries:
            self.tree.append(leaf_hash(entry))
        self.files |= self.builder.extend(entries)
        self.files |= self.builder.partial_files()
        return self

    def fork(self, at: int) -> MemoryLog:
        """Another history under the same key, the same up to ``at``."""
        other = MemoryLog(self.signer.name).grow(self.entries[:at])
        other.witnesses = self.witnesses
        return other

    @property
    def source(self) -> MemorySource:
        return MemorySource(self.files)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = len(self.entries) if size is None else size
        return Checkpoint(self.signer.name, size, self.tree.root(size))

    def head(self, size: int | None = None, *, time: int = TIME) -> SignedCheckpoint:
        """The signed head, cosigned by all the log's witnesses."""
        signed = sign_checkpoint(self.checkpoint(size), self.signer)
        lines = [witness.cosign(signed.checkpoint, time) for witness in self.witnesses]
        return SignedCheckpoint(signed.checkpoint, signed.note.adding(*lines))

    def proof(self, index: int, size: int | None = None) -> LogProof:
        head = self.head(size)
        return LogProof(index, tuple(inclusion_proof(self.tree, index, head.checkpoint.size)), head)

    def policy(self, threshold: int = 0) -> Policy:
        """Trust in this log, and in ``threshold`` of its witnesses."""
        witnesses = tuple(
            PolicyWitness(f"outside-{number}", witness.key) for number, witness in enumerate(self.witnesses, 1)
        )
        if not threshold:
            return Policy((PolicyLog(self.signer.key),), witnesses, (), "none")
        group = Group("outside", threshold, tuple(witness.name for witness in witnesses))
        return Policy((PolicyLog(self.signer.key),), witnesses, (group,), "outside")


@pytest.fixture
def new_log() -> Callable[..., MemoryLog]:
    """Makes a log of so many entries with so many witnesses."""

    def make(size: int = 0, witnesses: int = 0, origin: str = "log.example/1") -> MemoryLog:
        log = MemoryLog(origin).grow(b"entry %d" % number for number in range(size))
        names = [f"w{number}.example" for number in range(1, witnesses + 1)]
        log.witnesses = [Cosigner(name, private(name)) for name in names]
        return log

    return make


@pytest.fixture
def cosigner() -> Callable[[str], Cosigner]:
    """A witness's key made from its name."""
    return lambda name: Cosigner(name, private(name))
