"""``countersign simulate``, ``rehearse`` and ``forecast``: what is made up, and says so on all that comes of it."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from countersign.cli.main import run
from countersign.cli.terminal.options import FILE, PATH, option
from countersign.cli.terminal.say import echo, echo_json, progress_shown
from countersign.progress import Progress

if TYPE_CHECKING:
    from countersign.made_up.crowd import Forecast
    from countersign.rehearse.stage import Program


@click.command(name="simulate")
@click.argument("scenario", metavar="SCENARIO")
@option("--seed", "The same seed, the same bytes.", click.IntRange(min=0), default=0)
@option(
    "--out",
    "Write the export here, and FILE.truth.json and FILE.limits.json beside it; without it, only the truth is shown.",
    FILE,
)
@option(
    "--limits limits_file",
    "Make it up under these declared limits (their place, list and cameras) instead of limits made up too.",
    FILE,
)
@option("--json as_json", "In JSON, for a program: the files written, or the truth.", is_flag=True)
def simulate(scenario: str, seed: int, out: Path | None, limits_file: Path | None, as_json: bool) -> None:
    """Make up a deployment: an engine's export, the limits declared before it, and the truth apart.

    SCENARIO is the path of a TOML file or one of quiet-high-street, busy-interchange, biased-engine,
    misconfigured-threshold, list-left-loaded, corners-cut, events-lost. People in it are numbers with a group and a
    score. Nothing that comes of it is measured.

    \b
    Example:
      countersign simulate corners-cut --seed 7 --out export.jsonl
      countersign events take export.jsonl --deployment force-a/corners-cut --limits export.jsonl.limits.json \\
        --journal journal
    """
    from countersign.inputs import read_input
    from countersign.made_up.export import limits_under, make
    from countersign.made_up.scenario import STAMP, load
    from countersign.output import write_all
    from countersign.record.entries import canonical

    read = load(scenario)
    limits = None if limits_file is None else limits_under(read_input(limits_file), read, str(limits_file))
    made = make(read, seed, limits)
    truth = json.dumps(made.truth, indent=1) + "\n"
    if out is None:
        echo_json(truth.rstrip())
        return
    contents = {
        out.name: b"".join(canonical.render(event) + b"\n" for event in made.events),
        f"{out.name}.limits.json": canonical.render(made.limits),
        f"{out.name}.truth.json": truth.encode(),
    }
    written = [str(path) for path in write_all(out.parent, contents)]
    if as_json:
        echo_json(json.dumps({"stamp": STAMP, "events": len(made.events), "written": written}))
        return
    for path in written:
        echo(path)
    echo(f"{len(made.events):,} events and all that comes of them: {STAMP}")


#: The name that stands for a whole programme instead of a scenario.
YEAR = "year"
#: Deployments of a year, if nobody says how many.
A_YEARS = 250


def program() -> Program:
    """The command line a rehearsal plays with; the outside witness runs it in a process of its own."""
    from countersign.rehearse.stage import Program

    return Program(run, (sys.executable, "-m", "countersign.cli.made_up"))


@click.command(name="rehearse")
@click.argument("scenario", metavar="SCENARIO")
@option(
    "--out",
    "Folder to write to; an earlier rehearsal there is replaced, anything else is not.",
    PATH,
    required=True,
    metavar="DIR",
)
@option("--seed", "The same seed, the same bytes.", click.IntRange(min=0), default=0)
@option("--deployments", f"Of a year: how many; {A_YEARS} if not said.", click.IntRange(1, 1000))
@option("--of", "Of a year: each deployment is this shipped scenario, not one of a mixture.", metavar="SCENARIO")
@option("--json as_json", "What rehearsal.json says, for a program.", is_flag=True)
def rehearse(scenario: str, out: Path, seed: int, deployments: int | None, of: str | None, as_json: bool) -> None:
    """Play a whole deployment through, with every role's key and one outside witness in its own process.

    SCENARIO is the path of a TOML file or a shipped name, as for `simulate`; or it is "year", for a programme's year of
    deployments in one log. Everything is made up: people are numbers, documents say nothing, keys lie beside their
    passphrase. DIR then holds the bundle, the trust policy, the report, the site, the truth beside them, and in
    commands.txt every command that was run, with what it said.

    \b
    Example:
      countersign rehearse quiet-high-street --out rehearsal
      countersign verify rehearsal/quiet-high-street.bundle --policy rehearsal/trust.policy
      countersign rehearse year --deployments 20 --out programme
      countersign rehearse year --of biased-engine --deployments 20 --out lopsided
      countersign events equality lopsided/force/log
    """
    from countersign.made_up.scenario import SHIPPED
    from countersign.rehearse import play

    if (deployments is not None or of is not None) and scenario != YEAR:
        raise click.UsageError(f'--deployments and --of go with "{YEAR}"; a scenario is one deployment.')
    if of is not None and of not in SHIPPED:
        raise click.BadParameter(f"{of!r} is none of {', '.join(SHIPPED)}", param_hint="--of")
    with progress_shown() as shown, ended_as_interrupted(shown) as progress:
        if scenario == YEAR:
            summary = play.rehearse_year(deployments or A_YEARS, out, seed, program(), progress, of)
        else:
            summary = play.rehearse(scenario, out, seed, program(), progress)
    if as_json:
        echo_json(json.dumps(summary))
        return
    for line in of_year(summary) if scenario == YEAR else of_one(summary):
        echo(line)
    echo()
    for name, what in WHERE:
        for path in sorted(out.glob(name)):
            echo(f"{path}: {what}")


@contextmanager
def ended_as_interrupted(progress: Progress) -> Iterator[Progress]:
    """Within, being told to end or losing the terminal is an interruption: nothing half-played is left behind.

    Gives a ``Progress`` that ends the play at its next step where a command took the interruption for its own end; any
    error of a play that was told to end is an interruption too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield progress
        return
    signals: list[int] = []

    def interrupted(number: int, _: FrameType | None) -> None:
        signals.append(number)
        raise KeyboardInterrupt

    def heard(doing: str, done: int, of: int | None) -> None:
        if signals:
            raise KeyboardInterrupt
        progress(doing, done, of)

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield heard
    except Exception as error:
        if signals:
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


#: What lies where, and what it is.
WHERE = (
    ("report/review.html", "the report of the reviewer"),
    ("site/index.html", "what the public gets"),
    ("*.bundle", "what the reviewer was handed, verified under trust.policy"),
    ("truth*", "what truly passed, which nobody on the stage was told"),
    ("commands.txt", "every command, with what it said"),
)


def of_one(summary: dict[str, Any]) -> list[str]:
    """What one deployment showed, in lines."""
    lines = [summary["says"], "", summary["scenario"]]
    for code, count in Counter(summary["events"]).items():
        lines.append(f"  the events: {code}" + (f", {count} times" if count > 1 else ""))
    lines += [f"  {state}: {duty}" for state, duties in summary["duties"].items() for duty in duties]
    if not summary["events"] and not any(summary["duties"].values()):
        lines.append("  Nothing in the events contradicts the limits; no duty is not met or not shown.")
    counts = ", ".join(f"{count} {state}" for state, count in summary["counts"].items())
    return [*lines, f"  other duties: {counts}"]


def of_year(summary: dict[str, Any]) -> list[str]:
    """What a year showed, in lines."""
    lines = [summary["says"], "", f"{summary['scenario']}, {summary['entries']:,} entries in one log"]
    played = summary["deployments"].values()
    for title, count in Counter(one["scenario"] for one in played).most_common():
        those = [one for one in played if one["scenario"] == title]
        found = sum(1 for one in those if one["events"] or one["findings"])
        lines.append(f"  {count:>4}  {title}: something was found in {found}")
    return lines


@click.command(name="forecast")
@click.argument("scenario", metavar="SCENARIO")
@option("--runs", "How many to make up.", click.IntRange(min=1), default=1000)
@option("--seed", kind=click.IntRange(min=0), default=0)
@option("--json as_json", "In JSON, for a program.", is_flag=True)
def forecast(scenario: str, runs: int, seed: int, as_json: bool) -> None:
    """False alerts by group that a scenario would bring, and what list size and threshold do to them.

    Every figure is assumed, not measured: it says what follows from the scenario, not what an engine does. A forecast
    is no evidence, and the record takes none.

    \b
    Example:
      countersign forecast busy-interchange --runs 2000
    """
    from countersign.made_up.crowd import forecast
    from countersign.made_up.scenario import load

    read = load(scenario)
    with progress_shown() as progress:
        made = forecast(read, runs, seed, progress)
    if as_json:
        echo_json(json.dumps(asdict(made), indent=1))
        return
    for line in lines(made):
        echo(line)


def lines(made: Forecast) -> list[str]:
    """The forecast in words, each line with its stamp."""
    stamp = f"[{made.stamp}]"
    said = [f"{made.title}: {made.runs:,} made-up deployments, seed {made.seed} {stamp}"]
    said += [
        f"  {one.group}: {one.mean:.3g} false alerts a deployment, 95 in 100 runs from {one.low:g} to {one.high:g};"
        f" closed form {one.closed_form:.3g} in {one.faces:,.0f} faces {stamp}"
        for one in made.groups
    ]
    said.append(f"With another list size and threshold, in closed form {stamp}")
    return said + [
        f"  list of {step.list_size:,} at {step.threshold}: {step.total:.3g} false alerts ("
        + ", ".join(f"{group} {mean:.3g}" for group, mean in step.false_alerts.items())
        + f") {stamp}"
        for step in made.table
    ]


if __name__ == "__main__":
    from countersign.rehearse.stage import run_outside

    sys.exit(run_outside(sys.argv[1:], run))
