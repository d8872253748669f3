"""``countersign trial compare``: FMR and FNMR by group, from comparison scores alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.shown import progress_shown
from countersign.cli.trial.input import crossings_of, file_option, fingerprints, subjects_of

COMPARE = """\b
Examples:
  countersign trial compare scores.parquet --subjects subjects.csv --by ethnicity --threshold 0.64
  countersign trial compare a.parquet b.parquet --subjects s.csv --by sex --threshold 0.64 \\
      --make-up "female=300,male=700"
"""


@click.command("compare", epilog=COMPARE)
@click.argument("comparisons", nargs=-1, required=True, type=file_option())
@click.option("--subjects", type=file_option(), required=True, help="Table of subjects with group labels.")
@click.option("--by", default="", metavar="ATTRIBUTE", help='Report by it; crossed as "ethnicity*sex".')
@click.option("--threshold", "thresholds", multiple=True, required=True, type=float, help="A threshold. Repeat.")
@click.option("--operator", type=click.Choice([">=", ">"]), default=">=", show_default=True, help="Decision rule.")
@click.option("--make-up", multiple=True, metavar="GROUP=N,...", help="Model FPIR for a watchlist so made up.")
@click.option("--set-aside", is_flag=True, help="Count faulty rows apart and report them, instead of refusing.")
@click.option("--out", type=file_option(), default=Path("trial"), show_default=True, help="Folder to write to.")
def compare_command(
    comparisons: tuple[Path, ...], subjects: Path, by: str, thresholds: tuple[float, ...], operator: Any,
    make_up: tuple[str, ...], set_aside: bool, out: Path,
) -> None:  # fmt: skip
    """FMR and FNMR by group, from comparison scores alone.

    These are rates of comparisons, not of searches. The table may have any number of rows: nothing is kept but counts.
    """
    from countersign.output import write_all
    from countersign.render.html import render_html
    from countersign.trials.counting.passes import count
    from countersign.trials.metrics.comparisons import PairTask
    from countersign.trials.metrics.composition import expected_of
    from countersign.trials.report import build
    from countersign.trials.report.model import to_json, values
    from countersign.trials.report.tables import comparison_document
    from countersign.trials.scores.source import open_table
    from countersign.trials.scores.survey import score_range
    from countersign.trials.scores.tables import COMPARISON

    source = open_table(comparisons)
    source.need(COMPARISON)
    crossing = crossings_of((by,)) if by else ()
    attributes = crossing[0] if crossing else ()
    people = subjects_of(source, subjects, None, attributes)
    low, high = score_range(source, "score")
    task = PairTask(people, people.grouping(attributes), tuple(sorted(set(thresholds))), low, high, operator)
    with progress_shown() as progress:
        tally = count(source, task, progress=progress)
    if not set_aside:
        tally.faults.refuse()
    expected = [each for text in make_up for each in expected_of(tally, text, 0.95)]
    content = {"form": "countersign comparison report 1"} | values(build.comparisons(tally))
    content["files"] = build.files_read(fingerprints(comparisons=comparisons, subjects=subjects))
    content["expected_fpir"] = [build.expected_fpir(made) for made in expected]
    page = render_html(comparison_document(tally, expected, "Comparison scores"))
    for path in write_all(out, {"comparisons.json": to_json(content), "comparisons.html": page}):
        click.echo(str(path))
