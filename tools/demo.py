"""What ``make demo`` runs: the main job on the shipped real record, through the public commands, ending by itself.

It reviews the Metropolitan Police's published record of LFR deployments, 2020 to July 2025, with the shipped claims,
counts by group and the one correction, and prints where the report lies.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from countersign.cli.main import run

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the demo; returns the exit code of the first step that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo")
    out: Path = parser.parse_args().out
    start = time.monotonic()
    steps: list[tuple[str, list[str]]] = [
        (
            "Review the Metropolitan Police's own published record",
            ["review", "shipped:met", "--claims", "shipped", "--groups", "shipped", "--corrections", "shipped",
             "--out", str(out / "met"), "--format", "html,pdf,json"],
        ),
    ]  # fmt: skip
    for title, arguments in steps:
        print(f"\n{title}\n  countersign {' '.join(arguments)}\n", flush=True)
        if code := run(arguments):
            print(f"\nThe demo stopped with exit code {code}.", file=sys.stderr)
            return code
    print(
        f"\nDone in {time.monotonic() - start:.0f} s. Open the report in any browser:\n  {out / 'met' / 'review.html'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
