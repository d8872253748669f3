"""The public site written whole or not at all: pages, reports, proofs, open data, the log's tiles, and what changed.

Everything is written into a folder beside the old site and takes its name when it is complete, so that a failure on the
way (a full disk, a changed log) leaves the old site as it was. The report and proofs of a deployment are kept from the
old site while neither its entries nor its force's have changed and the files are still those that were written. The
same log, moment and old site give the same bytes.

>>> FORM
'site/1'
"""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from countersign.errors import NotAllowed
from countersign.output import CannotWrite
from countersign.progress import Progress, silent
from countersign.record.checkpoint import SignedCheckpoint
from countersign.record.merkle import inclusion_proof
from countersign.record.proof import LogProof
from countersign.record.tilereader import TileReader
from countersign.record.tiles import CHECKPOINT_PATH, WIDTH, DirectorySource, all_tiles, bundle_path, tile_path
from countersign.render.html import render_html
from countersign.render.site_atrs import atrs_page, atrs_record
from countersign.render.site_content import pages
from countersign.render.site_deployment import proof_path, report_path
from countersign.render.site_facts import PublicDeployment, SiteFacts
from countersign.render.site_open import data_files, feed
from countersign.render.site_pages import draw, style
from countersign.review.deployment_review import PROFILE, review_deployment

FORM = "site/1"
MANIFEST = "site.json"


class NotASite(NotAllowed):
    """The folder to write to holds something that this program did not write as a site."""

    code = "not-a-site"
    next_step = "Name an empty folder, a new one, or a site written before; nothing was changed."


class _Kept(msgspec.Struct, frozen=True):
    digest: str
    files: dict[str, str]


class _Manifest(msgspec.Struct, frozen=True):
    form: str
    versions: list[dict[str, Any]]
    kept: dict[str, _Kept]


class Written(NamedTuple):
    """What was written: deployments drawn anew, deployments kept, files in all."""

    drawn: int
    kept: int
    files: int


def write_site(
    facts: SiteFacts, public: Path, out: Path, *, profile: str = PROFILE, progress: Progress = silent
) -> Written:
    """Write the site of ``facts``, whose log's published files lie in ``public``, to ``out``, replacing the old one.

    Raises ``NotASite``, ``CannotWrite``, and what reading the log's files raises; then the old site stands unchanged.
    """
    aside = out.with_name(f".{out.name}.old")
    staging: Path | None = None
    try:
        if aside.exists() and not out.exists():
            aside.rename(out)  # A run before this one was stopped between the two renames.
        old = _manifest(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".new", dir=out.parent))
        written = _fill(staging, facts, public, out, old, profile, progress)
        staging.chmod(0o755)
        os.sync()
        _swap(staging, out, aside)
    except OSError as error:
        if isinstance(error, (CannotWrite, NotASite)) or not isinstance(error.errno, int):
            raise
        raise CannotWrite(f"{out}: the site could not be written: {error.strerror or error}") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return written


def _swap(staging: Path, out: Path, aside: Path) -> None:
    if not out.exists():
        staging.rename(out)
        return
    shutil.rmtree(aside, ignore_errors=True)
    out.rename(aside)
    try:
        staging.rename(out)
    except OSError:
        aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _manifest(out: Path) -> _Manifest:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return _Manifest(FORM, [], {})
    try:
        found = msgspec.json.decode((out / MANIFEST).read_bytes(), type=_Manifest)
    except (OSError, msgspec.DecodeError):
        raise NotASite(f"{out}: is not empty and holds no site written by this program") from None
    if found.form != FORM:
        raise NotASite(f"{out}: holds a site of the form {found.form}, not {FORM}")
    return found


def _fill(
    staging: Path, facts: SiteFacts, public: Path, out: Path, old: _Manifest, profile: str, progress: Progress
) -> Written:
    kept: dict[str, _Kept] = {}
    drawn = 0
    source = DirectorySource(public)
    head = SignedCheckpoint.parse(facts.record.trust.checkpoint.encode())
    reader = TileReader(source, head.checkpoint.size, head.checkpoint.root)
    for done, one in enumerate(facts.deployments):
        progress("drawing deployments", done, len(facts.deployments))
        digest = sha256(f"{one.digest} {profile}".encode()).hexdigest()
        known = old.kept.get(one.subject)
        if known is None or known.digest != digest or not _taken_over(staging, out, known):
            known = _Kept(digest, _draw_deployment(staging, facts, one, head, reader, profile))
            drawn += 1
        kept[one.subject] = known
    versions = list(old.versions)
    version = {"moment": facts.now, "size": facts.record.trust.size, "root": facts.record.trust.root.hex()}
    if not versions or versions[-1]["root"] != version["root"]:
        versions.append(version)
    records = atrs_record(facts)
    progress("writing pages", 0, None)
    for page in (*pages(facts, versions), atrs_page(records)):
        _put(staging, page.path, draw(page))
    for path, content in {**data_files(facts), "feed.xml": feed(facts), "style.css": style()}.items():
        _put(staging, path, content)
    _put(staging, "atrs/atrs.json", msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n")
    size = head.checkpoint.size
    for path in (
        *(tile_path(tile) for tile in all_tiles(size)),
        *(bundle_path(number, min(WIDTH, size - WIDTH * number)) for number in range(-(-size // WIDTH))),
    ):
        _put(staging, f"log/{path}", source.read(path))
    _put(staging, f"log/{CHECKPOINT_PATH}", head.render())
    _put(staging, MANIFEST, msgspec.json.encode(_Manifest(FORM, versions, kept), order="deterministic") + b"\n")
    return Written(drawn, len(kept) - drawn, sum(1 for path in staging.rglob("*") if path.is_file()))


def _draw_deployment(
    staging: Path, facts: SiteFacts, one: PublicDeployment, head: SignedCheckpoint, reader: TileReader, profile: str
) -> dict[str, str]:
    day = datetime.date.fromisoformat(max(entry.draft.at for _, entry in one.entries)[:10])
    review = review_deployment(facts.record, one.subject, profile=profile, as_of=max(day, _moment(facts)))
    files = {report_path(one): render_html(review.document)}
    size = head.checkpoint.size
    for index in one.proved():
        proof = LogProof(index, tuple(inclusion_proof(reader, index, size)), head, reader.entry(index))
        files[proof_path(one, index)] = proof.render()
    for path, content in files.items():
        _put(staging, path, content)
    return {path: sha256(content).hexdigest() for path, content in files.items()}


def _moment(facts: SiteFacts) -> datetime.date:
    return datetime.date.fromisoformat(facts.now[:10])


def _taken_over(staging: Path, out: Path, known: _Kept) -> bool:
    """Take the files over from the old site, if they are those that were written; otherwise take none."""
    try:
        contents = {path: (out / path).read_bytes() for path in known.files}
    except OSError:
        return False
    if any(sha256(content).hexdigest() != known.files[path] for path, content in contents.items()):
        return False
    for path in contents:
        target = staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(out / path, target)
    return True


def _put(staging: Path, path: str, content: bytes) -> None:
    target = staging / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
