"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1) over SHA-256: hashes, roots, and proofs made.

Leaf ``SHA-256(0x00 || data)``, node ``SHA-256(0x01 || left || right)``, empty root ``SHA-256("")``; a tree of n
leaves is split at the largest power of two below n. A proof is a list of hashes, each the hash of a range of leaves:
*which* ranges is decided here once (``inclusion_ranges``, ``consistency_ranges``, ``subtree_consistency_ranges``),
and *where* their hashes come from is a ``NodeSource``: leaves in memory, or tiles on a disk. Subtrees are those of
draft-ietf-plants-merkle-tree-certs: ``[start, end)`` with start a multiple of the power of two that holds end -
start. Verifying lies in ``treeproof``. Nothing here is checked for trust.

>>> tree = MemoryTree(leaf_hash(data) for data in (b"a", b"b", b"c"))
>>> tree.root() == node_hash(node_hash(leaf_hash(b"a"), leaf_hash(b"b")), leaf_hash(b"c"))
True
>>> inclusion_ranges(2, 3), inclusion_proof(tree, 2, 3) == [tree.node(1, 0)]
([(0, 2)], True)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Protocol

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]


class NodeSource(Protocol):
    """Where the hashes of whole subtrees come from."""

    def node(self, level: int, index: int) -> bytes:
        """The hash over leaves ``index * 2**level`` up to ``(index + 1) * 2**level``, all of which exist."""


def leaf_hash(data: bytes) -> bytes:
    """``SHA-256(0x00 || data)``."""
    return sha256(b"\x00" + data).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """``leaf_hash`` of each entry, in one tight loop."""
    hashed = sha256
    return [hashed(b"\x00" + data).digest() for data in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """``SHA-256(0x01 || left || right)`` of two 32-byte hashes."""
    return sha256(b"\x01" + left + right).digest()


def parents(row: bytes) -> bytes:
    """The row of hashes above ``row`` (hashes set end to end); a last hash without a partner is left out."""
    hashed = sha256
    return b"".join([hashed(b"\x01" + row[at : at + 64]).digest() for at in range(0, len(row) - 63, 64)])


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over subtrees of falling size, left to right; the empty root for none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def largest_power_below(count: int) -> int:
    """The largest power of two smaller than ``count`` (at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def peaks_of(start: int, end: int) -> list[tuple[int, int]]:
    """The whole subtrees ``(level, index)``, left to right, that make up ``[start, end)``; start is fitly aligned."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def range_hash(source: NodeSource, start: int, end: int) -> bytes:
    """The Merkle tree hash of leaves ``[start, end)``, start being a multiple of a power of two >= end - start."""
    return fold([source.node(level, index) for level, index in peaks_of(start, end)])


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges of ``PATH(index, D[size])``, from the leaf's sibling upwards (RFC 9162 section 2.1.3.1)."""
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + largest_power_below(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def subtree_consistency_ranges(start: int, end: int, size: int) -> list[Range]:
    """The ranges of a subtree consistency proof, from below upwards (merkle-tree-certs, SUBTREE_PROOF)."""
    low, high, whole, ranges = 0, size, True, []
    while (start, end) != (low, high):
        middle = low + largest_power_below(high - low)
        if end <= middle:
            ranges.append((middle, high))
            high = middle
        elif start >= middle:
            ranges.append((low, middle))
            low = middle
        else:
            ranges.append((low, middle))
            low = start = middle
            whole = False
    if not whole:
        ranges.append((low, high))
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges of ``PROOF(old, D[new])`` for 0 < old <= new (RFC 9162 section 2.1.4.1); none for old = 0."""
    return subtree_consistency_ranges(0, old, new) if old else []


def inclusion_proof(source: NodeSource, index: int, size: int) -> list[bytes]:
    """The inclusion proof of leaf ``index`` in the tree of the first ``size`` leaves, 0 <= index < size."""
    return [range_hash(source, *part) for part in inclusion_ranges(index, size)]


def consistency_proof(source: NodeSource, old: int, new: int) -> list[bytes]:
    """The proof that the tree of ``old`` leaves begins that of ``new`` leaves, 0 <= old <= new."""
    return [range_hash(source, *part) for part in consistency_ranges(old, new)]


class MemoryTree:
    """All hashes of a tree in memory, grown by appending; for small trees (a sealed set, a test), 64 bytes a leaf."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash, and every node it completes."""
        for level in range(len(self._levels) + 1):
            if level == len(self._levels):
                self._levels.append([])
            row = self._levels[level]
            row.append(leaf)
            if len(row) % 2:
                return
            leaf = node_hash(row[-2], row[-1])

    def node(self, level: int, index: int) -> bytes:
        """The hash of a whole subtree; ``IndexError`` where it is not whole yet."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """The root over the first ``size`` leaves (all, where not given)."""
        return range_hash(self, 0, len(self) if size is None else size)
