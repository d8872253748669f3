"""What all benches share: a line a figure, with the promise and the peer beside it, and medians of several runs."""

from __future__ import annotations

import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


def median_seconds(work: Callable[[], object], runs: int = 5, warm: int = 1) -> float:
    """Median wall time of ``runs`` calls after ``warm`` uncounted ones, in seconds."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def process(command: Sequence[str], runs: int = 5, warm: int = 1) -> tuple[float, float]:
    """Median wall seconds and peak memory in MB of a whole process; raises if a run fails."""
    times, peaks = [], []
    for run in range(runs + warm):
        script = (
            "import resource,subprocess,sys,time;s=time.perf_counter();"
            "r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);e=time.perf_counter()-s;"
            "print(e,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,r.returncode)"
        )
        out = subprocess.run([sys.executable, "-c", script, *command], check=True, capture_output=True, text=True)
        seconds, kilobytes, code = out.stdout.split()
        if code not in ("0", "1"):
            raise RuntimeError(f"{command} ended with {code}")
        if run >= warm:
            times.append(float(seconds))
            peaks.append(float(kilobytes) / 1024)
    return statistics.median(times), max(peaks)


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


def peak_mb() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
