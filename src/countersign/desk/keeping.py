"""Keeping a desk: all that its folder holds in one file, and a desk made again from that file.

A backup is a ZIP file with the settings, the secret of sessions and the database, for its owner alone. It signs for
nobody: no private key is in it, nothing sealed, and nothing of the log, which `countersign record backup` copies. A
desk made from one asks everybody to sign in again, and its links to begin with are void: what was ended since the
backup does not come back.
"""

from __future__ import annotations

import io
import pkgutil
import sqlite3
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from countersign.desk import migrations
from countersign.desk.folder import (
    DATABASE,
    SECRET,
    SETTINGS,
    Desk,
    DeskBackupMalformed,
    DeskBackupNewer,
    DeskDatabaseAway,
    DeskDatabaseElsewhere,
    DeskExists,
    Settings,
    read_settings,
)
from countersign.inputs import LARGE_BYTES, SMALL_BYTES, read_input
from countersign.output import write_all, write_whole

FORM = b"countersign-desk-backup/1"
LIMITS = {SECRET: SMALL_BYTES, DATABASE: LARGE_BYTES, SETTINGS: SMALL_BYTES}


class Held(NamedTuple):
    """What a backup holds: its settings, how many accounts and keys, and whether its tables are of an earlier form."""

    settings: Settings
    accounts: int
    keys: int
    earlier: bool


def backup(desk: Desk, to: Path) -> None:
    """Write a backup, whole or not at all, while the desk may be in use. Raises ``DeskDatabaseElsewhere``,
    ``DeskDatabaseAway`` or ``CannotWrite``."""
    if desk.settings.database:
        raise DeskDatabaseElsewhere(f"{desk.path}: its database is in PostgreSQL")
    contents = {name: read_input(desk.path / name) for name in (SECRET, SETTINGS)}
    contents[DATABASE] = _copied(desk.path / DATABASE)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = FORM
        for name in LIMITS:
            archive.writestr(name, contents[name])
    write_whole(to, made.getvalue(), secret=True)


def restore(file: Path, folder: Path) -> Held:
    """Make a desk from a backup. Raises ``DeskExists``, ``CannotWrite`` and as ``looked_at``."""
    if (folder / SETTINGS).exists():
        raise DeskExists(f"{folder}: there is a desk here already")
    contents, held = _read(file)
    with closing(_database(contents[DATABASE], file)) as database:
        database.execute("DELETE FROM django_session")
        database.execute("DELETE FROM desk_invitation")
        database.commit()
        database.execute("VACUUM")
        contents[DATABASE] = database.serialize()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    write_all(folder, {name: contents[name] for name in LIMITS}, secret=True)
    return held


def looked_at(file: Path) -> Held:
    """What a backup holds, once it is read whole and its database opens. Raises ``DeskBackupMalformed``,
    ``DeskBackupNewer``, ``DeskMalformed`` or ``InputMissing``."""
    return _read(file)[1]


def _read(file: Path) -> tuple[dict[str, bytes], Held]:
    contents = _unpacked(read_input(file, LARGE_BYTES), file)
    settings = read_settings(contents[SETTINGS], f"{file}: {SETTINGS}")
    known = {module.name for module in pkgutil.iter_modules(migrations.__path__)}
    try:
        with closing(_database(contents[DATABASE], file)) as database:
            [(sound,)] = database.execute("PRAGMA integrity_check(1)").fetchall()
            done = {name for (name,) in database.execute("SELECT name FROM django_migrations WHERE app = 'desk'")}
            [(accounts,)] = database.execute("SELECT count(*) FROM auth_user")
            [(keys,)] = database.execute("SELECT count(*) FROM desk_key")
    except (sqlite3.Error, ValueError):
        raise DeskBackupMalformed(f"{file}: {DATABASE} is no database of a desk") from None
    if sound != "ok":
        raise DeskBackupMalformed(f"{file}: {DATABASE} is damaged")
    if done - known:
        raise DeskBackupNewer(f"{file}: was written by a later version ({min(done - known)})")
    return contents, Held(settings, accounts, keys, bool(known - done))


def _unpacked(data: bytes, file: Path) -> dict[str, bytes]:
    contents: Mapping[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            fits = archive.comment == FORM and sorted(part.filename for part in parts) == sorted(LIMITS)
            if fits and all(part.file_size <= LIMITS[part.filename] for part in parts):
                contents = {part.filename: archive.read(part) for part in parts}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError, OSError):
        contents = {}
    if not contents:
        raise DeskBackupMalformed(f"{file}: is no whole backup of a desk ({FORM.decode()})")
    return dict(contents)


def _copied(path: Path) -> bytes:
    """The database as it stands, by SQLite's backup; marked as one without a journal beside it."""
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10)) as source,
            closing(sqlite3.connect(":memory:")) as copy,
        ):
            source.backup(copy)
            data = copy.serialize()
    except sqlite3.Error as error:
        raise DeskDatabaseAway(f"{path}: {error}") from None
    return data[:18] + b"\x01\x01" + data[20:]


def _database(data: bytes, file: Path) -> sqlite3.Connection:
    if not data.startswith(b"SQLite format 3\0"):
        raise DeskBackupMalformed(f"{file}: {DATABASE} is no database of SQLite")
    made = sqlite3.connect(":memory:")
    made.deserialize(data)
    return made
