"""Reading a log's tiles, each checked under a checkpoint's root before it is given out, and hashing a whole log again.

The partial tiles at the right edge are read first: their hashes must fold to the root. A full tile is taken only if the
hash over it stands in the tile one level up, an entry only if its leaf hash stands in its tile of level 0. What was
altered is refused, and named. Signatures are not looked at here.

>>> from countersign.record.tlog.merkle import inclusion_proof
>>> from countersign.record.tlog.tiles import MemorySource
>>> builder = TileBuilder()
>>> files = builder.extend([b"entry %d" % number for number in range(600)]) | builder.partial_files()
>>> reader = TileReader(MemorySource(files), builder.size, builder.root())
>>> len(inclusion_proof(reader, 7, 600)), reader.entry(599)
(10, b'entry 599')
>>> audit_log(MemorySource(files), 600, builder.root()).size
600
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from countersign.errors import EvidenceWrong
from countersign.progress import Progress, silent
from countersign.record.tlog.merkle import HASH_SIZE, SEAL, Verified, fold, leaf_hashes, parents
from countersign.record.tlog.tiles import (
    HEIGHT,
    WIDTH,
    Tile,
    TileBuilder,
    TileSource,
    bundle_path,
    edge_tiles,
    peaks_in_row,
    read_bundle,
    read_tile,
    row_root,
    tile_path,
)

#: How many checked tiles a reader keeps: 16 kB each with the hashes between.
KEPT_TILES = 512


class TileAltered(
    EvidenceWrong, next_step="Keep the file and the checkpoint, and tell the log's keeper and its witnesses."
):
    """The hashes of a tile do not lead to the root of the checkpoint."""


class EntryAltered(
    EvidenceWrong, next_step="Keep the file and the checkpoint, and tell the log's keeper and its witnesses."
):
    """An entry is not the one whose hash stands in the log."""


class TileReader:
    """The log of ``size`` entries under ``root``: a ``NodeSource`` for one thread. Raises, when built and when read
    from, ``TileMissing``, ``TileMalformed`` or ``TileAltered``."""

    def __init__(self, source: TileSource, size: int, root: bytes) -> None:
        self._source = source
        self.size = size
        self.root = root
        edge = edge_tiles(size)
        rows = {tile.level: read_tile(source, tile) for tile in edge}
        if fold([peak for level in sorted(rows, reverse=True) for peak in peaks_in_row(rows[level])]) != root:
            names = ", ".join(map(tile_path, edge)) or "an empty tree"
            raise TileAltered(f"{names}: the right edge of {size} entries does not lead to the root {root.hex()}")
        self._edge = {(tile.level, tile.number): _rows_over(rows[tile.level]) for tile in edge}
        self._kept: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        """The hash over leaves ``index * 2**level`` up to ``(index + 1) * 2**level``; ``IndexError`` beyond the log."""
        if index < 0 or (index + 1) << level > self.size:
            raise IndexError(f"a log of {self.size} entries has no whole subtree {index} of height {level}")
        tile_level, height = divmod(level, HEIGHT)
        rows = self._tile(tile_level, index >> (HEIGHT - height))
        at = (index & ((WIDTH >> height) - 1)) * HASH_SIZE
        return rows[height][at : at + HASH_SIZE]

    def entry(self, index: int) -> bytes:
        """The entry at ``index``; raises ``EntryAltered`` too, and ``IndexError`` beyond the log."""
        return next(self.entries(index, index + 1))

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The entries ``[start, end)`` in order; raises ``EntryAltered`` too, and ``IndexError`` beyond the log."""
        if not 0 <= start <= end <= self.size:
            raise IndexError(f"a log of {self.size} entries has no entries [{start}, {end})")
        while start < end:
            number = start // WIDTH
            first = number * WIDTH
            bundle = self._bundle(number, min(WIDTH, self.size - first))
            yield from bundle[start - first : end - first]
            start = first + WIDTH

    def _bundle(self, number: int, width: int) -> list[bytes]:
        bundle = read_bundle(self._source, number, width)
        hashes = leaf_hashes(bundle)
        row = self._tile(0, number)[0]
        if b"".join(hashes) != row:
            at = next(i for i, found in enumerate(hashes) if found != row[i * HASH_SIZE : (i + 1) * HASH_SIZE])
            path = bundle_path(number, width)
            raise EntryAltered(f"{path}: entry {number * WIDTH + at} is not the one whose hash is in the log")
        return bundle

    def _tile(self, level: int, number: int) -> list[bytes]:
        place = (level, number)
        rows = self._kept.get(place)
        if rows is not None:
            self._kept.move_to_end(place)
            return rows
        rows = self._edge.get(place)
        if rows is not None:
            return rows
        tile = Tile(level, number)
        rows = _rows_over(read_tile(self._source, tile))
        if rows[HEIGHT] != self.node(HEIGHT * (level + 1), number):
            raise TileAltered(f"{tile_path(tile)}: its hashes are not those that stand in the tile above it")
        self._kept[place] = rows
        if len(self._kept) > KEPT_TILES:
            self._kept.popitem(last=False)
        return rows


def _rows_over(row: bytes) -> list[bytes]:
    rows = [row]
    while row := parents(row):
        rows.append(row)
    return rows


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
    """Hash all entries again; the root is that of a checkpoint verified elsewhere. Raises ``TileMissing``,
    ``TileMalformed``, ``TileAltered`` or ``EntryAltered``. With an ``executor`` of processes the source must be one
    that can be sent to them (a ``DirectorySource``)."""
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
