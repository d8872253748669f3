"""``countersign trial``: plan an accuracy trial, evaluate its scores, test thresholds, or make up a trial to try on."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countersign.cli.terminal.options import PATH, as_of_option, option
from countersign.cli.terminal.say import echo, echo_brief, progress_shown
from countersign.cli.trial.before import plan_command, simulate_command
from countersign.cli.trial.scores import (
    INPUT,
    compare_command,
    crossings_of,
    fingerprints,
    searches_from,
    subjects_of,
    threshold_command,
)
from countersign.errors import NotReached

if TYPE_CHECKING:
    from countersign.trials.counting.evaluate import Question
    from countersign.trials.plan import Plan
    from countersign.trials.report.assemble import Results, Stated

#: How often processes are started anew after one of them died; its piece alone is counted again.
RESTARTS = 3
#: Questions of the plan whose answers the terminal shows; the report has all.
ANSWERS = 3


class DaskMissing(
    NotReached,
    code="trial-dask-missing",
    next_step="Install countersign[dask], or leave out --dask: threads of this machine are then used.",
):
    """A Dask cluster was named, and the extra that talks to it is not installed."""


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


EVALUATE = """\b
Examples:
  countersign trial evaluate searches.parquet --subjects subjects.csv --by ethnicity --threshold 0.64
  countersign trial evaluate year/*.parquet --subjects subjects.csv --by ethnicity --by "ethnicity*sex" \\
      --threshold 0.6 --threshold 0.64 --enrolment watchlist.csv --plan plan.toml --answers answers.toml
  countersign trial evaluate searches.parquet --subjects s.csv --at-fpir 0.001 --processes 8 --keep pieces
  countersign trial evaluate scores.csv --map their-columns.toml --obtained perceived --by sex --threshold 0.4
"""


@command.command("evaluate", epilog=EVALUATE)
@INPUT
@option("--threshold thresholds", "A threshold fixed elsewhere. Repeat.", float, multiple=True)
@option("--at-fpir", "Find the threshold for it on these rows.", float, multiple=True, metavar="FPIR")
@option("--size sizes", "Only watchlists of this size. Repeat.", int, multiple=True, metavar="N")
@option("--rank ranks", "R of FNIR(N, R, T).", int, multiple=True, default=(1,))
@option("--site", "Column of the search table with the site or deployment.", metavar="COLUMN")
@option("--enrolment", "Table of who is on which watchlist.", PATH)
@option("--candidates", "Candidate lists; SEARCHES is then the table of probes.", PATH)
@option("--comparisons", "Comparison scores, for FMR and FNMR. Repeat.", PATH, multiple=True)
@option("--make-up", "Model FPIR for this watchlist; needs scores.", multiple=True, metavar="GROUP=N,...")
@option("--plan", "The trial's plan; its questions are answered, or said not to be.", PATH)
@option("--answers", "Answers, with evidence, to what no score can answer.", PATH)
@option("--level", "Confidence level of intervals.", float, default=0.95)
@option("--title", "Title of the report.", default="Accuracy trial")
@as_of_option
@option("--engine", "Engine under trial, as stated.", default="", show_default=False)
@option("--engine-version", "Its version, as stated.", default="", show_default=False)
@option("--trial-unit", "What one trial is, in words.", default="", show_default=False)
@option("--threshold-origin", "How the thresholds were chosen, and on which data.", default="", show_default=False)
@option("--list-length", "L: longest candidate list the engine returns.", int)
@option("--processes", "Count in so many processes instead of threads.", click.IntRange(1))
@option("--dask", "Count on the Dask cluster at this address (countersign[dask]).", metavar="ADDRESS")
@option("--keep", "Folder for finished pieces: an interrupted run takes up from there.", PATH)
@option("--format formats", "html, json, pdf, with commas.", default="html,json")
def evaluate_command(**given: Any) -> None:
    """Error rates by group from the scores of a trial.

    SEARCHES is the search table: one row a search, in Parquet, Arrow or CSV, one file or several (docs/formats). Score
    files of other tools come in by a map of their columns (--map).
    """
    _evaluate(Evaluating(**given))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluating:
    """The options of ``trial evaluate``."""

    searches: tuple[Path, ...]
    maps: tuple[Path, ...]
    subjects: Path | None
    obtained: str | None
    by: tuple[str, ...]
    operator: Any
    out: Path
    set_aside: bool
    thresholds: tuple[float, ...]
    at_fpir: tuple[float, ...]
    sizes: tuple[int, ...]
    ranks: tuple[int, ...]
    site: str | None
    enrolment: Path | None
    candidates: Path | None
    comparisons: tuple[Path, ...]
    make_up: tuple[str, ...]
    plan: Path | None
    answers: Path | None
    level: float
    title: str
    as_of: datetime.date | None
    engine: str
    engine_version: str
    trial_unit: str
    threshold_origin: str
    list_length: int | None
    processes: int | None
    dask: str | None
    keep: Path | None
    formats: str

    def planned(self, plan: Plan) -> Evaluating:
        """The same with what the trial's plan asks, and what it states where the options do not."""
        asked = {each.threshold for each in plan.questions if each.threshold is not None}
        return replace(
            self,
            thresholds=(*self.thresholds, *sorted(asked - set(self.thresholds))),
            by=tuple(dict.fromkeys((*self.by, *("*".join(each.by) for each in plan.questions if each.by)))),
            engine=self.engine or plan.engine,
            engine_version=self.engine_version or plan.engine_version,
            trial_unit=self.trial_unit or plan.trial_unit,
        )

    def question(self) -> Question:
        """What is asked of the scores."""
        from countersign.trials.counting.evaluate import Question

        return Question(
            by=crossings_of(self.by),
            thresholds=tuple(sorted(set(self.thresholds))),
            at_fpir=self.at_fpir,
            sizes=self.sizes,
            ranks=tuple(sorted(set(self.ranks))),
            operator=self.operator,
            site_column=self.site,
            level=self.level,
        )

    def stated(self, by_origin: str) -> Stated:
        """What the report says that no score can: title, engine, unit, where thresholds come from, the files read."""
        from countersign.trials.report.assemble import Stated

        names = ("searches", "maps", "subjects", "enrolment", "candidates", "comparisons", "plan", "answers")
        files = fingerprints(**{name: getattr(self, name) for name in names})
        unit = self.trial_unit or Stated().trial_unit
        engine = (self.title, self.engine, self.engine_version)
        return Stated(*engine, unit, self.threshold_origin, self.list_length, by_origin, files, self.as_of)


def _evaluate(options: Evaluating) -> None:
    from countersign.trials.counting.evaluate import evaluate
    from countersign.trials.plan import read_answers, read_plan
    from countersign.trials.report.assemble import results_of
    from countersign.trials.scores.enrolment import Enrolment, reduce_lists
    from countersign.trials.scores.source import in_memory, open_table
    from countersign.trials.scores.subjects import attributes_of

    wanted = _formats(options.formats)
    plan = read_plan(options.plan) if options.plan else None
    answers = read_answers(options.answers) if options.answers else {}
    if plan is not None:
        options = options.planned(plan)
    by_origin = ""
    if options.subjects is not None and not options.by:
        options = replace(options, by=attributes_of(open_table([options.subjects])))
        by_origin = "every attribute of the subjects table, one by one, since none was asked for with --by"
        echo(f"countersign: reported by {', '.join(options.by)}: {by_origin}.", err=True)
    source = searches_from(options.searches, options.maps)
    enrolled = Enrolment.read(open_table([options.enrolment])) if options.enrolment else None
    reduced = None
    if options.candidates is not None:
        if enrolled is None:
            raise click.UsageError("--candidates needs --enrolment, which says whose each reference is.")
        reduced = reduce_lists(source, open_table([options.candidates]), enrolled)
        source = in_memory(reduced.searches, str(options.searches[0]))
        options = replace(options, list_length=options.list_length or reduced.longest)
    question, set_aside = options.question(), options.set_aside
    people = subjects_of(source, options.subjects, options.obtained, question.attributes)
    with progress_shown() as progress, _kept(options.keep, options.processes) as folder:

        def work(executor: Executor | None) -> Any:
            more: dict[str, Any] = {"enrolment": enrolled, "set_aside": set_aside, "folder": folder}
            return evaluate(source, people, question, executor, progress=progress, **more)

        evaluation = _on(options.processes, options.dask, work)
        pairs = _pairs(options.comparisons, evaluation, set_aside, progress) if options.comparisons else None
        stated, make_ups = options.stated(by_origin), options.make_up
        results = results_of(
            evaluation, stated, comparisons=pairs, make_ups=make_ups, reduced=reduced, plan=plan, given=answers
        )
        _write(results, options.out, wanted)


def _formats(text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not wanted or set(wanted) - {"html", "json", "pdf"}:
        raise click.UsageError(f"--format takes html, json and pdf, not {text!r}.")
    return wanted


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

    from countersign.trials.counting.passes import WorkerLost

    for attempt in range(RESTARTS + 1):
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
            try:
                return work(executor)
            except WorkerLost:
                if attempt == RESTARTS:
                    raise
                echo("countersign: a worker process died; its piece is counted again.", err=True)
    raise AssertionError("not reached")


def _pairs(paths: tuple[Path, ...], evaluation: Any, set_aside: bool, progress: Any) -> Any:
    from countersign.trials.counting.passes import count
    from countersign.trials.metrics.comparisons import PairTask
    from countersign.trials.scores.source import open_table
    from countersign.trials.scores.tables import COMPARISON

    source = open_table(list(paths))
    source.need(COMPARISON)
    scheme, grouping = evaluation.scheme, evaluation.groupings[:2][-1]
    ends = (scheme.thresholds, scheme.low, scheme.high, scheme.operator)
    task = PairTask(evaluation.subjects, grouping, *ends, score_type=scheme.score_type)
    tally = count(source, task, progress=progress)
    if not set_aside:
        tally.faults.refuse()
    return tally


def _write(results: Results, out: Path, formats: tuple[str, ...]) -> None:
    from countersign.document import lines_of
    from countersign.output import write_all
    from countersign.trials.model import to_json
    from countersign.trials.report.brief import asked
    from countersign.trials.report.build import trial_report
    from countersign.trials.report.pages import pages

    report = pages(results)
    contents = report.files(formats)
    if "json" in formats:
        contents["trial.json"] = to_json(trial_report(results))
    lines = (*lines_of(report.brief), *asked(results)[:ANSWERS])
    echo_brief(report.brief.title, lines, write_all(out, contents))


for _command in (compare_command, threshold_command, plan_command, simulate_command):
    command.add_command(_command)
