"""``countersign trial``: plan an accuracy trial, evaluate its scores, test thresholds, or make up a trial to try on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countersign.cli.shown import progress_shown
from countersign.cli.trial_before import plan_command, simulate_command
from countersign.errors import NotReached

if TYPE_CHECKING:
    from countersign.trials.files import InputFile
    from countersign.trials.source import Source
    from countersign.trials.subjects import Subjects

Function = TypeVar("Function", bound=Callable[..., Any])

#: How often processes are started anew after one of them died; its piece alone is counted again.
RESTARTS = 3


class DaskMissing(NotReached):
    """A Dask cluster was named, and the extra that talks to it is not installed."""

    code = "trial-dask-missing"
    next_step = "Install countersign[dask], or leave out --dask: threads of this machine are then used."


EXAMPLES = """\b
Examples:
  countersign trial simulate --group a=2000 --group b=500 --ratio b=3 --out made-up
  countersign trial evaluate made-up/searches.parquet --subjects made-up/subjects.parquet --by group --threshold 0.6
"""


@click.group("trial", epilog=EXAMPLES)
def command() -> None:
    """An engine's accuracy trial: from scores to error rates by group, with honest uncertainty.

    It evaluates an engine on a trial in which the identity behind every probe is known. It compares no faces, and reads
    no image, template or name: subjects are numbers.
    """


def _file(**more: Any) -> Any:
    return click.Path(path_type=Path, **more)


def _options(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    def apply(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return apply


INPUT = _options(
    click.argument("searches", nargs=-1, required=True, type=_file()),
    click.option("--subjects", type=_file(), help="Table of subjects with group labels and how they were obtained."),
    click.option("--obtained", metavar="HOW", help="Without --subjects: the search table has the labels, obtained so."),
    click.option("--by", multiple=True, metavar="ATTRIBUTE",
                 help='Report by it; crossed as "ethnicity*sex". Repeat. Without it: by each of the subjects table.'),
    click.option("--operator", type=click.Choice([">=", ">"]), default=">=", show_default=True,
                 help="How the engine compares a score with its threshold."),
    click.option("--out", type=_file(), default=Path("trial"), show_default=True, help="Folder to write to."),
    click.option("--set-aside", is_flag=True, help="Count faulty rows apart and report them, instead of refusing."),
)  # fmt: skip

EVALUATE = """\b
Examples:
  countersign trial evaluate searches.parquet --subjects subjects.csv --by ethnicity --threshold 0.64
  countersign trial evaluate year/*.parquet --subjects subjects.csv --by ethnicity --by "ethnicity*sex" \\
      --threshold 0.6 --threshold 0.64 --enrolment watchlist.csv --plan plan.toml --answers answers.toml
  countersign trial evaluate searches.parquet --subjects s.csv --at-fpir 0.001 --processes 8 --keep pieces
"""


@command.command("evaluate", epilog=EVALUATE)
@INPUT
@click.option("--threshold", "thresholds", multiple=True, type=float, help="A threshold fixed elsewhere. Repeat.")
@click.option("--at-fpir", multiple=True, type=float, metavar="FPIR", help="Find the threshold for it on these rows.")
@click.option("--size", "sizes", multiple=True, type=int, metavar="N", help="Only watchlists of this size. Repeat.")
@click.option("--rank", "ranks", multiple=True, type=int, default=(1,), show_default=True, help="R of FNIR(N, R, T).")
@click.option("--site", metavar="COLUMN", help="Column of the search table with the site or deployment.")
@click.option("--enrolment", type=_file(), help="Table of who is on which watchlist.")
@click.option("--candidates", type=_file(), help="Candidate lists; SEARCHES is then the table of probes.")
@click.option("--comparisons", multiple=True, type=_file(), help="Comparison scores, for FMR and FNMR. Repeat.")
@click.option("--make-up", multiple=True, metavar="GROUP=N,...", help="Model FPIR for this watchlist; needs scores.")
@click.option("--plan", type=_file(), help="The trial's plan; its questions are answered, or said not to be.")
@click.option("--answers", type=_file(), help="Answers, with evidence, to what no score can answer.")
@click.option("--level", type=float, default=0.95, show_default=True, help="Confidence level of intervals.")
@click.option("--title", default="Accuracy trial", show_default=True, help="Title of the report.")
@click.option("--engine", default="", help="Engine under trial, as told.")
@click.option("--engine-version", default="", help="Its version, as told.")
@click.option("--trial-unit", default="", help="What one trial is, in words.")
@click.option("--threshold-origin", default="", help="How the thresholds were chosen, and on which data.")
@click.option("--list-length", type=int, help="L: longest candidate list the engine returns.")
@click.option("--processes", type=click.IntRange(1), help="Count in so many processes instead of threads.")
@click.option("--dask", metavar="ADDRESS", help="Count on the Dask cluster at this address (countersign[dask]).")
@click.option("--keep", type=_file(), help="Folder for finished pieces: an interrupted run takes up from there.")
@click.option("--format", "formats", default="html,json", show_default=True, help="html, json, pdf, with commas.")
def evaluate_command(
    searches: tuple[Path, ...], subjects: Path | None, obtained: str | None, by: tuple[str, ...], operator: Any,
    out: Path, set_aside: bool, thresholds: tuple[float, ...], at_fpir: tuple[float, ...], sizes: tuple[int, ...],
    ranks: tuple[int, ...], site: str | None, enrolment: Path | None, candidates: Path | None,
    comparisons: tuple[Path, ...], make_up: tuple[str, ...], plan: Path | None, answers: Path | None, level: float,
    title: str, engine: str, engine_version: str, trial_unit: str, threshold_origin: str, list_length: int | None,
    processes: int | None, dask: str | None, keep: Path | None, formats: str,
) -> None:  # fmt: skip
    """Error rates by group from the scores of a trial.

    SEARCHES is the search table: one row a search, in Parquet, Arrow or CSV, one file or several (docs/formats).
    """
    from countersign.trials.assemble import report_on
    from countersign.trials.candidates import reduce_lists
    from countersign.trials.enrolment import Enrolment
    from countersign.trials.evaluate import Question, evaluate
    from countersign.trials.plan import read_answers, read_plan
    from countersign.trials.report import Told
    from countersign.trials.source import in_memory, open_table
    from countersign.trials.subjects import attributes_of

    wanted = _formats(formats)
    planned = read_plan(plan) if plan else None
    given = read_answers(answers) if answers else {}
    if planned is not None:
        asked = {each.threshold for each in planned.questions if each.threshold is not None}
        thresholds = (*thresholds, *sorted(asked - set(thresholds)))
        by = tuple(dict.fromkeys((*by, *("*".join(each.by) for each in planned.questions if each.by))))
        engine, engine_version = engine or planned.engine, engine_version or planned.engine_version
        trial_unit = trial_unit or planned.trial_unit
    by_origin = ""
    if subjects is not None and not by:
        by = attributes_of(open_table([subjects]))
        by_origin = "every attribute of the subjects table, one by one, since none was asked for with --by"
        click.echo(f"countersign: reported by {', '.join(by)}: {by_origin}.", err=True)
    source = open_table(searches)
    enrolled = Enrolment.read(open_table([enrolment])) if enrolment else None
    reduced = None
    if candidates is not None:
        if enrolled is None:
            raise click.UsageError("--candidates needs --enrolment, which says whose each reference is.")
        reduced = reduce_lists(source, open_table([candidates]), enrolled)
        source = in_memory(reduced.searches, str(searches[0]))
        list_length = list_length or reduced.longest
    question = Question(
        by=_crossings(by), thresholds=tuple(sorted(set(thresholds))), at_fpir=at_fpir, sizes=sizes,
        ranks=tuple(sorted(set(ranks))), operator=operator, site_column=site, level=level,
    )  # fmt: skip
    people = _subjects(source, subjects, obtained, question.attributes)
    with progress_shown() as progress, _kept(keep, processes) as folder:

        def work(executor: Executor | None) -> Any:
            return evaluate(
                source, people, question, executor, enrolment=enrolled, set_aside=set_aside, folder=folder,
                progress=progress,
            )  # fmt: skip

        evaluation = _on(processes, dask, work)
        pairs = _pairs(comparisons, evaluation, set_aside, progress) if comparisons else None
        told = Told(
            title, engine, engine_version, trial_unit or Told().trial_unit, threshold_origin, list_length, by_origin,
            _fingerprints(
                searches=searches, subjects=subjects, enrolment=enrolment, candidates=candidates,
                comparisons=comparisons, plan=plan, answers=answers,
            ),
        )  # fmt: skip
        report = report_on(
            evaluation, told, comparisons=pairs, make_ups=make_up, reduced=reduced, plan=planned, given=given
        )
        _write(report, out, wanted)


def _fingerprints(**given: Path | tuple[Path, ...] | None) -> tuple[InputFile, ...]:
    from countersign.trials.files import fingerprint

    return tuple(
        fingerprint(path, role)
        for role, paths in given.items()
        for path in (paths if isinstance(paths, tuple) else (paths,))
        if path is not None
    )


def _crossings(by: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    parts = tuple(tuple(part.strip() for part in each.split("*") if part.strip()) for each in by)
    return tuple(dict.fromkeys(each for each in parts if each))


def _formats(text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not wanted or set(wanted) - {"html", "json", "pdf"}:
        raise click.UsageError(f"--format takes html, json and pdf, not {text!r}.")
    return wanted


def _subjects(source: Source, table: Path | None, obtained: str | None, attributes: tuple[str, ...]) -> Subjects:
    from countersign.trials.source import open_table
    from countersign.trials.subjects import subjects_table
    from countersign.trials.survey import subjects_of_searches

    if table is not None:
        return subjects_table(open_table([table]), attributes)
    if attributes and not obtained:
        raise click.UsageError("Give --subjects, or say with --obtained how the search table's labels were obtained.")
    return subjects_of_searches(source, attributes, obtained or "official")


@contextlib.contextmanager
def _kept(keep: Path | None, processes: int | None) -> Iterator[Path | None]:
    """A folder for finished pieces: the one named, or one for the time of the run where processes may die."""
    if keep is not None or processes is None:
        yield keep
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="countersign-trial-") as folder:
        yield Path(folder)


def _on(processes: int | None, dask: str | None, work: Any) -> Any:
    """Run on threads, on processes (started anew when one dies, up to ``RESTARTS`` times), or on a Dask cluster."""
    if dask is not None:
        try:
            from dask.distributed import Client
        except ImportError as error:
            raise DaskMissing(f"cannot reach {dask}: Dask is not installed") from error
        try:
            client = Client(dask, timeout="10s")  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise NotReached(f"no Dask scheduler at {dask}", next_step="Check the address and the network.") from error
        with client, client.get_executor() as executor:  # type: ignore[no-untyped-call]
            return work(executor)
    if processes is None:
        return work(None)
    from multiprocessing import get_context

    from countersign.trials.passes import WorkerLost

    for attempt in range(RESTARTS + 1):
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
            try:
                return work(executor)
            except WorkerLost:
                if attempt == RESTARTS:
                    raise
                click.echo("countersign: a worker process died; its piece is counted again.", err=True)
    raise AssertionError("not reached")


def _pairs(paths: tuple[Path, ...], evaluation: Any, set_aside: bool, progress: Any) -> Any:
    from countersign.trials.comparisons import PairTask
    from countersign.trials.passes import count
    from countersign.trials.source import open_table
    from countersign.trials.tables import COMPARISON

    source = open_table(list(paths))
    source.need(COMPARISON)
    scheme = evaluation.scheme
    task = PairTask(
        evaluation.subjects, evaluation.groupings[1] if len(evaluation.groupings) > 1 else evaluation.groupings[0],
        scheme.thresholds, scheme.low, scheme.high, scheme.operator, score_type=scheme.score_type,
    )  # fmt: skip
    tally = count(source, task, progress=progress)
    if not set_aside:
        tally.faults.refuse()
    return tally


def _write(report: Any, out: Path, formats: tuple[str, ...]) -> None:
    from countersign.output import write_all
    from countersign.trials.pages import document
    from countersign.trials.report import data, to_json

    contents: dict[str, bytes] = {}
    if "json" in formats:
        contents["trial.json"] = to_json(data(report))
    if "html" in formats:
        from countersign.render.html import render_html

        contents["trial.html"] = render_html(document(report))
    if "pdf" in formats:
        from countersign.render.pdf import render_pdf

        contents["trial.pdf"] = render_pdf(document(report))
    for path in write_all(out, contents):
        click.echo(str(path))


COMPARE = """\b
Examples:
  countersign trial compare scores.parquet --subjects subjects.csv --by ethnicity --threshold 0.64
  countersign trial compare a.parquet b.parquet --subjects s.csv --by sex --threshold 0.64 \\
      --make-up "female=300,male=700"
"""


@command.command("compare", epilog=COMPARE)
@click.argument("comparisons", nargs=-1, required=True, type=_file())
@click.option("--subjects", type=_file(), required=True, help="Table of subjects with group labels.")
@click.option("--by", default="", metavar="ATTRIBUTE", help='Report by it; crossed as "ethnicity*sex".')
@click.option("--threshold", "thresholds", multiple=True, required=True, type=float, help="A threshold. Repeat.")
@click.option("--operator", type=click.Choice([">=", ">"]), default=">=", show_default=True, help="Decision rule.")
@click.option("--make-up", multiple=True, metavar="GROUP=N,...", help="Model FPIR for a watchlist so made up.")
@click.option("--set-aside", is_flag=True, help="Count faulty rows apart and report them, instead of refusing.")
@click.option("--out", type=_file(), default=Path("trial"), show_default=True, help="Folder to write to.")
def compare_command(
    comparisons: tuple[Path, ...], subjects: Path, by: str, thresholds: tuple[float, ...], operator: Any,
    make_up: tuple[str, ...], set_aside: bool, out: Path,
) -> None:  # fmt: skip
    """FMR and FNMR by group, from comparison scores alone.

    These are rates of comparisons, not of searches. The table may have any number of rows: nothing is kept but counts.
    """
    from countersign.output import write_all
    from countersign.render.html import render_html
    from countersign.trials.assemble import expected_of
    from countersign.trials.comparison_pages import comparison_document
    from countersign.trials.comparisons import PairTask
    from countersign.trials.passes import count
    from countersign.trials.report import comparisons_data, expected_data, files_data, to_json
    from countersign.trials.source import open_table
    from countersign.trials.survey import score_range
    from countersign.trials.tables import COMPARISON

    source = open_table(comparisons)
    source.need(COMPARISON)
    crossing = _crossings((by,)) if by else ()
    attributes = crossing[0] if crossing else ()
    people = _subjects(source, subjects, None, attributes)
    low, high = score_range(source, "score")
    task = PairTask(people, people.grouping(attributes), tuple(sorted(set(thresholds))), low, high, operator)
    with progress_shown() as progress:
        tally = count(source, task, progress=progress)
    if not set_aside:
        tally.faults.refuse()
    expected = [each for text in make_up for each in expected_of(tally, text, 0.95)]
    content = {"form": "countersign comparison report 1"} | comparisons_data(tally)
    content["files"] = files_data(_fingerprints(comparisons=comparisons, subjects=subjects))
    content["expected_fpir"] = [expected_data(each) for each in expected]
    page = render_html(comparison_document(tally, expected, "Comparison scores"))
    for path in write_all(out, {"comparisons.json": to_json(content), "comparisons.html": page}):
        click.echo(str(path))


THRESHOLD = """\b
Examples:
  countersign trial threshold searches.parquet --subjects subjects.csv --by ethnicity --ceiling 0.001 \\
      --grid 0.55 0.75 41 --split 0.5 --seed 20260301
"""


@command.command("threshold", epilog=THRESHOLD)
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
    from countersign.trials.assemble import report_on
    from countersign.trials.evaluate import Question, evaluate
    from countersign.trials.report import Told, data, evidence_data, files_data, to_json
    from countersign.trials.source import open_table
    from countersign.trials.threshold import GridWrong, by_group_scores, holding, one_search_each, split

    crossings = _crossings(by)
    if len(crossings) > 1:
        raise click.UsageError("Thresholds are tested by one attribute or crossing: give --by once.")
    if grid[2] < 1 or grid[1] < grid[0] or (grid[2] > 1 and grid[0] == grid[1]):
        raise GridWrong(f"a grid runs upwards in one step or more, got {grid[0]:g} to {grid[1]:g} in {grid[2]}")
    source = open_table(searches)
    attributes = crossings[0] if crossings else ()
    people = _subjects(source, subjects, obtained, attributes)
    finding = split(people, share, seed)
    grouping = people.grouping(attributes)
    scores = by_group_scores(one_search_each(source, people, finding, size, seed), grouping)
    evidence = holding(np.linspace(*grid), scores, ceiling, confidence, operator)
    files_read = _fingerprints(searches=searches, subjects=subjects)
    content: dict[str, Any] = {
        "files": files_data(files_read),
        "split": {"share_for_finding": share, "seed": seed, "by": "subject"},
    }
    content |= evidence_data(evidence)
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
        told = Told(
            threshold_origin=f"found on {int(finding.sum()):,} other subjects (split by seed {seed})", files=files_read
        )
        report = report_on(evaluation, told, evidence=evidence)
        files["reported.json"] = to_json(data(report))
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


command.add_command(plan_command)
command.add_command(simulate_command)
