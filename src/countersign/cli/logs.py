"""What the commands on a log share: its folder, the signer's key, the time of an event, and appending with its report.

The clock is read here, at the edge; ``--at`` gives the time of an event that was earlier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from countersign.cli.inputs import InputMissing as InputMissing
from countersign.cli.inputs import read_input as read_input
from countersign.cli.passphrase import ask_passphrase
from countersign.errors import NotReached, WrongForm
from countersign.record import keyfile
from countersign.record.checkpoint import SignedCheckpoint
from countersign.record.commitment import OPENING_SIZE
from countersign.record.cosignature import NoteSigner
from countersign.record.entry import Commitment, Draft, Entry, EntrySigner
from countersign.record.erasure import finish_erasure
from countersign.record.forms import fits
from countersign.record.httpsource import HttpSource
from countersign.record.log import Appended, Log
from countersign.record.logfolder import CONFIG, LogFolder
from countersign.record.orphans import sealing
from countersign.record.retention import Accounts
from countersign.record.schema import Schema, Schemas
from countersign.record.tilereader import TileReader
from countersign.record.tiles import CHECKPOINT_PATH, DirectorySource, TileSource
from countersign.record.verifierkey import KeyKind
from countersign.surroundings import current

Command = TypeVar("Command", bound=Callable[..., Any])

_ITEM = re.compile(r"(0|[1-9][0-9]{0,15}):([a-z0-9.-]{1,64})(?::([0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*))?\Z", re.A)

folder_argument = click.argument("log_folder", metavar="LOG", type=click.Path(path_type=Path, file_okay=False))
where_argument = click.argument("where", metavar="LOG|PUBLISHED")
schemas_option = click.option(
    "--schema", "schema_folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="For published files: a folder with schema files beside the record's own.",
)  # fmt: skip
at_option = click.option(
    "--at", metavar="TIME", help="When it happened, in UTC (2026-03-01T09:30:00Z); now by default."
)
log_passphrase_option = click.option(
    "--log-passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="COUNTERSIGN_LOG_PASSPHRASE_FILE",
    help="Publish at once, with the log's own key under this passphrase; else `record publish` does, later.",
)


class LogNotHere(NotReached):
    """What was named is neither a log's folder, nor its public files, nor an address of them."""

    code = "log-not-here"
    next_step = "Name the log's folder, the folder of its published files, or their address (http://127.0.0.1:...)."


class ItemMalformed(WrongForm):
    """Sealed items are not named in the form ENTRY:LABEL or ENTRY:LABEL:RANGES."""

    code = "item-malformed"
    next_step = "Write 7:list for all items of the list in entry 7, 7:list:0-99,105 for some of them."


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, when, and whether to publish at once: the options that every appending command has."""

    key_file: Path
    passphrase_file: Path | None
    at: str | None
    log_passphrase_file: Path | None

    def signer(self) -> EntrySigner:
        """The signer's key, opened."""
        return EntrySigner(open_private(self.key_file, self.passphrase_file).secret)

    def moment(self) -> str:
        """The time of the event."""
        return moment(self.at)


def signing_options(command: Command) -> Command:
    """Adds ``--key``, ``--passphrase-file``, ``--at`` and ``--log-passphrase-file``, given on as ``signing``."""

    def wrapped(
        *arguments: Any, key_file: Path, passphrase_file: Path | None, at: str | None,
        log_passphrase_file: Path | None, **options: Any,
    ) -> Any:  # fmt: skip
        signing = Signing(key_file, passphrase_file, at, log_passphrase_file)
        return command(*arguments, signing=signing, **options)

    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    wrapped.__click_params__ = list(getattr(command, "__click_params__", ()))  # type: ignore[attr-defined]
    options = [
        click.option("--key", "key_file", required=True, type=click.Path(path_type=Path, dir_okay=False),
                     help="The private key file of whoever signs the entry."),
        click.option("--passphrase-file", type=click.Path(path_type=Path, dir_okay=False),
                     envvar="COUNTERSIGN_PASSPHRASE_FILE",
                     help="Take the key's passphrase from the first line of this file (or /dev/fd/3)."),
        at_option,
        log_passphrase_option,
    ]  # fmt: skip
    result: Any = wrapped
    for option in reversed(options):
        result = option(result)
    return result  # type: ignore[no-any-return]


def moment(at: str | None) -> str:
    """The time given, or now, as entries have it. Raises ``click.BadParameter``."""
    if at is None:
        return current().time_text()
    if not fits("time", at):
        raise click.BadParameter(f"{at!r} is not a time like 2026-03-01T09:30:00Z", param_hint="--at")
    return at


def open_private(path: Path, passphrase_file: Path | None) -> keyfile.PrivateKey:
    """A private key of a log or a signer, opened. Raises what ``keyfile`` raises."""
    sealed = keyfile.read_key_file(path)
    try:
        opened = keyfile.open_key(sealed, ask_passphrase(passphrase_file, str(path)))
    except keyfile.KeyFileMalformed as error:
        raise keyfile.KeyFileMalformed(f"{path}: {error}") from None
    if opened.key.kind is not KeyKind.ED25519:
        raise keyfile.KeyFileMalformed(f"{path}: is a witness's key, which must serve nothing else")
    return opened


@contextmanager
def opened_log(folder: LogFolder, log_passphrase_file: Path | None = None, *, writing: bool = False) -> Iterator[Log]:
    """The log; with a passphrase it can publish. ``writing``: an erasure that was cut short is finished first."""
    signer = None
    if log_passphrase_file is not None:
        signer = log_signer(folder, log_passphrase_file)
    log = folder.log(signer)
    try:
        if writing and folder.intent.path.exists():
            finish_pending(folder, log)
        yield log
    finally:
        log.sequencer.close()


def log_signer(folder: LogFolder, passphrase_file: Path | None) -> NoteSigner:
    """The log's own key, opened."""
    return NoteSigner(folder.config.origin, open_private(folder.key_path, passphrase_file).secret)


def finish_pending(folder: LogFolder, log: Log) -> None:
    """Finish an erasure that was cut short, and say so."""
    store = folder.sealed()
    try:
        done = finish_erasure(log, store, folder.intent)
    finally:
        store.close()
    if done is not None:
        click.echo(f"An erasure that was cut short is finished: entry {done.index}.", err=True)


def append(
    folder: LogFolder, log: Log, signing: Signing, kind: str, role: str, facts: dict[str, Any],
    *, sealed: Mapping[str, Commitment] | None = None, subject: str | None = None, supplied_by: str = "force",
    signer: EntrySigner | None = None,
) -> Appended:  # fmt: skip
    """Append one entry of the newest schema of its kind."""
    appended = log.append(
        draft_of(folder, log, signing, kind, role, facts, sealed=sealed, subject=subject, supplied_by=supplied_by),
        signer or signing.signer(),
    )
    report(folder, log, signing, appended)
    return appended


def draft_of(
    folder: LogFolder, log: Log, signing: Signing, kind: str, role: str, facts: dict[str, Any],
    *, sealed: Mapping[str, Commitment] | None = None, subject: str | None = None, supplied_by: str = "force",
) -> Draft:  # fmt: skip
    """A draft of the newest schema of its kind."""
    return Draft(
        kind, log.schemas.latest(kind).version, folder.config.origin, subject or folder.config.subject,
        signing.moment(), role, supplied_by, facts, dict(sealed or {}),
    )  # fmt: skip


def report(folder: LogFolder, log: Log, signing: Signing, appended: Appended) -> None:
    """Say where the entry stands, and publish if asked to."""
    draft = appended.entry.draft
    title = log.schemas.get(draft.kind, draft.schema).title
    click.echo(f"entry {appended.index}: {title}; kept durably in {folder.config.origin}")
    if signing.log_passphrase_file is None:
        click.echo(f"Not published yet: run `countersign record publish {folder.path}`.", err=True)
        return
    publish(folder, log)


def publish(folder: LogFolder, log: Log) -> SignedCheckpoint | None:
    """Publish what was appended, and say up to where."""
    head = log.publish()
    if head is None:
        click.echo("The log has no entries yet; there is nothing to publish.")
    else:
        size = counted(head.checkpoint.size, "entry")
        click.echo(f"published: {folder.config.origin} at {size}, in {folder.tiles().path}")
    return head


def parse_item(text: str, log: Log | None) -> dict[str, Any]:
    """Sealed items as entries name them, from ``7:list:0-99,105``; without ranges all items of the commitment.

    Raises ``ItemMalformed``.
    """
    matched = _ITEM.match(text)
    if matched is None:
        raise ItemMalformed(f"{text!r} does not name sealed items")
    index, label, ranges = int(matched[1]), matched[2], matched[3]
    if ranges is None:
        if log is None:
            raise ItemMalformed(f"{text!r} does not say which items")
        if index >= log.sequencer.size():
            raise ItemMalformed(f"{text!r}: the log has no entry {index}")
        commitment = log.entries(index, index + 1)[0].draft.sealed.get(label)
        if commitment is None:
            raise ItemMalformed(f"{text!r}: entry {index} has nothing sealed under {label}")
        parts = [(0, (commitment.count or 1) - 1)]
    else:
        parts = [
            (int(first), int(last or first)) for first, _, last in (one.partition("-") for one in ranges.split(","))
        ]
    return {"entry": index, "label": label, "ranges": [{"first": first, "last": last} for first, last in parts]}


def source_of(where: str) -> TileSource:
    """The published files of a log: its folder, the folder of the files, or their address. Raises ``LogNotHere``."""
    if where.startswith(("http://", "https://")):
        return HttpSource(where)
    path = Path(where)
    if (path / CONFIG).is_file():
        return LogFolder.read(path).tiles().source
    if (path / CHECKPOINT_PATH).is_file():
        return DirectorySource(path)
    raise LogNotHere(f"{where}: no log is here ({CONFIG} or {CHECKPOINT_PATH} would be)")


@contextmanager
def sealed_values(
    folder: LogFolder, singles: Mapping[str, tuple[str, bytes]], sets: Mapping[str, tuple[str, list[bytes]]]
) -> Iterator[dict[str, Commitment]]:
    """Seal contents by label (retention class, content), for an entry appended within; if that fails, erase them."""
    if not singles and not sets:
        yield {}
        return
    with sealing(folder.sealing):
        yield from _sealed_in(folder, singles, sets)


def _sealed_in(
    folder: LogFolder, singles: Mapping[str, tuple[str, bytes]], sets: Mapping[str, tuple[str, list[bytes]]]
) -> Iterator[dict[str, Commitment]]:
    store = folder.sealed()
    made: dict[str, Commitment] = {}
    try:
        for label, (retention_class, content) in singles.items():
            made[label] = store.seal(label, retention_class, 1, content, current().random_bytes(OPENING_SIZE))
        for label, (retention_class, contents) in sets.items():
            openings = [current().random_bytes(OPENING_SIZE) for _ in contents]
            made[label] = store.seal_set(label, retention_class, 1, contents, openings)
        yield made
    except BaseException:
        store.erase([(one, [(0, (one.count or 1) - 1)]) for one in made.values()])
        raise
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class View:
    """A log to look into: one's own, or the published files of another, checked against the checkpoint there."""

    origin: str
    size: int
    published: int
    schemas: Schemas
    read: Callable[[int, int], list[bytes]]
    accounts: Callable[[], Accounts]
    folder: LogFolder | None = None

    def entry(self, index: int) -> Entry | None:
        """The entry at a place, if there is one."""
        return Entry.parse(self.read(index, index + 1)[0]) if index < self.size else None


@contextmanager
def viewed(where: str, schema_folder: Path | None) -> Iterator[View]:
    """A log by its folder, the folder of its published files, or their address. Raises ``LogNotHere``.

    Whose checkpoint it is that published files are read under is not looked at here: `record monitor` does that.
    """
    path = Path(where)
    if (path / CONFIG).is_file():
        folder = LogFolder.read(path)
        with opened_log(folder) as log:
            head = log.head()
            published = 0 if head is None else head.checkpoint.size
            size = log.sequencer.size()
            yield View(folder.config.origin, size, published, log.schemas, log.sequencer.read, log.accounts, folder)
        return
    source = source_of(where)
    given = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH)).checkpoint
    reader = TileReader(source, given.size, given.root)
    schemas = known_schemas(where, schema_folder)

    def counted() -> Accounts:
        accounts = Accounts()
        for index, data in enumerate(reader.entries(0, given.size)):
            accounts.add(index, Entry.parse(data), schemas)
        return accounts

    yield View(
        given.origin, given.size, given.size, schemas, lambda first, stop: list(reader.entries(first, stop)), counted
    )


def known_schemas(where: str, schema_folder: Path | None) -> Schemas:
    """The schemas to read a log with: those of its folder, or the record's own and those in ``schema_folder``."""
    path = Path(where)
    if schema_folder is None and (path / CONFIG).is_file():
        return LogFolder.read(path).schemas()
    files = sorted(schema_folder.glob("*.json")) if schema_folder else []
    return Schemas.of([*own_schemas().known.values(), *(Schema.parse(read_input(file)) for file in files)])


def own_schemas() -> Schemas:
    """All kinds of entry this program brings: the record's own and those of deployments."""
    from countersign.deployments.kinds import SCHEMAS

    return SCHEMAS


def counted(number: int, what: str) -> str:
    """A number and what is counted: ``1 entry``, ``2,000 entries``.

    >>> counted(1, "entry"), counted(2000, "entry"), counted(0, "schema")
    ('1 entry', '2,000 entries', '0 schemas')
    """
    if number == 1:
        return f"1 {what}"
    return (
        f"{number:,} {what[:-1]}ies" if what.endswith("y") else f"{number:,} {what}{'es' * what.endswith('sh') or 's'}"
    )
