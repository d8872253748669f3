"""Merkle trees over SHA-256: hashes, roots, and proofs of inclusion and consistency, made and verified.

RFC 6962 section 2.1 (RFC 9162 section 2.1): leaf ``SHA-256(0x00 || data)``, node ``SHA-256(0x01 || left || right)``,
empty root ``SHA-256("")``. A proof lists the hashes of ranges of leaves; where they come from is a ``NodeSource``.
Subtrees ``[start, end)`` are those of draft-ietf-plants-merkle-tree-certs: start is a multiple of the power of two that
holds end - start. A proof holds relative to the root given; whose root it is, a checkpoint says (``trust``).

Verification returns a ``Verified`` object or raises; nothing that matters for trust returns a bool, which one could
forget to look at. This guards against mistakes in calling code, not against code that deceives its own process.

>>> tree = MemoryTree(leaf_hash(data) for data in (b"a", b"b", b"c"))
>>> tree.root() == node_hash(node_hash(leaf_hash(b"a"), leaf_hash(b"b")), leaf_hash(b"c"))
True
>>> inclusion_ranges(2, 3), inclusion_proof(tree, 2, 3) == [tree.node(1, 0)]
([(0, 2)], True)
>>> verify_inclusion(leaf_hash(b"c"), 2, 3, inclusion_proof(tree, 2, 3), tree.root()).index
2
>>> verify_inclusion(leaf_hash(b"c"), 1, 3, inclusion_proof(tree, 2, 3), tree.root())
Traceback (most recent call last):
    ...
countersign.record.tlog.merkle.InclusionFails: the inclusion proof of entry 1 in 3: 1 hash given, 2 needed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import InitVar, dataclass
from hashlib import sha256
from typing import NoReturn, Protocol

from countersign.errors import EvidenceWrong
from countersign.words.lists import counted

SEAL = object()
"""Handed to the constructor by verifying functions of this package alone."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Base of all verified objects; subclasses are frozen dataclasses whose first argument is the seal."""

    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not SEAL:
            raise TypeError(f"{type(self).__name__} is built by verifying, not by hand")

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be copied or pickled: verify again")


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


class InclusionFails(
    EvidenceWrong,
    next_step="Do not take the entry as part of the log; ask the log for a proof against its published checkpoint.",
):
    """An inclusion proof does not lead from this entry, at this index, to this root."""


class ConsistencyFails(
    EvidenceWrong,
    next_step="Keep both checkpoints: if no proof between them exists, the log has rewritten its history.",
):
    """A consistency proof does not show that the newer tree begins with the older one."""


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
    """Leaf hash ``leaf`` is at ``index`` in ``[start, end)`` with hash ``root``; raises ``InclusionFails``."""
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
                raise InclusionFails(f"{name}: {counted(len(proof), 'hash', 'hashes')} given, {needed} needed")
            value = node_hash(proof[used], value) if position & 1 else node_hash(value, proof[used])
            used += 1
        position, last = position >> 1, last >> 1
    if used != len(proof):
        raise InclusionFails(f"{name}: {counted(len(proof), 'hash', 'hashes')} given, {used} needed")
    if value != root:
        raise InclusionFails(f"{name}: it leads to the root {value.hex()}, not to {root.hex()}")
    return VerifiedInclusion(SEAL, leaf, index, start, end, root)


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> VerifiedConsistency:
    """The tree of ``old`` leaves, not 0, begins that of ``new``; raises ``ConsistencyFails``."""
    if old == 0:
        raise ConsistencyFails(f"the consistency proof of 0 and {new}: from the empty tree there is nothing to show")
    return verify_subtree_consistency(0, old, new, proof, old_root, root)


def verify_subtree_consistency(
    start: int, end: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> VerifiedConsistency:
    """Leaves ``[start, end)`` with hash ``old_root`` are part of the tree of ``size`` under ``root``. An empty range is
    part of every tree: then ``old_root`` is compared with the empty root, and ``root`` is not looked at. Raises
    ``ConsistencyFails``."""
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
    given = f"{name}: {counted(len(proof), 'hash', 'hashes')} given"
    if not parts or any(len(part) != HASH_SIZE for part in parts):
        raise ConsistencyFails(f"{given}; one is missing or not {HASH_SIZE} bytes long")
    older = newer = parts[0]
    for part in parts[1:]:
        if tn == 0:
            raise ConsistencyFails(f"{given}, more than needed")
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
        raise ConsistencyFails(f"{given}, fewer than needed")
    return older, newer


def _valid_subtree(start: int, end: int) -> bool:
    """Whether ``[start, end)`` is a subtree: start a multiple of the power of two that holds end - start."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0
