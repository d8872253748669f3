"""What the commands on a log share: its folder, the signer's key, the time of an event, sealing, and publishing.

The clock is read here, at the edge; ``--at`` gives the time of an event that was earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from countersign.cli.terminal.passphrase import ask_passphrase
from countersign.record.entries.commitment import OPENING_SIZE
from countersign.record.entries.entry import Commitment, EntrySigner
from countersign.record.entries.forms import fits
from countersign.record.keeping import keyfile
from countersign.record.keeping.erasure import finish_erasure
from countersign.record.keeping.log import Log
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.keeping.orphans import sealing
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.cosignature import NoteSigner
from countersign.record.tlog.verifierkey import KeyKind
from countersign.surroundings import current
from countersign.words.lists import counted

Command = TypeVar("Command", bound=Callable[..., Any])

folder_argument = click.argument("log_folder", metavar="LOG", type=click.Path(path_type=Path, file_okay=False))
at_option = click.option(
    "--at", metavar="TIME", help="When it happened, in UTC (2026-03-01T09:30:00Z); now by default."
)
log_passphrase_option = click.option(
    "--log-passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="COUNTERSIGN_LOG_PASSPHRASE_FILE",
    help="Publish at once, with the log's own key under this passphrase; else `record publish` does, later.",
)


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
    signer = None if log_passphrase_file is None else log_signer(folder, log_passphrase_file)
    with opened_for(folder, signer, writing=writing) as log:
        yield log


@contextmanager
def opened_for(folder: LogFolder, signer: NoteSigner | None, *, writing: bool = False) -> Iterator[Log]:
    """The log, which ``signer`` can publish. ``writing`` as for ``opened_log``."""
    log = folder.log(signer)
    try:
        if writing and folder.intent.path.exists():
            _finish_pending(folder, log)
        yield log
    finally:
        log.sequencer.close()


def log_signer(folder: LogFolder, passphrase_file: Path | None) -> NoteSigner:
    """The log's own key, opened."""
    return NoteSigner(folder.config.origin, open_private(folder.key_path, passphrase_file).secret)


def _finish_pending(folder: LogFolder, log: Log) -> None:
    """Finish an erasure that was cut short, and say so."""
    store = folder.sealed()
    try:
        done = finish_erasure(log, store, folder.intent)
    finally:
        store.close()
    if done is not None:
        click.echo(f"An erasure that was cut short is finished: entry {done.index}.", err=True)


def publish(folder: LogFolder, log: Log) -> SignedCheckpoint | None:
    """Publish what was appended, and say up to where."""
    head = log.publish()
    if head is None:
        click.echo("The log has no entries yet; there is nothing to publish.")
    else:
        size = counted(head.checkpoint.size, "entry")
        click.echo(f"published: {folder.config.origin} at {size}, in {folder.tiles().path}")
    return head


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
