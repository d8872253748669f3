"""A desk's own folder: ``desk.toml``, its secret, its database; for which log it is, under which names it answers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec

from countersign.errors import NotAllowed, NotReached, WrongForm
from countersign.inputs import read_input, toml_of
from countersign.output import toml_string, write_whole
from countersign.register.viewing import published_in
from countersign.reviews.options import PROFILE

SETTINGS, SECRET, DATABASE = "desk.toml", "secret.key", "desk.db"
FORM = "countersign-desk/1"
LOOPBACK = ("localhost", "127.0.0.1")


class DeskMalformed(WrongForm, next_step="Correct desk.toml; docs/desk.md says what it may hold."):
    """A desk's settings are not of their form."""


class DeskNotHere(NotReached, next_step="Make one with `countersign desk init DIR --log LOG`."):
    """There is no desk in the folder named, or no log where its settings say."""


class DeskDatabaseAway(
    NotReached, next_step="Start the database, and check `database` in desk.toml; nothing was changed."
):
    """The desk's database does not answer, or does not let this desk in."""


class DeskDatabaseElsewhere(
    NotAllowed, next_step="Keep it with `pg_dump`, and desk.toml and secret.key beside it (docs/desk.md)."
):
    """The desk's database is in PostgreSQL, whose own tools copy it."""


class DeskBackupMalformed(WrongForm, next_step="Check that it is the file you meant; take an earlier backup."):
    """A file is no backup of a desk, or was damaged."""


class DeskBackupNewer(NotAllowed, next_step="Install the version that wrote it, or a later one."):
    """A backup was written by a later version of the program, whose tables this one does not know."""


class DeskExists(NotAllowed, next_step="Name another folder."):
    """There is a desk in the folder already."""


class DeskExposed(
    NotAllowed,
    next_step="Put a server that speaks HTTPS before it and say `https = true` in desk.toml, or keep to localhost.",
):
    """A desk that is reached without HTTPS would answer under a name that others reach."""


class DeskOfARehearsal(NotAllowed, next_step="Use `countersign desk init` for a log that is none."):
    """Accounts with printed passwords are made for a rehearsal's log alone."""


class KeyNotYours(NotAllowed, next_step="Make a key of your own, and have the registrar register it."):
    """A public key is another account's, the log's registrar's, or stands on the record already."""


class SecondNeeded(NotAllowed, next_step="Say again that it is you, and give the signed file once more."):
    """An act on the record was sent without a fresh second authentication; nothing was appended."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``desk.toml`` says. Paths are taken from the desk's folder; ``log_passphrase_file`` opens the log's own key,
    so that what is appended is published at once and its signer gets a receipt. ``database``: where PostgreSQL keeps
    the desk's; without it, it is a file in the folder."""

    form: str
    log: str
    hosts: tuple[str, ...] = LOOPBACK
    https: bool = False
    profile: str = PROFILE
    policy: str = ""
    log_passphrase_file: str = ""
    database: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk's folder and what its settings say."""

    path: Path
    settings: Settings

    @property
    def log(self) -> Path:
        """The log's folder."""
        return self.path / self.settings.log

    def file(self, name: str) -> Path | None:
        """A file that the settings name, ``None`` where they name none."""
        return self.path / name if name else None

    @property
    def secret(self) -> str:
        """The secret with which sessions and links are signed; none of it signs an entry."""
        return read_input(self.path / SECRET).decode("ascii").strip()


def read_settings(data: bytes, place: str) -> Settings:
    """The settings in the bytes of a file. Raises ``DeskMalformed``."""
    try:
        settings = msgspec.convert(toml_of(data, place, DeskMalformed), Settings)
    except msgspec.ValidationError as error:
        raise DeskMalformed(f"{place}: {error}") from None
    if settings.form != FORM:
        raise DeskMalformed(f"{place}: is not of a form this program reads ({FORM})")
    return settings


def read_desk(path: Path) -> Desk:
    """The desk in a folder. Raises ``DeskNotHere``, ``DeskMalformed`` or ``DeskExposed``."""
    file = path / SETTINGS
    if not file.is_file():
        raise DeskNotHere(f"{path}: no desk is here ({SETTINGS} would be)")
    desk = Desk(path.absolute(), read_settings(read_input(file), str(file)))
    if published_in(desk.log) is None:
        raise DeskNotHere(f"{file}: no log is at {desk.log}")
    others = sorted(set(desk.settings.hosts) - set(LOOPBACK))
    if others and not desk.settings.https:
        raise DeskExposed(f"{file}: answers as {others[0]}, and is not reached by HTTPS")
    return desk


def make_desk(path: Path, log: Path, passphrase: Path | None, database: str = "") -> Desk:
    """Make a desk's folder for a log. Raises ``DeskExists``, ``DeskNotHere`` or ``CannotWrite``."""
    if (path / SETTINGS).exists():
        raise DeskExists(f"{path}: there is a desk here already")
    if published_in(log) is None:
        raise DeskNotHere(f"{log}: no log is here")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    lines = [f'form = "{FORM}"', f"log = {toml_string(str(log.absolute()))}"]
    lines += [] if passphrase is None else [f"log_passphrase_file = {toml_string(str(passphrase.absolute()))}"]
    lines += [f"database = {toml_string(database)}"] if database else []
    write_whole(path / SECRET, f"{secrets.token_urlsafe(64)}\n".encode(), secret=True)
    write_whole(path / SETTINGS, ("\n".join(lines) + "\n").encode(), secret=True)
    return read_desk(path)


def unmake(desk: Desk) -> None:
    """Take away the files of a desk whose database could not be had: nothing half-made is left."""
    for name in (SETTINGS, SECRET, DATABASE):
        (desk.path / name).unlink(missing_ok=True)
