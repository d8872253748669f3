"""What ``make demo-serve`` runs: the demo's reports and site on this machine, and the page for giving a file.

The demo is run first if its output is not there. It ends with Ctrl-C, or after an hour without a request.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from countersign.errors import DONE, CountersignError
from countersign.loopback.door import serve

ROOT = Path(__file__).resolve().parents[1]
#: What the demo writes first; where it is missing, the demo has not been run.
FIRST = Path("met", "review.html")


def main() -> int:
    """Make the demo if need be, and serve it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if not (given.out / FIRST).is_file():
        made = subprocess.run([sys.executable, str(ROOT / "tools" / "demo.py"), "--out", str(given.out)], check=False)
        if made.returncode:
            return made.returncode
    try:
        why = serve(given.port, _opened, beside=given.out)
    except CountersignError as error:
        print(f"{error}\n  {error.next_step}", file=sys.stderr)
        return error.exit_code
    print(f"Ended: {why}.")
    return DONE


def _opened(address: str) -> None:
    print(f"\nThe demo's reports, and the page for giving a file, are at {address}", flush=True)
    print("Only this machine can reach it. Ctrl-C ends it.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
