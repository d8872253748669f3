"""Growing a tree entry by entry, in memory of its right edge only, and giving out its tiles as they fill.

The state is, for each level, the hashes of the tile that is still filling (fewer than 256), and the entries of the last
bundle: at most some 2,000 hashes and 255 entries, whatever the size of the log. A full tile goes out, and the hash
over its 256 goes one level up. The root is folded from the edge. This is also how a root is counted again from
entries alone.

>>> builder = TileBuilder()
>>> files = builder.extend([b"entry %d" % number for number in range(300)])
>>> sorted(files), builder.size
(['tile/0/000', 'tile/entries/000'], 300)
>>> sorted(builder.partial_files())
['tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/44']
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from countersign.record.tlog.merkle import HASH_SIZE, fold, leaf_hashes, parents
from countersign.record.tlog.tiles import (
    WIDTH,
    Tile,
    TileSource,
    bundle_path,
    edge_tiles,
    read_bundle,
    read_tile,
    render_bundle,
    tile_path,
)


def peaks_in_row(row: bytes) -> list[bytes]:
    """The hashes of the largest whole subtrees over a row of hashes (end to end), left to right."""
    peaks: list[bytes] = []
    while row:
        if len(row) // HASH_SIZE % 2:
            peaks.append(row[-HASH_SIZE:])
        row = parents(row)
    return peaks[::-1]


def row_root(row: bytes) -> bytes:
    """The hash over a full tile of 256 hashes set end to end."""
    while len(row) > HASH_SIZE:
        row = parents(row)
    return row


class TileBuilder:
    """The right edge of a growing tree. Not for use by several threads at once."""

    def __init__(self, rows: Sequence[bytes] = (), entries: Iterable[bytes] = ()) -> None:
        self._rows = [bytearray(row) for row in rows]
        self._entries = list(entries)
        self._size = sum((len(row) // HASH_SIZE) << (8 * level) for level, row in enumerate(rows))

    @classmethod
    def load(cls, source: TileSource, size: int) -> TileBuilder:
        """Go on from the log of ``size`` entries whose tiles are in ``source``, which is trusted to be one's own.

        Raises ``TileMissing`` or ``TileMalformed``. Compare ``root()`` with the last checkpoint before signing.
        """
        edge = edge_tiles(size)
        rows = [b""] * (edge[-1].level + 1 if edge else 0)
        for tile in edge:
            rows[tile.level] = read_tile(source, tile)
        entries = read_bundle(source, size // WIDTH, size % WIDTH) if size % WIDTH else []
        return cls(rows, entries)

    @property
    def size(self) -> int:
        """How many entries the tree has."""
        return self._size

    def extend(self, entries: Iterable[bytes]) -> dict[str, bytes]:
        """Add entries; returns the files that are full now, by path: bundles and hash tiles of all levels.

        Raises ``TileMalformed`` for an entry of more than 65,535 bytes; then the builder must not be used further.
        """
        files: dict[str, bytes] = {}
        source = iter(entries)
        while batch := list(islice(source, WIDTH - len(self._entries))):
            number = self._size // WIDTH
            self._entries += batch
            if len(self._entries) == WIDTH:
                files[bundle_path(number)] = render_bundle(self._entries)
                self._entries = []
            self._size += len(batch)
            files.update(self._add(0, b"".join(leaf_hashes(batch))))
        return files

    def add_full_tile(self, root: bytes) -> dict[str, bytes]:
        """Add the hash over 256 further entries, hashed elsewhere; returns the tiles above that are full now.

        The size must be a multiple of 256, or ``ValueError`` is raised.
        """
        if self._size % WIDTH:
            raise ValueError(f"a tree of {self._size} entries does not end with a full tile")
        self._size += WIDTH
        return self._add(1, root)

    def partial_files(self) -> dict[str, bytes]:
        """The files at the right edge, by path: what is to be written before a checkpoint of this size."""
        files = {tile_path(tile): bytes(self._rows[tile.level]) for tile in edge_tiles(self._size)}
        if self._entries:
            files[bundle_path(self._size // WIDTH, len(self._entries))] = render_bundle(self._entries)
        return files

    def root(self) -> bytes:
        """The root over all entries added so far."""
        return fold([peak for row in reversed(self._rows) for peak in peaks_in_row(bytes(row))])

    def _add(self, level: int, hashes: bytes) -> dict[str, bytes]:
        """Set hashes behind the row of ``level``, which they at most fill; a full row is given out and goes up."""
        files = {}
        while hashes:
            while level >= len(self._rows):
                self._rows.append(bytearray())
            row = self._rows[level]
            row += hashes
            if len(row) < WIDTH * HASH_SIZE:
                break
            files[tile_path(Tile(level, (self._size - 1) >> (8 * (level + 1))))] = bytes(row)
            hashes = row_root(bytes(row))
            row.clear()
            level += 1
        return files
