"""Rehearsals: a quiet high street's whole life, and a programme's year of 250 deployments in one log.

There is no peer that does this. Wall time is a process's own from its start; the processor's time stands beside it,
since most of what lies between is waiting for the disk, to which every entry is synced.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import Report, process

YEAR = 250


def run(report: Report) -> None:
    """Both, each as a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        out = str(Path(scratch) / "quiet")
        command = [sys.executable, "-m", "countersign", "rehearse", "quiet-high-street", "--out", out]
        before = _processor()
        seconds, peak = process(command, runs=1, warm=0)
        report.figure(
            "rehearse quiet-high-street", seconds, "s", at_most=20,
            peer=f"of the processor {_processor() - before:.1f} s, {peak:.0f} MB",
        )  # fmt: skip
        command = [sys.executable, "-m", "countersign", "rehearse", "year", "--deployments", str(YEAR), "--out", out]
        before, start = _processor(), time.perf_counter()
        _, peak = process(command, runs=1, warm=0)
        report.figure(
            f"rehearse a year of {YEAR} deployments", (time.perf_counter() - start) / 60, "min", at_most=10,
            peer=f"of the processor {(_processor() - before) / 60:.1f} min, {peak:.0f} MB",
        )  # fmt: skip


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
