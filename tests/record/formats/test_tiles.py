from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.output import CannotWrite
from countersign.record.store.publication import TileConflict, TileDirectory
from countersign.record.tlog import tiles
from countersign.record.tlog.merkle import HASH_SIZE, MemoryTree, inclusion_proof, leaf_hashes
from countersign.record.tlog.tilereader import EntryAltered, TileAltered, TileReader, audit_log
from countersign.record.tlog.tiles import (
    MemorySource,
    Tile,
    TileBuilder,
    TileMalformed,
    TileMissing,
    all_tiles,
    bundle_path,
    edge_tiles,
    number_path,
    parse_bundle,
    render_bundle,
    tile_path,
)


def test_the_example_of_the_specification() -> None:
    # C2SP tlog-tiles, "Partial Tiles": a tree of size 70,000 and one of size 256.
    tiles = list(all_tiles(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in tiles) == 273
    assert [tile for tile in tiles if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert sum(tile.level == 1 for tile in tiles) == 2
    assert list(all_tiles(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert number_path(1234067) == "x001/x234/067"


@given(st.integers(0, 10**15))
@settings(deadline=None, max_examples=200)
def test_numbers_are_written_in_groups_that_read_back(number: int) -> None:
    path = number_path(number)
    *first, last = path.split("/")
    assert all(len(group) == 4 and group[0] == "x" for group in first)
    assert int("".join(group[1:] for group in first) + last) == number
    assert not first or first[0] != "x000"


@given(st.integers(0, 300_000))
@settings(deadline=None, max_examples=100)
def test_the_right_edge_is_the_partial_part_of_all_tiles(size: int) -> None:
    assert edge_tiles(size) == [tile for tile in all_tiles(size) if tile.width < 256]


@pytest.mark.parametrize(("level", "number", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_has_no_path(level: int, number: int, width: int) -> None:
    with pytest.raises(ValueError, match="tile"):
        tile_path(Tile(level, number, width))


@given(st.lists(st.binary(max_size=300), max_size=256))
@settings(deadline=None, max_examples=100)
def test_bundles_round_trip(entries: list[bytes]) -> None:
    assert parse_bundle(render_bundle(entries), len(entries)) == entries


@pytest.mark.slow
@given(st.lists(st.binary(max_size=20), min_size=1, max_size=5), st.data())
@settings(deadline=None, max_examples=200)
def test_what_is_taken_as_a_bundle_is_written_the_same(entries: list[bytes], data: st.DataObject) -> None:
    altered = bytearray(render_bundle(entries))
    at = data.draw(st.integers(0, len(altered) - 1))
    altered[at] = data.draw(st.integers(0, 255))
    cut = bytes(altered[: data.draw(st.integers(0, len(altered)))])
    try:
        parsed = parse_bundle(cut, len(entries))
    except TileMalformed:
        return
    assert render_bundle(parsed) == cut


def test_an_entry_too_long_is_refused() -> None:
    assert len(parse_bundle(render_bundle([bytes(65_535)]), 1)[0]) == 65_535
    with pytest.raises(TileMalformed, match="65,536 bytes"):
        render_bundle([bytes(65_536)])


@given(st.lists(st.integers(0, 700), min_size=1, max_size=6))
@settings(deadline=None, max_examples=25)
def test_growing_in_any_steps_gives_the_same_files_and_root(steps: list[int]) -> None:
    total = sum(steps)
    entries = [b"%d" % number for number in range(total)]
    whole = TileBuilder()
    expected = whole.extend(entries) | whole.partial_files()
    stepwise, at = TileBuilder(), 0
    files: dict[str, bytes] = {}
    for step in steps:
        files |= stepwise.extend(entries[at : at + step])
        at += step
        files |= stepwise.partial_files()
        # Stopping and going on from the files must make no difference.
        stepwise = TileBuilder.load(MemorySource(files), at)
        assert stepwise.size == at
    assert {path: files[path] for path in expected} == expected
    assert stepwise.root() == whole.root() == MemoryTree(leaf_hashes(entries)).root()
    assert all(len(data) == tile.width * HASH_SIZE for tile in all_tiles(total) for data in [files[tile_path(tile)]])


@pytest.mark.slow
def test_a_tree_of_three_levels_of_tiles() -> None:
    size = 256 * 256 + 300
    leaves = leaf_hashes(b"%d" % number for number in range(size))
    builder, tree = TileBuilder(), MemoryTree(leaves)
    files = builder.extend([b"%d" % number for number in range(size)]) | builder.partial_files()
    assert builder.root() == tree.root()
    assert set(files) == {tile_path(tile) for tile in all_tiles(size)} | {
        bundle_path(number) for number in range(size // 256)
    } | {bundle_path(size // 256, size % 256)}
    reader = TileReader(MemorySource(files), size, tree.root())
    for index in (0, 255, 256, 65_535, 65_536, size - 1):
        assert inclusion_proof(reader, index, size) == inclusion_proof(tree, index, size)
    assert audit_log(MemorySource(files), size, tree.root()).size == size


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    builder = TileBuilder()
    return builder.extend([b"entry %d" % number for number in range(1000)]) | builder.partial_files()


@pytest.fixture(scope="module")
def tree() -> MemoryTree:
    return MemoryTree(leaf_hashes(b"entry %d" % number for number in range(1000)))


def test_every_proof_and_entry_read_from_tiles_is_that_of_the_tree(files: dict[str, bytes], tree: MemoryTree) -> None:
    reader = TileReader(MemorySource(files), 1000, tree.root())
    for index in range(0, 1000, 37):
        for size in (index + 1, 700, 1000):
            if index < size:
                assert inclusion_proof(reader, index, size) == inclusion_proof(tree, index, size)
    assert list(reader.entries(0, 1000)) == [b"entry %d" % number for number in range(1000)]
    assert list(reader.entries(250, 260)) == [b"entry %d" % number for number in range(250, 260)]
    assert list(reader.entries(1000, 1000)) == []
    for start, end in ((-1, 2), (0, 1001), (5, 4)):
        with pytest.raises(IndexError):
            list(reader.entries(start, end))
    with pytest.raises(IndexError):
        reader.node(0, 1000)
    with pytest.raises(IndexError):
        reader.node(8, 3)


def test_a_dropped_partial_tile_is_read_from_the_full_one(files: dict[str, bytes], tree: MemoryTree) -> None:
    full = {path: data for path, data in files.items() if ".p/" not in path}
    partial = {path: data for path, data in files.items() if path.startswith("tile/1")}
    edge = {path: data for path, data in files.items() if path.startswith("tile/1") or ".p/" not in path}
    builder = TileBuilder()
    then = builder.extend([b"entry %d" % number for number in range(700)]) | builder.partial_files()
    then = {path: data for path, data in then.items() if path.startswith("tile/1")}
    assert partial
    reader = TileReader(MemorySource(full | edge | then), 700, tree.root(700))
    assert reader.entry(699) == b"entry 699"
    assert inclusion_proof(reader, 699, 700) == inclusion_proof(tree, 699, 700)


def test_any_bit_flipped_in_any_file_is_caught_and_named(files: dict[str, bytes], tree: MemoryTree) -> None:
    expected = {"tile/entries": (EntryAltered, TileMalformed), "tile/0": (TileAltered,), "tile/1": (TileAltered,)}
    for path, data in files.items():
        for at in {0, 1, 2, len(data) // 2, len(data) - 1}:
            altered = bytearray(data)
            altered[at] ^= 0x10
            kinds = expected[path.rsplit("/", 1)[0].removesuffix("/000.p").removesuffix("/003.p")]
            with pytest.raises(kinds):
                audit_log(MemorySource(files | {path: bytes(altered)}), 1000, tree.root())
            with pytest.raises(kinds):
                list(TileReader(MemorySource(files | {path: bytes(altered)}), 1000, tree.root()).entries(0, 1000))


def test_any_file_cut_short_or_missing_is_named(files: dict[str, bytes], tree: MemoryTree) -> None:
    for path, data in files.items():
        with pytest.raises(TileMalformed, match=path):
            audit_log(MemorySource(files | {path: data[:-1]}), 1000, tree.root())
        without = {other: data for other, data in files.items() if other != path}
        with pytest.raises(TileMissing):
            audit_log(MemorySource(without), 1000, tree.root())


def test_the_files_of_another_history_are_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(TileAltered, match="right edge"):
        TileReader(MemorySource(files), 1000, bytes(32))


def test_an_audit_may_be_spread_and_tells_how_far_it_is(files: dict[str, bytes], tree: MemoryTree) -> None:
    told: list[tuple[str, int, int | None]] = []
    with ThreadPoolExecutor(2) as executor:
        verified = audit_log(
            MemorySource(files), 1000, tree.root(), executor=executor,
            progress=lambda doing, done, of: told.append((doing, done, of)),
        )  # fmt: skip
    assert (verified.size, verified.root) == (1000, tree.root())
    assert told[-1] == ("hashing entries", 1000, 1000)
    assert audit_log(MemorySource({}), 0, MemoryTree().root()).size == 0


@pytest.mark.slow
def test_an_audit_spread_over_processes_names_what_is_wrong(tmp_path: Path) -> None:
    directory, builder = TileDirectory(tmp_path), TileBuilder()
    directory.write(builder.extend([b"%d" % number for number in range(40_000)]) | builder.partial_files())
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert audit_log(directory.source, 40_000, builder.root(), executor=executor).size == 40_000
        bundle = tmp_path / bundle_path(100)
        bundle.write_bytes(bundle.read_bytes().replace(b"25700", b"25701"))
        with pytest.raises(EntryAltered, match="entry 25700"):
            audit_log(directory.source, 40_000, builder.root(), executor=executor)


def test_the_directory_holds_what_was_written_and_drops_partial_tiles_when_full(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path / "log")
    builder = TileBuilder()
    directory.write(builder.extend([b"a"] * 300) | builder.partial_files())
    directory.publish(b"first\n")
    assert (tmp_path / "log" / "tile" / "0" / "001.p" / "44").exists()
    directory.write(builder.extend([b"a"] * 300) | builder.partial_files())
    assert (tmp_path / "log" / "tile" / "0" / "001.p" / "44").exists(), "kept until a checkpoint beyond it is out"
    directory.publish(b"second\n")
    assert not (tmp_path / "log" / "tile" / "0" / "001.p").exists()
    assert directory.source.read("checkpoint") == b"second\n"
    assert audit_log(directory.source, 600, builder.root()).size == 600
    assert not list(tmp_path.rglob("*.part"))
    assert oct((tmp_path / "log" / "tile" / "0" / "000").stat().st_mode & 0o777) == "0o644"


def test_writing_the_same_again_is_nothing_and_other_bytes_are_refused(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path)
    directory.write({"tile/0/000": bytes(8192)})
    directory.write({"tile/0/000": bytes(8192)})
    with pytest.raises(TileConflict, match="tile/0/000"):
        directory.write({"tile/0/001": bytes(8192), "tile/0/000": bytes(8191) + b"x"})
    assert not (tmp_path / "tile" / "0" / "001").exists(), "refused whole"


def test_what_a_killed_writer_left_half_written_goes_with_the_next_write(tmp_path: Path) -> None:
    (tmp_path / "log" / "tile" / "0").mkdir(parents=True)
    left = [tmp_path / "log" / "tile" / "0" / ".000.abc.part", tmp_path / "log" / ".checkpoint.def.part"]
    for part in left:
        part.write_bytes(b"half")
    directory = TileDirectory(tmp_path / "log")
    directory.write({"tile/0/000": bytes(256 * HASH_SIZE)})
    directory.publish(b"head")
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == ["000", "checkpoint"]


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a file in the way")
    directory = TileDirectory(tmp_path / "log")
    with pytest.raises(CannotWrite):
        directory.write({"tile/0/000": bytes(8192)})
    with pytest.raises(CannotWrite):
        directory.publish(b"x")


def test_a_file_is_read_up_to_the_most_that_one_may_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "MAXIMUM_FILE_BYTES", 8)
    (tmp_path / "whole").write_bytes(bytes(8))
    (tmp_path / "longer").write_bytes(bytes(9))
    source = TileDirectory(tmp_path).source
    assert source.read("whole") == bytes(8)
    with pytest.raises(TileMissing, match="is not a file of a log"):
        source.read("longer")


def test_a_missing_file_of_a_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(TileMissing, match="No such file"):
        TileDirectory(tmp_path).source.read("tile/0/000")
