"""A log's folder: where its parts lie, written down in ``log.toml``, and opening them together.

``log.toml`` is strict TOML: ``version``, ``origin``, ``subject`` (whose log it is), ``store`` (``sqlite`` or
``postgres``), and the places of the other parts, relative to the folder unless absolute: ``entries`` (the SQLite file)
or ``postgres_log`` (the log's name there; the address comes from the environment variable ``postgres_environment``, so
that no password lies here), ``public`` (the tiles), ``sealed`` (the sealed store), ``second_place`` (the last signed
checkpoint, on another disk if there is one) and ``key`` (the key that signs checkpoints, sealed). ``body``, where it
stands, makes it the log of a body outside any force, and says of which kind (panel, observer, ...). Schemas beside the
record's own lie in ``schemas/``. An unknown key is refused.

>>> LogConfig.parse(LogConfig("log.example/force-a", "force-a", "sqlite").render()).origin
'log.example/force-a'
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.errors import NotAllowed, NotReached, WrongForm
from countersign.inputs import toml_of
from countersign.output import sweep, toml_string, write_whole
from countersign.record.entries import canonical
from countersign.record.entries.canonical import Value
from countersign.record.entries.entry import Entry, Placed
from countersign.record.entries.forms import FORMS, fits
from countersign.record.entries.keyring import OWN
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.keeping.erasure import Intent
from countersign.record.keeping.log import Log
from countersign.record.store.publication import SecondPlace, TileDirectory
from countersign.record.store.sealedstore import SealedStore
from countersign.record.store.sequencer import Sequencer, SqliteSequencer, SubjectIndex
from countersign.record.tlog.checkpoint import NoteSigner, SignedCheckpoint
from countersign.record.tlog.encoding import shown

if TYPE_CHECKING:
    from countersign.record.store.sequencer_postgres import PostgresSequencer

CONFIG = "log.toml"
#: The index of what entries are about; it may be thrown away at any time.
SUBJECTS = "subjects.index"
VERSION = 1
STORES = ("sqlite", "postgres")


class LogFolderMissing(
    NotReached, next_step="Name the log's folder (the one with log.toml); `countersign record init` makes one."
):
    """A folder is not that of a log, or cannot be read or written."""


class LogFolderExists(
    NotAllowed,
    next_step="Use the log that is there, or name another folder; what an init that was cut short has left (a folder "
    "without log.toml) may be removed.",
):
    """There is a log in the folder already."""


class LogConfigMalformed(
    WrongForm, next_step="Correct the line named; docs/formats/record-folder.md lists what may stand there."
):
    """A log's ``log.toml`` is not in its form."""


class PostgresAddressMissing(
    NotReached,
    next_step="Set the environment variable named to a PostgreSQL connection string, then run the command again.",
):
    """The environment variable with the address of PostgreSQL is not set."""


@dataclass(frozen=True, slots=True)
class LogConfig:
    """What ``log.toml`` says. Checked when built."""

    origin: str
    subject: str
    store: str
    entries: str = "entries.db"
    postgres_log: str = ""
    postgres_environment: str = "COUNTERSIGN_POSTGRES"
    public: str = "public"
    sealed: str = "sealed.db"
    second_place: str = "../last-checkpoint"
    key: str = "log.key"
    body: str = ""
    version: int = VERSION

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            if type(value) is not (int if name == "version" else str):
                raise LogConfigMalformed(f"{name} is a {'number' if name == 'version' else 'text'}")
            empty = not value and name not in ("postgres_log", "body")
            if isinstance(value, str) and (empty or not value.isprintable()):
                raise LogConfigMalformed(f"{name} is empty or has control characters")
        if self.version != VERSION:
            raise LogConfigMalformed(f"version {self.version}; this program reads {VERSION}")
        if not fits("origin", self.origin):
            raise LogConfigMalformed(f"the origin {shown(self.origin)} is not {FORMS['origin'].meaning}")
        if not fits("subject", self.subject) or "/" in self.subject:
            raise LogConfigMalformed(f"the subject {shown(self.subject)} is not a force's short name, like force-a")
        if self.body and not fits("token", self.body):
            raise LogConfigMalformed(f"the body {shown(self.body)} is not a kind of body, like panel")
        if self.store not in STORES:
            raise LogConfigMalformed(f"store is one of {', '.join(STORES)}, not {shown(self.store)}")
        if (self.store == "postgres") != bool(self.postgres_log):
            raise LogConfigMalformed("postgres_log names the log in PostgreSQL, and stands there only")

    @classmethod
    def parse(cls, text: str) -> LogConfig:
        """The configuration of a file's text. Raises ``LogConfigMalformed``."""
        raw = toml_of(text, "the configuration", LogConfigMalformed)
        if unknown := sorted(set(raw) - {field.name for field in fields(cls)}):
            raise LogConfigMalformed(f"{', '.join(unknown)} means nothing here")
        if missing := sorted({"version", "origin", "subject", "store"} - set(raw)):
            raise LogConfigMalformed(f"{', '.join(missing)} is missing")
        return cls(**raw)

    def render(self) -> str:
        """The file's text."""
        left_out = {"postgres": {"entries"}, "sqlite": {"postgres_log", "postgres_environment"}}[self.store]
        left_out |= set() if self.body else {"body"}
        texts = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in left_out}
        lines = [
            f"version = {texts.pop('version')}",
            *(f"{name} = {toml_string(text)}" for name, text in texts.items()),
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class LogFolder:
    """A log's folder with its configuration, and ways to open its parts. ``environment`` is that of the process."""

    path: Path
    config: LogConfig
    environment: Mapping[str, str]

    @classmethod
    def read(cls, path: Path, environment: Mapping[str, str] = os.environ) -> LogFolder:
        """The folder at a path. Raises ``LogFolderMissing`` or ``LogConfigMalformed``."""
        file = path / CONFIG
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not text"
            raise LogFolderMissing(f"{file}: {reason}") from None
        try:
            return cls(path, LogConfig.parse(text), environment)
        except LogConfigMalformed as error:
            raise LogConfigMalformed(f"{file}: {error}") from None

    @classmethod
    def create(
        cls,
        path: Path,
        config: LogConfig,
        environment: Mapping[str, str] = os.environ,
        *,
        fill: Callable[[LogFolder], None] | None = None,
    ) -> LogFolder:
        """Make the folder and its parts, whole or not at all. ``fill`` puts in the log's key, schemas and first entry;
        ``log.toml`` comes last, so that a folder cut short by a crash is none of a log. Raises ``LogFolderExists``,
        ``LogFolderMissing``, what making a part raises and what ``fill`` raises."""
        folder = cls(path, config, environment)
        if (path / CONFIG).exists():
            raise LogFolderExists(f"{path / CONFIG}: there is a log here already")
        with ExitStack() as undo:
            try:
                if path.exists() and any(path.iterdir()):
                    raise LogFolderExists(f"{path}: is not empty, and holds no whole log")
                for part in (path, *path.parents):
                    if part.exists():
                        break
                    undo.callback(shutil.rmtree, part, ignore_errors=True)
                path.mkdir(mode=0o750, parents=True, exist_ok=True)
            except OSError as error:
                if isinstance(error, NotAllowed):
                    raise
                raise LogFolderMissing(f"{path}: {error.strerror or error}") from None
            undo.callback(_empty, path)
            SecondPlace.create(folder.place(config.second_place))
            undo.callback(_remove, folder.place(config.second_place))
            SealedStore.create(folder.place(config.sealed)).close()
            undo.callback(_remove, folder.place(config.sealed))
            folder.create_sequencer().close()
            undo.callback(folder.discard_sequencer)
            if fill is not None:
                fill(folder)
            write_whole(path / CONFIG, config.render().encode())
            undo.pop_all()
        return folder

    def place(self, name: str) -> Path:
        """A path of the configuration, from the folder on."""
        return Path(os.path.normpath(self.path / name))

    @property
    def key_path(self) -> Path:
        """Where the log's own key lies."""
        return self.place(self.config.key)

    @property
    def intent(self) -> Intent:
        """Where an erasure under way is laid down."""
        return Intent(self.path / "erasing.json")

    @property
    def sealing(self) -> Path:
        """The lock shared by sealers; exclusive for destroying orphans."""
        return self.path / "sealing.lock"

    def schemas(self) -> Schemas:
        """The record's own schemas and those in ``schemas/``. Raises ``SchemaMalformed``."""
        files = sorted((self.path / "schemas").glob("*.json"), key=lambda file: file.name)
        return Schemas.of([*OWN.known.values(), *(_schema(file.read_bytes()) for file in files)])

    def create_sequencer(self) -> Sequencer:
        """Make an empty store for the entries. Raises ``LogStoreExists`` or ``LogStoreMissing``."""
        if self.config.store == "postgres":
            return _postgres().create(self._address(), self.config.postgres_log)
        return SqliteSequencer.create(self.place(self.config.entries))

    def discard_sequencer(self) -> None:
        """Take away a store that ``create_sequencer`` has just made; nothing that was acknowledged may be in it."""
        if self.config.store == "postgres":
            _postgres().discard(self._address(), self.config.postgres_log)
        else:
            _remove(self.place(self.config.entries))

    def sequencer(self) -> Sequencer:
        """The store of the entries. Raises ``LogStoreMissing`` or ``LogStoreDamaged``."""
        if self.config.store == "postgres":
            return _postgres()(self._address(), self.config.postgres_log)
        return SqliteSequencer(self.place(self.config.entries))

    def tiles(self) -> TileDirectory:
        """The public files."""
        return TileDirectory(self.place(self.config.public))

    def log(self, signer: NoteSigner | None = None) -> Log:
        """The log; with ``signer`` it can publish, and half-written files go. Close its ``sequencer`` afterwards."""
        second = SecondPlace(self.place(self.config.second_place))
        if signer is not None:
            sweep(second.path.parent, {second.path.name})
            for own in (self.path, self.path / "checkpoints", self.path / "schemas"):
                sweep(own)
        return Log(self.sequencer(), self.tiles(), second, self.schemas(), signer, SubjectIndex(self.path / SUBJECTS))

    def sealed(self) -> SealedStore:
        """The sealed store. Raises ``SealedStoreMissing`` or ``SealedStoreDamaged``."""
        return SealedStore(self.place(self.config.sealed))

    def held(
        self, entries: Iterable[Placed], wanted: Callable[[Entry, str], bool] = lambda _, __: True
    ) -> dict[tuple[int, str], dict[int, Value]]:
        """What the sealed store still holds of entries: values by entry and label, each by its place in the set. Erased
        values are left out, and so are contents that are no JSON (a record's own). Raises as ``sealed``."""
        held: dict[tuple[int, str], dict[int, Value]] = {}
        with closing(self.sealed()) as store:
            for index, entry in entries:
                for label, commitment in entry.draft.sealed.items():
                    contents = store.contents(commitment) if wanted(entry, label) else {}
                    values: dict[int, Value] = {}
                    for place in sorted(contents):
                        with suppress(canonical.NotCanonical):
                            values[place] = canonical.parse(contents[place])
                    if values:
                        held[index, label] = values
        return held

    def keep_checkpoint(self, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint with what is on it, by size, for bundles and proofs made over it later."""
        write_whole(self.path / "checkpoints" / str(signed.checkpoint.size), signed.render())

    def kept_checkpoints(self) -> list[SignedCheckpoint]:
        """The checkpoints kept, by size. Raises ``NoteMalformed`` or ``CheckpointMalformed``."""
        files = [one for one in (self.path / "checkpoints").glob("*") if one.name.isdecimal()]
        return [SignedCheckpoint.parse(one.read_bytes()) for one in sorted(files, key=lambda one: int(one.name))]

    def _address(self) -> str:
        name = self.config.postgres_environment
        address = self.environment.get(name)
        if not address:
            raise PostgresAddressMissing(f"{self.path}: the environment variable {name} is not set")
        return address


def _postgres() -> type[PostgresSequencer]:
    from countersign.record.store.sequencer_postgres import PostgresSequencer

    return PostgresSequencer


def _remove(path: Path) -> None:
    """A store's file and what SQLite and the locks laid beside it."""
    for left in path.parent.glob(f"{glob.escape(path.name)}*"):
        if left == path or left.name.removeprefix(path.name) in _BESIDE:
            left.unlink(missing_ok=True)


_BESIDE = frozenset({"-wal", "-shm", "-journal", ".appending", ".publishing"})


def _empty(path: Path) -> None:
    for child in path.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child, ignore_errors=True)
        else:
            child.unlink(missing_ok=True)


@lru_cache(maxsize=1024)
def _schema(data: bytes) -> Schema:
    """A schema by its bytes: a process that opens a log again and again compiles each once."""
    return Schema.parse(data)
