"""A million events with drops, doubles, reordering and a skewed clock, the receiver killed fifty times on the way."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from countersign.events.door.journal import Journal
from countersign.events.door.line import Limits
from countersign.events.door.lines import bounded, lines_of
from countersign.events.door.taking import take
from countersign.made_up.export import make
from countersign.made_up.scenario import load

SENT, FILES, CAMERAS = 1_000_000, 50, 8
LOST, DOUBLED, SKEWED, AHEAD = 0.01, 0.02, 2, 47
#: Lines are put out of order within stretches of this many, across the ends of files too.
STRETCH = 300
LINE = (
    b'{"source":"camera-%d","sequence":%d,"sent_at":"2026-03-07T10:%02d:%02dZ","logged_at":"2026-03-07T10:%02d:%02dZ",'
    b'"type":"live.hour/alerts","subject":"track-%d","content":{"at":"2026-03-07T10:%02d:%02dZ","camera":"camera-%d",'
    b'"score":"0.%04d","threshold":"0.64","entry":%d,"outcome":"unresolved","adjudications":[]}}\n'
)


def written(folder: Path, choose: random.Random) -> tuple[list[Path], dict[int, list[int]], int]:
    """The export in files as an engine rotates them, the numbers lost by camera, and how many lines came again."""
    lines: list[bytes] = []
    lost: dict[int, list[int]] = {camera: [] for camera in range(1, CAMERAS + 1)}
    again = 0
    for number in range(SENT):
        camera, sequence, second = number % CAMERAS + 1, number // CAMERAS + 1, number * 3000 // SENT
        # The last of each camera always comes: what is lost behind the last number of a source cannot be seen.
        if sequence < SENT // CAMERAS and choose.random() < LOST:
            lost[camera].append(sequence)
            continue
        at = divmod(second, 60)
        by_own_clock = divmod(second + (AHEAD if camera == SKEWED else 0), 60)
        line = LINE % (
            camera, sequence, *by_own_clock, *at, choose.randrange(200_000), *at, camera, 6400 + number % 3600,
            number % 10_000,
        )  # fmt: skip
        lines.append(line)
        if choose.random() < DOUBLED:
            lines.append(line)
            again += 1
    for start in range(0, len(lines), STRETCH):
        stretch = lines[start : start + STRETCH]
        choose.shuffle(stretch)
        lines[start : start + STRETCH] = stretch
    ends = [len(lines) * number // FILES for number in range(FILES + 1)]
    files = []
    for number, (start, end) in enumerate(pairwise(ends)):
        files.append(folder / f"export-{number:02}.jsonl")
        files[-1].write_bytes(b"".join(lines[start:end]))
    return files, lost, again


def receiver(file: Path, journal: Path, deployment: str, limits: Limits) -> tuple[int, int]:
    """A receiver in a process of its own, and the pipe on which it tells each transaction that stands."""
    told, tell = os.pipe()
    child = os.fork()
    if child:
        os.close(tell)
        return child, told

    def tells(doing: str, done: int, of: int | None) -> None:
        os.write(tell, b".")

    try:
        with file.open("rb") as stream, Journal.open(journal, deployment, limits.digest) as opened:
            take(lines_of(bounded(stream)), file.name, opened, limits, tells)
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.slow
def test_a_million_events_are_counted_to_the_last_with_fifty_kills_on_the_way(tmp_path: Path) -> None:
    choose = random.Random(16)
    files, lost, again = written(tmp_path, choose)
    made = make(load("quiet-high-street"), seed=1)
    limits, deployment = Limits.of(made.limits), str(made.limits["deployment"])
    journal = tmp_path / "journal"
    begun, killed = time.monotonic(), 0
    for file in files:
        child, told = receiver(file, journal, deployment, limits)
        # After so many transactions, and then anywhere within the next.
        for _ in range(choose.randrange(1, 12)):
            assert os.read(told, 1) == b"."
        time.sleep(choose.uniform(0, 0.05))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        os.close(told)
        child, told = receiver(file, journal, deployment, limits)
        assert os.waitpid(child, 0)[1] == 0
        os.close(told)
    took = time.monotonic() - begun
    assert killed == FILES
    with Journal.open(journal, deployment, limits.digest) as opened:
        gaps, count = opened.gaps(), opened.count()
        sources = {source: (number, ahead) for source, number, ahead in opened.sources()}
        assert opened.refused() == []
    missing = sum(gap.missing for gap in gaps)
    assert count == SENT - missing
    assert missing == sum(map(len, lost.values()))
    assert again > 0
    by_camera: Counter[str] = Counter()
    seen: dict[str, list[int]] = {}
    for gap in gaps:
        by_camera[gap.source] += gap.missing
        seen.setdefault(gap.source, []).extend(range(gap.after + 1, gap.before))
    for camera, numbers in lost.items():
        assert seen[f"camera-{camera}"] == numbers
        assert sources[f"camera-{camera}"] == (SENT // CAMERAS - len(numbers), AHEAD if camera == SKEWED else 0)
    print(f"{SENT:,} events and {killed} kills in {took:.0f} s")
