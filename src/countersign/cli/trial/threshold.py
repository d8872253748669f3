"""``countersign trial threshold``: at which thresholds an FPIR ceiling holds in every group, on data set apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from countersign.cli.trial.input import INPUT, crossings_of, fingerprints, subjects_of

THRESHOLD = """\b
Examples:
  countersign trial threshold searches.parquet --subjects subjects.csv --by ethnicity --ceiling 0.001 \\
      --grid 0.55 0.75 41 --split 0.5 --seed 20260301
"""


@click.command("threshold", epilog=THRESHOLD)
@INPUT
@click.option("--ceiling", type=float, required=True, help="FPIR that no group may exceed.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Confidence that it holds in all.")
@click.option("--grid", type=(float, float, int), required=True, metavar="FROM TO STEPS", help="Thresholds to test.")
@click.option("--split", "share", type=float, required=True, help="Share of the subjects used to find thresholds.")
@click.option("--seed", type=int, required=True, help="Seed of the split and of the search drawn for each subject.")
@click.option("--size", type=int, metavar="N", help="Only searches against a watchlist of this size.")
def threshold_command(
    searches: tuple[Path, ...], subjects: Path | None, obtained: str | None, by: tuple[str, ...], operator: Any,
    out: Path, set_aside: bool, ceiling: float, confidence: float, grid: tuple[float, float, int], share: float,
    seed: int, size: int | None,
) -> None:  # fmt: skip
    """At which thresholds an FPIR ceiling holds in every group, or what is wanting.

    Half of it is the split: thresholds are found on some subjects, and reported on the others. What comes out is an
    evaluator's evidence, not a setting for an engine.
    """
    import numpy as np

    from countersign.output import write_all
    from countersign.trials.counting.evaluate import Question, evaluate
    from countersign.trials.metrics.threshold import GridWrong, by_group_scores, holding, one_search_each, split
    from countersign.trials.report import build
    from countersign.trials.report.assemble import Stated, results_of
    from countersign.trials.report.model import to_json, values
    from countersign.trials.scores.source import open_table

    crossings = crossings_of(by)
    if len(crossings) > 1:
        raise click.UsageError("Thresholds are tested by one attribute or crossing: give --by once.")
    if grid[2] < 1 or grid[1] < grid[0] or (grid[2] > 1 and grid[0] == grid[1]):
        raise GridWrong(f"a grid runs upwards in one step or more, got {grid[0]:g} to {grid[1]:g} in {grid[2]}")
    source = open_table(searches)
    attributes = crossings[0] if crossings else ()
    people = subjects_of(source, subjects, obtained, attributes)
    finding = split(people, share, seed)
    grouping = people.grouping(attributes)
    scores = by_group_scores(one_search_each(source, people, finding, size, seed), grouping)
    evidence = holding(np.linspace(*grid), scores, ceiling, confidence, operator)
    files_read = fingerprints(searches=searches, subjects=subjects)
    content: dict[str, Any] = {
        "files": build.files_read(files_read),
        "split": {"share_for_finding": share, "seed": seed, "by": "subject"},
    }
    content |= values(build.threshold_evidence(evidence))
    lowest = evidence.thresholds[0] if evidence.thresholds else None
    # Evaluated even where no threshold holds: that is where faulty rows are refused.
    question = Question(
        by=crossings, thresholds=(grid[1] if lowest is None else lowest,), operator=operator,
        sizes=() if size is None else (size,),
    )  # fmt: skip
    evaluation = evaluate(source, people, question, only=~finding, set_aside=set_aside)
    content["rows_set_aside"] = evaluation.tally.faults.sentences()
    files = {}
    if lowest is not None:
        stated = Stated(
            threshold_origin=f"found on {int(finding.sum()):,} other subjects (split by seed {seed})", files=files_read
        )
        results = results_of(evaluation, stated, evidence=evidence)
        files["reported.json"] = to_json(build.trial_report(results))
    files["threshold.json"] = to_json(content)
    _say(evidence, lowest)
    for path in write_all(out, files):
        click.echo(str(path))


def _say(evidence: Any, lowest: float | None) -> None:
    if lowest is not None:
        click.echo(
            f"FPIR at or under {evidence.ceiling:g} in every group, with {evidence.confidence:.0%} confidence, from "
            f"threshold {lowest:g} up ({len(evidence.thresholds)} of {len(evidence.tested)} tested)."
        )
    else:
        click.echo(f"At no threshold of the grid is FPIR shown to be at or under {evidence.ceiling:g} in every group.")
    for each in evidence.wanting:
        more = (
            "its rate is at or above the ceiling, so that more subjects would not help"
            if each.needed is None
            else f"{each.needed:,} subjects would be needed at the rate seen"
        )
        click.echo(
            f"  at {each.threshold:g}, {each.group}: {each.false_positives} of {each.subjects:,} subjects with a false "
            f"positive; {more}."
        )
