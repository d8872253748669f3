"""``countersign trial compare`` and ``threshold``: rates of comparisons by group, and where an FPIR ceiling holds.

What all trial commands that read scores share stands here too: their options.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import PATH, as_of_option, option, together
from countersign.cli.terminal.say import echo, echo_brief, progress_shown
from countersign.words.numbers import percent_stated

MAPS = option(
    "--map maps", "Map (TOML) of another tool's score file; one for all, or one for each.", PATH, multiple=True
)
INPUT = together(
    click.argument("searches", nargs=-1, required=True, type=PATH),
    MAPS,
    option("--subjects", "Table of subjects: group labels, how they were obtained.", PATH),
    option("--obtained", "Without --subjects: the search table has the labels, obtained so.", metavar="HOW"),
    option(
        "--by",
        'Report by it; crossed as "ethnicity*sex". Repeat. Unsaid, evaluate takes each of --subjects.',
        multiple=True,
        metavar="ATTRIBUTE",
    ),
    option(
        "--operator", "How the engine compares a score with its threshold.", click.Choice([">=", ">"]), default=">="
    ),
    option("--out", "Folder to write to.", PATH, default=Path("trial")),
    option("--set-aside", "Count faulty rows apart and report them, instead of refusing.", is_flag=True),
)


def formats_of(text: str) -> tuple[str, ...]:
    """The forms of a report, each once. Raises ``UsageError``."""
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not wanted or set(wanted) - {"html", "json", "pdf"}:
        raise click.UsageError(f"--format takes html, json and pdf, not {text!r}.")
    return wanted


COMPARE = """\b
Examples:
  countersign trial compare scores.parquet --subjects subjects.csv --by ethnicity --threshold 0.64
  countersign trial compare a.parquet b.parquet --subjects s.csv --by sex --threshold 0.64 \\
      --make-up "female=300,male=700"
  countersign trial compare bfw.csv --map bfw.toml --obtained perceived --by ethnicity --threshold 0.4
"""


@click.command("compare", epilog=COMPARE)
@click.argument("comparisons", nargs=-1, required=True, type=PATH)
@MAPS
@option("--subjects", "Table of subjects with group labels.", PATH)
@option("--obtained", "Without --subjects: the mapped files have the labels, obtained so.", metavar="HOW")
@option("--by", 'Report by it; crossed as "ethnicity*sex".', default="", show_default=False, metavar="ATTRIBUTE")
@option("--threshold thresholds", "A threshold. Repeat.", float, multiple=True, required=True)
@option("--operator", "Decision rule.", click.Choice([">=", ">"]), default=">=")
@option("--make-up", "Model FPIR for a watchlist so made up.", multiple=True, metavar="GROUP=N,...")
@option("--set-aside", "Count faulty rows apart and report them, instead of refusing.", is_flag=True)
@as_of_option
@option("--out", "Folder to write to.", PATH, default=Path("trial"))
def compare_command(
    comparisons: tuple[Path, ...],
    maps: tuple[Path, ...],
    subjects: Path | None,
    obtained: str | None,
    by: str,
    thresholds: tuple[float, ...],
    operator: Any,
    make_up: tuple[str, ...],
    set_aside: bool,
    as_of: datetime.date | None,
    out: Path,
) -> None:
    """FMR and FNMR by group, from comparison scores alone.

    These are rates of comparisons, not of searches. The table may have any number of rows: nothing is kept but counts.
    """
    from countersign.document import lines_of
    from countersign.output import write_all
    from countersign.results.trial import LabelsUnsaid, comparisons_from, crossings_of, fingerprints, subjects_of
    from countersign.trials.counting.passes import count
    from countersign.trials.metrics.comparisons import PairTask, expected_of
    from countersign.trials.model import to_json, values
    from countersign.trials.report import build
    from countersign.trials.report.assemble import Stated
    from countersign.trials.report.pairs import comparison_pages
    from countersign.trials.scores.survey import score_range
    from countersign.trials.scores.tables import COMPARISON

    if subjects is None and not maps:
        raise LabelsUnsaid("comparison scores need the table of subjects, or a map whose [labels] name the groups")
    source = comparisons_from(comparisons, maps)
    source.need(COMPARISON)
    crossing = crossings_of((by,)) if by else ()
    attributes = crossing[0] if crossing else ()
    people = subjects_of(source, subjects, obtained, attributes)
    low, high = score_range(source, "score")
    task = PairTask(people, people.grouping(attributes), tuple(sorted(set(thresholds))), low, high, operator)
    with progress_shown() as progress:
        tally = count(source, task, progress=progress)
    if not set_aside:
        tally.faults.refuse()
    expected = [each for text in make_up for each in expected_of(tally, text, 0.95)]
    content = {"form": "countersign comparison report 1"} | values(build.comparisons(tally))
    files = fingerprints(comparisons=comparisons, maps=maps, subjects=subjects)
    content |= {"files": files, "expected_fpir": expected}
    stated = Stated("Comparison scores", files=files, as_of=as_of)
    report = comparison_pages(tally, expected, stated)
    written = write_all(out, {"comparisons.json": to_json(content), **report.files(("html",))})
    echo_brief(report.brief.title, lines_of(report.brief), written)


THRESHOLD = """\b
Examples:
  countersign trial threshold searches.parquet --subjects subjects.csv --by ethnicity --ceiling 0.001 \\
      --grid 0.55 0.75 41 --split 0.5 --seed 20260301
"""


@click.command("threshold", epilog=THRESHOLD)
@INPUT
@option("--ceiling", "FPIR that no group may exceed.", float, required=True)
@option("--confidence", "Confidence that it holds in all.", float, default=0.95)
@option("--grid", "Thresholds to test.", (float, float, int), required=True, metavar="FROM TO STEPS")
@option("--split share", "Share of the subjects used to find thresholds.", float, required=True)
@option("--seed", "Seed of the split and of the search drawn for each subject.", int, required=True)
@option("--size", "Only searches against a watchlist of this size.", int, metavar="N")
def threshold_command(
    searches: tuple[Path, ...],
    maps: tuple[Path, ...],
    subjects: Path | None,
    obtained: str | None,
    by: tuple[str, ...],
    operator: Any,
    out: Path,
    set_aside: bool,
    ceiling: float,
    confidence: float,
    grid: tuple[float, float, int],
    share: float,
    seed: int,
    size: int | None,
) -> None:
    """At which thresholds an FPIR ceiling holds in every group, or what is wanting.

    Half of it is the split: thresholds are found on some subjects, and reported on the others. What comes out is an
    evaluator's evidence, not a setting for an engine.
    """
    import numpy as np

    from countersign.output import write_all
    from countersign.results.trial import fingerprints, searches_from, subjects_of
    from countersign.trials.counting.evaluate import Question, evaluate
    from countersign.trials.metrics.threshold import by_group_scores, holding, one_search_each, split
    from countersign.trials.model import to_json, values
    from countersign.trials.report import build
    from countersign.trials.report.assemble import Stated, results_of

    crossings = _one_crossing(by)
    _check_grid(grid)
    source = searches_from(searches, maps)
    attributes = crossings[0] if crossings else ()
    people = subjects_of(source, subjects, obtained, attributes)
    finding = split(people, share, seed)
    grouping = people.grouping(attributes)
    scores = by_group_scores(one_search_each(source, people, finding, size, seed), grouping)
    evidence = holding(np.linspace(*grid), scores, ceiling, confidence, operator)
    files_read = fingerprints(searches=searches, maps=maps, subjects=subjects)
    share_and_seed = {"share_for_finding": share, "seed": seed, "by": "subject"}
    content: dict[str, Any] = {"files": files_read, "split": share_and_seed}
    content |= values(evidence)
    lowest = evidence.holds_in_every_group_at[0] if evidence.holds_in_every_group_at else None
    # Evaluated even where no threshold holds: that is where faulty rows are refused.
    tested, sizes = grid[1] if lowest is None else lowest, () if size is None else (size,)
    question = Question(by=crossings, thresholds=(tested,), operator=operator, sizes=sizes)
    evaluation = evaluate(source, people, question, only=~finding, set_aside=set_aside)
    content["rows_set_aside"] = evaluation.tally.faults.sentences()
    files = {}
    if lowest is not None:
        origin = f"found on {int(finding.sum()):,} other subjects (split by seed {seed})"
        results = results_of(evaluation, Stated(threshold_origin=origin, files=files_read), evidence=evidence)
        files["reported.json"] = to_json(build.trial_report(results))
    files["threshold.json"] = to_json(content)
    _say(evidence, lowest)
    for path in write_all(out, files):
        echo(path)


def _one_crossing(by: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    from countersign.results.trial import crossings_of

    crossings = crossings_of(by)
    if len(crossings) > 1:
        raise click.UsageError("Thresholds are tested by one attribute or crossing: give --by once.")
    return crossings


def _check_grid(grid: tuple[float, float, int]) -> None:
    from countersign.trials.metrics.threshold import GridWrong

    if grid[2] < 1 or grid[1] < grid[0] or (grid[2] > 1 and grid[0] == grid[1]):
        raise GridWrong(f"a grid runs upwards in one step or more, got {grid[0]:g} to {grid[1]:g} in {grid[2]}")


def _say(evidence: Any, lowest: float | None) -> None:
    if lowest is not None:
        echo(
            f"FPIR at or under {evidence.ceiling_fpir:g} in every group, "
            f"with {percent_stated(evidence.confidence)} confidence, from threshold {lowest:g} up "
            f"({len(evidence.holds_in_every_group_at)} of {len(evidence.tested)} tested)."
        )
    else:
        echo(f"At no threshold of the grid is FPIR shown to be at or under {evidence.ceiling_fpir:g} in every group.")
    for each in evidence.wanting:
        more = (
            "its rate is at or above the ceiling, so that more subjects would not help"
            if each.subjects_needed is None
            else f"{each.subjects_needed:,} subjects would be needed at the rate seen"
        )
        echo(
            f"  at {each.threshold:g}, {each.group}: {each.false_positives} of {each.subjects:,} subjects with a false "
            f"positive; {more}."
        )
