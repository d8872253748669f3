"""The tree against its recursive definition (RFC 6962 section 2.1), written here a second time as plainly as can be."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making.subtrees import subtree_consistency_proof, subtree_inclusion_proof

from countersign.record.tlog.merkle import (
    EMPTY_ROOT,
    ConsistencyFails,
    InclusionFails,
    MemoryTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)
from countersign.record.tlog.tiles import TileBuilder

EVERYDAY, LONG = 300, 4096


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    at = split(len(leaves))
    return sha256(b"\x01" + tree_hash(leaves[:at]) + tree_hash(leaves[at:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    at = split(len(leaves))
    if index < at:
        return [*path(index, leaves[:at]), tree_hash(leaves[at:])]
    return [*path(index - at, leaves[at:]), tree_hash(leaves[:at])]


def subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    at = split(len(leaves))
    if old <= at:
        return [*subproof(old, leaves[:at], whole), tree_hash(leaves[at:])]
    return [*subproof(old - at, leaves[at:], False), tree_hash(leaves[:at])]


def entries_of(size: int, salt: int = 0) -> list[bytes]:
    return [b"%d,%d" % (salt, number) for number in range(size)]


def leaves_of(size: int) -> list[bytes]:
    return [sha256(b"\0" + entry).digest() for entry in entries_of(size)]


def test_published_constants() -> None:
    # RFC 6962: the root of the empty tree and the hash of the empty leaf, as printed in the reference implementation.
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hashes([b"", b"x"]) == [leaf_hash(b""), leaf_hash(b"x")]


def check_tree(size: int, index: int, old: int, salt: int) -> None:
    entries = entries_of(size, salt)
    leaves = [sha256(b"\0" + entry).digest() for entry in entries]
    tree = MemoryTree(leaves)
    root = tree_hash(leaves)
    builder = TileBuilder()
    builder.extend(entries)
    assert tree.root() == builder.root() == root
    assert inclusion_proof(tree, index, size) == path(index, leaves)
    assert verify_inclusion(leaves[index], index, size, path(index, leaves), root).root == root
    assert consistency_proof(tree, old, size) == subproof(old, leaves, True)
    verified = verify_consistency(old, size, subproof(old, leaves, True), tree_hash(leaves[:old]), root)
    assert (verified.end, verified.size) == (old, size)


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_proofs_are_those_of_the_recursive_definition(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, EVERYDAY))
    check_tree(size, data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size)), data.draw(st.integers(0, 9)))


@pytest.mark.slow
@given(st.data())
@settings(deadline=None, max_examples=400)
def test_proofs_are_those_of_the_recursive_definition_up_to_4096(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, LONG))
    check_tree(size, data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size)), data.draw(st.integers(0, 9)))


def test_every_subtree_of_small_trees() -> None:
    leaves = leaves_of(34)
    tree = MemoryTree(leaves)
    for size in (1, 2, 3, 7, 8, 21, 33, 34):
        for start in range(size):
            for end in range(start + 1, size + 1):
                if start % (1 << (end - start - 1).bit_length()):
                    continue
                root = tree_hash(leaves[start:end])
                proof = subtree_consistency_proof(tree, start, end, size)
                verify_subtree_consistency(start, end, size, proof, root, tree.root(size))
                if start == 0:
                    assert proof == subproof(end, leaves[:size], True)
                for index in range(start, end):
                    proof = subtree_inclusion_proof(tree, index, start, end)
                    assert proof == path(index - start, leaves[start:end])
                    verify_subtree_inclusion(leaves[index], index, start, end, proof, root)


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_one_bit_changed_anywhere_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    leaves = leaves_of(size)
    tree = MemoryTree(leaves)
    bit = 1 << data.draw(st.integers(0, 7))

    def flipped(parts: list[bytes]) -> list[bytes]:
        at, byte = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 31))
        part = bytearray(parts[at])
        part[byte] ^= bit
        return [*parts[:at], bytes(part), *parts[at + 1 :]]

    leaf, root, *proof = flipped([leaves[index], tree.root(), *inclusion_proof(tree, index, size)])
    with pytest.raises(InclusionFails):
        verify_inclusion(leaf, index, size, proof, root)
    old_root, root, *proof = flipped([tree.root(old), tree.root(), *consistency_proof(tree, old, size)])
    with pytest.raises(ConsistencyFails):
        verify_consistency(old, size, proof, old_root, root)


def test_bytes_cannot_be_shifted_between_the_sides_of_a_node() -> None:
    leaves = leaves_of(2)
    root = tree_hash(leaves)
    joined = leaves[0] + leaves[1]
    with pytest.raises(InclusionFails, match="32 bytes"):
        verify_inclusion(joined[:31], 0, 2, [joined[31:]], root)
    with pytest.raises(ConsistencyFails, match="32 bytes"):
        verify_consistency(1, 2, [joined[31:]], joined[:31], root)
