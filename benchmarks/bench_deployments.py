"""Deployments: folding one deployment of 10,000 events, a programme of 1,000 deployments, one more entry on it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.making.histories import FORCE, History, alert, hour

from benchmarks.harness import Report, loads, median_seconds, paired, peak_mb
from countersign.deployments.fold import advance, fold
from countersign.deployments.state import Programme
from countersign.deployments.view import View
from countersign.output import write_whole
from countersign.record.entries.entry import Entry
from countersign.register.catching_up import catch_up

EVENTS = 10_000
DEPLOYMENTS = 1_000


def events(count: int) -> tuple[list[tuple[int, Entry]], dict[tuple[int, str], dict[int, Any]]]:
    """A deployment's whole life with ``count`` entries while live, and as many alerts sealed in one hour's."""
    history = History().upto("open")
    alerts = [alert(number, "2026-03-02T14:10:00Z") for number in range(count)]
    facts, contents = hour(14, alerts)
    index = history.do("live.hour", facts, "operator", "2026-03-02T14:59:00Z", contents)
    [(_, first)] = history.entries[index:]
    for _ in range(count - 1):
        history.entries.append((len(history.entries), first))
    return history.entries, history.opened


def programme() -> Iterator[bytes]:
    """The entries of a log of the same life a thousand times, each under a subject, a list and a unit of its own."""
    history = History().upto("archive")
    lines = [entry.render() for _, entry in history.entries]
    [manifest] = [index for index, entry in history.entries if entry.draft.kind == "authorise.manifest"]
    yield lines[0]
    for number in range(DEPLOYMENTS):
        named = b'"manifest":%d' % (manifest + number * (len(lines) - 1))
        for line in lines[1:]:
            renamed = line.replace(b"force-a/d-1", b"force-a/d-%d" % number).replace(b'"manifest":%d' % manifest, named)
            renamed = renamed.replace(b"list-d-1", b"list-%d" % number).replace(b'"van-1"', b'"van-%d"' % number)
            yield renamed


def folded_lines(lines: list[bytes]) -> Programme:
    """What a log's entries come to."""
    state = Programme(FORCE)
    for index, line in enumerate(lines):
        state = advance(state, index, Entry.parse(line))
    return state


def parsing(data: list[tuple[int, bytes]]) -> float:
    """Seconds for parsing entries, which is no part of the fold."""
    return median_seconds(lambda: [Entry.parse(line) for _, line in data], runs=3)


def run(report: Report) -> None:
    """Time folds, views and one more entry."""
    entries, opened = events(EVENTS)
    data = [(index, entry.render()) for index, entry in entries]
    folded = fold(FORCE, entries).deployment("force-a/d-1")
    assert (folded.irregularities, folded.hours, folded.alerts) == ((), EVENTS, EVENTS * EVENTS)
    report.ratio(
        f"one deployment of {EVENTS:,} entries, folded once parsed",
        *paired(lambda: fold(FORCE, entries), loads(line for _, line in data)), "json.loads of them", at_most=1.2,
        peer=f"parsing them {parsing(data):.2g} s",
    )  # fmt: skip
    seconds = median_seconds(lambda: View.of(entries, "force-a/d-1", opened=opened).get("hour.sealed.alerts[].outcome"))
    report.figure(f"one path over {EVENTS:,} entries and {EVENTS:,} opened alerts", seconds, "s")
    lines = [*programme()]
    state, last = folded_lines(lines), len(lines) - 1
    report.ratio(
        f"a programme of {DEPLOYMENTS:,} deployments, {len(lines):,} entries, parsed and folded",
        *paired(lambda: folded_lines(lines), loads(lines), runs=1), "json.loads of them", at_most=5,
        peer=f"peak memory so far {peak_mb():.0f} MB",
    )  # fmt: skip
    assert all(not one.irregularities for one in state.deployments.values())
    one_more(report, state, last)


def one_more(report: Report, state: Programme, last: int) -> None:
    """One more entry on the programme: in memory, and as a command does it, from the kept state and back to disk."""
    entry = History().upto("propose").entries[1][1]
    line = entry.render().replace(b"force-a/d-1", b"force-a/d-x")
    extra = Entry.parse(line)
    report.ratio(
        f"one more entry on {DEPLOYMENTS:,} deployments, in memory",
        *paired(lambda: advance(state, last + 1, extra), loads([line] * 100)), "json.loads of a hundred such entries",
        at_most=0.2,
    )  # fmt: skip
    size = last + 2

    def read(start: int, stop: int) -> list[bytes]:
        return [line] * (stop - start)

    def no_repeats(_start: int, _entries: Sequence[bytes]) -> tuple[int, ...]:
        return ()

    begun = {"version": 2, "size": last + 1, "last": sha256(line).hexdigest()}
    kept = json.dumps(begun).encode() + b"\n" + state.render()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "deployments.state"
        file.write_bytes(kept)

        def command() -> None:
            _, new = catch_up(file.read_bytes(), FORCE, size, read, no_repeats)
            write_whole(file.with_suffix(".new"), new)

        ours, plain = paired(command, loads(kept.splitlines()))
    report.ratio(
        f"one more entry, from the kept state ({len(kept) / 1e6:.1f} MB) and written back", ours, plain,
        "json.loads of the kept state", at_most=2,
    )  # fmt: skip
