"""A log's folder: its configuration has one form, and each kind of store opens from it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.test_record import Command, home, opened, told

from countersign.record.keeping.logfolder import (
    LogConfig,
    LogConfigMalformed,
    LogFolder,
    LogFolderExists,
    LogFolderMissing,
)

__all__ = ["home", "told"]

PATHS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(PATHS, PATHS, st.sampled_from(["sqlite", "postgres"]))
@settings(deadline=None, max_examples=100)
def test_a_configuration_comes_back_as_it_was_written(public: str, second: str, store: str) -> None:
    name = "a_log" if store == "postgres" else ""
    config = LogConfig("log.example/a", "force-a", store, public=public, second_place=second, postgres_log=name)
    assert LogConfig.parse(config.render()) == config


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ('version = 2', "this program reads 1"), ('version = "1"', "version is a number"), ("colour = 1", "colour"),
        ('origin = "With Space"', "is the name of a log"), ('store = "mysql"', "store is one of"),
        ('subject = "a/b"', "short name"), ('public = ""', "public is empty"), ('key = 3', "key is a text"),
        ('postgres_log = "x"', "stands there only"), ("=", "not TOML"), ('public = "a\\u0007"', "control characters"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name(change: str, match: str) -> None:
    lines = LogConfig("log.example/a", "force-a", "sqlite").render().splitlines()
    kept = [line for line in lines if line.split(" ")[0] != change.split(" ")[0]]
    with pytest.raises(LogConfigMalformed, match=match.replace("is the name", "is not the name")):
        LogConfig.parse("\n".join([*kept, change]))
    with pytest.raises(LogConfigMalformed, match="origin, subject is missing"):
        LogConfig.parse('version = 1\nstore = "sqlite"')


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    config = LogConfig("log.example/a", "force-a", "sqlite", second_place="../second")
    LogFolder.create(tmp_path / "a", config)
    assert LogFolder.read(tmp_path / "a").config == config
    assert (tmp_path / "second").is_file()
    with pytest.raises(LogFolderExists):
        LogFolder.create(tmp_path / "a", config)


@pytest.mark.parametrize("where", ["file", "file/log", "file/deep/log"])
def test_a_path_that_is_or_goes_through_a_file_is_refused_in_one_sentence(where: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    with pytest.raises(LogFolderMissing, match=where):
        LogFolder.create(tmp_path / where, LogConfig("log.example/a", "force-a", "sqlite", second_place="../../second"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_publishing_clears_what_killed_processes_left_in_the_folder(home: Path, told: Command) -> None:
    opened(home, told)
    (home / "a" / "checkpoints").mkdir(exist_ok=True)
    stale = [
        home / "a" / ".deployments.state.12345678.part", home / "a" / "checkpoints" / ".4.12345678.part",
        home / "a" / "schemas" / ".x.1.json.12345678.part", home / ".a.last-checkpoint.12345678.part",
    ]  # fmt: skip
    others = [home / ".somebody-elses.12345678.part", home / "a" / "checkpoints" / ".5.12345678.part"]
    for path in (*stale, *others):
        path.write_bytes(b"half")
        os.utime(path, (0, 0))
    os.utime(others[1])
    told("record", "show", "a")
    assert all(path.exists() for path in stale)
    told("record", "publish", "a")
    assert not any(path.exists() for path in stale)
    assert all(path.exists() for path in others)


@pytest.mark.slow
def test_a_log_in_postgres_through_the_commands(
    home: Path, told: Command, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_POSTGRES", postgres)
    opened(home, told, "--postgres", "through_commands")
    assert "published up to 4" in told("record", "show", "a")
    told("record", "backup", "a", "--out", "copy")
    assert (home / "copy" / "entries.db").is_file()
    assert postgres not in (home / "a" / "log.toml").read_text()
    monkeypatch.delenv("COUNTERSIGN_POSTGRES")
    assert "COUNTERSIGN_POSTGRES is not set" in told("record", "show", "a", code=5)
