"""Proofs about a subtree, which the program checks and never makes: for tests, and for the vectors of others."""

from __future__ import annotations

from countersign.record.tlog.merkle import NodeSource, inclusion_ranges, range_hash, subtree_consistency_ranges


def subtree_inclusion_proof(source: NodeSource, index: int, start: int, end: int) -> list[bytes]:
    """The inclusion proof of leaf ``index`` in the subtree ``[start, end)``."""
    ranges = inclusion_ranges(index - start, end - start)
    return [range_hash(source, start + low, start + high) for low, high in ranges]


def subtree_consistency_proof(source: NodeSource, start: int, end: int, size: int) -> list[bytes]:
    """The proof that the subtree ``[start, end)``, start < end, is part of the tree of ``size`` leaves."""
    return [range_hash(source, *part) for part in subtree_consistency_ranges(start, end, size)]
