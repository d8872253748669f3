"""Reading a deployment's record: bundles under a policy, a log's folder, or its published files.

Every entry is held to its signature, its signer's role and its place under the checkpoint's root. Without a policy for
a folder nobody's signature on the checkpoint is checked, and the report says so first. Only a log's folder needs what
keeps a log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.deployments.clock import second_text
from countersign.deployments.outside.heard import outside_keys
from countersign.deployments.outside.reader import NOBODY, Reader
from countersign.deployments.view import Opened
from countersign.errors import CountersignError, WrongForm
from countersign.inputs import read_input
from countersign.progress import Progress, silent
from countersign.record.bundle import MAXIMUM_BUNDLE_BYTES, Bundle, VerifiedBundle, parse_bundle, verify_bundle
from countersign.record.entries import canonical
from countersign.record.entries.canonical import Value
from countersign.record.entries.entry import Entry, Leaves
from countersign.record.entries.forms import name_of
from countersign.record.entries.keyring import EMPTY
from countersign.record.entries.schema import Schemas
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.merkle import range_hash
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource
from countersign.record.tlog.trust import VerifiedCheckpoint, verify_checkpoint
from countersign.reviews.deployment.record import (
    WRITTEN,
    DeploymentRecord,
    Origin,
    PolicyNeeded,
    RecordNotReadable,
    RecordsDiffer,
    Trust,
)
from countersign.reviews.options import LOG_FILE
from countersign.words.lists import be, counted

if TYPE_CHECKING:
    from countersign.record.keeping.logfolder import LogFolder


def read_bundles(
    paths: Sequence[Path], policy: Policy | None, reader: Reader = NOBODY, *, progress: Progress = silent
) -> DeploymentRecord:
    """The record in one bundle, or in several of one log under one checkpoint (one for each deployment).

    ``reader`` says who is outside.

    Raises ``PolicyNeeded``, ``RecordNotReadable``, ``RecordsDiffer`` and what verifying a bundle raises.
    """
    if policy is None:
        raise PolicyNeeded(f"{paths[0]}: a bundle is verified under a policy, and none was given")
    paths = list(dict.fromkeys(paths))
    records = [_one_bundle(path, policy, progress) for path in paths]
    first = records[0]
    for path, record in zip(paths[1:], records[1:], strict=True):
        if record.trust.checkpoint.partition("\n\n")[0] != first.trust.checkpoint.partition("\n\n")[0]:
            raise RecordsDiffer(f"{path}: is not under the same checkpoint of the same log as {paths[0]}")
        first = _joined(first, record)
    return replace(first, outside_keys=outside_keys(policy, first.trust.origin), reader=reader)


def of_bundle(verified: VerifiedBundle, origin: Origin) -> DeploymentRecord:
    """The record of a verified bundle. Openings that are not canonical JSON raise ``NotCanonical``."""
    opened: dict[tuple[int, str], dict[int, Value]] = {}
    for (entry, label, position), value in verified.openings.items():
        opened.setdefault((entry, label), {})[position] = canonical.parse(value.content)
    proved = _proved_of(len(verified.entries), len(verified.openings))
    not_proved = ("that no entry was left out of the bundle", "what is sealed and not opened here")
    entries = tuple((index, one.entry) for index, one in sorted(verified.entries.items()))
    trust = _trust(verified.bundle.checkpoint, verified.checkpoint, proved, not_proved)
    return DeploymentRecord(entries, opened, verified.schemas, trust, origin, whole=False, repeated=verified.repeated)


def read_log(
    path: Path, policy: Policy | None, subject: str | None, reader: Reader = NOBODY, *, progress: Progress = silent
) -> DeploymentRecord:
    """The record in a log's folder (``log.toml``) or in its published files (``checkpoint`` and tiles).

    From the folder also what the sealed store still holds of the deployment named (or of all if none is), and of the
    others the reasons and answers given in writing, so that they can be set beside each other. Raises
    ``RecordNotReadable`` and what reading and verifying the log raises.
    """
    folder = _folder_at(path)
    source = DirectorySource(path if folder is None else folder.place(folder.config.public))
    try:
        head = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH))
    except WrongForm as error:
        error.args = (f"{path}: {error}",)
        raise
    from countersign.deployments.kinds import SCHEMAS

    schemas = SCHEMAS if folder is None else Schemas.of([*({**SCHEMAS.known, **folder.schemas().known}.values())])
    verified = None if policy is None else verify_checkpoint(head, policy)
    tiles = TileReader(source, head.checkpoint.size, head.checkpoint.root)
    earlier = () if folder is None or policy is None else _heads(folder.kept_checkpoints(), policy, tiles)
    entries, keyring, leaves = [], EMPTY, Leaves()
    for index, data in leaves.once(enumerate(tiles.entries(0, head.checkpoint.size))):
        if index % 1000 == 0:
            progress("verifying entries", index, head.checkpoint.size)
        # Places run on, but for those of entries that stand there twice.
        there = keyring if keyring.size == index else replace(keyring, size=index)
        keyring, admitted = there.admit(Entry.parse_for_schema(data), schemas)
        entries.append((index, admitted.entry))
    opened = {} if folder is None else _held(folder, entries, subject)
    proved = (
        f"all {counted(head.checkpoint.size, 'entry', 'entries')} of the log are under its head, each signed by a key "
        "that held its role there",
    )
    not_proved = ("that the log has only grown since an earlier head", "what was never entered")
    return DeploymentRecord(
        tuple(entries),
        opened,
        schemas,
        _trust(head, verified, proved, not_proved, earlier),
        Origin("published log" if folder is None else "log", path.name, sha256(head.render()).hexdigest()),
        whole=True,
        outside_keys=frozenset() if policy is None else outside_keys(policy, head.checkpoint.origin),
        reader=reader,
        repeated=tuple(leaves.repeated),
    )


def origin_of(path: Path) -> str:
    """The name of the log that a source says it is of, unproved; empty where it does not say, as reading it will."""
    try:
        if (folder := _folder_at(path)) is not None:
            return folder.config.origin
        if path.is_dir():
            return SignedCheckpoint.parse((path / CHECKPOINT_PATH).read_bytes()).checkpoint.origin
        with path.open("rb") as file:
            header = canonical.parse(file.readline(_LONGEST_HEADER).rstrip(b"\n"))
    except (OSError, ValueError):
        return ""
    return str(header.get("log", "")) if isinstance(header, dict) else ""


def entry_at(path: Path, index: int) -> tuple[str, Entry]:
    """An entry of a bundle or of a log's published files, unproved, with the origin they say. Raises
    ``RecordNotReadable`` where there is none, and what reading them raises.
    """
    if not path.is_dir():
        bundle = parse_bundle(read_input(path, MAXIMUM_BUNDLE_BYTES))
        origin = bundle.checkpoint.checkpoint.origin
        found = next((one.data for one in bundle.entries if one.index == index), None)
    else:
        source = DirectorySource(path)
        head = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH)).checkpoint
        origin, tiles = head.origin, TileReader(source, head.size, head.root)
        found = next(iter(tiles.entries(index, index + 1)), None) if index < head.size else None
    if found is None:
        raise RecordNotReadable(f"{path}: holds no entry {index}")
    return origin, Entry.parse(found)


#: A bundle's first line is no longer than this, in bytes.
_LONGEST_HEADER = 1 << 16


def _folder_at(path: Path) -> LogFolder | None:
    """The log's folder at a path, if there is one: only then is anything imported that keeps a log."""
    if not (path / LOG_FILE).exists():
        return None
    from countersign.record.keeping.logfolder import LogFolder

    return LogFolder.read(path)


def _one_bundle(path: Path, policy: Policy, progress: Progress) -> DeploymentRecord:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordNotReadable(f"{path}: {error.strerror or error}") from None
    try:
        bundle: Bundle = parse_bundle(data)
        verified = verify_bundle(bundle, policy, progress=progress)
    except CountersignError as error:
        # Of several bundles the reader must know which; the kind of error and its next step stay.
        error.args = (f"{path}: {error}",)
        raise
    return of_bundle(verified, Origin("bundle", path.name, sha256(data).hexdigest()))


def _proved_of(entries: int, openings: int) -> tuple[str, ...]:
    stands = "stands in the log at its place," if entries == 1 else "stand in the log at their places, each"
    laid = f"{counted(openings, 'sealed value')} opened here {be(openings)} what was committed to"
    return (
        f"{counted(entries, 'entry', 'entries')} {stands} signed by a key that held its role, by the governing entries "
        "given",
        laid if openings else "no sealed value is opened here",
    )


def _joined(first: DeploymentRecord, second: DeploymentRecord) -> DeploymentRecord:
    """Two records of one log as one; an entry in both stands once, with what either opens of it."""
    entries = dict(first.entries) | dict(second.entries)
    opened = {
        key: {**first.opened.get(key, {}), **second.opened.get(key, {})} for key in {**first.opened, **second.opened}
    }
    proved = _proved_of(len(entries), sum(map(len, opened.values())))
    not_proved = tuple(dict.fromkeys((*first.trust.not_proved, *second.trust.not_proved)))
    cosigned = tuple(sorted({*first.trust.cosigned_by, *second.trust.cosigned_by}))
    heads = tuple(sorted({*first.trust.heads, *second.trust.heads}))
    return replace(
        first,
        entries=tuple(sorted(entries.items())),
        opened=opened,
        schemas=Schemas.of([*{**first.schemas.known, **second.schemas.known}.values()]),
        trust=replace(first.trust, cosigned_by=cosigned, heads=heads, proved=proved, not_proved=not_proved),
        beside=(*first.beside, second.origin, *second.beside),
        repeated=tuple(sorted({*first.repeated, *second.repeated})),
    )


def _held(folder: LogFolder, entries: Iterable[tuple[int, Entry]], subject: str | None) -> Opened:
    """What the sealed store still holds of the deployment; of others the reasons and answers given in writing."""

    def wanted(entry: Entry, label: str) -> bool:
        about = entry.draft.subject
        return subject is None or "/" not in about or subject in (about, name_of(about)) or label in WRITTEN

    return folder.held(entries, wanted)


def _heads(kept: Iterable[SignedCheckpoint], policy: Policy, tiles: TileReader) -> tuple[tuple[int, str], ...]:
    """Earlier heads that the policy's witnesses have cosigned and that the log has grown from, with their times."""
    heads = []
    for signed in kept:
        checkpoint = signed.checkpoint
        if checkpoint.size <= tiles.size and range_hash(tiles, 0, checkpoint.size) == checkpoint.root:
            with suppress(CountersignError):
                heads += _times(verify_checkpoint(signed, policy))
    return tuple(heads)


def _times(verified: VerifiedCheckpoint) -> list[tuple[int, str]]:
    times = [signature.time for signature in verified.cosignatures if signature.time]
    return [(verified.checkpoint.size, second_text(min(times)))] if times else []


def _trust(
    head: SignedCheckpoint,
    verified: VerifiedCheckpoint | None,
    proved: tuple[str, ...],
    not_proved: tuple[str, ...],
    earlier: tuple[tuple[int, str], ...] = (),
) -> Trust:
    signed = () if verified is None else tuple(signature.key.render() for signature in verified.log_signatures)
    cosigned = (
        ()
        if verified is None
        else tuple((signature.name, second_text(signature.time)) for signature in verified.cosignatures)
    )
    checkpoint = head.checkpoint
    return Trust(
        checkpoint.origin,
        checkpoint.size,
        checkpoint.root,
        head.render().decode(),
        signed,
        cosigned,
        proved,
        (
            *not_proved,
            "when entries were made, but that they were there when a head was cosigned",
            "that any statement is true",
        ),
        tuple(sorted({*earlier, *([] if verified is None else _times(verified))})),
    )
