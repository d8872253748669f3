"""The library's folder: opened, made, and folded from its own log into releases, readings, erasures and letters.

``library.toml`` (version, title) makes a folder a library. Beside it lie ``log/`` (the library's own log, kept by the
register), ``librarian.key`` (which signs it), ``vault/`` (bytes as published), ``readings/``, ``maps/FORCE/``,
``claims/FORCE.toml``, ``letters/``, and what its operator may write: ``forces.toml`` and ``sources.toml``. What the
library holds is a fold over its log's entries; no other file says it.
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from countersign.door import hold, hold_text
from countersign.errors import NotAllowed, NotReached, WrongForm
from countersign.inputs import json_of, read_input, toml_of
from countersign.output import write_whole
from countersign.published.files import digest
from countersign.record.entries.entry import Entry, EntrySigner
from countersign.record.entries.keyring import OWN, read_schemas
from countersign.record.entries.schema import Schemas
from countersign.record.store.filelock import LockTaken, locked
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.register import logs
from countersign.register.commands import Unsealed
from countersign.register.keys import Passphrase, made_key, open_private
from countersign.register.opening import Doing, OpenLog, opened
from countersign.releases.forces import Force, find_force, read_forces
from countersign.releases.kept import Glimpse, LayoutMap, Readings
from countersign.releases.release import Release
from countersign.releases.vault import Vault
from countersign.surroundings import current

if TYPE_CHECKING:
    from countersign.releases.readings import Reading

CONFIG = "library.toml"
VERSION = 1
#: The kinds of entry of a library, beside the record's own.
KINDS = read_schemas("countersign.following")
SCHEMAS = Schemas.of([*OWN.known.values(), *KINDS])
#: How long one command waits for another that works on the same library, in seconds.
WAIT_SECONDS = 10.0


class LibraryMissing(
    NotReached, next_step="Name the library's folder with --library; `countersign library init DIR` makes one."
):
    """A folder is not that of a library, or cannot be read."""


class LibraryMalformed(
    WrongForm, next_step="Correct the file named; docs/formats/library.md says what may stand there."
):
    """A library's own file is not in its form."""


class LibraryExists(NotAllowed, next_step="Use the library that is there, or name another folder; nothing was made."):
    """There is a library, or something else, in the folder already."""


class LibraryBusy(
    NotAllowed, next_step="Wait until the other command is done, and run this again; nothing was changed."
):
    """Another command works on the same library."""


class EnteredNotPublished(
    NotReached, next_step="Make room on the disk; the next command that enters something publishes this too."
):
    """Something was entered in the library's log, and the head that says so could not be published."""


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    title: str


class ReadingMade(NamedTuple):
    """That a release was read: when, by which map and program, the reading's digest, and whether it succeeded."""

    entry: int
    at: str
    map: str
    program: str
    reading: str
    read: bool


class Step(NamedTuple):
    """A step of a letter: its force, its id, the law, the state that it reached, the day, and an answer's digest."""

    entry: int
    force: str
    letter: str
    law: str
    state: str
    on: datetime.date
    answer: str


class State(NamedTuple):
    """What the log says: releases in the order of their entries, readings of each (force, digest) in theirs, erased
    digests with the reason, and the steps of letters. ``times``: when each entry was made."""

    releases: tuple[Release, ...]
    readings: Mapping[tuple[str, str], tuple[ReadingMade, ...]]
    erased: Mapping[str, str]
    steps: tuple[Step, ...]
    times: Mapping[int, str]

    def latest(self, release: Release) -> ReadingMade | None:
        """The last reading made of a release."""
        made = self.readings.get((release.force, release.digest), ())
        return made[-1] if made else None

    def of(self, force: str) -> tuple[Release, ...]:
        """The releases of one force."""
        return tuple(release for release in self.releases if release.force == force)

    @property
    def followed(self) -> tuple[str, ...]:
        """The ids of the forces of which anything is held or asked, in order of id."""
        return tuple(sorted({*(each.force for each in self.releases), *(step.force for step in self.steps)}))


@dataclass(frozen=True)
class Library:
    """A library's folder, opened to be read."""

    path: Path
    title: str

    @classmethod
    def open(cls, path: Path) -> Library:
        """The library in a folder. Raises ``LibraryMissing`` or ``LibraryMalformed``."""
        file = path / CONFIG
        if not file.is_file():
            raise LibraryMissing(f"{path}: is no library: it has no {CONFIG}")
        tables = hold("library", toml_of(read_input(file), str(file), LibraryMalformed), str(file))
        try:
            config = msgspec.convert(tables, _Config)
        except msgspec.ValidationError as error:
            raise LibraryMalformed(f"{file}: {error}") from None
        if config.version != VERSION:
            raise LibraryMalformed(f"{file}: version {config.version}; this program reads {VERSION}")
        return cls(path, config.title)

    @property
    def log(self) -> Path:
        """The folder of its log."""
        return self.path / "log"

    @property
    def vault(self) -> Vault:
        """Its vault."""
        return Vault(self.path / "vault")

    @property
    def readings(self) -> Readings:
        """Its readings, by digest."""
        return Readings(self.path / "readings")

    @property
    def drawn(self) -> Readings:
        """What is worked out from readings and kept, by what it is made of; it may be thrown away at any time."""
        return Readings(self.path / "worked-out", named=True)

    @cached_property
    def forces(self) -> Mapping[str, Force]:
        """All forces that it knows. Raises ``ForcesMalformed``."""
        return read_forces(self.path / "forces.toml")

    def force(self, text: str) -> Force:
        """A force by id, name or alias. Raises ``ForceUnknown``."""
        return find_force(text, self.forces)

    def maps(self, force: Force) -> list[LayoutMap]:
        """The maps of a force, its own before those that ship. Raises ``WrongMap``."""
        own = sorted((self.path / "maps" / force.id).glob("*.toml"))
        return [*map(LayoutMap.read, own), *map(_shipped_map, force.maps)]

    def claims(self, force: Force) -> Path | None:
        """The file of claims kept of a force; ``None`` where there is none."""
        file = self.path / "claims" / f"{force.id}.toml"
        return file if file.is_file() else None

    @cached_property
    def state(self) -> State:
        """What the log says now. Raises as the log's parts."""
        with opened(self.log, reading=True) as log:
            size = log.log.sequencer.size()
            return fold(log.log.entries(0, size))

    def reading(self, release: Release) -> Reading | None:
        """The last reading made of a release; ``None`` where none was made, or its file is lost or altered."""
        # What reads and looks for faults is heavy to import, and most commands need no rows.
        from countersign.releases.readings import Reading

        made = self.state.latest(release)
        return None if made is None else self.readings.read(made.reading, Reading)

    def glimpse(self, release: Release) -> Glimpse | None:
        """The same without its rows."""
        made = self.state.latest(release)
        if made is None:
            return None
        name = glimpse_of(made.reading)
        known = self.drawn.read(name, Glimpse)
        if known is None and (reading := self.reading(release)) is not None:
            known = reading.glimpse
            self.drawn.keep(known, name)
        return known

    def addresses(self) -> dict[str, str]:
        """Where releases came from, by digest: kept here and never in the log. Raises ``LibraryMalformed``."""
        file = self.path / "addresses.json"
        if not file.exists():
            return {}
        found = hold("library", json_of(read_input(file), str(file), LibraryMalformed), str(file))
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise LibraryMalformed(f"{file}: is not an object of addresses by digest")
        return found

    def keep_address(self, digest: str, address: str) -> None:
        """Keep where a release came from. Raises ``CannotWrite``."""
        found = self.addresses() | {digest: hold_text("library", "address", address, "the address")}
        write_whole(self.path / "addresses.json", json.dumps(found, indent=1).encode() + b"\n", secret=True)


def glimpse_of(reading: str) -> str:
    """The name under which the glimpse of a reading is kept."""
    return digest(f"glimpse {reading}".encode())


def _shipped_map(name: str) -> LayoutMap:
    from countersign.published.files import shipped

    return LayoutMap.read(shipped(name) / f"{name}.toml")


def make_library(path: Path, origin: str, title: str, passphrase: Passphrase) -> Library:
    """Make a library in a new folder, whole or not at all; one passphrase is for both of its keys.

    Raises ``LibraryExists``, and what making a log raises.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise LibraryExists(f"{path}: is not empty")
    config = logs.Places(body="reviewer").config(path / "log", origin, "library")
    new = not path.exists()
    try:
        made, sealed = made_key("librarian", passphrase)
        path.mkdir(parents=True, exist_ok=True)
        write_whole(path / "librarian.key", sealed, secret=True)
        now = current().time_text()
        key = logs.make_log(path / "log", config, SCHEMAS, EntrySigner(made.secret), now, passphrase)
        with opened(path / "log", log_key=lambda *_: NoteSigner(origin, key.secret)) as log:
            log.publish()
        text = f"version = {VERSION}\ntitle = {json.dumps(title, ensure_ascii=False)}\n"
        write_whole(path / CONFIG, text.encode())
    except BaseException:
        for part in path.iterdir() if path.exists() else ():
            shutil.rmtree(part) if part.is_dir() else part.unlink()
        if new and path.exists():
            path.rmdir()
        raise
    return Library.open(path)


class Desk(NamedTuple):
    """A library opened to be worked on: nobody else works on it meanwhile, and its log can be signed and published."""

    library: Library
    log: OpenLog
    doing: Doing

    def entry(self, kind: str, force: str, facts: dict[str, Any]) -> Unsealed:
        """An entry to be, about a force."""
        return self.log.unsealed(self.doing, self.doing.key(), kind, facts, subject=force)

    def enter(self, entries: Iterable[Unsealed]) -> list[int]:
        """Append entries, all or none; returns their places. Raises as ``OpenLog.append``."""
        return [each.index for each in self.log.append([*entries], self.doing.key())]

    def publish(self) -> None:
        """Publish what was entered, which stands either way. Raises ``EnteredNotPublished``."""
        try:
            self.log.publish()
        except NotReached as error:
            raise EnteredNotPublished(
                f"what was entered is kept, and the log's new head is not published: {error}"
            ) from error

    def append(self, entries: Iterable[Unsealed]) -> list[int]:
        """Append entries and publish; returns their places. Raises as ``enter`` and ``publish``."""
        places = self.enter(entries)
        self.publish()
        return places


@contextmanager
def at_desk(library: Library, passphrase: Passphrase) -> Iterator[Desk]:
    """A library to be worked on. Raises ``LibraryBusy``, and what opening keys and log raises."""
    try:
        with locked(library.path / ".lock", WAIT_SECONDS):
            said: dict[str, bytes] = {}

            def once(what: str) -> bytes:
                if not said:
                    said["is"] = passphrase(what)
                return said["is"]

            signer = EntrySigner(open_private(library.path / "librarian.key", once).secret)

            def log_key(origin: str, file: Path) -> NoteSigner:
                return NoteSigner(origin, open_private(file, once).secret)

            with opened(library.log, log_key=log_key) as log:
                _sweep(library)
                yield Desk(library, log, Doing(lambda: signer, None, "registrar", "outside"))
    except LockTaken:
        raise LibraryBusy(f"{library.path}: another command is working on this library") from None


def _sweep(library: Library) -> None:
    """Take away bytes that no entry names: a command that was killed kept them, and never said so."""
    state = library.state
    named = {release.digest for release in state.releases} | {step.answer for step in state.steps}
    named |= {made.map for line in state.readings.values() for made in line}
    for name in [*library.vault.names()]:
        if name not in named:
            library.vault.erase(name)


def fold(entries: Iterable[Entry]) -> State:
    """What entries of a library's log say, in their order; kinds of others are passed over."""
    releases: list[Release] = []
    readings: dict[tuple[str, str], list[ReadingMade]] = {}
    erased: dict[str, str] = {}
    steps: list[Step] = []
    times: dict[int, str] = {}
    for index, entry in enumerate(entries):
        draft = entry.draft
        facts: Mapping[str, Any] = draft.facts
        times[index] = draft.at
        if draft.kind == "library.release":
            releases.append(_release(index, draft.subject, facts))
        elif draft.kind == "library.reading":
            made = ReadingMade(index, draft.at, facts.get("map", ""), facts["program"], facts["reading"], facts["read"])
            readings.setdefault((draft.subject, facts["release"]), []).append(made)
        elif draft.kind == "library.erasure":
            erased[facts["digest"]] = facts["reason"]
        elif draft.kind == "library.letter":
            day = datetime.date.fromisoformat(facts["on"])
            named = (facts["letter"], facts["law"], facts["state"])
            steps.append(Step(index, draft.subject, *named, day, facts.get("answer", "")))
    return State(tuple(releases), {key: tuple(made) for key, made in readings.items()}, erased, tuple(steps), times)


def _release(index: int, force: str, facts: Mapping[str, Any]) -> Release:
    stated = None
    if "covers_from" in facts and "covers_to" in facts:
        first, last = (datetime.date.fromisoformat(facts[name]) for name in ("covers_from", "covers_to"))
        stated = (first, last)
    published, fetched, source = facts.get("published_on", ""), facts["fetched_at"], facts["source"]
    return Release(force, facts["series"], facts["digest"], index, published, fetched, source, facts["size"], stated)
