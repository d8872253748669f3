"""Hashing a whole log again: every entry, every tile, up to the root of a checkpoint.

Each bundle's entries are hashed and set against the tile of level 0, the tiles above are computed and set against
those in the files, and the root against the checkpoint's. The work falls into pieces of 64 bundles, which an executor
may spread over processes; memory holds one piece for each. What is wrong is named by the file or entry. Signatures
are not looked at here.

>>> from countersign.record.tlog.tilebuilder import TileBuilder
>>> from countersign.record.tlog.tiles import MemorySource
>>> builder = TileBuilder()
>>> files = builder.extend([b"entry %d" % number for number in range(600)]) | builder.partial_files()
>>> audit_log(MemorySource(files), 600, builder.root()).size
600
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from countersign.progress import Progress, silent
from countersign.record.tlog.merkle import HASH_SIZE, leaf_hashes
from countersign.record.tlog.tilebuilder import TileBuilder, row_root
from countersign.record.tlog.tilereader import TileAltered, TileReader
from countersign.record.tlog.tiles import WIDTH, Tile, TileSource, edge_tiles, read_bundle, read_tile, tile_path
from countersign.record.tlog.verified import SEAL, Verified

#: How many bundles are one piece of work: 16,384 entries.
PIECE = 64


@dataclass(frozen=True, slots=True)
class VerifiedLog(Verified):
    """All ``size`` entries and all tiles were hashed again and lead to ``root``."""

    size: int
    root: bytes


def audit_log(
    source: TileSource, size: int, root: bytes, *, executor: Executor | None = None, progress: Progress = silent
) -> VerifiedLog:
    """Hash all entries again; the root is that of a checkpoint verified elsewhere.

    Raises ``TileMissing``, ``TileMalformed``, ``TileAltered`` or ``EntryAltered``. With an ``executor`` of processes
    the source must be one that can be sent to them (a ``DirectorySource``).
    """
    TileReader(source, size, root)
    full = size // WIDTH
    pieces = [(source, size, root, first, min(first + PIECE, full)) for first in range(0, full, PIECE)]
    builder = TileBuilder()
    done = 0
    for roots in _map(executor, pieces):
        for at in range(0, len(roots), HASH_SIZE):
            for path, row in builder.add_full_tile(roots[at : at + HASH_SIZE]).items():
                if source.read(path) != row:
                    raise TileAltered(f"{path}: its hashes are not those of the entries below it")
        done += len(roots) // HASH_SIZE * WIDTH
        progress("hashing entries", done, size)
    if size % WIDTH:
        builder.extend(TileReader(source, size, root).entries(full * WIDTH, size))
    edge = builder.partial_files()
    for tile in edge_tiles(size):
        if read_tile(source, tile) != edge[tile_path(tile)]:
            raise TileAltered(f"{tile_path(tile)}: its hashes are not those of the entries below it")
    progress("hashing entries", size, size)
    if builder.root() != root:
        raise TileAltered(f"the entries lead to the root {builder.root().hex()}, not to {root.hex()}")
    return VerifiedLog(SEAL, size, root)


def _hash_piece(piece: tuple[TileSource, int, bytes, int, int]) -> bytes:
    """The hashes over full tiles ``first`` up to ``end``, end to end, each tile compared with its entries."""
    source, size, root, first, end = piece
    roots = []
    for number in range(first, end):
        row = b"".join(leaf_hashes(read_bundle(source, number)))
        if row != read_tile(source, Tile(0, number)):
            # Whether the entry or the tile was altered shows when the tile is held against the root.
            list(TileReader(source, size, root).entries(number * WIDTH, (number + 1) * WIDTH))
        roots.append(row_root(row))
    return b"".join(roots)


def _map(executor: Executor | None, pieces: list[tuple[TileSource, int, bytes, int, int]]) -> Iterator[bytes]:
    return map(_hash_piece, pieces) if executor is None else executor.map(_hash_piece, pieces)
