"""Commitments: how an entry binds itself to a value that stays sealed, and how one item of a sealed list is opened.

A commitment is ``HMAC-SHA-256(opening, label || 0x0A || version || 0x0A || digest)``: the opening is 32 fresh random
bytes for each item, the label is where in the entry it stands, the version that of the content's form, the digest the
SHA-256 of the content. Without the opening nobody learns anything, even of a value with few possibilities; once it is
destroyed nobody can ever show which value it was. A sealed *set* of n items is the root of the Merkle tree (RFC 6962)
whose leaves are the items' commitments, and n. One item opens with its content, its opening and an inclusion proof.

>>> opening = bytes(range(32))
>>> commitment = commit("list", 1, b"entry 7", opening)
>>> check_opening(commitment, "list", 1, b"entry 7", opening).label
'list'
>>> check_opening(commitment, "list", 1, b"entry 8", opening)  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
countersign.record.entries.commitment.OpeningFails: list: the content and opening given are not those ...
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from countersign.errors import EvidenceWrong
from countersign.record.tlog.merkle import (
    SEAL,
    InclusionFails,
    MemoryTree,
    Verified,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    verify_inclusion,
)

ALGORITHM = "hmac-sha256.1"
OPENING_SIZE = 32


class OpeningFails(
    EvidenceWrong, next_step="Do not rely on this content: it is not what was committed to, or its opening was altered."
):
    """A content and an opening do not give the commitment that stands in the log."""


@dataclass(frozen=True, slots=True)
class OpenedValue(Verified):
    """This content is what the commitment in the log binds; says nothing about whether it is true."""

    label: str
    content: bytes = field(repr=False)


def commit(label: str, version: int, content: bytes, opening: bytes) -> bytes:
    """The 32-byte commitment to ``content``. Raises ``ValueError`` for an opening that is not 32 bytes."""
    return commit_digest(label, version, sha256(content).digest(), opening)


def commit_digest(label: str, version: int, digest: bytes, opening: bytes) -> bytes:
    """``commit`` where the content's SHA-256 is at hand."""
    if len(opening) != OPENING_SIZE or len(digest) != sha256().digest_size:
        raise ValueError(f"an opening has {OPENING_SIZE} bytes and a digest {sha256().digest_size}")
    return hmac.digest(opening, b"%s\n%d\n%s" % (label.encode(), version, digest), "sha256")


def check_opening(commitment: bytes, label: str, version: int, content: bytes, opening: bytes) -> OpenedValue:
    """The content, shown to be what was committed to. Raises ``OpeningFails``."""
    if len(opening) != OPENING_SIZE or not hmac.compare_digest(commit(label, version, content, opening), commitment):
        raise OpeningFails(f"{label}: the content and opening given are not those that were committed to")
    return OpenedValue(SEAL, label, content)


@dataclass(frozen=True, slots=True)
class SealedSet:
    """A list of commitments under one root, as its keeper holds it; the entry holds ``root`` and ``count`` alone."""

    commitments: Sequence[bytes] = field(repr=False)
    _tree: MemoryTree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tree", MemoryTree(leaf_hashes(self.commitments)))

    @property
    def count(self) -> int:
        """How many items were committed to."""
        return len(self.commitments)

    @property
    def root(self) -> bytes:
        """The Merkle root over the commitments, in order."""
        return self._tree.root()

    def prove(self, index: int) -> list[bytes]:
        """The inclusion proof of item ``index``; raises ``IndexError``."""
        if not 0 <= index < self.count:
            raise IndexError(f"item {index} of a set of {self.count}")
        return inclusion_proof(self._tree, index, self.count)


def check_item(
    root: bytes, count: int, index: int, label: str, version: int, content: bytes, opening: bytes, proof: list[bytes]
) -> OpenedValue:
    """Item ``index`` of a sealed set, shown to be what was committed to. Raises ``OpeningFails``."""
    commitment = commit(label, version, content, opening) if len(opening) == OPENING_SIZE else b""
    try:
        verify_inclusion(leaf_hash(commitment), index, count, proof, root)
    except (InclusionFails, ValueError):
        raise OpeningFails(f"{label}: item {index} given is not the one committed to in this set of {count}") from None
    return OpenedValue(SEAL, label, content)
