"""The rulebook: fold and findings of one deployment with 10,000 alerts, and of a programme of 1,000 deployments."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.making.histories import FORCE, History, alert, hour

from benchmarks.harness import Report, loads, paired, peak_mb
from countersign.deployments.fold import fold
from countersign.deployments.view import View
from countersign.record.entries.entry import Entry
from countersign.rulebook.duties import evaluate

ALERTS = 10_000
HOURS = 4
DEPLOYMENTS = 1_000
AS_AT = datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC)
PROFILE = "england-and-wales"
SUBJECT = f"{FORCE}/d-1"

Opened = dict[tuple[int, str], dict[int, Any]]


def busy() -> tuple[list[tuple[int, Entry]], Opened]:
    """A deployment's life with ``ALERTS`` alerts over its hours, each sealed and open to the reader."""
    history = History().upto("open")
    for at in range(14, 14 + HOURS):
        facts, contents = hour(at, [alert(number, f"2026-03-02T{at}:10:00Z") for number in range(ALERTS // HOURS)])
        history.do("live.hour", facts, "operator", f"2026-03-02T{at}:59:00Z", contents)
    return history.entries, history.opened


def spread() -> tuple[list[tuple[int, Entry]], Opened]:
    """The same number of alerts, one to an entry: as many hours' entries as there are alerts."""
    history = History().upto("open")
    facts, contents = hour(14, [alert(0, "2026-03-02T14:10:00Z")])
    index = history.do("live.hour", facts, "operator", "2026-03-02T14:59:00Z", contents)
    [(_, first)] = history.entries[index:]
    for _ in range(ALERTS - 1):
        history.opened[len(history.entries), "alerts"] = history.opened[index, "alerts"]
        history.entries.append((len(history.entries), first))
    return history.entries, history.opened


def run(report: Report) -> None:
    """Time findings with the fold, and the peer: reading the same alerts with the standard library."""
    entries, opened = busy()

    def whole() -> object:
        fold(FORCE, entries)
        return evaluate(View.of(entries, SUBJECT, opened=opened), profile=PROFILE, as_at=AS_AT)

    report.ratio(
        f"fold, view and findings of one deployment with {ALERTS:,} alerts", *paired(whole, plain(opened)), WHAT,
        at_most=1,
    )  # fmt: skip
    many, shown = spread()

    def apart() -> object:
        fold(FORCE, many)
        return evaluate(View.of(many, SUBJECT, opened=shown), profile=PROFILE, as_at=AS_AT)

    with_entries = plain(shown, [entry.render() for _, entry in many])
    report.ratio(
        f"the same with {ALERTS:,} entries of one alert each", *paired(apart, with_entries),
        "json.loads of the same entries and contents", at_most=2,
    )  # fmt: skip
    history = History().upto("archive")

    def again() -> None:
        for _ in range(DEPLOYMENTS):
            fold(FORCE, history.entries)
            evaluate(View.of(history.entries, SUBJECT, opened=history.opened), profile=PROFILE, as_at=AS_AT)

    lines = [entry.render() for _, entry in history.entries] * DEPLOYMENTS
    report.ratio(
        f"fold, view and findings of {DEPLOYMENTS:,} deployments, one after the other",
        *paired(again, loads(lines), runs=1), "json.loads of their entries", at_most=30,
        peer=f"peak memory so far {peak_mb():.0f} MB",
    )  # fmt: skip


WHAT = "json.loads of the same contents"


def plain(opened: Opened, lines: Sequence[bytes] = ()) -> Callable[[], object]:
    """The yardstick: the standard library's reading of what is opened, and of entries."""
    return loads([json.dumps([list(contents.values()) for contents in opened.values()]).encode(), *lines])
