"""The transparency log: C2SP formats, the Merkle tree, proofs, checkpoints, tiles and trust policies."""
