"""``python -m benchmarks [name ...]``: run every ``bench_*.py`` here (or those named), one after another."""

from __future__ import annotations

import gc
import importlib
import sys
from pathlib import Path

from benchmarks.harness import Report
from countersign.cli.main import COLLECT_AFTER


def main() -> int:
    """Run the benches; returns 1 if a promised figure was not reached."""
    names = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    wanted = sys.argv[1:] or names
    if unknown := sorted(set(wanted) - set(names)):
        print(f"no such bench: {', '.join(unknown)}; there are: {', '.join(names)}")
        return 2
    # As the command does; the yardsticks are measured in the same process.
    gc.set_threshold(*COLLECT_AFTER)
    report = Report()
    report.head()
    for name in wanted:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.bench_{name}").run(report)
    if report.missed:
        print(f"\nnot reached: {', '.join(report.missed)}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
