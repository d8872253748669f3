"""The public site written whole or not at all: pages, reports, letters, proofs, open data, the log's tiles.

The site of a published log at a moment is written into a folder that takes the old one's place when it is complete.
What of the old one still stands is laid there as it is (``again``). Names are exchanged in one step (``renameat2``), or
renamed twice where the system cannot, and the next run mends what a killed one left. A lock beside it keeps two runs
apart. A folder that holds anything else is not replaced. The same log, moment and earlier publications give the same
bytes.

>>> FORM
'site/1'
>>> import tempfile
>>> home = Path(tempfile.mkdtemp())
>>> with replacing(home / "site") as staging:
...     _ = (staging / "a.txt").write_text("whole")
>>> (home / "site" / "a.txt").read_text(), sorted(one.name for one in home.iterdir())
('whole', ['.site.lock', 'site'])
"""

from __future__ import annotations

import ctypes
import datetime
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from countersign.errors import NotAllowed, NotReached
from countersign.output import CannotWrite, sync
from countersign.progress import Progress, silent
from countersign.record.store.filelock import LockTaken, locked
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.merkle import inclusion_ranges, range_hash
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, WIDTH, DirectorySource, all_tiles, bundle_path, tile_path
from countersign.record.tlog.trust import LogProof
from countersign.reviews.options import PROFILE
from countersign.site.again import Drawn, Head, digests, keys, laid
from countersign.site.content import PROGRAM, VERIFIER, pages, program
from countersign.site.deployment import PAGE, PAPERS, back, proof_path
from countersign.site.facts import SiteFacts
from countersign.site.open_data import atrs_page, atrs_record, data_files, feed
from countersign.site.pages import draw, style
from countersign.site.reports import OF_A_REVIEW, Wanted, blanks, read_outcome, write_reports
from countersign.site.verifier.page import page as verifier
from countersign.surroundings import REHEARSED, rehearsed

_HERE = -100  # AT_FDCWD: paths are taken from the process's own folder.
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2).


class SiteBeingWritten(
    NotAllowed, next_step="Wait until the other run is done, and run the command again; nothing was changed."
):
    """Another run is replacing the same folder."""


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """An empty folder to fill; when the block ends without an error it stands at ``folder`` in place of the old one. A
    symbolic link at ``folder`` is followed, and what it leads to is replaced. Raises ``SiteBeingWritten``,
    ``CannotWrite`` for what the disk refuses, and whatever the block raises; the old folder is then as it was.
    """
    try:
        whole = folder.resolve()
        whole.parent.mkdir(parents=True, exist_ok=True)
        lock = whole.with_name(f".{whole.name}.lock")
        try:
            with locked(lock, 0.2):
                _mend(whole)
                staging = Path(tempfile.mkdtemp(prefix=f".{whole.name}.", suffix=".new", dir=whole.parent))
                try:
                    yield staging
                    staging.chmod(0o755)
                    os.sync()
                    _swap(staging, whole)
                finally:
                    shutil.rmtree(staging, ignore_errors=True)
        except LockTaken:
            raise SiteBeingWritten(f"{folder}: another run is writing it") from None
    except OSError as error:
        if isinstance(error, CannotWrite) or not isinstance(error.errno, int):
            raise
        raise CannotWrite(f"{folder}: could not be written: {error.strerror or error}") from error


def _mend(whole: Path) -> None:
    """Undo what runs that were killed left: the lock is held, so nobody is at work on any of it."""
    aside = _aside(whole)
    if aside.exists() and not whole.exists():
        aside.rename(whole)
    for left in (aside, *whole.parent.glob(f".{whole.name}.*.new")):
        shutil.rmtree(left, ignore_errors=True)


def _aside(whole: Path) -> Path:
    return whole.with_name(f".{whole.name}.old")


def _swap(staging: Path, whole: Path) -> None:
    if not whole.exists():
        staging.rename(whole)
    elif not exchanged(staging, whole):
        aside = _aside(whole)
        whole.rename(aside)
        try:
            staging.rename(whole)
        except OSError:
            aside.rename(whole)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    with suppress(OSError):
        sync(whole.parent)


def exchanged(one: Path, two: Path) -> bool:
    """Give each of two paths the other's name in one step. False where this system or disk has no such step."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(two), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(two))


FORM = "site/1"
MANIFEST = "site.json"


class NotASite(NotAllowed, next_step="Name an empty folder, a new one, or a site written before; nothing was changed."):
    """The folder to write to holds something that this program did not write as a site."""


class PapersMissing(
    NotReached,
    next_step="Name a folder whose folders are short codes, each written by `countersign papers`, or leave it out.",
):
    """The folder that should hold signs and leaflets is not there."""


class Manifest(msgspec.Struct, frozen=True):
    """What a site says of itself: its form, its versions, and every file that was written."""

    form: str
    versions: list[dict[str, Any]]
    files: list[str]
    #: How each deployment's files were drawn, by short code, and the heads that they were drawn under, by SHA-256.
    drawn: dict[str, Drawn] = {}
    heads: dict[str, Head] = {}


class Written(NamedTuple):
    """What was written: deployments, files in all."""

    deployments: int
    files: int


def write_site(
    facts: SiteFacts,
    public: Path,
    out: Path,
    *,
    profile: str = PROFILE,
    papers: Path | None = None,
    progress: Progress = silent,
) -> Written:
    """Write the site of ``facts``, whose log's published files lie in ``public``, to ``out``, replacing the old one.

    ``papers`` is a folder with the sign and leaflet of deployments, each in a folder named by its short code. Raises
    ``NotASite``, ``SiteBeingWritten``, ``CannotWrite``, and what reading the log's files raises; then the old site
    stands unchanged.
    """
    with replacing(out) as staging:
        whole = out.resolve()
        old = manifest_of(whole)
        facts = replace(facts, papers=_papers(staging, facts, papers))
        return _fill(staging, facts, public, whole, old, profile, progress)


def manifest_of(out: Path, form: str = FORM) -> Manifest:
    """What the old site says of itself. Raises ``NotASite`` where the folder holds anything else."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return Manifest(form, [], [])
    try:
        found = msgspec.json.decode((out / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotASite(f"{out}: is not empty and holds no site written by this program") from None
    if found.form != form:
        raise NotASite(f"{out}: holds a site of the form {found.form}, not {form}")
    known = {*found.files, MANIFEST}
    strange = sorted(path for path in _files(out) if path not in known)
    if strange:
        more = f" and {len(strange) - 1:,} more" if len(strange) > 1 else ""
        raise NotASite(f"{out}: holds {strange[0]}{more}, which this program did not write and would throw away")
    return found


def _files(folder: Path, under: str = "") -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found += _files(Path(entry.path), f"{under}{entry.name}/")
            else:
                found.append(f"{under}{entry.name}")
    return sorted(found)


def _papers(staging: Path, facts: SiteFacts, papers: Path | None) -> frozenset[str]:
    """Copy sign and leaflet of each deployment that has them; the paths they have on the site."""
    if papers is None:
        return frozenset()
    if not papers.is_dir():
        raise PapersMissing(f"{papers}: is no folder")
    found = set()
    for one in facts.deployments:
        for name in PAPERS:
            try:
                content = (papers / one.code / name).read_bytes()
            except FileNotFoundError:
                continue
            _put(staging, f"{one.code}/{name}", content)
            found.add(f"{one.code}/{name}")
    return frozenset(found)


def _fill(
    staging: Path, facts: SiteFacts, public: Path, out: Path, old: Manifest, profile: str, progress: Progress
) -> Written:
    source = DirectorySource(public)
    head = SignedCheckpoint.parse(facts.record.trust.checkpoint.encode())
    size = head.checkpoint.size
    reader = TileReader(source, size, head.checkpoint.root)
    # Proofs of neighbours go the same way for most of it.
    hashed = cache(lambda start, end: range_hash(reader, start, end))
    drawn, heads, new = _deployments(staging, facts, out, old, profile, progress)
    for done, one in enumerate(facts.deployments):
        if done % 100 == 0:
            progress("proving entries", done, len(facts.deployments))
        entries = dict(one.entries)
        for index in one.proved():
            hashes = tuple(hashed(*part) for part in inclusion_ranges(index, size))
            proof = LogProof(index, hashes, head, entries[index].render())
            _put(staging, proof_path(one, index), proof.render())
    version = {"moment": facts.now, "size": size, "root": facts.record.trust.root.hex()}
    versions = list(old.versions)
    if not versions or versions[-1]["root"] != version["root"]:
        versions.append(version)
    records = atrs_record(facts)
    progress("writing pages", 0, None)
    beside = {code: frozenset(path.name for path in (staging / code).iterdir()) for code in new}
    outcomes = {one.code: read_outcome(staging / one.code) for one in facts.deployments}
    for page in (*pages(facts, versions, outcomes, beside), atrs_page(records)):
        _put(staging, page.path, draw(page, REHEARSED if rehearsed(facts.record.trust.origin) else ""))
    for code in new:
        names = {PAGE, *(beside[code] & OF_A_REVIEW)}
        drawn[code] = msgspec.structs.replace(drawn[code], files=digests(staging / code, names))
    for path, content in {
        **data_files(facts),
        "feed.xml": feed(facts),
        "style.css": style(),
        PROGRAM: program(),
        VERIFIER: verifier(),
    }.items():
        _put(staging, path, content)
    _put(staging, "atrs/atrs.json", msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n")
    for path in (
        *(tile_path(tile) for tile in all_tiles(size)),
        *(bundle_path(number, min(WIDTH, size - WIDTH * number)) for number in range(-(-size // WIDTH))),
    ):
        _put(staging, f"log/{path}", source.read(path))
    _put(staging, f"log/{CHECKPOINT_PATH}", head.render())
    files = _files(staging)
    manifest = Manifest(FORM, versions, files, drawn, heads)
    _put(staging, MANIFEST, msgspec.json.encode(manifest, order="deterministic") + b"\n")
    return Written(len(facts.deployments), len(files) + 1)


def _deployments(
    staging: Path, facts: SiteFacts, out: Path, old: Manifest, profile: str, progress: Progress
) -> tuple[dict[str, Drawn], dict[str, Head], set[str]]:
    """Lay what stands of the old site into the new one, and draw the reports of all other deployments: how each was
    drawn, the heads that they name, and the deployments whose page is still to be drawn.
    """
    record, today = replace(facts.record, up_to_own=True), facts.now[:10]
    for programme in facts.programmes:
        record.take(programme, f"{today}T23:59:59Z")
    known = keys(facts, record, f"{today}T23:59:59Z", profile)
    now = Head(record.trust, record.origin.sha256)
    heads, drawn, to_draw = {**old.heads, now.sha256: now}, dict[str, Drawn](), dict[tuple[str, str], list[Wanted]]()
    for one in facts.deployments:
        before = old.drawn.get(one.code)
        if before is None or not before.stands(known[one.code], today) or before.head not in heads:
            before = Drawn(known[one.code], today, "", now.sha256, {})
        drawn[one.code] = before
        if not before.files or not laid(out / one.code, staging / one.code, before.files):
            wanted = Wanted(one.subject, one.code, back(one), blanks(one))
            to_draw.setdefault((before.as_of, before.head), []).append(wanted)
    for (as_of, under), wanted_then in to_draw.items():
        trust, origin = heads[under].trust, replace(record.origin, sha256=under)
        then = record if under == now.sha256 else replace(record, trust=trust, origin=origin)
        day = datetime.date.fromisoformat(as_of)
        until = write_reports(then, wanted_then, staging, profile=profile, as_of=day, progress=progress)
        drawn |= {
            code: msgspec.structs.replace(drawn[code], until=drawn[code].until or end) for code, end in until.items()
        }
    named = {each.head for each in drawn.values()}
    new = {wanted.folder for group in to_draw.values() for wanted in group}
    return drawn, {digest: head for digest, head in heads.items() if digest in named}, new


def _put(staging: Path, path: str, content: bytes) -> None:
    target = staging / path
    try:
        target.write_bytes(content)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
