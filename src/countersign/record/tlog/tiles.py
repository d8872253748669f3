"""Tiles: the hashes and entries of a log as files that never change (C2SP tlog-tiles), and how they grow.

A tile holds up to 256 hashes end to end; tile N of level L has those of the whole subtrees of height 8 L from number
256 N on, at ``tile/<L>/<N>``. A bundle holds the entries of a tile of level 0, each behind its length as two bytes,
at ``tile/entries/<N>``. N is written in groups of three digits, all but the last after an x. Tiles at the right edge
are partial, with their width after ``.p/``. What is read here is not checked against a checkpoint: ``tilereader`` does.

A ``TileBuilder`` holds the right edge alone: the tiles that are still filling and the entries of the last bundle, at
most some 2,000 hashes and 255 entries. A full tile goes out, and the hash over its 256 goes one level up.

>>> tile_path(Tile(0, 1234067, 8)), bundle_path(3)
('tile/0/x001/x234/067.p/8', 'tile/entries/003')
>>> parse_bundle(render_bundle([b"a", b"bc"]), 2)
[b'a', b'bc']
>>> [tile_path(tile) for tile in edge_tiles(70_000)]
['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from countersign.errors import NotReached, WrongForm
from countersign.record.tlog.encoding import shown
from countersign.record.tlog.merkle import HASH_SIZE, fold, leaf_hashes, parents

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAXIMUM_LEVEL = 63
MAXIMUM_ENTRY_BYTES = 65_535
#: The longest file of a log: a bundle of 256 entries, each behind two bytes.
MAXIMUM_FILE_BYTES = WIDTH * (MAXIMUM_ENTRY_BYTES + 2)
CHECKPOINT_PATH = "checkpoint"


class TileMissing(
    NotReached,
    next_step="Fetch the log's files again; if the log no longer gives this one, it withholds part of its record.",
):
    """A file of the log that the checkpoint promises cannot be read."""


class TileMalformed(
    WrongForm, next_step="Fetch the file again; if it comes the same, the log's copy is damaged: tell its keeper."
):
    """A tile or bundle of entries does not have the length or form it must have: cut short, or not such a file."""


class Tile(NamedTuple):
    """Which tile: level, number in the level, and how many hashes of it (256 when full)."""

    level: int
    number: int
    width: int = WIDTH


class TileSource(Protocol):
    """Where the files of a log are read from: a directory, a dictionary, a server."""

    def read(self, path: str) -> bytes:
        """The whole file at this path below the log's prefix; raises ``TileMissing`` if there is none."""


def number_path(number: int) -> str:
    """A tile's number in groups of three digits: 1234067 is ``x001/x234/067``."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_path(tile: Tile) -> str:
    """Where the tile lies: ``tile/<L>/<N>[.p/<W>]``; raises ``ValueError`` for a tile that cannot be."""
    if not 0 <= tile.level <= MAXIMUM_LEVEL:
        raise ValueError(f"a tile's level is 0 to {MAXIMUM_LEVEL}, not {tile.level}")
    return f"tile/{tile.level}/{_numbered(tile.number, tile.width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Where the bundle of entries lies: ``tile/entries/<N>[.p/<W>]``; raises ``ValueError`` for one that cannot be."""
    return f"tile/entries/{_numbered(number, width)}"


def _numbered(number: int, width: int) -> str:
    if number < 0 or not 1 <= width <= WIDTH:
        raise ValueError(f"no tile has the number {number} and the width {width}")
    return number_path(number) + ("" if width == WIDTH else f".p/{width}")


def edge_tiles(size: int) -> list[Tile]:
    """The partial tiles at the right edge of a tree of ``size`` entries, from level 0 upwards; no empty ones."""
    tiles, level = [], 0
    while size:
        if width := size % WIDTH:
            tiles.append(Tile(level, size // WIDTH, width))
        size, level = size // WIDTH, level + 1
    return tiles


def all_tiles(size: int) -> Iterable[Tile]:
    """Every tile of a tree of ``size`` entries, full and partial, level by level."""
    level = 0
    while size:
        yield from (Tile(level, number) for number in range(size // WIDTH))
        if size % WIDTH:
            yield Tile(level, size // WIDTH, size % WIDTH)
        size, level = size // WIDTH, level + 1


def render_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries set end to end, each behind its length as two bytes; raises ``TileMalformed`` for one too long."""
    parts = []
    for entry in entries:
        if len(entry) > MAXIMUM_ENTRY_BYTES:
            raise TileMalformed(f"an entry of {len(entry):,} bytes is longer than {MAXIMUM_ENTRY_BYTES:,}")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """The ``width`` entries of a bundle; raises ``TileMalformed`` if it holds fewer, more, or part of one."""
    entries: list[bytes] = []
    at, end = 0, len(data)
    add = entries.append
    while at < end:
        start = at + 2
        at = start + (data[at] << 8 | data[start - 1] if start <= end else end)
        add(data[start:at])
    if at != end or len(entries) != width:
        raise TileMalformed(f"a bundle of {len(data):,} bytes does not hold {width} whole entries and nothing else")
    return entries


def read_tile(source: TileSource, tile: Tile) -> bytes:
    """The tile's hashes, from the full one if need be, unchecked; raises ``TileMissing`` or ``TileMalformed``."""
    path = tile_path(tile)
    try:
        data = source.read(path)
    except TileMissing:
        if tile.width == WIDTH:
            raise
        path = tile_path(tile._replace(width=WIDTH))
        data = _whole(path, source.read(path), WIDTH)[: tile.width * HASH_SIZE]
    return _whole(path, data, tile.width)


def _whole(path: str, data: bytes, width: int) -> bytes:
    if len(data) != width * HASH_SIZE:
        raise TileMalformed(f"{path}: {len(data):,} bytes, not the {width * HASH_SIZE:,} of {width} hashes")
    return data


def read_bundle(source: TileSource, number: int, width: int = WIDTH) -> list[bytes]:
    """The first ``width`` entries, from the full one if need be, unchecked; raises as ``read_tile``."""
    path = bundle_path(number, width)
    try:
        try:
            return parse_bundle(source.read(path), width)
        except TileMissing:
            if width == WIDTH:
                raise
            path = bundle_path(number)
            return parse_bundle(source.read(path), WIDTH)[:width]
    except TileMalformed as error:
        raise TileMalformed(f"{path}: {error}") from None


#: How a file of a log is opened: bytes as they are, without waiting for a pipe. Windows has the last flag alone.
_READING = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


@dataclass(frozen=True, slots=True)
class DirectorySource:
    """The files of a log below a directory."""

    directory: Path

    def read(self, path: str) -> bytes:
        """The file's bytes; raises ``TileMissing``."""
        # Bare calls take half the time of Path. A pipe or a device laid there would keep a reader waiting for ever.
        try:
            handle = os.open(f"{self.directory}/{path}", _READING)
            try:
                there = os.fstat(handle)
                if not stat.S_ISREG(there.st_mode) or there.st_size > MAXIMUM_FILE_BYTES:
                    raise TileMissing(f"{self.directory / path}: is not a file of a log")
                data = os.read(handle, there.st_size)
            finally:
                os.close(handle)
        except OSError as error:
            if isinstance(error, TileMissing):
                raise
            raise TileMissing(f"{self.directory / path}: {error.strerror or error}") from None
        return data


@dataclass(frozen=True, slots=True)
class MemorySource:
    """The files of a log in a dictionary from path to bytes; for tests and bundles."""

    files: Mapping[str, bytes]

    def read(self, path: str) -> bytes:
        """The file's bytes; raises ``TileMissing``."""
        try:
            return self.files[path]
        except KeyError:
            raise TileMissing(f"{shown(path)}: there is no such file") from None


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
        """Go on from one's own log of ``size`` entries; compare ``root()`` before signing. Raises as ``read_tile``."""
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
        """Add entries; returns the files that are full now, by path: bundles and hash tiles of all levels. Raises
        ``TileMalformed`` for an entry of more than 65,535 bytes; then the builder must not be used further."""
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
        """Add the hash over 256 entries to a size that is a multiple of 256; the tiles above that are full now."""
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
