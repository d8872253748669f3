"""What all benches share: a line a figure, with the promise and the yardstick beside it, and medians of several runs.

A promise of speed is a ratio to a yardstick measured in the same run, so that it holds on any machine. Both are
processor time (user and system), so that what else the machine does is not counted; only what waits for a disk is wall
time, beside a synced write. Promises of memory are in MB, which no machine changes.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


def median_seconds(work: Callable[[], object], runs: int = 5, warm: int = 1) -> float:
    """Median processor seconds of ``runs`` calls after ``warm`` uncounted ones."""
    for _ in range(warm):
        work()
    return statistics.median(_seconds(work) for _ in range(runs))


def paired(work: Callable[[], object], yardstick: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """As ``median_seconds``, of the work and its yardstick in turn, so that both meet the same noise."""
    work(), yardstick()
    times = [(_seconds(work), _seconds(yardstick)) for _ in range(runs)]
    return statistics.median(ours for ours, _ in times), statistics.median(theirs for _, theirs in times)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def loads(texts: Iterable[bytes]) -> Callable[[], object]:
    """The commonest yardstick: what the standard library takes to read the same JSON."""
    kept = [*texts]
    return lambda: [json.loads(text) for text in kept]


def process(command: Sequence[str], runs: int = 5, warm: int = 1) -> tuple[float, float]:
    """Median processor seconds and peak memory in MB of a whole process and its children; raises if a run fails."""
    times, peaks = [], []
    for run in range(runs + warm):
        script = (
            "import resource,subprocess,sys;"
            "r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);u=resource.getrusage(resource.RUSAGE_CHILDREN);"
            "print(u.ru_utime+u.ru_stime,u.ru_maxrss,r.returncode)"
        )
        out = subprocess.run([sys.executable, "-c", script, *command], check=True, capture_output=True, text=True)
        seconds, kilobytes, code = out.stdout.split()
        if code not in ("0", "1"):
            raise RuntimeError(f"{command} ended with {code}")
        if run >= warm:
            times.append(float(seconds))
            peaks.append(float(kilobytes) / 1024)
    return statistics.median(times), max(peaks)


def synced_write(folder: Path) -> float:
    """The yardstick of what is durable: median wall seconds of a write of 4 kB that the disk has acknowledged."""
    times = []
    with (folder / "synced").open("wb", buffering=0) as file:
        for _ in range(20):
            start = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times)


#: Yardsticks of whole processes: Python alone, and Python with the libraries that reviews compute with.
PYTHON = (sys.executable, "-c", "pass")
LIBRARIES = (sys.executable, "-c", "import numpy, scipy.special, msgspec, click, cryptography.hazmat.primitives.hashes")


@dataclass
class Report:
    """Collects the figures of one run and prints each as it comes."""

    lines: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def head(self) -> None:
        """Say what machine this is."""
        print(f"Python {platform.python_version()}, {platform.machine()}, peak so far {peak_mb():.0f} MB")

    def figure(
        self, name: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None,
        peer: str = "",
    ) -> None:  # fmt: skip
        """One figure: its promise (``at_most`` or ``at_least``, same unit) and, in words, the peer beside it."""
        promise, kept = "", True
        if at_most is not None:
            promise, kept = f"promised at most {at_most:g}", value <= at_most
        if at_least is not None:
            promise, kept = f"promised at least {at_least:g}", value >= at_least
        text = f"{name}: {value:.4g} {unit}"
        text += f" ({promise}: {'reached' if kept else 'NOT REACHED'})" if promise else ""
        text += f"; {peer}" if peer else ""
        print(text, flush=True)
        self.lines.append(text)
        if not kept:
            self.missed.append(name)

    def ratio(
        self, name: str, ours: float, yardstick: float, what: str, *, at_most: float | None = None, peer: str = ""
    ) -> None:
        """One figure as a ratio to a yardstick of this run; both in seconds."""
        beside = f"{_words(ours)} over {_words(yardstick)}" + (f"; {peer}" if peer else "")
        self.figure(name, ours / yardstick, f"times {what}", at_most=at_most, peer=beside)


def _words(seconds: float) -> str:
    return (
        f"{seconds:.3g} s"
        if seconds >= 1
        else f"{seconds * 1e3:.3g} ms"
        if seconds >= 1e-3
        else f"{seconds * 1e6:.3g} µs"
    )


def peak_mb() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
