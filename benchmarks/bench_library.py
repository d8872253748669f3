"""A library of many forces: status, table, adding a release and the site, as whole processes.

Each force published a list every month: 200 rows, 150 of which repeat the last release, one of them revised. Here are
20 forces with 10 releases each; ``python -m benchmarks.bench_library`` makes the 100 forces with 50 releases each for
which seconds are promised, and takes five minutes. Readings of all forces but the first are made of those of the first,
with other counts, so that building stays short.
"""

from __future__ import annotations

import datetime
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from benchmarks.harness import LIBRARIES, Report, process
from countersign.following.library import Library, at_desk, make_library
from countersign.published.files import digest
from countersign.releases.kept import PROGRAM
from countersign.releases.readings import Reading, read_release

ROWS, STEP = 200, 50
PASSPHRASE = b"a passphrase"
_HEAD = (
    "date,place,use_case,duration_minutes,watchlist_size,threshold,faces_seen,alerts,true_alerts_unconfirmed,"
    "false_alerts,arrests"
)


class Size(NamedTuple):
    """How many forces, releases of each, and the seconds promised for status, table, adding, site, and site again."""

    forces: int
    releases: int
    promised: tuple[float, float, float, float, float] | None = None


SMALL = Size(20, 10)
FULL = Size(100, 50, (1, 5, 3, 120, 10))
#: The same promises as ratios to starting Python with the libraries that reviews compute with, for the small one.
RATIOS = (1.5, 4, 6, 30, 6)


def run(report: Report, size: Size = SMALL) -> None:
    """Build the library and time the commands on it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder / "library", size)
        (folder / "pass").write_bytes(PASSPHRASE + b"\n")
        (folder / "pass").chmod(0o600)
        new = folder / "new.csv"
        new.write_bytes(_text(0, size.releases))
        yardstick, _ = process(LIBRARIES, runs=3)
        secret = ["--passphrase-file", str(folder / "pass")]
        table = ["table", "--csv", str(folder / "table.csv")]
        site = ["site", "--out", str(folder / "site")]
        steps = (
            ("site from nothing", site, 3),
            ("status", ["status"], 0),
            ("adding, comparing and checking a release", ["add", "force-000", str(new), *secret], 2),
            ("site after one release", site, 4),
            ("table", table, 1),
            ("table, all of it worked out anew", table, None),
        )
        print(f"{size.forces} forces, {size.releases} releases each, {ROWS} rows a release")
        for said, words, place in steps:
            if place is None:
                shutil.rmtree(folder / "library" / "worked-out")
            command = [sys.executable, "-m", "countersign", "library", *words, "--library", str(folder / "library")]
            seconds, megabytes = process(command, runs=1, warm=0)
            if size.promised is not None:
                report.figure(said, seconds, "s", at_most=None if place is None else size.promised[place])
            else:
                what = "starting Python with the libraries of reviews"
                report.ratio(said, seconds, yardstick, what, at_most=None if place is None else RATIOS[place])
            report.figure(f"memory of {said}", megabytes, "MB", at_most=500)


def build(path: Path, size: Size) -> None:
    """A library of this size."""
    make_library(path, "library.example/log", "A library", lambda _: PASSPHRASE)
    names = [f"force-{number:03}" for number in range(size.forces)]
    (path / "forces.toml").write_text("".join(f"[{name}]\nname = '{name.capitalize()}'\n" for name in names))
    first = [read_release(_text(0, release), f"list-{release}", ()) for release in range(size.releases)]
    with at_desk(Library.open(path), lambda _: PASSPHRASE) as desk:
        entries = []
        for number, name in enumerate(names):
            for release, reading in enumerate(first):
                content = _text(number, release)
                made = _shifted(reading, digest(content), number)
                desk.library.vault.put(content)
                facts = {"series": "deployments", "digest": made.release, "size": len(content), "source": "by-hand"}
                day = f"{_start(release) + datetime.timedelta(60):%Y-%m-%d}"
                facts |= {"fetched_at": f"{day}T09:00:00Z", "published_on": day}
                entries.append(desk.entry("library.release", name, facts))
                read = {"release": made.release, "program": PROGRAM, "read": True}
                read["reading"] = desk.library.readings.keep(made)
                entries.append(desk.entry("library.reading", name, read))
        desk.append(entries)


def _start(release: int) -> datetime.date:
    return datetime.date(2022, 1, 1) + datetime.timedelta(release * STEP // 2)


def _text(force: int, release: int) -> bytes:
    return "\n".join((_HEAD, *_rows(force, release), "")).encode()


def _rows(force: int, release: int) -> Iterator[str]:
    for number in range(release * STEP, release * STEP + ROWS):
        chance = random.Random(number)
        day = datetime.date(2022, 1, 1) + datetime.timedelta(number // 2)
        alerts = chance.randrange(30) + (number == release * STEP + 20)
        false = chance.randrange(alerts // 5 + 1)
        counts = (chance.randrange(500, 20_000) + force, alerts, chance.randrange(alerts - false + 1), false)
        setting = (chance.randrange(60, 400), chance.randrange(5_000, 17_000), "0.64")
        place = f"Place {chance.randrange(40)}"
        yield ",".join(map(str, (day, place, "Use case 2", *setting, *counts, chance.randrange(5))))


def _shifted(reading: Reading, name: str, force: int) -> Reading:
    """The reading as that of another force, with other counts of faces."""
    assert reading.record is not None
    rows = tuple(replace(row, faces_seen=(row.faces_seen or 0) + force) for row in reading.record.rows)
    return replace(reading, release=name, record=replace(reading.record, rows=rows))


if __name__ == "__main__":
    found = Report()
    run(found, FULL)
    sys.exit(1 if found.missed else 0)
