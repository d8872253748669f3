"""Verifying Merkle proofs: inclusion, consistency, and both for subtrees.

Inclusion by RFC 9162 section 2.1.3.2, consistency by section 2.1.4.2, subtrees by draft-ietf-plants-merkle-tree-certs,
of which the first two are the cases ``[0, size)`` and ``[0, old)``. Every hash that is hashed further must be 32
bytes, or a proof could shift bytes from one side of a node to the other. What is proved is relative to the root
given: whose root it is, a checkpoint says (``checkpoint``, ``policy``).

>>> from countersign.record.tlog.merkle import MemoryTree, inclusion_proof, leaf_hash
>>> tree = MemoryTree(leaf_hash(data) for data in (b"a", b"b", b"c"))
>>> verify_inclusion(leaf_hash(b"c"), 2, 3, inclusion_proof(tree, 2, 3), tree.root()).index
2
>>> verify_inclusion(leaf_hash(b"c"), 1, 3, inclusion_proof(tree, 2, 3), tree.root())
Traceback (most recent call last):
    ...
countersign.record.tlog.treeproof.InclusionFails: the inclusion proof of entry 1 in 3: 1 hash given, 2 needed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from countersign.errors import EvidenceWrong
from countersign.record.tlog.merkle import EMPTY_ROOT, HASH_SIZE, inclusion_ranges, node_hash
from countersign.record.tlog.verified import SEAL, Verified


class InclusionFails(EvidenceWrong):
    """An inclusion proof does not lead from this entry, at this index, to this root."""

    code = "inclusion-fails"
    next_step = "Do not take the entry as part of the log; ask the log for a proof against its published checkpoint."


class ConsistencyFails(EvidenceWrong):
    """A consistency proof does not show that the newer tree begins with the older one."""

    code = "consistency-fails"
    next_step = "Keep both checkpoints: if no proof between them exists, the log has rewritten its history."


@dataclass(frozen=True, slots=True)
class VerifiedInclusion(Verified):
    """This leaf hash is at ``index`` (counted in the whole tree) of ``[start, end)``, whose hash is ``root``."""

    leaf: bytes
    index: int
    start: int
    end: int
    root: bytes


@dataclass(frozen=True, slots=True)
class VerifiedConsistency(Verified):
    """Leaves ``[start, end)``, whose hash is ``old_root``, are part of the tree of ``size`` with ``root``."""

    start: int
    end: int
    size: int
    old_root: bytes
    root: bytes


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> VerifiedInclusion:
    """Leaf hash ``leaf`` is at ``index`` of the tree of ``size`` leaves under ``root``; raises ``InclusionFails``."""
    return verify_subtree_inclusion(leaf, index, 0, size, proof, root)


def verify_subtree_inclusion(
    leaf: bytes, index: int, start: int, end: int, proof: Sequence[bytes], root: bytes
) -> VerifiedInclusion:
    """Leaf hash ``leaf`` is at ``index`` (of the whole tree) in the subtree ``[start, end)`` with hash ``root``.

    Raises ``InclusionFails``.
    """
    name = f"the inclusion proof of entry {index} in {end}"
    if not _valid_subtree(start, end) or not start <= index < end:
        raise InclusionFails(f"{name}: there is no entry {index} in [{start}, {end})")
    if any(len(part) != HASH_SIZE for part in (leaf, *proof)):
        raise InclusionFails(f"{name}: a hash is not {HASH_SIZE} bytes long")
    position, last, value, used = index - start, end - start - 1, leaf, 0
    while last:
        if position & 1 or position < last:
            if used == len(proof):
                needed = len(inclusion_ranges(index - start, end - start))
                raise InclusionFails(f"{name}: {_hashes(len(proof))} given, {needed} needed")
            value = node_hash(proof[used], value) if position & 1 else node_hash(value, proof[used])
            used += 1
        position, last = position >> 1, last >> 1
    if used != len(proof):
        raise InclusionFails(f"{name}: {_hashes(len(proof))} given, {used} needed")
    if value != root:
        raise InclusionFails(f"{name}: it leads to the root {value.hex()}, not to {root.hex()}")
    return VerifiedInclusion(SEAL, leaf, index, start, end, root)


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> VerifiedConsistency:
    """The tree of ``old`` leaves begins that of ``new``; raises ``ConsistencyFails``.

    An old size of 0 proves nothing and is refused: every log begins with the empty tree.
    """
    if old == 0:
        raise ConsistencyFails(f"the consistency proof of 0 and {new}: from the empty tree there is nothing to show")
    return verify_subtree_consistency(0, old, new, proof, old_root, root)


def verify_subtree_consistency(
    start: int, end: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> VerifiedConsistency:
    """Leaves ``[start, end)`` with hash ``old_root`` are part of the tree of ``size`` under ``root``.

    An empty range is part of every tree: then ``old_root`` is compared with the empty root, and ``root`` is not
    looked at. Raises ``ConsistencyFails``.
    """
    name = f"the consistency proof of {end} and {size}" if start == 0 else f"the proof of [{start}, {end}) in {size}"
    if not 0 <= start <= end <= size or (start < end and not _valid_subtree(start, end)):
        raise ConsistencyFails(f"{name}: [{start}, {end}) is no subtree of a tree of {size}")
    if start == end:
        if old_root != EMPTY_ROOT or proof:
            raise ConsistencyFails(f"{name}: an empty range has the empty root and an empty proof")
    elif (start, end) == (0, size):
        if old_root != root or proof:
            raise ConsistencyFails(f"{name}: trees of one size must have one root and an empty proof")
    else:
        found_old, found_root = _walk_consistency(name, start, end, size, proof, old_root)
        if found_old != old_root:
            raise ConsistencyFails(f"{name}: it leads to the older root {found_old.hex()}, not to {old_root.hex()}")
        if found_root != root:
            raise ConsistencyFails(f"{name}: it leads to the newer root {found_root.hex()}, not to {root.hex()}")
    return VerifiedConsistency(SEAL, start, end, size, old_root, root)


def _walk_consistency(
    name: str, start: int, end: int, size: int, proof: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes]:
    """The older and the newer root that the proof leads to; names ``fn, sn, tn`` as in RFC 9162 section 2.1.4.2."""
    fn, sn, tn = start, end - 1, size - 1
    while fn != sn and (sn & 1 or sn == tn):
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    parts = [old_root, *proof] if fn == sn else list(proof)
    if not parts or any(len(part) != HASH_SIZE for part in parts):
        raise ConsistencyFails(f"{name}: {_hashes(len(proof))} given; one is missing or not {HASH_SIZE} bytes long")
    older = newer = parts[0]
    for part in parts[1:]:
        if tn == 0:
            raise ConsistencyFails(f"{name}: {_hashes(len(proof))} given, more than needed")
        if sn & 1 or sn == tn:
            if fn < sn:
                older = node_hash(part, older)
            newer = node_hash(part, newer)
            while not sn & 1:
                fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
        else:
            newer = node_hash(newer, part)
        fn, sn, tn = fn >> 1, sn >> 1, tn >> 1
    if tn:
        raise ConsistencyFails(f"{name}: {_hashes(len(proof))} given, fewer than needed")
    return older, newer


def _valid_subtree(start: int, end: int) -> bool:
    """Whether ``[start, end)`` is a subtree: start a multiple of the power of two that holds end - start."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def _hashes(count: int) -> str:
    return f"{count} hash{'' if count == 1 else 'es'}"
