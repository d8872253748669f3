"""What of ``countersign trial`` comes before there are scores: checking a plan, and making up a trial to try it on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import PATH, option
from countersign.cli.terminal.say import echo, picked

PLAN = """\b
Examples:
  countersign trial plan plan.toml
  countersign trial plan plan.toml --out plan.json
"""


@click.command("plan", epilog=PLAN)
@click.argument("plan", type=PATH)
@option("--out", "Also write the plan and its sizes as JSON here.", PATH)
def plan_command(plan: Path, out: Path | None) -> None:
    """Check a trial's plan, and work out what its questions need.

    A plan states its questions (technical and not), what would answer them, the rights assessment done first, when the
    trial ends and what stops it (docs/formats/trial-plan.md). Sizes are assumed, not measured.
    """
    from countersign.output import write_whole
    from countersign.trials.model import to_json, values
    from countersign.trials.plan import read_plan, sizes
    from countersign.trials.report.build import plan_stated

    read = read_plan(plan)
    found = sizes(read)
    echo(f"{read.title}: {read.kind} trial, {read.start} to {read.end}, {len(read.questions)} questions.")
    echo(f"Stops early: {read.stopping_rule}")
    for question in read.questions:
        echo(f"{question.id}: {question.text}")
        for each in (size for size in found if size.question == question.id):
            need = "more than any trial gives" if each.count is None else f"{each.count:,} {each.of}"
            echo(f"  {each.group}: needs {need} ({each.because}; assumed, not measured)")
        if question.asks == "other":
            echo(f"  answered by: {question.needs}")
    if out is not None:
        content = values(plan_stated(read)) | {
            "sizes_assumed_not_measured": [
                picked(each, "question", "group", "count", "of", "because") for each in found
            ]
        }
        echo(str(write_whole(out, to_json(content))))


SIMULATE = """\b
Examples:
  countersign trial simulate --group a=2000 --group b=500 --ratio b=3 --out made-up
  countersign trial simulate --group a=2000 --group b=2000 --not-acquired b=0.05 --law gumbel --form csv
"""


@click.command("simulate", epilog=SIMULATE)
@option("--group groups", "A group. Repeat.", multiple=True, required=True, metavar="NAME=SUBJECTS")
@option("--ratio ratios", "False positives R-fold in a group. Repeat.", multiple=True, metavar="NAME=R")
@option("--not-acquired lost", "Share of passes without a probe.", multiple=True, metavar="NAME=P")
@option("--passes", "Passes a subject, on average.", float, default=5.0)
@option("--watchlist", "N.", click.IntRange(1), default=1000)
@option("--mated", "Share of subjects on the watchlist.", float, default=0.2)
@option("--alike", "Correlation of one subject's passes.", float, default=0.3)
@option("--law", "Law of scores.", click.Choice(["beta", "gumbel"]), default="beta")
@option("--threshold thresholds", "State the truth at it.", float, multiple=True, default=(0.6,), show_default=False)
@option("--seed", "Seed; the same seed gives the same trial.", int, default=0)
@option("--form", kind=click.Choice(["parquet", "csv"]), default="parquet")
@option("--out", "Folder to write to.", PATH, default=Path("made-up-trial"))
def simulate_command(
    groups: tuple[str, ...],
    ratios: tuple[str, ...],
    lost: tuple[str, ...],
    passes: float,
    watchlist: int,
    mated: float,
    alike: float,
    law: Any,
    thresholds: tuple[float, ...],
    seed: int,
    form: str,
    out: Path,
) -> None:
    """Make up a trial with known truth: searches, subjects, enrolment, and truth.json. No person, face or engine."""
    from countersign.made_up.trials import Design, Group, simulate, truth
    from countersign.output import write_all
    from countersign.trials.model import to_json

    numbers, odds, failing = (_numbers(each) for each in (groups, ratios, lost))
    if unknown := sorted((set(odds) | set(failing)) - set(numbers)):
        raise click.UsageError(f"no group {', '.join(unknown)}; give it with --group.")
    made_up = tuple(
        Group(name, int(count), odds.get(name, 1.0), 0.0, failing.get(name, 0.0)) for name, count in numbers.items()
    )
    design = Design(made_up, watchlist, passes, mated, alike, law, "group", seed)
    trial = simulate(design)
    true = {
        f"{threshold:g}": {
            name: picked(each, "fpir", "fnir", "gfnir", "fta") for name, each in truth(design, threshold).items()
        }
        for threshold in thresholds
    }
    contents = {
        f"{name}.{form}": _table_bytes(table, form)
        for name, table in (("searches", trial.searches), ("subjects", trial.subjects), ("enrolment", trial.enrolment))
    }
    contents["truth.json"] = to_json({"made_up": True, "seed": seed, "truth_by_threshold_and_group": true})
    for path in write_all(out, contents):
        echo(path)


def _numbers(pairs: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for pair in pairs:
        name, _, number = pair.rpartition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise click.UsageError(f"{pair!r} is not of the form NAME=NUMBER.") from None
        if not name.strip():
            raise click.UsageError(f"{pair!r} names no group.")
    return found


def _table_bytes(table: Any, form: str) -> bytes:
    import io

    buffer = io.BytesIO()
    if form == "csv":
        import pyarrow.csv

        pyarrow.csv.write_csv(table, buffer)
    else:
        import pyarrow.parquet

        pyarrow.parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
