"""A library with made-up forces, worked on through the commands, at moments of our own."""

from __future__ import annotations

import datetime
import shutil
from dataclasses import dataclass
from pathlib import Path

from countersign.cli.main import run
from countersign.following.library import Library
from countersign.surroundings import REAL, Surroundings, surrounded

HEAD = "date,place,faces_seen,alerts,true_alerts_unconfirmed,false_alerts,arrests\n"
FORCES = '[force-a]\nname = "Force A"\n[force-b]\nname = "Force B"\n[force-c]\nname = "Force C"\nlaw = "scotland"\n'


@dataclass
class Shelf:
    """A library in a folder of a test."""

    home: Path
    now: str = "2026-03-01T09:00:00Z"

    @property
    def folder(self) -> Path:
        return self.home / "library"

    @property
    def library(self) -> Library:
        return Library.open(self.folder)

    def copied(self, home: Path) -> Shelf:
        """The same library in another folder."""
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        return Shelf(home)

    def run(self, *words: str) -> int:
        """A command of the library, at this shelf's moment."""
        moment = datetime.datetime.fromisoformat(self.now)
        where = ("--library", str(self.folder)) if words[0] != "init" else ()
        secret = (
            ()
            if words[0] in READING or words[:2] == ("letters", "list")
            else ("--passphrase-file", str(self.home / "pass"))
        )
        with surrounded(Surroundings(lambda: moment, REAL.random_bytes, 10)):
            return run(["library", *words, *where, *secret])

    def add(self, force: str, text: str, published: str = "", *more: str) -> int:
        """Add a CSV of this text, as published on this day."""
        file = self.home / "release.csv"
        file.write_text(text)
        return self.run("add", force, str(file), *(("--published", published) if published else ()), *more)


#: Commands that open no key.
READING = ("status", "changes", "table", "review", "site")


def made(home: Path) -> Shelf:
    """A new library with the made-up forces."""
    (home / "pass").write_text("a passphrase\n")
    (home / "pass").chmod(0o600)
    shelf = Shelf(home)
    assert shelf.run("init", str(shelf.folder), "--origin", "library.example/log", "--title", "A made-up library") == 0
    (shelf.folder / "forces.toml").write_text(FORCES)
    return shelf


def rows(*lines: str) -> str:
    """A release of these lines."""
    return HEAD + "".join(f"{line}\n" for line in lines)
