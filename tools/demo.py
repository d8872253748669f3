"""What ``make demo`` runs: the main jobs on shipped data, through the public commands, ending by itself.

It reviews the Metropolitan Police's published record of LFR deployments (2020 to July 2025) with the shipped claims,
counts by group and the one correction; two deployments from their papers (R (Bridges), and an invented one); an
accuracy trial that is made up; and two rehearsed deployments, from programme documents to the public site, one done
well and one with corners cut: the first one's bundle is verified under its trust policy, its events are watched. Last
comes a library of what five forces have published: kept, compared, and set side by side as pages. Then
it prints where everything lies.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from countersign.cli.main import run
from countersign.errors import DONE

ROOT = Path(__file__).resolve().parents[1]
#: What to open when it is done.
SEEN = (
    "met/review.html", "bridges/review.html", "invented/review.html", "trial/trial.html",
    "library-site/index.html", "rehearsal/report/review.html", "rehearsal/site/index.html",
    "corners-cut/report/review.html",
)  # fmt: skip


def main() -> int:
    """Run the demo; returns the exit code of the first step that does not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo")
    out: Path = parser.parse_args().out
    if out.is_absolute() and out.is_relative_to(Path.cwd()):
        out = out.relative_to(Path.cwd())
    start = time.monotonic()
    for part in (review, deployments, trial, rehearsals, library):
        if code := part(out):
            print(f"\nThe demo stopped with exit code {code}.", file=sys.stderr)
            return code
    print(f"\nDone in {time.monotonic() - start:.0f} s. Open these in any browser:")
    for name in SEEN:
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


def rehearsals(out: Path) -> int:
    """Two made-up deployments' whole lives; what the first left is checked and watched as an outsider would."""
    folder = out / "rehearsal"
    bundle, policy = (str(folder / name) for name in ("quiet-high-street.bundle", "trust.policy"))
    journal, limits = (str(folder / "force" / name) for name in ("desk.journal", "limits.json"))
    return (
        step(
            "Rehearse a deployment, from programme documents to the public site",
            ["rehearse", "quiet-high-street", "--out", str(folder)],
        )
        or step("Verify what the reviewer was handed", ["verify", bundle, "--policy", policy])
        or step(
            "Watch its events beside the rate that was tested and the rule that was promised",
            ["events", "watch", journal, "--deployment", "force-a/quiet-high-street", "--limits", limits,
             "--tested", "1/37857@10000@0.64", "--plain"],
        )
        or step(
            "Rehearse one in which people cut corners: the engine's own events tell",
            ["rehearse", "corners-cut", "--out", str(out / "corners-cut")],
        )
    )  # fmt: skip


#: What the library of the demo is made of: force and shipped record.
RELEASES = (
    ("met", "met"), ("met", "met-later"), ("south wales", "south-wales"), ("btp", "btp"),
    ("thames valley", "thames-valley"), ("essex", "essex"),
)  # fmt: skip


def library(out: Path) -> int:
    """Five forces followed: each release kept, what changed, the forces side by side."""
    folder, secret = out / "library", out / "library.pass"
    shutil.rmtree(folder, ignore_errors=True)
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.touch(mode=0o600)
    secret.write_text("of the demo\n", encoding="utf-8")
    known = ["--passphrase-file", str(secret)]
    where = ["--library", str(folder)]
    code = step(
        "Make a library, to follow five forces over years",
        ["library", "init", str(folder), "--origin", "library.example/log", *known],
    )
    for force, name in RELEASES:
        code = code or step(f"Add a release: {name}", ["library", "add", force, f"shipped:{name}", *where, *known])
    return (
        code
        or step("Ask for what one of them does not show", ["library", "letters", "write", "essex", *where, *known])
        or step("Set them side by side", ["library", "site", "--out", str(out / "library-site"), *where])
    )


def step(title: str, words: list[str]) -> int:
    """Show one command and run it; returns its exit code."""
    shown = " ".join(f"'{word}'" if " " in word else word for word in words)
    print(f"\n{title}\n\n  countersign {shown}\n", flush=True)
    return run(words)


if __name__ == "__main__":
    sys.exit(main())
