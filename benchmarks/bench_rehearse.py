"""Rehearsals: a quiet high street's whole life, and a programme's year of 250 deployments in one log.

There is no peer that does this: the yardsticks are the command's help, and the rehearsal of one deployment.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Report, process

YEAR = 250


def run(report: Report) -> None:
    """Both, each as a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        out = str(Path(scratch) / "quiet")
        command = [sys.executable, "-m", "countersign", "rehearse", "quiet-high-street", "--out", out]
        empty, _ = process([*command[:3], "rehearse", "--help"])
        quiet, peak = process(command, runs=1, warm=0)
        report.ratio(
            "rehearse quiet-high-street", quiet, empty, "the command's help", at_most=120, peer=f"{peak:.0f} MB"
        )
        command = [sys.executable, "-m", "countersign", "rehearse", "year", "--deployments", str(YEAR), "--out", out]
        year, peak = process(command, runs=1, warm=0)
        report.ratio(
            f"rehearse a year of {YEAR} deployments", year, quiet, "quiet-high-street", at_most=60,
            peer=f"{peak:.0f} MB",
        )  # fmt: skip
