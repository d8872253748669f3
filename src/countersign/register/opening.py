"""Opening a log for work, and the one act on it: seal, sign, append, all or nothing.

What is sealed is sealed before the entries get their places and erased again if they get none. Once they stand in the
log nothing is taken back: a publication that fails afterwards leaves entries and sealed values as they are. Nothing
here asks a person or prints: a key comes as a function that opens it, time and randomness from the surroundings.

>>> from countersign.deployments.kinds import SCHEMAS
>>> schema = SCHEMAS.latest("live.opened")
>>> role_for(schema, frozenset({"commander", "press-officer"}))
'commander'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countersign.deployments.rules import Act
from countersign.errors import NotAllowed, WrongForm
from countersign.record.entries.commitment import OPENING_SIZE
from countersign.record.entries.entry import Commitment, Entry, EntrySigner
from countersign.record.entries.schema import ANY_ROLE, Schema
from countersign.record.keeping.erasure import finish_erasure, sealing
from countersign.record.keeping.log import Appended as Appended
from countersign.record.keeping.log import Log, Publisher, prepare
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.store.sealedstore import SealedStore
from countersign.record.tlog.checkpoint import NoteSigner, SignedCheckpoint
from countersign.register.commands import Unsealed
from countersign.surroundings import current

#: Opens a log's own key, which signs checkpoints, from the log's name and the key's file.
LogKey = Callable[[str, Path], NoteSigner]


class RoleNotClear(
    WrongForm, next_step="Say it with --role; `countersign key list LOG` shows the roles each key holds."
):
    """The key holds several roles in which it may sign, and none was named."""


class RoleNotHeld(
    NotAllowed,
    next_step="Register a key with the role (`countersign key register`), or sign with one that has it; nothing was "
    "entered.",
):
    """The key holds no role in which it may sign an entry of this kind."""


@dataclass(frozen=True, slots=True)
class KeyNamed:
    """A signer who signs elsewhere, by the id of the key: entries can be drafted for it, and none signed here."""

    key: str


@dataclass(frozen=True, slots=True)
class Doing:
    """How entries are made: the key, their time (now if ``None``), role (or the one that fits), supplier, lateness."""

    key: Callable[[], EntrySigner]
    at: str | None = None
    role: str | None = None
    supplied_by: str = "force"
    late: str | None = None
    prefer: tuple[str, ...] = ()

    def moment(self) -> str:
        """The time the entry speaks for."""
        return current().time_text() if self.at is None else self.at


@dataclass(frozen=True, slots=True)
class OpenLog:
    """A log opened for work; ``finished`` is the entry of an erasure that had been cut short and is finished now."""

    folder: LogFolder
    log: Log
    finished: Appended | None = None

    @property
    def origin(self) -> str:
        """The log's public name."""
        return self.folder.config.origin

    def append(self, made: Sequence[Unsealed], signer: EntrySigner, *, at_size: int | None = None) -> list[Appended]:
        """Seal, sign and append entries, all or none; with ``at_size`` only if the log still has this many entries.
        Raises what ``prepare`` and ``Log.append_prepared`` raise; then nothing is appended and nothing stays sealed."""
        with self.sealed(made) as commitments:
            drafts = [one.draft(self.origin, each) for one, each in zip(made, commitments, strict=True)]
            prepared = [prepare(draft, signer, self.log.schemas) for draft in drafts]
            places = self.log.append_prepared(prepared, at_size=at_size)
        return [Appended(place, one.entry) for place, one in zip(places, prepared, strict=True)]

    def enter(
        self,
        doing: Doing,
        kind: str,
        facts: dict[str, Any],
        *,
        contents: Mapping[str, Any] | None = None,
        subject: str | None = None,
    ) -> Appended:
        """Append one entry on the record itself, about the log's own subject if none is named; no rules are asked."""
        signer = doing.key()
        [appended] = self.append([self.unsealed(doing, signer, kind, facts, contents, subject)], signer)
        return appended

    def unsealed(
        self,
        doing: Doing,
        signer: EntrySigner,
        kind: str,
        facts: dict[str, Any],
        contents: Mapping[str, Any] | None = None,
        subject: str | None = None,
    ) -> Unsealed:
        """The entry that ``enter`` would append. Raises ``SchemaUnknown``, ``RoleNotClear`` or ``RoleNotHeld``."""
        schema = self.log.schemas.latest(kind)
        role = self.role(schema, signer, doing)
        act = Act(subject or self.folder.config.subject, doing.moment(), role, signer.key, doing.supplied_by)
        return Unsealed(act, schema, facts, contents or {})

    def role(self, schema: Schema, signer: EntrySigner | KeyNamed, doing: Doing) -> str:
        """The role in which a key signs an entry of this schema. Raises ``RoleNotClear`` or ``RoleNotHeld``."""
        if doing.role is not None:
            if doing.role in schema.roles or ANY_ROLE in schema.roles:
                return doing.role
            among = ", ".join(sorted(schema.roles))
            raise RoleNotHeld(f"{schema.name}: is not for the role {doing.role} ({among})")
        held = self.log.keyring().keys.get(signer.key)
        return role_for(schema, held.roles if held is not None else frozenset(), doing.prefer, signer.key)

    def without_rule(self, entries: Iterable[Entry]) -> list[str]:
        """The retention classes that entries seal under and no entry of the log gives a rule."""
        schemas = self.log.schemas
        sealed = {
            schemas.get(entry.draft.kind, entry.draft.schema).sealed[label].retention_class
            for entry in entries
            for label in entry.draft.sealed
        }
        if not sealed:
            return []
        stated = self.log.entries_of(self.folder.config.subject)
        rules = {str(entry.draft.facts["class"]) for _, entry in stated if entry.draft.kind == "record.retention-rule"}
        return sorted(sealed - rules)

    def publish(self) -> SignedCheckpoint | None:
        """Publish what was appended; the head, or ``None`` for a log without entries. Raises as ``Log.publish``."""
        return self.log.publish()

    def publishing(self) -> Publisher:
        """Publishes what comes in from now on, while it is running."""
        return Publisher(self.log)

    @contextmanager
    def sealed(self, made: Sequence[Unsealed]) -> Iterator[list[dict[str, Commitment]]]:
        """Within, the contents of entries lie sealed, and no orphan is destroyed: the commitments of each by label.
        What is raised within erases them again."""
        to_seal = [one.sealing() for one in made]
        if not any(to_seal):
            yield [{} for _ in made]
            return
        with sealing(self.folder.sealing), closing(self.folder.sealed()) as store:
            commitments: list[dict[str, Commitment]] = []
            try:
                for contents in to_seal:
                    commitments.append({})
                    for label in sorted(contents, key=lambda label: contents[label][2]):
                        commitments[-1][label] = _seal(store, label, *contents[label])
                yield commitments
            except BaseException:
                sealed = [commitment for each in commitments for commitment in each.values()]
                erase_whole(store, sealed)
                raise


def erase_whole(store: SealedStore, commitments: Iterable[Commitment]) -> None:
    """Erase every item behind these commitments. Raises as ``SealedStore.erase``."""
    store.erase([(commitment, [(0, (commitment.count or 1) - 1)]) for commitment in commitments])


@contextmanager
def opened(path: Path, *, log_key: LogKey | None = None, reading: bool = False) -> Iterator[OpenLog]:
    """The log in a folder; but for ``reading``, a cut erasure is finished first. Raises as ``LogFolder.read``."""
    with opened_in(LogFolder.read(path), log_key=log_key, reading=reading) as log:
        yield log


@contextmanager
def opened_in(folder: LogFolder, *, log_key: LogKey | None = None, reading: bool = False) -> Iterator[OpenLog]:
    """As ``opened``. Nothing else in the program opens a log."""
    log = folder.log(None if log_key is None else log_key(folder.config.origin, folder.key_path))
    try:
        yield OpenLog(folder, log, None if reading else _finish_pending(folder, log))
    finally:
        log.sequencer.close()


def role_for(schema: Schema, held: frozenset[str], prefer: Sequence[str] = (), key: str = "") -> str:
    """The one role of these that fits, or the first preferred. Raises ``RoleNotClear`` or ``RoleNotHeld``."""
    fitting = sorted(role for role in held if role in schema.roles or ANY_ROLE in schema.roles)
    if not fitting:
        raise RoleNotHeld(f"{schema.kind}: is for {', '.join(sorted(schema.roles))}, and the key {key[:16]}… is not")
    if prefer:
        order = {role: place for place, role in enumerate(prefer)}
        return min(fitting, key=lambda role: (order.get(role, len(order)), role))
    if len(fitting) > 1:
        raise RoleNotClear(f"the key {key[:16]}… holds these roles: {', '.join(fitting)}")
    return fitting[0]


def _seal(store: SealedStore, label: str, retention_class: str, parts: list[bytes], is_set: bool) -> Commitment:
    openings = [current().random_bytes(OPENING_SIZE) for _ in parts]
    if is_set:
        return store.seal_set(label, retention_class, 1, parts, openings)
    return store.seal(label, retention_class, 1, parts[0], openings[0])


def _finish_pending(folder: LogFolder, log: Log) -> Appended | None:
    if not folder.intent.path.exists():
        return None
    with closing(folder.sealed()) as store:
        return finish_erasure(log, store, folder.intent)
