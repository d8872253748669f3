"""Which bytes other libraries hold too: their logs, under a policy, set beside one's own by the digests of releases.

Another library is its published log (the folder with ``checkpoint`` and ``tile/``) or a bundle of it. Its head has to
be signed and cosigned as the policy asks, and every entry has to stand under it. That two libraries name one digest
shows that both held the same bytes; the date is that of a witness's cosignature, and without one their own word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from countersign.deployments.clock import second_text
from countersign.errors import NotReached
from countersign.following.library import SCHEMAS, Library, fold
from countersign.inputs import LARGE_BYTES, read_input
from countersign.record.bundle import parse_bundle, verify_bundle
from countersign.record.entries.entry import Entry
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource
from countersign.record.tlog.trust import VerifiedCheckpoint, verify_checkpoint
from countersign.releases.release import Release
from countersign.words.dates import dated
from countersign.words.lists import listing


class OtherMissing(
    NotReached, next_step="Name the folder of its published log, with the file checkpoint, or a bundle of it."
):
    """Another library's log cannot be found at a path."""


class Other(NamedTuple):
    """Another library: its log's name, the releases that it names by digest, and who cosigned its head on which day."""

    origin: str
    releases: dict[str, tuple[Release, ...]]
    cosigned: tuple[tuple[str, str], ...]

    @property
    def by(self) -> str:
        """By when its head proves what it held, in words; empty where no witness states a time."""
        day = min((day for _, day in self.cosigned), default="")
        names = listing([name for name, at in self.cosigned if at == day])
        return f"by {dated(day)}, cosigned by {names}" if day else ""


class AlsoHeld(msgspec.Struct, frozen=True):
    """A release of ours whose bytes another library names too, and what is said of that."""

    release: Release
    origin: str
    said: str


def read_other(path: Path, policy: Policy) -> Other:
    """Another library's log or bundle, verified. Raises ``OtherMissing``, and the error of whatever does not hold."""
    if path.is_dir():
        if not (path / CHECKPOINT_PATH).is_file():
            raise OtherMissing(f"{path}: is no published log: it has no file {CHECKPOINT_PATH}")
        head = verify_checkpoint(SignedCheckpoint.parse(read_input(path / CHECKPOINT_PATH)), policy)
        reader = TileReader(DirectorySource(path), head.checkpoint.size, head.checkpoint.root)
        return _other(head, map(Entry.parse, reader.entries(0, head.checkpoint.size)))
    if not path.exists():
        raise OtherMissing(f"{path}: is not there")
    bundle = verify_bundle(parse_bundle(read_input(path, LARGE_BYTES)), policy)
    return _other(bundle.checkpoint, (each.entry for each in bundle.entries.values()))


def _other(head: VerifiedCheckpoint, entries: Iterable[Entry]) -> Other:
    releases: dict[str, tuple[Release, ...]] = {}
    named = [entry for entry in entries if entry.draft.kind == "library.release"]
    for entry in named:
        entry.draft.check(SCHEMAS)
    for release in fold(named).releases:
        releases[release.digest] = (*releases.get(release.digest, ()), release)
    times = ((each.name, second_text(each.time)) for each in head.cosignatures if each.time)
    cosigned = tuple((name, time[:10]) for name, time in times if time.endswith("Z"))
    return Other(head.checkpoint.origin, releases, cosigned)


def also_held(library: Library, others: Iterable[Other]) -> Iterator[AlsoHeld]:
    """The releases of a library that others name too, with what each proves."""
    for other in others:
        for release in library.state.releases:
            theirs = other.releases.get(release.digest, ())
            if theirs:
                yield AlsoHeld(release, other.origin, _said(release, theirs, other))


def _said(release: Release, theirs: tuple[Release, ...], other: Other) -> str:
    when = other.by or f"since {dated(theirs[0].fetched[:10])} by its own word, as no witness has cosigned its head"
    said = f"also held by {other.origin}, {when}"
    named = {each.force for each in theirs}
    if release.force not in named:
        return f"{said}; there as a release of {listing(sorted(named))}"
    days = {each.published for each in theirs if each.force == release.force} - {""}
    if release.published and days and release.published not in days:
        return f"{said}; there as published on {listing([dated(day) for day in sorted(days)])}"
    return said
