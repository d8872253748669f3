"""Made-up crowds and the taking of events; beside them, plain uniform numbers of NumPy, and plain rows in SQLite."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.harness import Report, median_seconds, paired
from countersign.events.door.journal import Journal
from countersign.events.door.line import Limits
from countersign.events.door.lines import bounded, lines_of
from countersign.events.door.taking import AT_ONCE, take
from countersign.events.watch.promised import Promised, parse
from countersign.events.watch.watched import Follower
from countersign.events.watch.watching import How, watch
from countersign.made_up.crowd import pass_by
from countersign.made_up.export import make
from countersign.made_up.scenario import Scenario, load
from countersign.record.entries import canonical


def simulation(report: Report) -> None:
    """Two million people past a list of 16,000."""
    scenario = msgspec.structs.replace(load("busy-interchange"), crowd_by_hour=(1_000_000.0, 1_000_000.0))
    seconds, plain = paired(
        lambda: pass_by(scenario, np.random.default_rng(1)), lambda: np.random.default_rng(1).random(2_000_000)
    )
    report.ratio("simulation of 2,000,000 passers-by", seconds, plain, "as many uniform numbers of NumPy", at_most=6)


def _exported(scenario: Scenario) -> tuple[list[bytes], Limits]:
    """The lines of an export, and the limits; the events themselves are let go, as they are where an engine wrote."""
    made = make(scenario, seed=1)
    return [canonical.render(event) for event in made.events], Limits.of(made.limits)


def taking(report: Report) -> None:
    """An export of alerts through the door, into a durable journal, held to the limits."""
    scenario = load("misconfigured-threshold")
    engine = msgspec.structs.replace(scenario.engine, threshold="0.40")
    lines, limits = _exported(msgspec.structs.replace(scenario, engine=engine))

    def through() -> None:
        with tempfile.TemporaryDirectory() as folder:
            export = Path(folder) / "export.jsonl"
            export.write_bytes(b"\n".join(lines))
            with (
                export.open("rb") as stream,
                Journal.open(Path(folder) / "journal", scenario.deployment, limits.digest) as journal,
            ):
                take(lines_of(bounded(stream)), export.name, journal, limits)

    def plain() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = sqlite3.connect(Path(folder) / "plain", isolation_level=None)
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB)")
            for start in range(0, len(lines), AT_ONCE):
                database.execute("BEGIN")
                some = enumerate(lines[start : start + AT_ONCE], start)
                database.executemany("INSERT INTO rows VALUES (?, ?)", some)
                database.execute("COMMIT")
            database.close()

    seconds, rows = paired(through, plain)
    what = "the same lines as plain rows in SQLite"
    peer = f"{len(lines) / seconds:,.0f} events/s"
    report.ratio(f"taking {len(lines):,} events", seconds, rows, what, at_most=6, peer=peer)


def watching(report: Report) -> None:
    """A journal of alerts read into counts, and all lines worked out anew after each tenth of it; cost an event."""
    scenario = load("misconfigured-threshold")
    made = make(
        msgspec.structs.replace(scenario, engine=msgspec.structs.replace(scenario.engine, threshold="0.40")), seed=1
    )
    lines, limits = [canonical.render(event) for event in made.events], Limits.of(made.limits)
    promised, how = Promised.of(made.limits), How(parse("1/37857@10000@0.64"))
    with (
        tempfile.TemporaryDirectory() as folder,
        Journal.open(Path(folder) / "journal", scenario.deployment, limits.digest) as journal,
    ):
        take(lines_of(lines), "export", journal, limits)

        def plain() -> None:
            for body in journal.bodies():
                msgspec.json.decode(body)

        def watched() -> None:
            follower = Follower(journal)
            follower.catch_up()
            for _ in range(10):
                watch(promised, follower.seen, how)

        seconds, peer = paired(watched, plain)
        one = median_seconds(lambda: watch(promised, Follower(journal).seen, how))
    report.ratio(
        f"watching {len(lines):,} events, lines ten times", seconds, peer, "reading and decoding them alone",
        at_most=6, peer=f"lines of an empty journal {one * 1e3:.3g} ms",
    )  # fmt: skip


def run(report: Report) -> None:
    """All figures of events."""
    simulation(report)
    taking(report)
    watching(report)
