"""What ``make demo`` runs: the main jobs on shipped data, through the public commands, ending by itself.

It reviews the Metropolitan Police's published record of LFR deployments (2020 to July 2025) with the shipped claims,
counts by group and the one correction; two deployments from their papers (R (Bridges), and an invented one); an
accuracy trial that is made up; and a log of one entry, proved and verified. Then it prints where everything lies.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from countersign.cli.main import run
from countersign.errors import DONE, OWN_KEY_ALONE

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the demo; returns the exit code of the first step that does not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo")
    out: Path = parser.parse_args().out
    if out.is_absolute() and out.is_relative_to(Path.cwd()):
        out = out.relative_to(Path.cwd())
    start = time.monotonic()
    for part in (review, deployments, trial, record):
        if code := part(out):
            print(f"\nThe demo stopped with exit code {code}.", file=sys.stderr)
            return code
    print(f"\nDone in {time.monotonic() - start:.0f} s. Open these in any browser:")
    for name in ("met/review.html", "bridges/review.html", "invented/review.html", "trial/trial.html"):
        print(f"  {out / name}")
    return DONE


def review(out: Path) -> int:
    """The main job: what a force has published."""
    shipped = [word for name in ("claims", "groups", "corrections") for word in (f"--{name}", "shipped")]
    return step(
        "Review the Metropolitan Police's own published record",
        ["review", "shipped:met", *shipped, "--out", str(out / "met")],
    )


def deployments(out: Path) -> int:
    """Single deployments, every duty answered from what is on paper."""
    return step(
        "Review one deployment of R (Bridges) from what the courts found",
        ["review", "shipped:bridges-2017-12-21", "--out", str(out / "bridges")],
    ) or step(
        "Review an invented deployment in which each duty fails in turn",
        ["review", "shipped:invented-failing", "--out", str(out / "invented")],
    )


def trial(out: Path) -> int:
    """An accuracy trial with known truth, made up, then evaluated as a real one would be."""
    folder = out / "trial"
    made = folder / "made-up"
    groups = ["--group", "a=4000", "--group", "b=1000", "--ratio", "b=3", "--threshold", "0.6"]
    return step(
        "Make up an accuracy trial in which one group has three times the false positives",
        ["trial", "simulate", *groups, "--out", str(made)],
    ) or step(
        "Evaluate it",
        ["trial", "evaluate", str(made / "searches.parquet"), "--subjects", str(made / "subjects.parquet"),
         "--by", "group", "--threshold", "0.6", "--title", "A made-up trial", "--out", str(folder)],
    )  # fmt: skip


def record(out: Path) -> int:
    """A log that anyone can check: opened, proved, verified. Its own key stands alone, and verify says so first."""
    folder = out / "record"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    secret = folder / "passphrase"
    secret.write_text("a passphrase for a demonstration only\n", encoding="utf-8")
    secret.chmod(0o600)
    log, key, proof, policy = (folder / name for name in ("force-a", "registrar.key", "first.proof", "trust.policy"))
    given = ["--passphrase-file", str(secret)]
    return (
        step("Make a key, and open a log with it", ["key", "new", "--name", "registrar", "--out", str(key), *given])
        or step(
            "",
            ["record", "init", str(log), "--origin", "log.example/force-a", "--subject", "force-a",
             "--registrar", str(key), *given, "--log-passphrase-file", str(secret)],
        )
        or step("Prove its first entry, and verify the proof", ["record", "prove", str(log), "0", "--out", str(proof)])
        or step("", lambda: ["policy", "new", "--log", (log / "log.vkey").read_text().strip(), "--out", str(policy)])
        or step("", ["verify", str(proof), "--policy", str(policy)], ends_with=OWN_KEY_ALONE)
    )  # fmt: skip


def step(title: str, arguments: list[str] | Callable[[], list[str]], ends_with: int = DONE) -> int:
    """Show one command and run it; returns 0 if it ends with the code it should, else that code."""
    words = arguments() if callable(arguments) else arguments
    shown = " ".join(f"'{word}'" if " " in word else word for word in words)
    print(f"\n{title}\n" if title else "", f"  countersign {shown}\n", sep="", flush=True)
    code = run(words)
    return DONE if code == ends_with else code or ends_with


if __name__ == "__main__":
    sys.exit(main())
