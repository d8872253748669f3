"""A desk is kept: backed up, checked, made again, and opened by every later version."""

from __future__ import annotations

import io
import json
import lzma
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from countersign.cli.main import run
from countersign.desk.folder import (
    Desk,
    DeskBackupMalformed,
    DeskBackupNewer,
    DeskDatabaseElsewhere,
    make_desk,
    read_desk,
)
from countersign.desk.keeping import backup, looked_at, restore

#: What each form of the tables is, by the version that wrote it first.
FIRST = Path(__file__).resolve().parents[1] / "fixtures" / "desk-1" / "desk.db.xz"
OPENING = """
import json, sys
from pathlib import Path
from countersign.desk.conf import ready
from countersign.desk.folder import read_desk
ready(read_desk(Path(sys.argv[1])))
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import User
from django.core.management import call_command
from countersign.desk.models import Invitation, Key, Prepared
call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
one = User.objects.get(username="applicant")
counts = [model.objects.count() for model in (User, Key, Prepared, Invitation)]
print(json.dumps([one.check_password("a long enough password"), is_mfa_enabled(one), *counts]))
"""


@pytest.fixture
def first(kept_log: Path, tmp_path: Path) -> Desk:
    """A desk with the database that the first version wrote."""
    desk = make_desk(tmp_path / "first", kept_log, None)
    (desk.path / "desk.db").write_bytes(lzma.decompress(FIRST.read_bytes()))
    return desk


def rows(desk: Desk, table: str) -> int:
    with closing(sqlite3.connect(desk.path / "desk.db")) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def opens(desk: Desk) -> list[object]:
    words = [sys.executable, "-c", OPENING, str(desk.path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_what_the_first_version_wrote_opens(first: Desk) -> None:
    assert opens(first) == [True, True, 2, 1, 1, 1]


@pytest.mark.slow
def test_a_desk_made_from_a_backup_opens_and_everybody_signs_in_again(first: Desk, tmp_path: Path) -> None:
    file = tmp_path / "kept.zip"
    with closing(sqlite3.connect(first.path / "desk.db")) as used:
        used.execute("PRAGMA journal_mode = WAL")
        used.execute("UPDATE auth_user SET last_name = 'late' WHERE username = 'applicant'")
        used.commit()
        assert run(["desk", "backup", str(first.path), str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert run(["desk", "restore", str(file), str(tmp_path / "again")]) == 0
    again = read_desk(tmp_path / "again")
    assert (again.settings, again.secret) == (first.settings, first.secret)
    assert {part.name: part.stat().st_mode & 0o777 for part in again.path.iterdir()} == dict.fromkeys(
        ("desk.db", "desk.toml", "secret.key"), 0o600
    )
    assert (rows(first, "django_session"), rows(again, "django_session")) == (1, 0)
    assert rows(again, "auth_user WHERE last_name = 'late'") == 1
    assert opens(again) == [True, True, 2, 1, 1, 0]


def test_a_check_changes_nothing_and_says_what_is_inside(
    first: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kept.zip"
    backup(first, file)
    assert looked_at(file) == (first.settings, 2, 1, False)
    assert run(["desk", "restore", str(file), str(tmp_path / "no"), "--check"]) == 0
    assert "2 accounts and 1 key" in capsys.readouterr().out
    assert not (tmp_path / "no").exists()
    assert run(["desk", "restore", str(file), str(first.path)]) == 4


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -30])
def test_a_damaged_backup_makes_nothing(first: Desk, tmp_path: Path, cut: int) -> None:
    file = tmp_path / "kept.zip"
    backup(first, file)
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DeskBackupMalformed):
        restore(file, tmp_path / "no")
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"../desk.toml": b"x"},
        {"desk.db": b"not a database"},
        {"desk.db": b"SQLite format 3\0" + bytes(5000)},
        {"desk.db": None},
    ],
)
def test_what_is_no_backup_is_refused(first: Desk, tmp_path: Path, changed: dict[str, bytes | None]) -> None:
    file = tmp_path / "kept.zip"
    backup(first, file)
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        held: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = b"countersign-desk-backup/1"
        for name, data in (held | changed).items():
            if data is not None:
                archive.writestr(name, data)
    with pytest.raises(DeskBackupMalformed):
        looked_at(file)


def test_a_later_versions_backup_and_postgresql_are_refused(first: Desk, tmp_path: Path) -> None:
    with closing(sqlite3.connect(first.path / "desk.db")) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('desk', '0999_later', '2030-01-01')"
        )
        database.commit()
    backup(first, tmp_path / "kept.zip")
    with pytest.raises(DeskBackupNewer):
        restore(tmp_path / "kept.zip", tmp_path / "no")
    shutil.copytree(first.path, tmp_path / "other")
    with (tmp_path / "other" / "desk.toml").open("a") as settings:
        settings.write('database = "postgresql:///desk"\n')
    with pytest.raises(DeskDatabaseElsewhere):
        backup(read_desk(tmp_path / "other"), tmp_path / "none.zip")
    assert not (tmp_path / "none.zip").exists()
