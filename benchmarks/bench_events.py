"""Made-up crowds and the taking of events; beside them, plain uniform numbers of NumPy, and plain rows in SQLite."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.harness import Report, median_seconds
from countersign.events.crowd import pass_by
from countersign.events.export import make
from countersign.events.journal import Journal
from countersign.events.limits_held import Limits
from countersign.events.scenario import Scenario, load
from countersign.events.taking import AT_ONCE, lines_of, take
from countersign.record import canonical


def simulation(report: Report) -> None:
    """Two million people past a list of 16,000."""
    scenario = msgspec.structs.replace(load("busy-interchange"), crowd_by_hour=(1_000_000.0, 1_000_000.0))
    seconds = median_seconds(lambda: pass_by(scenario, np.random.default_rng(1)))
    plain = median_seconds(lambda: np.random.default_rng(1).random(2_000_000))
    report.figure(
        "simulation", 2_000_000 / seconds, "passers-by/s", at_least=1_000_000,
        peer=f"plain uniform numbers by NumPy {2_000_000 / plain:.3g}/s",
    )  # fmt: skip


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
                take(lines_of(stream), export.name, journal, limits)

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

    report.figure(
        f"taking {len(lines):,} events", len(lines) / median_seconds(through, runs=3), "events/s", at_least=10_000,
        peer=f"the same lines as plain rows in SQLite {len(lines) / median_seconds(plain, runs=3):.3g}/s",
    )  # fmt: skip


def run(report: Report) -> None:
    """All figures of events."""
    simulation(report)
    taking(report)
