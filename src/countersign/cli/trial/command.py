"""``countersign trial``: plan an accuracy trial, evaluate its scores, test thresholds, or make up a trial to try on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countersign.cli.terminal.options import PATH, as_of_option, option
from countersign.cli.terminal.say import echo, echo_brief, progress_shown
from countersign.cli.trial.before import plan_command, simulate_command
from countersign.cli.trial.engines import engines_command
from countersign.cli.trial.scores import (
    INPUT,
    compare_command,
    formats_of,
    threshold_command,
)
from countersign.errors import NotReached

if TYPE_CHECKING:
    from countersign.results.trial import Trial

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
    _evaluate(**given)


def _evaluate(
    out: Path, formats: str, keep: Path | None, processes: int | None, dask: str | None, **given: Any
) -> None:
    from countersign.results.trial import BY_EACH, Trying, run

    wanted, trying = formats_of(formats), Trying(**given)
    with progress_shown() as progress, _kept(keep, processes) as folder:
        tried = run(trying, lambda work: _on(processes, dask, work), folder=folder, progress=progress)
    if tried.results.stated.by_origin == BY_EACH:
        groups = ", ".join(dict.fromkeys(figure.grouping for figure in tried.results.figures if figure.group))
        echo(f"countersign: reported by {groups}: {BY_EACH}.", err=True)
    _write(tried, out, wanted)


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


def _write(tried: Trial, out: Path, formats: tuple[str, ...]) -> None:
    from countersign.document import lines_of
    from countersign.output import write_all
    from countersign.trials.report.brief import asked

    contents = tried.pages.files(formats)
    if "json" in formats:
        contents["trial.json"] = tried.json()
    lines = (*lines_of(tried.brief), *asked(tried.results)[:ANSWERS])
    echo_brief(tried.brief.title, lines, write_all(out, contents))


for _command in (compare_command, engines_command, threshold_command, plan_command, simulate_command):
    command.add_command(_command)
