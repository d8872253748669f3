"""A deployment's record as a review takes it: verified entries, what is open to this reader, how far that is proved.

It comes from a bundle, a log's folder or its published files, or from a case file (``cases``), and is the same value
from each. Every entry was held to its signature, its signer's role and its place under the checkpoint's root. Where no
policy was given for a folder, nobody's signature on the checkpoint itself was checked, and the report says so first.

>>> ALONE
"Signed by the force's own key alone: no outside body has cosigned this."
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.deployments.clock import time_text
from countersign.deployments.fold import fold
from countersign.deployments.outside import outside_keys
from countersign.deployments.state import Programme
from countersign.deployments.view import Opened, View
from countersign.errors import CountersignError, NotAllowed, NotReached, WrongForm
from countersign.progress import Progress, silent
from countersign.record.bundle import Bundle, VerifiedBundle, parse_bundle, verify_bundle
from countersign.record.entries import canonical
from countersign.record.entries.canonical import NotCanonical, Value
from countersign.record.entries.entry import Entry
from countersign.record.entries.keyring import EMPTY
from countersign.record.entries.retention import Accounts
from countersign.record.entries.schema import Schemas
from countersign.record.entries.subjects import force_of, name_of
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource
from countersign.record.tlog.trust import VerifiedCheckpoint, verify_checkpoint
from countersign.reviews.deployment.uses import Use, uses
from countersign.reviews.source_kind import LOG_FILE
from countersign.words.phrases import counted
from countersign.words.wording import be

if TYPE_CHECKING:
    from countersign.record.keeping.logfolder import LogFolder

ALONE = "Signed by the force's own key alone: no outside body has cosigned this."
UNCHECKED = "No policy was given: nobody's signature on the log's head was checked, only that the entries are under it."
COMPILED = (
    "Compiled from papers by someone outside the force: keys made from the case file and thrown away have signed it, "
    "and nobody else. That shows that nothing was altered since it was compiled, and nothing more."
)
#: The labels under which reasons and answers lie sealed.
WRITTEN = frozenset({"answers", "reasons"})
#: The id under which the report's rows are the entries of the log.
LOG = "log"


class PolicyNeeded(NotAllowed):
    """A bundle is to be reviewed without a file that says whom to trust."""

    code = "policy-needed"
    next_step = "Give --policy FILE, from a place you trust (`countersign policy new` makes one)."


class DeploymentMissing(NotReached):
    """The record holds no entry of the deployment asked for."""

    code = "deployment-missing"
    next_step = "Check the spelling of --deployment; the message names those that are there."


class RecordNotReadable(NotReached):
    """A file or folder that should hold a record cannot be read."""

    code = "record-not-readable"
    next_step = "Check the path and your rights to it."


class RecordsDiffer(WrongForm):
    """Several bundles given are not of one log under one checkpoint."""

    code = "records-differ"
    next_step = "Give bundles made from the same log at the same checkpoint, or the log's folder."


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the record is proved: the log's head, who signed and cosigned it, and what that shows and does not."""

    origin: str
    size: int
    root: bytes
    checkpoint: str
    signed_by: tuple[str, ...]
    cosigned_by: tuple[tuple[str, str], ...]
    proved: tuple[str, ...]
    not_proved: tuple[str, ...]

    @property
    def first(self) -> str | None:
        """What a report must say before all else; ``None`` where an outside body has cosigned."""
        if not self.signed_by:
            return UNCHECKED
        return None if self.cosigned_by else ALONE


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the record was read from: kind (bundle, log, published log, case), file name, SHA-256 of its bytes."""

    kind: str
    file: str
    sha256: str


@dataclass(frozen=True)
class DeploymentRecord:
    """Verified entries by place, in order, with what is open to this reader; ``whole`` where they are all of a log.

    What reviews of several deployments share (entries by subject, states, accounts) is made once and kept here.
    """

    entries: tuple[tuple[int, Entry], ...] = field(repr=False)
    opened: Opened = field(repr=False)
    schemas: Schemas = field(repr=False)
    trust: Trust
    origin: Origin
    whole: bool
    #: Where the rest was read from, of several bundles.
    beside: tuple[Origin, ...] = ()
    #: The keys of outside bodies that the reader's trust policy names; none where no policy was given.
    outside_keys: frozenset[str] = frozenset()
    _uses: dict[tuple[str, str], tuple[Use, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _programmes: dict[tuple[str, str], Programme] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def first(self) -> str | None:
        """What a report must say before all else."""
        return COMPILED if self.origin.kind == "case" else self.trust.first

    def deployments(self) -> tuple[str, ...]:
        """The deployments (``force/deployment``) that entries here are about, in the log's order."""
        return tuple(dict.fromkeys(e.draft.subject for _, e in self.entries if "/" in e.draft.subject))

    def subject(self, deployment: str | None) -> str:
        """The subject for a deployment's short name or whole subject; the only one there is if none is named.

        Raises ``DeploymentMissing``.
        """
        known = self.deployments()
        found = [one for one in known if deployment is None or deployment in (one, name_of(one))]
        if len(found) == 1:
            return found[0]
        listed = ", ".join(known[:10]) + (" …" if len(known) > 10 else "") if known else "none"
        asked = "no deployment was named" if deployment is None else f"{deployment} is not one of them"
        raise DeploymentMissing(f"{self.origin.file}: {asked}; the record holds {listed}")

    @cached_property
    def by_subject(self) -> Mapping[str, tuple[tuple[int, Entry], ...]]:
        """The entries about each subject, in order."""
        found: dict[str, list[tuple[int, Entry]]] = {}
        for one in self.entries:
            found.setdefault(one[1].draft.subject, []).append(one)
        return {subject: tuple(entries) for subject, entries in found.items()}

    @cached_property
    def days(self) -> tuple[str, str] | None:
        """The first and the last day for which an entry speaks."""
        found = {entry.draft.at[:10] for _, entry in self.entries}
        return (min(found), max(found)) if found else None

    @cached_property
    def retention(self) -> Accounts:
        """The retention accounts over all entries here. Shared: do not add to it."""
        accounts = Accounts()
        for index, entry in self.entries:
            accounts.add(index, entry, self.schemas)
        return accounts

    def about(self, subject: str) -> tuple[tuple[int, Entry], ...]:
        """The entries about a deployment and about its force, in order."""
        subjects = dict.fromkeys((subject, force_of(subject)))
        return tuple(sorted((one for each in subjects for one in self.by_subject.get(each, ())), key=itemgetter(0)))

    def programme(self, force: str, when: str) -> Programme:
        """The folded state of a force by the entries that speak for no later than a moment."""
        if (force, when) not in self._programmes:
            self._programmes[force, when] = fold(force, (one for one in self.entries if one[1].draft.at <= when))
        return self._programmes[force, when]

    def uses(self, force: str, when: str) -> tuple[Use, ...]:
        """The deployments of a force as stated by entries that speak for no later than a moment."""
        if (force, when) not in self._uses:
            self._uses[force, when] = uses(self.by_subject, force, when)
        return self._uses[force, when]

    def view(self, subject: str, as_at: str | None = None) -> View:
        """What was stated about a deployment and its force, up to a moment."""
        return View.of(self.about(subject), subject, as_at=as_at, opened=self.opened)


def read_bundles(paths: Sequence[Path], policy: Policy | None, *, progress: Progress = silent) -> DeploymentRecord:
    """The record in one bundle, or in several of one log under one checkpoint (one for each deployment).

    Raises ``PolicyNeeded``, ``RecordNotReadable``, ``RecordsDiffer`` and what verifying a bundle raises.
    """
    if policy is None:
        raise PolicyNeeded(f"{paths[0]}: a bundle is verified under a policy, and none was given")
    paths = list(dict.fromkeys(paths))
    found = [_one_bundle(path, policy, progress) for path in paths]
    first = found[0]
    for path, one in zip(paths[1:], found[1:], strict=True):
        if one.trust.checkpoint.partition("\n\n")[0] != first.trust.checkpoint.partition("\n\n")[0]:
            raise RecordsDiffer(f"{path}: is not under the same checkpoint of the same log as {paths[0]}")
        first = _joined(first, one)
    return replace(first, outside_keys=outside_keys(policy, first.trust.origin))


def of_bundle(verified: VerifiedBundle, origin: Origin) -> DeploymentRecord:
    """The record of a verified bundle. Openings that are not canonical JSON raise ``NotCanonical``."""
    opened: dict[tuple[int, str], dict[int, Value]] = {}
    for (entry, label, position), value in verified.openings.items():
        opened.setdefault((entry, label), {})[position] = canonical.parse(value.content)
    proved = _proved_of(len(verified.entries), len(verified.openings))
    not_proved = ("that no entry was left out of the bundle", "what is sealed and not laid open here")
    return DeploymentRecord(
        tuple((index, one.entry) for index, one in sorted(verified.entries.items())),
        opened,
        verified.schemas,
        _trust(verified.bundle.checkpoint, verified.checkpoint, proved, not_proved),
        origin,
        whole=False,
    )


def read_log(
    path: Path, policy: Policy | None, subject: str | None, *, progress: Progress = silent
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
    reader = TileReader(source, head.checkpoint.size, head.checkpoint.root)
    entries, keyring = [], EMPTY
    for index, data in enumerate(reader.entries(0, head.checkpoint.size)):
        if index % 1000 == 0:
            progress("verifying entries", index, head.checkpoint.size)
        keyring, one = keyring.admit(Entry.parse(data), schemas)
        entries.append((index, one.entry))
    opened = {} if folder is None else _held(folder, entries, subject)
    proved = (
        f"all {counted(len(entries), 'entry', 'entries')} of the log are under its head, each signed by a key that "
        "held its role there",
    )
    not_proved = ("that the log has only grown since an earlier head", "what was never entered")
    return DeploymentRecord(
        tuple(entries),
        opened,
        schemas,
        _trust(head, verified, proved, not_proved),
        Origin("published log" if folder is None else "log", path.name, sha256(head.render()).hexdigest()),
        whole=True,
        outside_keys=frozenset() if policy is None else outside_keys(policy, head.checkpoint.origin),
    )


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
    told = "stands in the log at its place," if entries == 1 else "stand in the log at their places, each"
    laid = f"{counted(openings, 'sealed value')} laid open here {be(openings)} what was committed to"
    return (
        f"{counted(entries, 'entry', 'entries')} {told} signed by a key that held its role",
        laid if openings else "no sealed value is laid open here",
    )


def _joined(one: DeploymentRecord, two: DeploymentRecord) -> DeploymentRecord:
    """Two records of one log as one; an entry in both stands once, with what either lays open of it."""
    entries = dict(one.entries) | dict(two.entries)
    opened = {key: {**one.opened.get(key, {}), **two.opened.get(key, {})} for key in {**one.opened, **two.opened}}
    proved = _proved_of(len(entries), sum(map(len, opened.values())))
    not_proved = tuple(dict.fromkeys((*one.trust.not_proved, *two.trust.not_proved)))
    cosigned = tuple(sorted({*one.trust.cosigned_by, *two.trust.cosigned_by}))
    return replace(
        one,
        entries=tuple(sorted(entries.items())),
        opened=opened,
        schemas=Schemas.of([*{**one.schemas.known, **two.schemas.known}.values()]),
        trust=replace(one.trust, cosigned_by=cosigned, proved=proved, not_proved=not_proved),
        beside=(*one.beside, two.origin, *two.beside),
    )


def _held(folder: LogFolder, entries: Iterable[tuple[int, Entry]], subject: str | None) -> Opened:
    """What the sealed store still holds; what was erased is passed over, and so are contents that are no JSON."""
    store = folder.sealed()
    opened: dict[tuple[int, str], Mapping[int, Value]] = {}
    try:
        for index, entry in entries:
            about = entry.draft.subject
            another = subject is not None and "/" in about and subject not in (about, name_of(about))
            for label, commitment in entry.draft.sealed.items():
                if another and label not in WRITTEN:
                    continue
                values: dict[int, Value] = {}
                for place, content in store.contents(commitment).items():
                    with suppress(NotCanonical):
                        values[place] = canonical.parse(content)
                if values:
                    opened[index, label] = values
    finally:
        store.close()
    return opened


def _trust(
    head: SignedCheckpoint, verified: VerifiedCheckpoint | None, proved: tuple[str, ...], not_proved: tuple[str, ...]
) -> Trust:
    signed = () if verified is None else tuple(one.key.render() for one in verified.log_signatures)
    cosigned = () if verified is None else tuple((one.name, _time(one.time)) for one in verified.cosignatures)
    one = head.checkpoint
    return Trust(
        one.origin,
        one.size,
        one.root,
        head.render().decode(),
        signed,
        cosigned,
        proved,
        (*not_proved, "that any statement is true"),
    )


def _time(seconds: int) -> str:
    try:
        return time_text(datetime.datetime.fromtimestamp(seconds, datetime.UTC))
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"
